"""Which sends a change of the limits is about, by examples; what holds of every change is a property elsewhere."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.statuses import limits
from bot.statuses.limits import Limit, statuses_between
from bot.statuses.thresholds import are_alike
from bot.statuses.watch import Threshold, Watch, us_watch
from bot.statuses.watched import Watched
from bot.statuses.working_time import make_calendar

MONDAY = datetime(2026, 11, 9, 18, 0, tzinfo=UTC)
US = us_watch().calendar
EVERY_DAY = make_calendar(country=None, working_weekdays=range(7))
BY_BUSINESS_DAYS = {
    "initiated", "pending_approval", "pending_sendoso_approval", "order_received", "fulfilling", "amazon_fulfilling",
}


def limit(status: str, amount: int | None, level: str = "late", **more: Any) -> Threshold:  # noqa: ANN401 - fields of Threshold
    return Threshold(status=status, level=level, amount=amount, **more)


def watch(*thresholds: Threshold, every_day: bool = False) -> Watch:
    return Watch(calendar=EVERY_DAY if every_day else US, thresholds=thresholds)


@pytest.mark.parametrize(("old", "new", "statuses"), [
    (watch(), watch(), set()),
    (watch(), watch(limit("shipped", 3)), {"shipped"}),
    (watch(limit("shipped", 3)), watch(limit("shipped", 4)), {"shipped"}),
    (watch(limit("shipped", 3), limit("sent", 9)), watch(limit("sent", 9)), {"shipped"}),
    # The order within a status counts, that of the whole list does not.
    (watch(limit("shipped", 3), limit("sent", 9)), watch(limit("sent", 9), limit("shipped", 3)), set()),
    (watch(limit("shipped", 3), limit("shipped", 4)), watch(limit("shipped", 4), limit("shipped", 3)), {"shipped"}),
    # The days of the first run on in the second, and not the other way round.
    (watch(), watch(limit("order_received", 9, "support")), {"order_received", "fulfilling"}),
    (watch(), watch(limit("fulfilling", 9)), {"fulfilling"}),
    (watch(), watch(every_day=True), BY_BUSINESS_DAYS),
    (
        watch(limit("sent", 3, in_business_days=True)), watch(limit("sent", 3, in_business_days=True), every_day=True),
        BY_BUSINESS_DAYS | {"sent"},
    ),
    (
        watch(limit("sent", 3), limit("shipped", 1)),
        watch(limit("sent", 3), limit("opened", 1, in_business_days=True), every_day=True),
        BY_BUSINESS_DAYS | {"shipped", "opened"},
    ),
])
def test_the_statuses_that_a_change_is_about(old: Watch, new: Watch, statuses: set[str]) -> None:
    assert statuses_between(old, new) == statuses
    assert statuses_between(new, old) == statuses
    assert {type(status) for status in statuses_between(old, new)} <= {str}


@pytest.mark.parametrize(("status", "old", "new", "alike"), [
    ("shipped", watch(), watch(), True),
    ("shipped", watch(), watch(limit("sent", 3)), True),
    ("shipped", watch(), watch(limit("shipped", 3)), False),
    ("shipped", watch(limit("shipped", 3)), watch(limit("shipped", 4)), False),
    ("shipped", watch(limit("shipped", None)), watch(limit("shipped", 3)), False),
    # The same day for another reason is another finding.
    ("shipped", watch(), watch(limit("shipped", 10)), False),
    ("shipped", watch(), watch(every_day=True), True),
    # Monday to Tuesday is a business day in either calendar, and three of them are not the same.
    ("initiated", watch(), watch(every_day=True), True),
    ("order_received", watch(), watch(every_day=True), False),
    ("fulfillment_issue", watch(), watch(limit("fulfillment_issue", 2, "support")), False),
    ("delivered", watch(), watch(every_day=True), True),
    # Where the catalogue has no limit, one of this installation makes the difference.
    ("delivered", watch(), watch(limit("delivered", 3)), False),
    ("delivered", watch(), watch(limit("delivered", 3, "support")), False),
    # A limit that would only be reached after the stronger one is another limit all the same.
    ("fulfillment_issue", watch(), watch(limit("fulfillment_issue", 9)), False),
])
def test_whether_two_watches_are_alike_for_a_send(status: str, old: Watch, new: Watch, alike: bool) -> None:
    send = Watched(status=status, status_since=MONDAY)
    assert are_alike(send, old, new) is alike
    assert are_alike(send, new, old) is alike


def test_what_runs_on_from_the_warehouse_is_compared_too() -> None:
    received = MONDAY - timedelta(days=4)
    send = Watched(status="fulfilling", status_since=MONDAY, warehouse_since=received)
    longer = watch(limit("order_received", 14, "support"))
    assert not are_alike(send, watch(), longer)
    assert are_alike(send, longer, watch(limit("order_received", 14, "support"), limit("sent", 1)))


@pytest.mark.parametrize(("table", "status"), [
    ("LATE_IN", "shipped"), ("LATE_IN", "opened"), ("SUPPORT_IN", "fulfilling"), ("SUPPORT_IN", "shipped"),
])
def test_another_limit_of_a_status_is_another_edition(table: str, status: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = limits.edition()
    with monkeypatch.context() as changed:
        changed.setitem(getattr(limits, table), status, Limit(amount=99))
        assert limits.edition() != before
    assert limits.edition() == before


@pytest.mark.parametrize("one", ["_INVENTORIED", "_AMAZON", "_DIRECT", "_OTHER"])
@pytest.mark.parametrize("field", ["amount", "in_business_days", "source", "because", "from_warehouse"])
def test_whatever_changes_of_a_limit_of_the_warehouse_is_another_edition(
    one: str, field: str, monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, limit_now = limits.edition(), getattr(limits, one)
    others = {"amount": 99, "in_business_days": not limit_now.in_business_days, "source": "an article",
              "because": "of that.", "from_warehouse": not limit_now.from_warehouse}
    monkeypatch.setattr(limits, one, replace(limit_now, **{field: others[field]}))
    assert limits.edition() != before


def test_the_edition_is_the_same_after_a_restart() -> None:
    """Or every start would reckon all due times anew."""
    asked = "from bot.statuses import limits; print(limits.edition())"
    again = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)
    assert again.stdout.strip() == limits.edition()
