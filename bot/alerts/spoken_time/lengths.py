"""A length of time in words: 2h, 1h30m, half an hour, two and a half hours, 3 business days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from bot.alerts.spoken_time.pieces import Cursor, DoubtError

TOO_FAR = "That is more than 366 days ahead, which is the longest there is."
TOO_SOON = "That is not later than now."
PARTLY = "Write that in hours, such as “4 hours”: part of a day can be many things."
ORDER = "Write the longest unit first and each unit once, such as “1 day 2 hours”."
LONGEST_DAYS = 366
NUMBERS: Mapping[str, int] = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}
_UNITS: Mapping[str, frozenset[str]] = {
    "week": frozenset({"w", "wk", "wks", "week", "weeks"}),
    "day": frozenset({"d", "day", "days"}),
    "hour": frozenset({"h", "hr", "hrs", "hour", "hours"}),
    "minute": frozenset({"m", "min", "mins", "minute", "minutes"}),
}
_RANK = {unit: place for place, unit in enumerate(_UNITS)}
_BUSINESS_DAYS = (
    "business days", "business day", "working days", "working day", "work days", "work day", "workdays", "workday",
    "bd",
)
_REFUSED: Mapping[str, str] = {
    **dict.fromkeys(("month", "months", "mo"), "Months differ in length: write a date, or a number of weeks."),
    **dict.fromkeys(("year", "years", "y"), "Years differ in length, and 366 days are the most: write a date."),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "A minute is the shortest."),
}
WORDS = (*NUMBERS, *(name for names in _UNITS.values() for name in names), *_BUSINESS_DAYS, *_REFUSED, "half")
"""What people say for lengths of time."""
_HALF = Fraction(1, 2)
_HOUR = 60
_TAIL = range(10, _HOUR)
_DIGITS = 6


@dataclass(frozen=True, kw_only=True)
class Length:
    """A length of time. Days keep the time on the wall, minutes need not; business days stand alone."""

    minutes: int = 0
    days: int = 0
    business_days: int = 0


def read(cursor: Cursor) -> Length | None:
    """The length that comes next; None, with nothing taken, where none does. Raises DoubtError for an unclear one."""
    begun = cursor.place
    amount = _amount(cursor)
    if amount is not None and cursor.phrase(*_BUSINESS_DAYS):
        return _not_nothing(Length(business_days=_whole(amount)))
    cursor.place = begun
    found = _parts(cursor)
    if not found:
        return None
    days = _whole(found.get("week", Fraction(0))) * 7 + _whole(found.get("day", Fraction(0)))
    minutes = found.get("hour", Fraction(0)) * _HOUR + found.get("minute", Fraction(0))
    return _not_nothing(Length(days=days, minutes=round(minutes)))


def _parts(cursor: Cursor) -> dict[str, Fraction]:
    """Numbers of units, the longest unit first."""
    found: dict[str, Fraction] = {}
    while True:
        place = cursor.place
        if found:
            cursor.phrase("and")
        amount = _amount(cursor)
        unit = _unit(cursor, found, amount) if amount is not None else None
        if amount is None or unit is None:
            cursor.place = place
            return found
        if any(_RANK[unit] <= _RANK[earlier] for earlier in found):
            raise DoubtError(ORDER)
        found[unit] = amount + (_HALF if cursor.phrase("and a half") else 0)


def _amount(cursor: Cursor) -> Fraction | None:
    digits = cursor.piece("number", "decimal")
    if digits is not None:
        if len(digits.text) > _DIGITS:
            raise DoubtError(TOO_FAR)
        found = Fraction(digits.text)
    elif cursor.phrase("half an", "half a", "half"):
        return _HALF
    else:
        word = cursor.word(NUMBERS)
        if word is None:
            return None
        found = Fraction(NUMBERS[word])
    return found + (_HALF if cursor.phrase("and a half") else 0)


def _unit(cursor: Cursor, before: Mapping[str, Fraction], amount: Fraction) -> str | None:
    for unit, names in _UNITS.items():
        if cursor.word(names):
            return unit
    refused = cursor.word(_REFUSED)
    if refused is not None:
        raise DoubtError(_REFUSED[refused])
    # "1h30": behind hours, minutes need no name.
    return "minute" if [*before][-1:] == ["hour"] and amount in _TAIL and cursor.is_done else None


def _whole(days: Fraction) -> int:
    if days.denominator != 1:
        raise DoubtError(PARTLY)
    # What is too far is found when the instant is known. But so many days run off the calendar, or take long to count.
    if days > LONGEST_DAYS:
        raise DoubtError(TOO_FAR)
    return int(days)


def _not_nothing(length: Length) -> Length:
    if not (length.days or length.business_days or length.minutes):
        raise DoubtError(TOO_SOON)
    return length
