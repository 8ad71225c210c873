from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sends.addresses import mentioned, plain, read, tells, within
from bot.sends.naming import GONE, Naming
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


@pytest.mark.parametrize(("field", "found"), [
    ("jane@acme.com", {"jane@acme.com"}), ("jane@acme.com.", {"jane@acme.com.", "jane@acme.com"}),
    ("bob@@acme.com", {"bob@@acme.com"}), ("john.doe.acme.com", {"john.doe.acme.com"}),
    ("ann poe@acme.com", {"ann poe@acme.com", "poe@acme.com"}),
    ("eve@acme.com, adam@acme.com", {"eve@acme.com, adam@acme.com", "eve@acme.com", "adam@acme.com"}),
    ("eve@x.com;adam@x.com", {"eve@x.com;adam@x.com", "eve@x.com", "adam@x.com"}),
    ("eve@x.com/adam@x.com", {"eve@x.com/adam@x.com", "eve@x.com", "adam@x.com"}),
    ("x=y/z@acme.com", {"x=y/z@acme.com"}),
    ("eve <eve@x.com> | <adam@x.com>", {"eve <eve@x.com> | <adam@x.com>", "eve@x.com", "adam@x.com"}),
    ("ｂｏｂ＠ａｃｍｅ．ｃｏｍ", {"bob@acme.com"}),  # noqa: RUF001 - letters as wide as signs
    ("", {""}), ("jane doe", {"jane doe"}), ("jane%40acme.com", {"jane%40acme.com", "jane@acme.com"}),
    ("jane@bücher.de", {"jane@bücher.de", "jane@xn--bcher-kva.de"}),
    ("jane@mail.xn--bcher-kva.de", {"jane@mail.xn--bcher-kva.de", "jane@mail.bücher.de"}),
    ("jane@xn--999999999.de", {"jane@xn--999999999.de"}),
])
def test_a_field_is_found_by_itself_and_by_each_address_in_it(field: str, found: set[str]) -> None:
    assert within(field) == found
    assert plain(field) in found


@given(st.text())
def test_whatever_stands_in_a_field_is_found_by_it(field: str) -> None:
    for stored in (clean(field).lower(), clean(f"{field}@{field}.example").lower()):
        assert plain(stored) in within(stored)
        assert plain(stored) == plain(stored).strip().lower()
        assert (one := read(stored)) is None or one in within(stored)


@pytest.mark.parametrize(("text", "address"), [
    ("Referral of Zoe@Q.example", "zoe@q.example"),
    ("ref=zoe@q.example.", "zoe@q.example"),
    ("o'zoe@q.example,max@m.example", "max@m.example"),
    ("o'zoe@q.example,max@m.example", "zoe@q.example"),
    ("a@b@c.example", "b@c.example"),
    ("for bob@@acme.example", "bob@@acme.example"),
    ("https://x.example/?to=zoe%40q.example&x=1", "zoe@q.example"),
    ("see john.doe.acme.example", "john.doe.acme.example"),
])
def test_an_address_is_found_in_a_text(text: str, address: str) -> None:
    assert address in mentioned(text)
    assert Naming(email=address).without(text, by_name=False) != text


def test_a_text_without_one_mentions_nobody() -> None:
    assert mentioned("Acme Inc., welcome at 5 p.m.") == frozenset()


def test_a_word_that_others_use_names_nobody_by_itself() -> None:
    assert [tells(one) for one in ("bob@@acme.com", "john.doe.acme.com", "jane@x", "ａｎｎ＠ｘ")] == [True] * 4  # noqa: RUF001
    assert [tells(one) for one in ("none", "n.a.", "jane doe", "-", "not known yet.")] == [False] * 5
    naming = Naming(email="none", alias="a1")
    text = {"none": ["none of them", "mail:none"]}
    assert naming.without(text, by_name=True) == {"none": ["none of them", f"mail:{GONE}"]}
    assert naming.without("mail:none", by_name=False, as_place=True) == f"mail:{naming.address}"
