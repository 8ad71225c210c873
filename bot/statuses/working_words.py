"""The counting of business days in words, so that people can check it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.statuses.working_time import WorkCalendar

WORKED = "worked"
"""The name of a working day that has no other."""
_NAMED = 4
"""Days off that are named; the rest is a number."""


def describe(
    calendar: WorkCalendar, n: int, *, started: date, first: date, due: date, after_cut_off: time | None = None,
) -> str:
    """How `n` business days lead from the local date `started` to `due`, in one line of plain text.

    `first` is the date from which they are counted where that is another one; `after_cut_off` names the
    time of day which made it so.
    """
    between = [first + timedelta(days=step) for step in range(1, (due - first).days)]
    begun = f"{n:,} business {'day' if n == 1 else 'days'} from {_day(started, started)}"
    because = _why_later(calendar, started, first, after_cut_off)
    asides = [_left_out(calendar, between, started), _counted(calendar, [*between, due], started)]
    told = "".join(f", {aside}" for aside in asides if aside)
    return f"{begun}{because}{told}{',' if told else ''} is {_day(due, started)}"


def _why_later(calendar: WorkCalendar, started: date, first: date, after_cut_off: time | None) -> str:
    if first == started:
        return ""
    if after_cut_off is not None:
        why = f"not before the cut-off at {after_cut_off:%H:%M}"
    else:
        why = calendar.name_of(started) or "a day off"
    return f" ({why}, so from {_day(first, started)})"


def _left_out(calendar: WorkCalendar, between: Sequence[date], started: date) -> str:
    off = [day for day in between if not calendar.is_business_day(day)]
    named = [day for day in off if calendar.name_of(day)]
    told = [f"{_day(day, started)} ({calendar.name_of(day)})" for day in named[:_NAMED]]
    if len(named) > _NAMED:
        more = len(named) - _NAMED
        told.append(f"{more:,} more {'day' if more == 1 else 'days'} off")
    weekends = _runs([day for day in off if not calendar.name_of(day)])
    if weekends:
        told.append("the weekend" if weekends == 1 else f"{weekends:,} weekends")
    return f"leaving out {_listed(told)}" if told else ""


def _counted(calendar: WorkCalendar, days: Sequence[date], started: date) -> str:
    worked = [day for day in days if calendar.is_business_day(day) and calendar.name_of(day)]
    names = {day: calendar.name_of(day) for day in worked[:_NAMED]}
    told = [
        f"{_day(day, started)}{'' if name == WORKED else f' ({name})'}" for day, name in names.items()
    ]
    if len(worked) > _NAMED:
        told.append(f"{len(worked) - _NAMED:,} more")
    return f"counting {_listed(told)}" if told else ""


def _runs(days: Sequence[date]) -> int:
    """How many stretches of days that follow one another: Saturday and Sunday are one weekend."""
    # Within a stretch the date goes up as the place does.
    return len({day.toordinal() - place for place, day in enumerate(days)})


def _listed(told: Sequence[str]) -> str:
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"


def _day(day: date, started: date) -> str:
    year = "" if day.year == started.year else f" {day.year}"
    return f"{day:%a} {day.day} {day:%b}{year}"
