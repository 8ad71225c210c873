"""Whatever is due: the sum that explains it comes to its due time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.alerts.explanation import Reckoning, Start, Way, of_alert, reckon
from bot.statuses import thresholds
from bot.statuses.counting import count
from bot.statuses.watch import Watch, us_watch
from bot.statuses.watched import Watched
from bot.statuses.working_time import make_calendar
from tests.bot.slack.rows import alert, send
from tests.bot.statuses.test_counting import calendars
from tests.bot.statuses.test_thresholds_properties import CASES
from tests.conftest import NOW

US = us_watch().calendar
DAY = timedelta(days=1)


def explained(seen: Watched, watch: Watch) -> list[Reckoning]:
    return [
        reckon(
            found.rule, found.threshold, found.due_at, watch.calendar, since=seen.status_since,
            warehouse_since=seen.warehouse_since, created_at=seen.created_at,
        )
        for found in thresholds.findings(seen, watch)
    ]


@settings(deadline=None)
@given(CASES, calendars())
def test_every_finding_is_explained_by_its_own_sum(case: tuple[Watched, Watch], calendar: object) -> None:
    seen, watch = case
    watch = replace(watch, calendar=calendar)  # type: ignore[arg-type]
    for found, sum_ in zip(thresholds.findings(seen, watch), explained(seen, watch), strict=True):
        assert sum_.agrees, (found, sum_)
        assert sum_.due_at == found.due_at
        if sum_.way is Way.BUSINESS_DAYS:
            assert sum_.counted is not None
            assert len(sum_.counted.days) == found.threshold["amount"]
            assert max(sum_.counted.due_at, seen.status_since) == found.due_at
        if sum_.way is Way.DAYS and not sum_.is_held:
            assert sum_.start is not None
            assert sum_.start + found.threshold["amount"] * DAY == found.due_at


def test_support_in_the_warehouse_is_counted_from_when_the_order_came() -> None:
    received = NOW - 9 * DAY
    row = send(status="fulfilling", status_since=NOW - 3 * DAY, warehouse_since=received)
    one = alert(status="fulfilling", status_since=row.status_since, due_at=received + 7 * DAY)
    one.due_at = max(one.due_at, row.status_since)
    found = of_alert(one, row, US)
    assert (found.way, found.origin, found.start, found.agrees) == (Way.DAYS, Start.WAREHOUSE, received, True)


def test_what_had_passed_before_the_stay_began_is_due_when_it_began() -> None:
    row = send(status="fulfilling", status_since=NOW, warehouse_since=NOW - 9 * DAY)
    found = of_alert(alert(status="fulfilling", status_since=NOW, due_at=NOW), row, US)
    assert (found.origin, found.is_held, found.agrees) == (Start.WAREHOUSE, True, True)


def test_a_calendar_that_was_changed_since_is_not_passed_off_as_the_one_of_then() -> None:
    threshold = {"amount": 3, "unit": "business days", "source": "x", "words": "3 business days"}
    start = datetime(2026, 11, 20, 18, tzinfo=UTC)
    due_at = US.add_business_days(start, 3)
    one = alert(level="late", threshold=threshold, status_since=start, due_at=due_at)
    assert of_alert(one, None, US).agrees
    other = make_calendar(days_off=[datetime(2026, 11, 23, tzinfo=UTC).date()])
    found = of_alert(one, None, other)
    assert not found.agrees
    assert found.counted is not None
    assert found.counted.due_at == due_at + DAY + DAY


def test_another_stay_is_not_reckoned_with() -> None:
    row = send(status_seq=2, warehouse_since=NOW - 8 * DAY)
    one = alert(status_seq=1, status_since=NOW - 20 * DAY, due_at=NOW - DAY)
    assert not of_alert(one, row, US).agrees


@pytest.mark.parametrize("threshold", [
    {}, {"words": "x"}, {"amount": None}, {"amount": "7"}, {"amount": 7, "unit": "days"},
    {"amount": 10**9, "unit": "days"}, {"amount": 10**7, "unit": "business days"}, {"amount": 1, "ends_at": "soon"},
    {"amount": 1, "ends_at": 5},
])
@pytest.mark.parametrize("rule", ["overdue", "expiring", "expired", "needs_action", "x"])
def test_whatever_is_stored_it_does_not_fail(rule: str, threshold: dict[str, object]) -> None:
    for since in (None, NOW, NOW - 3 * DAY):
        found = of_alert(alert(rule=rule, threshold=threshold, status_since=since), None, US)
        assert found.due_at == NOW - DAY


BUSINESS = {"amount": 3, "unit": "business days", "words": "3 business days"}
FRIDAY = datetime(2026, 11, 20, 18, tzinfo=UTC)


def test_what_needs_somebody_is_due_when_the_status_came() -> None:
    at_once = {"amount": 0, "unit": "days", "words": "at once"}
    for rule, threshold in (("needs_action", at_once), ("expired", at_once), ("stale_data", {})):
        assert reckon(rule, threshold, NOW, US, since=NOW) == Reckoning(way=Way.AT_ONCE, due_at=NOW, start=NOW)


def test_days_are_counted_from_the_status_first_and_then_from_the_warehouse() -> None:
    since, received, days = NOW - 7 * DAY, NOW - 9 * DAY, {"amount": 7, "unit": "days"}
    found = reckon("overdue", days, NOW, US, since=since, warehouse_since=received)
    assert found == Reckoning(way=Way.DAYS, due_at=NOW, start=since, origin=Start.STATUS, amount=7)
    found = reckon("overdue", days, NOW, US, since=NOW - 3 * DAY, warehouse_since=since)
    assert found == Reckoning(way=Way.DAYS, due_at=NOW, start=since, origin=Start.WAREHOUSE, amount=7)


def test_a_sum_that_does_not_come_out_is_told_from_the_status() -> None:
    days = {"amount": 6, "unit": "days"}
    found = reckon("overdue", days, NOW, US, since=NOW - 7 * DAY, warehouse_since=NOW - 9 * DAY)
    assert found == Reckoning(
        way=Way.DAYS, due_at=NOW, start=NOW - 7 * DAY, origin=Start.STATUS, amount=6, agrees=False,
    )


def test_business_days_are_told_day_by_day() -> None:
    due_at = US.add_business_days(FRIDAY, 3)
    assert reckon("overdue", BUSINESS, due_at, US, since=FRIDAY) == Reckoning(
        way=Way.BUSINESS_DAYS, due_at=due_at, start=FRIDAY, origin=Start.STATUS, amount=3,
        counted=count(US, FRIDAY, 3),
    )


def test_where_nothing_is_known_to_count_from_the_sum_is_not_vouched_for() -> None:
    assert reckon("overdue", BUSINESS, NOW, US, since=None) == Reckoning(way=Way.AT_ONCE, due_at=NOW, agrees=False)
    found = reckon("overdue", {"amount": 10**9, "unit": "days"}, NOW, US, since=FRIDAY)
    assert found == Reckoning(way=Way.AT_ONCE, due_at=NOW, start=FRIDAY, agrees=False)
    found = reckon("overdue", BUSINESS, NOW, US, since=None, warehouse_since=FRIDAY)
    assert (found.origin, found.start, found.is_held) == (Start.WAREHOUSE, FRIDAY, False)


def test_at_the_end_of_the_calendar_a_sum_is_told_by_what_still_has_an_end() -> None:
    last = datetime(9999, 12, 24, 18, tzinfo=UTC)
    found = reckon("overdue", {"amount": 30, "unit": "days"}, last, US, since=last, warehouse_since=NOW)
    assert (found.origin, found.start, found.is_held, found.agrees) == (Start.WAREHOUSE, NOW, True, True)
    business_days = {"amount": 6, "unit": "business days"}
    assert reckon("overdue", business_days, last + 6 * DAY, US, since=last) == Reckoning(
        way=Way.AT_ONCE, due_at=last + 6 * DAY, start=last, agrees=False,
    )


@pytest.mark.parametrize("amount", [10**6, -(10**6), 10**9])
def test_more_days_than_anything_lasts_are_not_counted(amount: int) -> None:
    start = datetime(2026, 11, 23, tzinfo=UTC)
    threshold = {"amount": amount, "unit": "days"}
    assert reckon("overdue", threshold, NOW, US, since=start).way is Way.AT_ONCE
    less = {"amount": 10**6 - 1, "unit": "days"}
    assert reckon("overdue", less, NOW, US, since=datetime(1, 1, 1, tzinfo=UTC)).way is Way.DAYS


@pytest.mark.parametrize("assumed", [True, False])
def test_before_an_end_so_many_days_are_taken_off(assumed: bool) -> None:
    ends = NOW + 2 * DAY
    threshold = {"amount": 2, "unit": "days", "ends_at": ends.isoformat(), "assumed": assumed}
    whole = Reckoning(
        way=Way.BEFORE_END, due_at=NOW, start=NOW - DAY, amount=2, ends_at=ends, is_assumed=assumed,
    )
    assert reckon("expiring", threshold, NOW, US, since=NOW - DAY) == whole
    assert reckon("expiring", threshold, NOW, US, since=None) == replace(whole, start=None)
    late = NOW + timedelta(hours=1)
    assert reckon("expiring", threshold, late, US, since=NOW - DAY) == replace(whole, due_at=late, agrees=False)


def test_an_end_so_near_that_it_was_due_at_once_is_told_as_such() -> None:
    ends = NOW + DAY
    threshold = {"amount": 2, "unit": "days", "ends_at": ends.isoformat()}
    found = reckon("expiring", threshold, NOW, US, since=NOW)
    assert found == Reckoning(way=Way.BEFORE_END, due_at=NOW, start=NOW, amount=2, ends_at=ends, is_held=True)
    on_time = reckon("expiring", threshold, NOW - DAY, US, since=NOW - DAY)
    assert (on_time.is_held, on_time.agrees) == (False, True)


@pytest.mark.parametrize("ends_at", ["soon", 5, None])
def test_an_end_that_cannot_be_read_is_not_made_up(ends_at: object) -> None:
    threshold = {"amount": 2, "unit": "days", "ends_at": ends_at}
    assert reckon("expiring", threshold, NOW, US, since=NOW - DAY) == Reckoning(
        way=Way.BEFORE_END, due_at=NOW, start=NOW - DAY, amount=2, agrees=False,
    )


def test_an_end_that_was_given_is_over_when_it_is_over() -> None:
    threshold = {"amount": 0, "unit": "days", "words": "at once when the end has passed"}
    assert reckon("expired", threshold, NOW, US, since=NOW - DAY) == Reckoning(
        way=Way.AT_END, due_at=NOW, start=NOW - DAY, ends_at=NOW,
    )


def test_an_end_that_nobody_gave_is_counted_from_the_sending() -> None:
    threshold = {"amount": 91, "unit": "days", "words": "1 day after the 90 days from the send"}
    sent, since = NOW - 91 * DAY, NOW - 80 * DAY
    whole = Reckoning(way=Way.DAYS, due_at=NOW, start=sent, origin=Start.CREATED, amount=91)
    assert reckon("expired", threshold, NOW, US, since=since, created_at=sent) == whole
    assert reckon("expired", threshold, NOW, US, since=sent) == whole
    held = reckon("expired", threshold, NOW, US, since=NOW, created_at=NOW - 100 * DAY)
    assert held == replace(whole, start=NOW - 100 * DAY, is_held=True)


def test_when_a_gift_was_sent_holds_for_every_stay() -> None:
    threshold = {"amount": 91, "unit": "days", "words": "1 day after the 90 days from the send"}
    one = alert(rule="expired", threshold=threshold, status_seq=1, status_since=NOW - 5 * DAY, due_at=NOW)
    found = of_alert(one, send(status_seq=2, created_at=NOW - 91 * DAY), US)
    assert (found.origin, found.start, found.agrees) == (Start.CREATED, NOW - 91 * DAY, True)


def test_what_was_due_as_the_stay_began_was_not_held() -> None:
    found = reckon("overdue", {"amount": 0, "unit": "days"}, NOW, US, since=NOW)
    assert (found.way, found.is_held, found.agrees) == (Way.DAYS, False, True)


@pytest.mark.parametrize(("apart", "agrees"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_millisecond_is_rounding_and_more_is_another_sum(apart: int, agrees: bool) -> None:
    due_at = NOW + timedelta(milliseconds=apart)
    assert reckon("overdue", {"amount": 7, "unit": "days"}, due_at, US, since=NOW - 7 * DAY).agrees is agrees


@given(st.integers(0, 30))
def test_the_sum_bears_what_the_database_rounds(milliseconds: int) -> None:
    since = NOW - 8 * DAY + timedelta(microseconds=milliseconds * 37)
    rounded = since.replace(microsecond=since.microsecond // 1000 * 1000)
    assert of_alert(alert(status_since=rounded, due_at=since + 7 * DAY), None, US).agrees
