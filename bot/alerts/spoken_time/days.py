"""Which date somebody means, seen from a today; where there is more than one, that is a doubt and no guess."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta

from bot.alerts.spoken_time.pieces import DoubtError, Piece

MONDAY = 0
SUNDAY = 6
WEEK = 7
_LEAP_YEARS = 9
"""Years after which a 29 February has come for certain."""


def told(day: date) -> str:
    """A date in a sentence: Friday 27 November."""
    return f"{day:%A} {day.day} {day:%B}"


def short(day: date) -> str:
    """A date as it can be typed: 27 Nov."""
    return f"{day.day} {day:%b}"


def coming(weekday: int, today: date) -> date:
    """The next such weekday after today; on a Monday, the Monday in a week."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % WEEK + 1)


def next_one(weekday: int, today: date) -> date:
    """The weekday of next week, where that is the coming one for everybody. Raises DoubtError where it is not."""
    found = coming(weekday, today)
    # For some people a week begins on Sunday, for others on Monday.
    if all(_place(today, first) + (found - today).days >= WEEK for first in (MONDAY, SUNDAY)):
        return found
    raise DoubtError(_which(found, found + timedelta(days=WEEK)))


def in_next_week(weekday: int, today: date) -> date:
    """That day of the week that begins next. Raises DoubtError where it is another one for some people."""
    begins = (today + timedelta(days=WEEK - _place(today, first)) for first in (MONDAY, SUNDAY))
    one, other = sorted(begin + timedelta(days=(weekday - begin.weekday()) % WEEK) for begin in begins)
    if one != other:
        raise DoubtError(_which(one, other))
    return one


def a_week_after(weekday: int, today: date) -> date:
    """The day that is a week after the coming one. Raises DoubtError where today is one: that may be meant, too."""
    found = coming(weekday, today)
    after = found + timedelta(days=WEEK)
    if weekday == today.weekday():
        raise DoubtError(_which(found, after))
    return after


def this_one(weekday: int, today: date) -> date:
    """The weekday of this week, where it is still to come for everybody. Raises DoubtError where it is not."""
    found = coming(weekday, today)
    if all(_place(today, first) + (found - today).days < WEEK for first in (MONDAY, SUNDAY)):
        return found
    raise DoubtError(f"Which {found:%A}? Write “{found:%A}” for {told(found)}, or write a date.")


def _place(day: date, first: int) -> int:
    return (day.weekday() - first) % WEEK


def _which(one: date, other: date) -> str:
    return f"Is that {told(one)} or {told(other)}? Write “{short(one)}” or “{short(other)}”."


def exact(year: int, month: int, day: int) -> date:
    """That date. Raises DoubtError where there is none."""
    try:
        return date(year, month, day)
    except ValueError:
        raise DoubtError(f"There is no such date as {year:04}-{month:02}-{day:02}.") from None


def next_date(month: int, day: int, today: date) -> date:
    """The next such date, today included. Raises DoubtError where no year has it."""
    for ahead in range(_LEAP_YEARS):
        try:
            found = date(today.year + ahead, month, day)
        except ValueError:
            continue
        if found >= today:
            return found
    raise DoubtError(f"No year has a day {day} in month {month}.")


def next_day_of_month(day: int, today: date) -> date:
    """The next date with that day of the month, after today. Raises DoubtError for one that no month has."""
    month_long = 31
    if not 1 <= day <= month_long:
        raise DoubtError(f"No month has a day {day}.")
    found = today + timedelta(days=1)
    while found.day != day:
        found += timedelta(days=1)
    return found


def day_number(piece: Piece) -> int:
    """The day in a piece such as 12, 12th or "12." before a month. Raises DoubtError for more than two digits."""
    digits = piece.parts.get("on") or piece.parts.get("op") or piece.parts["number"]
    if len(digits) > 2:  # noqa: PLR2004 - digits of a day
        raise DoubtError(f"No month has a day {digits[:10]}.")
    return int(digits)


def numeric(piece: Piece, today: date) -> date:
    """A date in digits: 2026-12-12, 12.12.2026, 12/25. Raises DoubtError where day and month may be exchanged."""
    parts = piece.parts
    if piece.kind == "iso":
        return exact(int(parts["iy"]), int(parts["im"]), int(parts["id"]))
    if piece.kind == "moment":
        return exact(int(parts["my"]), int(parts["mm"]), int(parts["md"]))
    if piece.kind == "dotted":
        return next_date(int(parts["dm"]), int(parts["dd"]), today)
    if piece.kind == "slashed":
        return _either(int(parts["sa"]), int(parts["sb"]), lambda month, day: next_date(month, day, today))
    year = int(parts["ny"]) + (2000 if len(parts["ny"]) == 2 else 0)  # noqa: PLR2004 - digits of a short year
    if parts["ns"] == ".":
        return exact(year, int(parts["nb"]), int(parts["na"]))
    return _either(int(parts["na"]), int(parts["nb"]), lambda month, day: exact(year, month, day))


def _either(one: int, other: int, dated: Callable[[int, int], date]) -> date:
    """The date that `dated` makes of month and day, whichever of the two numbers is which."""
    readings: set[date] = set()
    for month, day in ((one, other), (other, one)):
        with suppress(DoubtError):
            readings.add(dated(month, day))
    if not readings:
        raise DoubtError(f"There is no date {one}/{other}.")
    if len(readings) > 1:
        raise DoubtError(_which(*sorted(readings)))
    return readings.pop()
