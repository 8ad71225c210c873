"""A number of business days, counted day by day, so that people can check it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.statuses.working_time import WorkCalendar
from bot.statuses.working_words import WORKED

_NAMED = 4
"""So many days off with a name, and so many without, are told one by one; of more, the number."""


@dataclass(frozen=True, kw_only=True)
class Counted:
    """How `n` business days lead from one instant to another, by the clock on the wall of `zone`.

    `start` and `end` are what that clock shows (naive). From `first`, a business day, on it is counted; each of the
    `n` days in `days` counted, and none in `left_out`, which has the name of each as far as it has one.
    """

    n: int
    zone: str
    start: datetime
    first: date
    end: datetime
    due_at: datetime
    """The instant (UTC) at which the last of them is over."""
    days: tuple[date, ...]
    left_out: tuple[tuple[date, str], ...]
    worked: tuple[tuple[date, str], ...]
    """Those of `days` that count although by their weekday they would not."""
    cut_off: time | None = None
    """The time of day that made it be counted only from `first` on, where that is why."""
    start_off: str = ""
    """Why the day of the start did not count: the name of a holiday, or "a day off"."""


def count(calendar: WorkCalendar, start: datetime, n: int) -> Counted:
    """`n` business days from `start` (aware), day by day. Raises as `WorkCalendar.add_business_days`."""
    due_at = calendar.add_business_days(start, n)
    wall, first = calendar.begins(start)
    end = calendar.wall(due_at)
    after = [first + timedelta(days=step) for step in range(1, (end.date() - first).days + 1)]
    days = tuple(day for day in after if calendar.is_business_day(day))
    is_later, is_free = first != wall.date(), not calendar.is_business_day(wall.date())
    return Counted(
        n=n, zone=calendar.zone.key, start=wall, first=first, end=end, due_at=due_at, days=days,
        left_out=tuple((day, calendar.name_of(day)) for day in after if not calendar.is_business_day(day)),
        worked=tuple((day, name) for day in days if (name := calendar.name_of(day))),
        cut_off=calendar.cut_off if is_later and not is_free else None,
        start_off=(calendar.name_of(wall.date()) or "a day off") if is_free else "",
    )


def sentence(counted: Counted) -> str:
    """The sum in plain text: "Mon 16 Nov 10:00 + 3 business days, without Sat 21 Nov and … = …"; names as given."""
    unit = "business day" if counted.n == 1 else "business days"
    asides = [_without(counted), _with(counted)]
    told = "".join(f", {aside}" for aside in asides if aside)
    begun = f"{_moment(counted.start, counted)}{_because(counted)} + {counted.n:,} {unit}"
    return f"{begun}{told} = {_moment(counted.end, counted)} ({counted.zone})"


def _because(counted: Counted) -> str:
    if counted.first == counted.start.date():
        return ""
    off = counted.start_off
    why = f"not before the cut-off at {counted.cut_off:%H:%M}" if counted.cut_off else off
    return f" ({why}, so from {_day(counted.first, counted)} 00:00)"


def _without(counted: Counted) -> str:
    plain = [_day(day, counted) for day, name in counted.left_out if not name]
    named = [f"{name} ({_day(day, counted)})" for day, name in counted.left_out if name]
    told = [*_few(plain, "days of weekends"), *_few(named, "more days off", shown=_NAMED)]
    return f"without {_listed(told)}" if told else ""


def _with(counted: Counted) -> str:
    told = [_day(day, counted) if name == WORKED else f"{name} ({_day(day, counted)})" for day, name in counted.worked]
    return f"with {_listed(_few(told, 'more days worked', shown=_NAMED))}" if told else ""


def _few(told: Sequence[str], rest: str, *, shown: int = 0) -> list[str]:
    """All of them where they are few; else the first `shown` and the number of the rest."""
    if len(told) <= _NAMED:
        return list(told)
    more = len(told) - shown
    return [*told[:shown], f"{more:,} {rest.replace('days', 'day') if more == 1 else rest}"]


def _listed(told: Sequence[str]) -> str:
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"


def _moment(wall: datetime, counted: Counted) -> str:
    return f"{_day(wall.date(), counted)} {wall:%H:%M}"


def _day(day: date, counted: Counted) -> str:
    year = "" if day.year == counted.start.year else f" {day.year}"
    return f"{day:%a} {day.day} {day:%b}{year}"
