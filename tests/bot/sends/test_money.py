from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.sendoso.send_json import amount
from bot.sends.money import decimals, minor_units


@pytest.mark.parametrize(("currency", "digits"), [
    ("USD", 2), ("jpy", 0), (" KWD ", 3), ("", 2), (None, 2), ("XXX", 2),
])
def test_each_currency_has_its_digits(currency: str | None, digits: int) -> None:
    assert decimals(currency) == digits


@pytest.mark.parametrize(("text", "currency", "minor"), [
    ("2.0", "USD", 200), ("500", "JPY", 500), (" 1.5 ", "KWD", 1500), ("-1.5", "EUR", -150), ("+3", "", 300),
    ("7.", None, 700), ("0.125", "USD", 13), ("0.124", "USD", 12), ("2.5", "JPY", 3), ("-2.5", "JPY", -3),
    ("999999999999.99", "USD", 99_999_999_999_999), ("1000000000000", "USD", None), ("1,5", "USD", None),
    ("1e3", "USD", None), (".5", "USD", None), ("", "USD", None), (None, "USD", None), ("NaN", "USD", None),
])
def test_amounts_are_whole_numbers_of_the_smallest_unit(
    text: str | None, currency: str | None, minor: int | None,
) -> None:
    assert minor_units(text, currency) == minor


@given(st.integers(-(10**11), 10**11), st.sampled_from(["USD", "JPY", "TND"]))
def test_an_amount_written_and_read_is_the_same(minor: int, currency: str) -> None:
    assert minor_units(amount(minor, currency), currency) == minor


@given(st.text(max_size=30))
def test_any_text_is_an_amount_or_none(text: str) -> None:
    found = minor_units(text, "USD")
    assert found is None or isinstance(found, int)
