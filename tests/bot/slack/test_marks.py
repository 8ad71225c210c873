"""What in a text may name a send."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import marks

CODE = "116d64dc686937dd17b1865019cee71d295bcf38"
GID = "Z2lkOi8vc2VuZG9zby9TZW5kLzEyMzQ1"


@pytest.mark.parametrize(("text", "found"), [
    ("write to jane@acme.com, please", ["jane@acme.com"]),
    ("<mailto:jane@acme.com|jane@acme.com> and <mailto:bob@x.org|Bob>", ["jane@acme.com", "bob@x.org"]),
    (f"<https://app.sendoso.com/track/{CODE}>", [f"https://app.sendoso.com/track/{CODE}"]),
    (f"<https://app.sendoso.com/track/{CODE}|here> (see it)", [f"https://app.sendoso.com/track/{CODE}"]),
    ("see https://ups.example/t?n=1&amp;m=2.", ["https://ups.example/t?n=1&m=2"]),
    (f"{CODE} or {GID}==", [CODE, f"{GID}=="]),
    ("gid://sendoso/Send/44", ["gid://sendoso/Send/44"]),
    ("twice@a.org and twice@a.org", ["twice@a.org"]),
    ("internationalisation straightforwardly 12345", []),
    ("@here @ann mail@ @ a@b", []),
    ("", []),
])
def test_what_names_a_send_exactly(text: str, found: list[str]) -> None:
    assert marks.exact(text) == found


@pytest.mark.parametrize(("text", "found"), [
    ("I met Jane Doe yesterday.", ["Jane Doe"]),
    ("Jane Doe's gift and Bob Ray’s", ["Jane Doe", "Bob Ray"]),  # noqa: RUF001 - as telephones write it
    ("ask Jean-Luc van der Berg, O'Neil Mary", ["Jean-Luc van der Berg", "O'Neil Mary"]),
    ("will mark may grace art", []),
    ("Will can mark it. May we? Grace said so", []),
    ("*Jane Doe* (Acme)", ["Jane Doe"]),
    ("Jane\nDoe", []),
    ("Ask Jane Doe", ["Ask Jane Doe", "Ask Jane", "Jane Doe"]),
    ("J. R. Smith", ["J. R. Smith", "J. R.", "R. Smith"]),
    ("田中太郎", ["田中太郎"]),
    ("Dear Jane Doe\nFrom Bob Ray", ["Dear Jane Doe", "Dear Jane", "Jane Doe", "From Bob Ray", "From Bob", "Bob Ray"]),
    ("<@U01ANN> Ada", []),
    ("https://x.example/Jane/Doe and Jane@Doe.com", []),
])
def test_what_may_be_a_full_name(text: str, found: list[str]) -> None:
    assert marks.names(text) == found


@given(st.text(max_size=600))
def test_any_text_is_read(text: str) -> None:
    assert all(one in marks.unwrapped(text) for one in marks.exact(text))
    for name in marks.names(text):
        assert 1 <= len(name.split()) <= marks.LONGEST_NAME
    assert len(marks.names(text)) <= marks.MOST_NAMES


@pytest.mark.parametrize("text", [
    "Aa " * 4_000, "a@" * 6_000, "a.b" * 4_000 + "@", "<" * 12_000, "A" * 12_000, "é." * 6_000,
])
def test_long_texts_take_no_time(text: str) -> None:
    began = time.process_time()
    marks.names(text)
    marks.exact(text)
    assert time.process_time() - began < 0.5
