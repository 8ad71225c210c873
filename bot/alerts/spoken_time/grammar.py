"""How the pieces of what somebody wrote make up a time: a length of time, or a day and a time of day in any order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Protocol

from bot.alerts.spoken_time import clock, days, lengths
from bot.alerts.spoken_time.clock import Clock
from bot.alerts.spoken_time.lengths import Length
from bot.alerts.spoken_time.pieces import GENERIC, Cursor, DoubtError, Piece

WEEKDAYS: Mapping[str, int] = {
    "monday": 0, "mon": 0, "tuesday": 1, "tue": 1, "tues": 1, "wednesday": 2, "wed": 2, "weds": 2,
    "thursday": 3, "thu": 3, "thur": 3, "thurs": 3, "friday": 4, "fri": 4, "saturday": 5, "sat": 5,
    "sunday": 6, "sun": 6,
}
MONTHS: Mapping[str, int] = {
    "january": 1, "jan": 1, "february": 2, "feb": 2, "march": 3, "mar": 3, "april": 4, "apr": 4, "may": 5,
    "june": 6, "jun": 6, "july": 7, "jul": 7, "august": 8, "aug": 8, "september": 9, "sep": 9, "sept": 9,
    "october": 10, "oct": 10, "november": 11, "nov": 11, "december": 12, "dec": 12,
}
_NAMED = {
    **dict.fromkeys(("noon", "midday"), clock.NOON),
    **dict.fromkeys(("end of the day", "end of day", "eod", "close of business", "end of business", "cob"),
                    clock.END_OF_DAY),
    "midnight": clock.MIDNIGHT,
}
_TWELVE = ("noon", "midday", "midnight")
_THIS = {f"this {part}": part for part in clock.PARTS if part != clock.NIGHT} | {"tonight": clock.NIGHT}
_PARTS = {f"{before}{part}": part for before in ("in the ", "at ", "") for part in clock.PARTS}
_AHEAD = {"today": 0, "tomorrow": 1, "tmrw": 1, "tmr": 1, "day after tomorrow": 2}
_UNCLEAR = {
    **dict.fromkeys(("forever", "for ever", "for good", "always", "indefinitely"),
                    "It has to end at some time, after 366 days at most."),
    **dict.fromkeys(("yesterday", "last night", "last week", "last month", "last year"),
                    "That has passed."),
    "next month": "Write a date, such as “{}”: next month has many days.",
    "end of the week": "Write the day on which the week ends, such as “friday 17:00”.",
    "end of week": "Write the day on which the week ends, such as “friday 17:00”.",
    "eow": "Write the day on which the week ends, such as “friday 17:00”.",
    "weekend": "Write the day, such as “saturday” or “monday”.",
}
_YEAR_DIGITS = 4
WORDS = (*WEEKDAYS, *MONTHS, *_NAMED, *_THIS, *_PARTS, *_AHEAD, *_UNCLEAR, "until", "by", "next", "from now")
"""What people say for days and times of day."""


class Calendar(Protocol):
    """The business days that are counted."""

    def business_day_after(self, day: date, n: int) -> date:
        """The `n`th business day after that date."""


@dataclass(kw_only=True)
class Said:
    """What was written, each thing at most once."""

    length: Length | None = None
    day: date | None = None
    month_day: tuple[int, int] | None = None
    """Month and day without a year."""
    weekday: int | None = None
    clock: Clock | None = None
    named: str | None = None
    """A time of day that has a name, such as noon; a key of what `time_named` knows."""
    part: str | None = None


def time_named(name: str) -> time:
    """The time of day with that name."""
    return _NAMED[name]


class Reader:
    """Reads a whole text; what it cannot place it does not pass over."""

    def __init__(self, cursor: Cursor, today: date, calendar: Calendar) -> None:
        self._cursor, self._today, self._calendar = cursor, today, calendar
        self._said = Said()
        self._seen: set[str] = set()
        self._of_next_week = False

    def read(self) -> Said:
        """What was said. Raises DoubtError for everything that is not wholly understood."""
        self._cursor.phrase("snooze it", "snooze")
        self._cursor.phrase("until", "till", "til", "by", "for")
        begun = self._cursor.place
        self._cursor.phrase("in")
        self._said.length = lengths.read(self._cursor)
        if self._said.length is not None:
            self._cursor.phrase("from now", "from today")
            self._once("day", "weekday")
        else:
            # "in the morning" needs its "in".
            self._cursor.place = begun
        while not self._cursor.is_done:
            # The time comes last, since it does not put back an "at" that it has taken.
            if not (self._part() or self._day() or self._time()):
                raise DoubtError(GENERIC)
        if not self._seen:
            raise DoubtError(GENERIC)
        if self._of_next_week:
            self._said.day = self._next_week()
        return self._said

    def _next_week(self) -> date:
        """The weekday that was named, before it or behind it; else its Monday."""
        if self._said.weekday is None:
            return days.next_one(days.MONDAY, self._today)
        return days.in_next_week(self._said.weekday, self._today)

    def _once(self, *slots: str) -> bool:
        if self._seen & set(slots):
            raise DoubtError(GENERIC)
        self._seen.update(slots)
        return True

    def _back_to(self, place: int) -> bool:
        self._cursor.place = place
        return False

    # -- the time of day

    def _part(self) -> bool:
        of_today = self._cursor.phrase(*_THIS)
        if of_today is not None:
            self._said.part, self._said.day = _THIS[of_today], self._today
            return self._once("part", "day")
        found = self._cursor.phrase(*_PARTS)
        if found is None:
            return False
        self._said.part = _PARTS[found]
        return self._once("part")

    def _time(self) -> bool:
        after_at = self._cursor.phrase("at") is not None
        written = self._cursor.piece("clock", "hour")
        if written is not None:
            self._said.clock = clock.written(written)
            return self._once("time")
        return self._named_time() or self._bare_time(after_at=after_at)

    def _named_time(self) -> bool:
        begun = self._cursor.place
        twelve = self._cursor.piece("number")
        self._cursor.phrase("the")
        name = self._cursor.phrase(*_NAMED) if twelve is None else self._cursor.phrase(*_TWELVE)
        if name is None or (twelve is not None and twelve.text != "12"):
            return self._back_to(begun)
        self._said.named = name
        return self._once("time")

    def _bare_time(self, *, after_at: bool) -> bool:
        number = self._cursor.piece("number")
        if number is None:
            return False
        self._said.clock = self._bare(number, after_at=after_at)
        return self._once("time")

    def _bare(self, number: Piece, *, after_at: bool) -> Clock:
        self._cursor.phrase("o'clock")
        if not after_at and not self._seen and self._cursor.is_done:
            raise DoubtError(f"{number.text} of what? Write “{number.text} hours” or “{number.text} days”.")
        if len(number.text) > 2:  # noqa: PLR2004 - digits of an hour
            raise DoubtError(GENERIC)
        found = clock.bare(int(number.text))
        if found.is_sure and not after_at:
            raise DoubtError(f"Write the hour with its minutes, such as “{found.hour:02}:00”.")
        return found

    # -- the day

    def _day(self) -> bool:
        begun = self._cursor.place
        self._cursor.phrase("on")
        self._cursor.phrase("the")
        return (
            self._near() or self._week() or self._weekday() or self._digits() or self._month_day()
            or self._day_of_month() or self._back_to(begun)
        )

    def _is(self, day: date) -> bool:
        self._said.day = day
        return self._once("day")

    def _near(self) -> bool:
        found = self._cursor.phrase(*_AHEAD)
        if found is not None:
            return self._is(self._today + timedelta(days=_AHEAD[found]))
        unclear = self._cursor.phrase(*_UNCLEAR)
        if unclear is not None:
            raise DoubtError(_UNCLEAR[unclear].format(days.short(days.next_day_of_month(1, self._today))))
        if self._cursor.phrase("next business day", "next working day", "next workday"):
            return self._is(self._calendar.business_day_after(self._today, 1))
        return False

    def _week(self) -> bool:
        if self._cursor.phrase("next week", "of next week") is None:
            return False
        self._of_next_week = True
        return self._once("day", "coming")

    def _weekday(self) -> bool:
        begun = self._cursor.place
        which = self._cursor.phrase("next", "this", "coming")
        name = self._cursor.word(WEEKDAYS)
        if name is None:
            return self._back_to(begun)
        self._once("weekday")
        self._said.weekday = WEEKDAYS[name]
        if which is None and self._cursor.phrase("week"):
            return self._is(days.a_week_after(WEEKDAYS[name], self._today))
        if which == "coming":
            return self._once("coming")
        if which == "next":
            return self._is(days.next_one(WEEKDAYS[name], self._today))
        if which == "this":
            return self._is(days.this_one(WEEKDAYS[name], self._today))
        return True

    def _digits(self) -> bool:
        piece = self._cursor.piece("moment", "iso", "numeric", "dotted", "slashed", "decimal")
        if piece is None:
            return False
        if piece.kind == "decimal":
            raise DoubtError(f"A date or a time? Write “{piece.text}.” or “{piece.text.replace('.', ':')}”.")
        if piece.kind == "moment":
            self._said.clock = clock.written(piece)
            self._once("time")
        return self._is(days.numeric(piece, self._today))

    def _month_day(self) -> bool:
        begun = self._cursor.place
        number = self._cursor.piece("number", "ordinal")
        if number is not None:
            self._cursor.phrase("of")
        month = self._cursor.word(MONTHS)
        if month is not None and number is None:
            self._cursor.phrase("the")
            number = self._cursor.piece("number", "ordinal")
        if month is None or number is None:
            return self._back_to(begun)
        self._dated(MONTHS[month], number)
        return self._once("day")

    def _dated(self, month: int, number: Piece) -> None:
        day = days.day_number(number)
        year = self._cursor.peek()
        if year is not None and year.kind == "number" and len(year.text) == _YEAR_DIGITS:
            self._cursor.piece("number")
            self._said.day = days.exact(int(year.text), month, day)
        else:
            self._said.month_day = month, day

    def _day_of_month(self) -> bool:
        found = self._cursor.piece("ordinal")
        return found is not None and self._is(days.next_day_of_month(days.day_number(found), self._today))
