"""How it comes that something was, or will be, due at its instant: the sum that people can check. Pure.

Only what was stored with an alert is told, never what might have been. Where the sum does not come out any more, since
the calendar has been changed after the alert was opened, that is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.statuses.counting import Counted, count
from bot.statuses.watched import EXPIRED, EXPIRING, OVERDUE, later
from bot.statuses.working_time import WorkCalendar
from storage.models import Alert, Send

LONGEST = 10**6
"""Days; more than that is no limit that anything has."""
ROUNDED = timedelta(milliseconds=1)
"""Instants are stored to the millisecond."""


class Start(StrEnum):
    """From where the days are counted."""

    STATUS = "status"
    """The send has been in its status."""
    WAREHOUSE = "warehouse"
    """The order was received."""
    CREATED = "created"
    """The gift was sent."""


class Way(StrEnum):
    """How a due time comes about."""

    AT_ONCE = "at_once"
    DAYS = "days"
    """So many times 24 hours after the start."""
    BUSINESS_DAYS = "business_days"
    BEFORE_END = "before_end"
    """So many days before an offer or an address confirmation ends."""
    AT_END = "at_end"
    """When it has ended."""


@dataclass(frozen=True, kw_only=True)
class Reckoning:
    """The sum: what is counted from where by what, and whether it comes to the due time that is stored."""

    way: Way
    due_at: datetime
    start: datetime | None = None
    origin: Start = Start.STATUS
    amount: int = 0
    counted: Counted | None = None
    """Day by day, for business days."""
    ends_at: datetime | None = None
    is_assumed: bool = False
    """Whether no source gave the end."""
    agrees: bool = True
    is_held: bool = False
    """Whether the sum comes to an instant before the stay began, so that it was due when that began."""


def of_alert(alert: Alert, send: Send | None, calendar: WorkCalendar) -> Reckoning:
    """The sum behind an alert, from what is stored with it."""
    # The send may have moved on since; what its former stay began from is not known any more then.
    same_stay = send is not None and send.status_seq == alert.status_seq
    return reckon(
        alert.rule, alert.threshold, alert.due_at, calendar, since=alert.status_since,
        warehouse_since=send.warehouse_since if send is not None and same_stay else None,
        created_at=send.created_at if send is not None else None,
    )


def reckon(
    rule: str, threshold: Mapping[str, Any], due_at: datetime, calendar: WorkCalendar, *, since: datetime | None,
    warehouse_since: datetime | None = None, created_at: datetime | None = None,
) -> Reckoning:
    """The sum by which a finding of that rule with that threshold is due at `due_at` (aware).

    `since`: the beginning of the stay; the other two as far as they are known.
    """
    amount = threshold.get("amount")
    if not isinstance(amount, int):
        return Reckoning(way=Way.AT_ONCE, due_at=due_at, start=since)
    if rule == EXPIRING:
        return _before_end(threshold, amount, due_at, since)
    if rule == EXPIRED and amount:
        return _from([(Start.CREATED, created_at or since)], amount, due_at, since)
    if rule == EXPIRED and threshold.get("words") != "at once":
        return Reckoning(way=Way.AT_END, due_at=due_at, start=since, ends_at=due_at)
    if rule != OVERDUE:
        return Reckoning(way=Way.AT_ONCE, due_at=due_at, start=since)
    starts = [(Start.STATUS, since), (Start.WAREHOUSE, warehouse_since)]
    in_business_days = threshold.get("unit") == "business days"
    return _from(starts, amount, due_at, since, calendar if in_business_days else None)


def _before_end(threshold: Mapping[str, Any], amount: int, due_at: datetime, since: datetime | None) -> Reckoning:
    ends_at = _moment(threshold.get("ends_at"))
    moment = _days_later(ends_at, -amount) if ends_at is not None else None
    is_held = moment is not None and since is not None and moment < since
    return Reckoning(
        way=Way.BEFORE_END, due_at=due_at, start=since, amount=amount, ends_at=ends_at,
        is_assumed=bool(threshold.get("assumed")), is_held=is_held,
        agrees=moment is not None and _same(max(moment, since) if since else moment, due_at),
    )


def _from(
    starts: Iterable[tuple[Start, datetime | None]], amount: int, due_at: datetime, since: datetime | None,
    calendar: WorkCalendar | None = None,
) -> Reckoning:
    """The sum from the start that leads to `due_at`; from the first of them where none does."""
    found = list(_sums(starts, amount, due_at, since, calendar))
    return next((one for one in found if one.agrees), None) or next(
        iter(found), Reckoning(way=Way.AT_ONCE, due_at=due_at, start=since, agrees=False),
    )


def _sums(
    starts: Iterable[tuple[Start, datetime | None]], amount: int, due_at: datetime, since: datetime | None,
    calendar: WorkCalendar | None,
) -> Iterator[Reckoning]:
    for origin, start in starts:
        if start is None:
            continue
        counted = _counted(calendar, start, amount) if calendar is not None else None
        by_days = _days_later(start, amount) if calendar is None else None
        moment = counted.due_at if counted is not None else by_days
        if moment is None:
            continue
        is_held = since is not None and moment < since
        yield Reckoning(
            way=Way.DAYS if calendar is None else Way.BUSINESS_DAYS, due_at=due_at, start=start, origin=origin,
            amount=amount, counted=counted, is_held=is_held,
            agrees=_same(max(moment, since) if since is not None else moment, due_at),
        )


def _days_later(start: datetime, amount: int) -> datetime | None:
    return later(start, timedelta(days=amount)) if abs(amount) < LONGEST else None


def _counted(calendar: WorkCalendar, start: datetime, amount: int) -> Counted | None:
    try:
        return count(calendar, start, amount)
    except OverflowError:
        return None


def _same(one: datetime, other: datetime) -> bool:
    return abs(one - other) <= ROUNDED


def _moment(told: object) -> datetime | None:
    try:
        return datetime.fromisoformat(told) if isinstance(told, str) else None
    except ValueError:
        return None
