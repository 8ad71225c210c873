"""Times of the configuration: lengths, times of day, zones, weekdays, days; how each is written and written back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, PlainSerializer

from bot.config.names import listed, text_of
from bot.config.problems import meant, said

LONGEST = timedelta(days=366)
LONGEST_SPAN = 366
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_YEARS = range(2000, 2101)
_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}
_LENGTH = re.compile(
    r"(\d{1,6})\s*(m|h|d|w|min|mins|minutes?|hours?|days?|weeks?)(?![a-z])\s*", re.IGNORECASE | re.ASCII,
)
_TIME = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_SPAN = re.compile(r"(\S+)(?: (?:to|until|-|–) (\d\S*))?(?: (?!(?:to|until|-|–)(?: |$))(.+))?", re.IGNORECASE)  # noqa: RUF001


def _length(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    text = text_of(value)
    parts = list(_LENGTH.finditer(text))
    if not parts or "".join(part.group() for part in parts) != text:
        raise ValueError(f"{said(text)} is no length of time; write for example 4h, 1d or 3d")
    length = timedelta(seconds=sum(int(part[1]) * _UNITS[part[2][0].lower()] for part in parts))
    if not timedelta(minutes=1) <= length <= LONGEST:
        raise ValueError(f"{said(text)} is not between one minute and {LONGEST.days} days")
    return length


def length_text(length: timedelta) -> str:
    """A length of time as the configuration writes it, such as 3d, 36h as 1d12h."""
    left, text = int(length.total_seconds()), ""
    for unit in ("d", "h", "m"):
        number, left = divmod(left, _UNITS[unit])
        text += f"{number}{unit}" if number else ""
    return text


def _wall(value: object) -> time:
    if isinstance(value, time):
        return value
    text = text_of(value)
    found = _TIME.fullmatch(text)
    hour, minute = (int(found[1]), int(found[2])) if found else (99, 0)
    if (hour, minute) == (24, 0):
        return time()
    if hour > 23 or minute > 59:  # noqa: PLR2004 - a clock's own numbers
        raise ValueError(f"{said(text)} is no time of day; write for example 18:00")
    return time(hour, minute)


def _zone(value: object) -> str:
    text = text_of(value)
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{said(text)} is no time zone; write for example America/Los_Angeles") from None
    return text


def _weekday(value: object) -> int:
    text = text_of(value).casefold()
    names = [name for name in WEEKDAYS if len(text) >= len(name) and _DAY_NAMES[name].startswith(text)]
    if not names:
        raise ValueError(f"{said(text)} is no weekday{meant(text, WEEKDAYS)}")
    return WEEKDAYS.index(names[0])


_DAY_NAMES = dict(zip(
    WEEKDAYS, ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), strict=True,
))


def _weekdays(value: object) -> frozenset[int]:
    days: set[int] = set()
    for one in _parts(value):
        first, dash, last = str(one).partition("-")
        start, end = _weekday(first), _weekday(last if dash else first)
        days |= {(start + step) % 7 for step in range((end - start) % 7 + 1)}
    if not days:
        raise ValueError("names no weekday; write for example [mon, tue, wed, thu, fri]")
    return frozenset(days)


def _parts(value: object) -> Iterable[object]:
    some = listed(value)
    assert isinstance(some, Iterable)  # noqa: S101 - what `listed` gives; for the type checker
    return some


@dataclass(frozen=True, kw_only=True, order=True)
class Span:
    """A day, or several in a row, both ends included, and what people call it."""

    first: date
    last: date
    name: str = ""

    @property
    def days(self) -> tuple[date, ...]:
        """Each day of it."""
        return tuple(self.first + timedelta(days=step) for step in range((self.last - self.first).days + 1))

    def __str__(self) -> str:
        days = str(self.first) if self.first == self.last else f"{self.first} to {self.last}"
        return f"{days} {self.name}".strip()


def _span(value: object) -> Span:
    if isinstance(value, Span):
        return value
    text = text_of(value)
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(f"{said(text)} is no day; write for example 2026-12-24, or 2026-12-24 to 2026-12-31")
    first = _day(found[1])
    last = _day(found[2]) if found[2] else first
    if not 0 <= (last - first).days <= LONGEST_SPAN:
        raise ValueError(f"{said(text)} ends before it begins, or after more than a year")
    return Span(first=first, last=last, name=found[3] or "")


def _day(text: str) -> date:
    if text[:3].casefold() in WEEKDAYS:
        raise ValueError(f"{said(text)} is no date; weekdays belong to the key weekdays")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{said(text)} is no date; write for example 2026-12-24, or 2026-12-24 to 2026-12-31",
        ) from None
    if day.year not in _YEARS:
        raise ValueError(f"{said(text)} is not a day of these times")
    return day


Length = Annotated[timedelta, BeforeValidator(_length), PlainSerializer(length_text)]
WallTime = Annotated[time, BeforeValidator(_wall), PlainSerializer(lambda wall: wall.strftime("%H:%M"))]
Zone = Annotated[str, BeforeValidator(_zone)]
Weekdays = Annotated[
    frozenset[int], BeforeValidator(_weekdays), PlainSerializer(lambda days: [WEEKDAYS[day] for day in sorted(days)]),
]
Days = Annotated[Span, BeforeValidator(_span), PlainSerializer(str)]
