from __future__ import annotations

from contextlib import suppress
from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from bot.config.amounts import After, Amount, Limit, Money
from bot.config.names import RuleName, StatusId
from bot.config.times import Days, Length, Span, WallTime, Weekdays

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def value(kind: Any, written: object) -> Any:  # noqa: ANN401 - values of every kind
    """What is meant by what is written; writing it back and reading that must give the same."""
    adapter = TypeAdapter(kind)
    found = adapter.validate_python(written)
    assert adapter.validate_python(adapter.dump_python(found, mode="json")) == found
    return found


@pytest.mark.parametrize(("written", "length", "canonical"), [
    ("4h", 4 * HOUR, "4h"), ("1d", DAY, "1d"), ("36h", 36 * HOUR, "1d12h"), ("90m", 1.5 * HOUR, "1h30m"),
    ("2 days", 2 * DAY, "2d"), ("1d 12h", 36 * HOUR, "1d12h"), ("1w", 7 * DAY, "7d"),
    ("1 week 1 hour", 169 * HOUR, "7d1h"), ("30 min", HOUR / 2, "30m"), ("1H", HOUR, "1h"), (4 * HOUR, 4 * HOUR, "4h"),
])
def test_a_length_of_time_is_written_with_its_units(written: object, length: timedelta, canonical: str) -> None:
    assert value(Length, written) == length
    assert TypeAdapter(Length).dump_python(length, mode="json") == canonical


@pytest.mark.parametrize("written", [
    "", "4", "4x", "h", "1.5h", "-1h", "1h -2m", "367d", "1m 1s", "4h and 1m", "٤h", None, [],
])
def test_what_is_no_length_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match=r"length of time|between one minute|is empty|a text is expected"):
        value(Length, written)


@pytest.mark.parametrize(("written", "wall"), [
    ("18:00", time(18)), ("8:05", time(8, 5)), ("00:00", time()), ("24:00", time()), ("23:59", time(23, 59)),
])
def test_a_time_of_day_is_hours_and_minutes(written: str, wall: time) -> None:
    assert value(WallTime, written) == wall


@pytest.mark.parametrize("written", ["24:01", "18:60", "18", "6pm", "18:00:00", "1080", "١٢:١٣"])
def test_what_is_no_time_of_day_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is no time of day"):
        value(WallTime, written)


@pytest.mark.parametrize(("written", "days"), [
    ("mon-fri", {0, 1, 2, 3, 4}), (["mon", "wed"], {0, 2}), ("Sunday", {6}), ("fri-mon", {4, 5, 6, 0}),
    (["mon-tue", "sat"], {0, 1, 5}), ("Thurs", {3}), ("tue-tue", {1}),
])
def test_weekdays_are_named_one_by_one_or_as_a_range(written: object, days: set[int]) -> None:
    assert value(Weekdays, written) == days


def test_days_are_single_or_in_a_row_and_may_have_a_name() -> None:
    eve, end = date(2026, 12, 24), date(2026, 12, 31)
    assert value(Days, "2026-12-24") == Span(first=eve, last=eve)
    assert value(Days, "2026-12-24 Christmas  Eve") == Span(first=eve, last=eve, name="Christmas Eve")
    closed = value(Days, "2026-12-24 to 2026-12-31 closed")
    assert closed == Span(first=eve, last=end, name="closed")
    assert [str(day) for day in closed.days][::7] == ["2026-12-24", "2026-12-31"]
    assert value(Days, "2026-12-24 – 2026-12-31") == Span(first=eve, last=end)  # noqa: RUF001 - as people write it


@pytest.mark.parametrize("written", [
    "24.12.2026", "2026-13-01", "2026-12-24 to", "2026-12-24 to Friday", "2026-12-24 to 2026-12-25 to 2026-12-26",
    "2026-01-01 to 2027-06-01", "9999-12-31", "mon", "",
])
def test_what_is_no_day_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"is no da|ends before|not a day|is empty"):
        value(Days, written)


@pytest.mark.parametrize(("written", "amount", "canonical"), [
    ("100 USD", Amount(minor=10_000, currency="USD"), "100 USD"),
    ("99.5 usd", Amount(minor=9_950, currency="USD"), "99.50 USD"),
    ("100.00EUR", Amount(minor=10_000, currency="EUR"), "100 EUR"),
    ("500 JPY", Amount(minor=500, currency="JPY"), "500 JPY"),
    ("1.234 KWD", Amount(minor=1_234, currency="KWD"), "1.234 KWD"),
    ("0 USD", Amount(minor=0, currency="USD"), "0 USD"),
])
def test_an_amount_has_a_currency(written: str, amount: Amount, canonical: str) -> None:
    assert value(Money, written) == amount
    assert str(amount) == canonical


@pytest.mark.parametrize("written", [
    "100", "USD", "$100", "-1 USD", "1,000 USD", "1 dollar", "0.5 JPY", "٣ USD", "1e3 USD",
])
def test_what_is_no_amount_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"is no amount|is finer"):
        value(Money, written)


@pytest.mark.parametrize(("written", "after", "canonical"), [
    ("5 business days", After(amount=5, in_business_days=True), "5 business days"),
    ("1 Business Day", After(amount=1, in_business_days=True), "1 business day"),
    ("7 days", After(amount=7), "7 days"), ("1d", After(amount=1), "1 day"), ("0 days", After(amount=0), "0 days"),
    ("Never", After(amount=None), "never"),
])
def test_a_limit_is_in_days_or_business_days(written: str, after: After, canonical: str) -> None:
    assert value(Limit, written) == after
    assert str(after) == canonical


@pytest.mark.parametrize(("written", "status"), [
    ("Order Received", "order_received"), ("order_received", "order_received"), ("processing", "order_received"),
    ("Fulfilment Issue", "fulfillment_issue"), ("cancelled", "canceled"), ("deliverd", "delivered"),
    ("unknown", "unknown"),
])
def test_a_status_may_be_spelt_in_any_way(written: str, status: str) -> None:
    assert value(StatusId, written) == status


@pytest.mark.parametrize(("written", "rule"), [
    ("overdue", "overdue"), ("Needs Action", "needs_action"), ("overdue / Support", "overdue/support"),
    ("expiring/7d", "expiring/7d"), ("unknown-status", "unknown_status"),
])
def test_a_rule_may_name_its_level(written: str, rule: str) -> None:
    assert value(RuleName, written) == rule


@given(st.one_of(st.text(), st.none(), st.integers(), st.lists(st.text())))
def test_nothing_but_a_plain_refusal_comes_of_any_value(written: object) -> None:
    for kind in (Length, WallTime, Weekdays, Days, Money, Limit, RuleName, StatusId):
        with suppress(ValueError):
            value(kind, written)
