from __future__ import annotations

import time

import pytest

from bot.config.source import LARGEST, MOST_PROBLEMS, SourceError, load

TAGS = "line 1, a: Tags such as !!python/object are not accepted: write the value plainly."


def refused(content: bytes | str) -> list[str]:
    with pytest.raises(SourceError) as error:
        load(content)
    return [str(problem) for problem in error.value.problems]


@pytest.mark.parametrize("content", ["", "# nothing\n", "---\n", b"\xef\xbb\xbf", "~"])
def test_an_empty_file_has_no_sections(content: bytes | str) -> None:
    assert load(content).data == {}


@pytest.mark.parametrize(("written", "value"), [
    ("18:00", "18:00"), ("1:30:00", "1:30:00"), ("no", "no"), ("NO", "NO"), ("on", "on"), ("Yes", "Yes"),
    ("007", "007"), ("0x10", "0x10"), ("1_000", "1_000"), ("1e3", "1e3"),
    (".inf", ".inf"), ("2026-12-24", "2026-12-24"), ("2026-12-24 10:00:00", "2026-12-24 10:00:00"), ("=", "="),
    ("true", "true"), ("12", "12"),
    ("~", None), ("null", None), ("", None), ("'null'", "null"), ('"~"', "~"), ("!!str null", "null"), ("''", ""),
    ("[a, ~]", ["a", None]), ("{b: c}", {"b": "c"}), ("|\n  x\n  y\n", "x\ny\n"),
])
def test_values_are_the_text_that_was_written(written: str, value: object) -> None:
    assert load(f"a: {written}").data == {"a": value}


def test_keys_are_texts_too() -> None:
    assert load("no: 1\n18:00: 2\n~: 3\n").data == {"no": "1", "18:00": "2", "~": "3"}


def test_lines_are_known_for_keys_and_items() -> None:
    source = load("# a comment\na:\n  - b\n  - c:\n      d: 1\nz: 1\n")
    assert source.line(("a",)) == 2
    assert source.line(("a", 0)) == 3
    assert source.line(("a", 1, "c", "d")) == 5
    assert source.line(("a", 1, "c", "not there", 3)) == 4
    assert source.line(("b",)) is None
    assert source.line(()) is None


@pytest.mark.parametrize(("content", "sentence"), [
    ("a: &x [1]\nb: *x", "line 2, b: Aliases such as *x are not accepted: write the value out."),
    ("a: 1\nb: 2\na: 3", 'line 3, a: "a" stands here a second time; it is in line 1, too.'),
    ("a: !!python/object/apply:os.system [x]", TAGS),
    ("a: !!int 3", TAGS),
    ("? [a, b]\n: c", "line 1: A key has to be a word."),
    ("--- \na: 1\n---\nb: 1", "line 3: A second document begins here (---); one file holds one configuration."),
    ("- a", "The file has to hold sections such as “calendar:” and “routes:”, not a list."),
    ("hello", "The file has to hold sections such as “calendar:” and “routes:”, not a text."),
    (b"\xff\xfea", "The file is not text in UTF-8."),
    ("a: \x07", "The file holds a character that YAML does not allow."),
    ("a: \ud800", "The file holds a character that YAML does not allow."),
])
def test_what_is_not_accepted_is_refused_with_its_place(content: bytes | str, sentence: str) -> None:
    assert refused(content) == [sentence]


@pytest.mark.parametrize(("content", "line"), [("a: [\n", 2), ("a: 1\n\t b: 2", 2), ("a: 'b\n", 2), ("{a: 1}}", 1)])
def test_what_is_no_yaml_is_told_with_its_line(content: str, line: int) -> None:
    [sentence] = refused(content)
    assert sentence.startswith(f"line {line}: This is not YAML: ")


def test_every_mistake_is_told_up_to_so_many() -> None:
    assert len(refused("a: *x\nb: *y\na: 1\n")) == 3
    assert len(refused("a: 1\n" * 1_000)) == MOST_PROBLEMS


def test_what_is_too_large_or_too_deep_is_not_read() -> None:
    assert refused(b"#" * (LARGEST + 1)) == ["The file has 1,000,001 bytes; at most 1,000,000 are read."]
    assert load("#" * LARGEST).data == {}
    assert "nested deeper" in refused("a: " + "[" * 40 + "]" * 40)[0]
    assert "nested deeper" in refused("a: " + "{b: " * 40 + "}" * 40)[0]
    assert "nested deeper" in refused("[" * 100_000)[0]


def test_a_bomb_of_aliases_is_refused_at_once() -> None:
    steps = zip("abcdefg", "bcdefgh", strict=True)
    bomb = "a: &a [x, x]\n" + "".join(f"{new}: &{new} [*{old}, *{old}]\n" for old, new in steps)
    began = time.process_time()
    assert len(refused(bomb)) == 14
    assert time.process_time() - began < 1
