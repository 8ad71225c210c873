from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.privacy.address import read
from bot.sends.text import clean


@pytest.mark.parametrize(("typed", "meant"), [
    ("Jane@Acme.com", "jane@acme.com"),
    ("  jane@acme.com\n", "jane@acme.com"),
    ("MAILTO:jane@acme.com?subject=Your%20gift", "jane@acme.com"),
    ("mailto:jane%2Bgifts@acme.com", "jane+gifts@acme.com"),
    ("Jane Doe <jane@acme.com>", "jane@acme.com"),
    ("<mailto:jane@acme.com|Jane>", "jane@acme.com"),
    ("(“jane@acme.com”),", "jane@acme.com"),
    ("'jane@acme.com';", "jane@acme.com"),
    ("jane@acme。com。", "jane@acme.com"),
    ("jane@\u200bacme.com\u200d", "jane@acme.com"),
    ("o'brien+x=y/z@mail.acme.co.uk", "o'brien+x=y/z@mail.acme.co.uk"),
    ("_jane@acme.com", "_jane@acme.com"),
    ("jürgen@müller.example", "jürgen@müller.example"),
    ("jane@acme", "jane@acme"),
])
def test_what_people_type_and_copy_is_read(typed: str, meant: str) -> None:
    assert read(typed) == meant


@pytest.mark.parametrize("typed", [
    "", "jane", "@acme.com", "jane@", "jane@@acme.com", "jane@acme..com", "jane doe@acme.com", "a@x.com b@x.com",
    "<a@x.com> <b@x.com>", "https://jane@acme.com", "tel:jane@acme.com", "jane@-",
])
def test_what_is_no_address_is_none(typed: str) -> None:
    assert read(typed) is None


@given(st.text())
def test_what_was_read_is_read_as_it_is(typed: str) -> None:
    for text in (typed, f"{typed}@{typed}.example", f"mailto:{typed}@acme.example."):
        once = read(text)
        if once is not None:
            assert read(once) == once == clean(once).lower()
