from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.hints import hints

TEXTS = ["|jane diaz|acme|", "|jan li|acme|", "|jane roe|zeta|", "|john.1|acme|", "|john.12|acme|"]


@pytest.mark.parametrize(("typed", "asked"), [
    (["jane", "acme"], ("ane", "acm")),
    (["acme", "zeta"], ("acm", "eta")),
    # Nobody has either trigram, or only one text.
    (["xyzw", "jane"], ("xyz", "ane")),
    # No letters or digits side by side that the index knows for certain.
    (["100%", "j_e", "\u65e5\u672c\u8a9e"], ("100", "j_e", "\u65e5\u672c\u8a9e")),
    (["acmejohn", "acme"], ("ejo", "acm")),
    (["jane"], ()), (["john.1"], ()), (["jane.diaz"], ("diaz",)), (["jane.acme"], ()), (["jane.500000"], ("500000",)),
    (["john-acme"], ()), (["a b"], ()), (["%"], ()), (["|jane li|"], ()), (["|jane zeta|"], ("zeta",)),
    # A phrase is asked for by its words, if it has several that the index knows.
    (["jane acme"], ("ane", "acm")), (["j acme jane.diaz x"], ("diaz",)), (["jane li acme"], ("ane", "acm")),
])
def test_the_index_is_asked_for_what_is_rare(typed: list[str], asked: tuple[str, ...]) -> None:
    assert hints(typed, TEXTS) == asked


def test_a_word_is_asked_for_whole_where_each_of_its_trigrams_says_less() -> None:
    texts = ["|abc|", "|bcd|", "|abc|", "|bcd|", "|abcd|"]
    assert hints(["abcd", "abc"], texts) == ("abc", "abc")
    assert hints(["abcd", "abc"], [*texts, "|abc|", "|bcd|"]) == ("abcd", "abc")


@given(words=st.lists(st.text("ab1.% \u00e9", min_size=1), min_size=1), texts=st.lists(st.text("ab1.% \u00e9|")))
def test_whoever_holds_the_words_holds_what_is_asked_for(words: list[str], texts: list[str]) -> None:
    """Else sends would be missed."""
    asked = hints(words, texts)
    assert all(any(piece in word for word in words) for piece in asked)
    assert len(asked) in {0, len(words)} or len(words) == 1
