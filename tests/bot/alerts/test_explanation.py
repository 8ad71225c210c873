"""Whatever is due: the sum that explains it comes to its due time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.alerts.explanation import Reckoning, Start, Way, of_alert, reckon
from bot.statuses import thresholds
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


@given(st.integers(0, 30))
def test_the_sum_bears_what_the_database_rounds(milliseconds: int) -> None:
    since = NOW - 8 * DAY + timedelta(microseconds=milliseconds * 37)
    rounded = since.replace(microsecond=since.microsecond // 1000 * 1000)
    assert of_alert(alert(status_since=rounded, due_at=since + 7 * DAY), None, US).agrees
