"""Business days: which days count, and when a number of them has passed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from bot.statuses import working_words
from bot.statuses.country_holidays import Country, Exceptions
from bot.statuses.wall_time import instant, shown

PACIFIC = ZoneInfo("America/Los_Angeles")
"""Sendoso's own clock: its only published cut-off is noon Pacific, and its nightly jobs run by it."""

_WORKWEEK = frozenset(range(5))
_CALENDARS = 64


class WorkCalendar:
    """The days that count, by the clock on the wall of one zone.

    Business days are counted on local dates and the wall time is put back afterwards, so that a change
    of the clocks moves nothing. What starts on a day off, or at or after the cut-off, starts with the next
    business day at midnight; hence a later start is never due earlier than an earlier one.
    """

    def __init__(
        self, zone: ZoneInfo, exceptions: Callable[[int], Exceptions], workweek: frozenset[int] = _WORKWEEK,
        cut_off: time | None = None,
    ) -> None:
        """Take the zone, a function from a year to its exceptions, the weekdays worked (Monday is 0), the cut-off.

        `cut_off` is a time on the wall after midnight; None counts every start of a day alike.
        """
        if not workweek <= frozenset(range(7)) or not workweek:
            raise ValueError(f"working weekdays {sorted(workweek)}: expected at least one weekday of 0 (Monday) to 6")
        if cut_off is not None and (cut_off == time() or cut_off.tzinfo is not None):
            raise ValueError(f"cut-off {cut_off}: expected a time of day after midnight, without a zone")
        self.zone = zone
        self.cut_off = cut_off
        self._exceptions = cache(exceptions)
        self._workweek = workweek
        self._years: dict[int, tuple[int, ...]] = {}

    def _business_days(self, year: int) -> tuple[int, ...]:
        """Ordinals of a year's business days; made once, since a scan asks for the same years again and again."""
        if year > MAXYEAR:
            raise OverflowError("beyond the last year of the calendar")
        known = self._years.get(year)
        if known is None:
            first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
            days = (date.fromordinal(ordinal) for ordinal in range(first, last + 1))
            known = tuple(day.toordinal() for day in days if self._counts(day))
            self._years[year] = known
        return known

    def _counts(self, day: date) -> bool:
        exceptions = self._exceptions(day.year)
        if day in exceptions.worked:
            return True
        return day.weekday() in self._workweek and day not in exceptions.off

    def is_business_day(self, day: date) -> bool:
        """Whether that local date counts."""
        days, ordinal = self._business_days(day.year), day.toordinal()
        place = bisect_left(days, ordinal)
        return place < len(days) and days[place] == ordinal

    def name_of(self, day: date) -> str:
        """Why that local date is not as its weekday says, such as the name of a holiday; empty where it is."""
        exceptions, by_weekday = self._exceptions(day.year), day.weekday() in self._workweek
        if self.is_business_day(day):
            return exceptions.worked[day] if not by_weekday or day in exceptions.off else ""
        return exceptions.off[day] if by_weekday else ""

    def _later(self, day: date, count: int) -> date:
        """The business day that comes `count` after `day`, or after the next one if `day` is none."""
        year = day.year
        days = self._business_days(year)
        place = bisect_left(days, day.toordinal()) + count
        while place >= len(days):
            place -= len(days)
            year += 1
            days = self._business_days(year)
        return date.fromordinal(days[place])

    def business_day_after(self, day: date, n: int) -> date:
        """The `n`th (1 or more) business day after that date, which may be a day off. OverflowError past 9999."""
        return self._later(day, n if self.is_business_day(day) else n - 1)

    def business_days_after(self, day: date, last: date) -> int:
        """How many business days come after `day` up to `last`, that one included."""
        return sum(self.is_business_day(day + timedelta(days=step)) for step in range(1, (last - day).days + 1))

    def begins(self, start: datetime) -> tuple[datetime, date]:
        """What the wall shows at an instant (naive), and the business day from which a start then is counted."""
        wall = self.wall(start)
        return wall, self._first(wall)[0]

    def wall(self, moment: datetime) -> datetime:
        """What the wall shows at an instant (aware), naive. ValueError for one without a zone."""
        if moment.tzinfo is None:
            raise ValueError("an instant needs a zone")
        return shown(moment, self.zone)

    def _first(self, wall: datetime) -> tuple[date, time]:
        """The business day from which a start at that wall time counts, and the wall time on it."""
        day, clock = wall.date(), wall.time()
        if not self.is_business_day(day):
            return self._later(day, 0), time()
        if self.cut_off is not None and clock >= self.cut_off:
            return self._later(day, 1), time()
        return day, clock

    def add_business_days(self, start: datetime, n: int) -> datetime:
        """The instant (UTC) when `n` business days have passed since `start` (aware).

        A wall time that the clocks skip on the last day is the instant at which they are changed. Raises
        ValueError for a naive start or a negative number, OverflowError beyond the year 9999.
        """
        if n < 0:
            raise ValueError("business days are counted forwards")
        wall = self.wall(start)
        day, clock = self._first(wall)
        if n == 0:
            counts_at_once = (day, clock) == (wall.date(), wall.time())
            return start.astimezone(UTC) if counts_at_once else instant(day, clock, self.zone)
        return instant(self._later(day, n), clock, self.zone)

    def business_days_between(self, start: datetime, end: datetime) -> int:
        """How many whole business days have passed from `start` to `end` (aware); 0 if none or backwards."""
        if end <= start:
            return 0
        day, _ = self._first(self.wall(start))
        last = self.wall(end).date()
        count = -bisect_left(self._business_days(day.year), day.toordinal())
        count += sum(len(self._business_days(year)) for year in range(day.year, last.year))
        count += bisect_left(self._business_days(last.year), last.toordinal())
        # That counts the last day as if it were over at the hour it began; step down to what is over.
        while count > 0 and self.add_business_days(start, count) > end:
            count -= 1
        return max(count, 0)

    def describe(self, start: datetime, n: int) -> str:
        """The sum in words: which days were left out, and on which date `n` business days from `start` end.

        Plain text; names of days off are as they were given. Raises as `add_business_days`.
        """
        due = self.add_business_days(start, n)
        wall = self.wall(start)
        first, _ = self._first(wall)
        after_cut_off = self.cut_off if first != wall.date() and self.is_business_day(wall.date()) else None
        return working_words.describe(
            self, n, started=wall.date(), first=first, due=self.wall(due).date(), after_cut_off=after_cut_off,
        )


def make_calendar(
    *, zone: ZoneInfo = PACIFIC, country: str | None = "US", subdivision: str | None = None,
    days_off: Iterable[date] | Mapping[date, str] = (), extra_days: Iterable[date] | Mapping[date, str] = (),
    working_weekdays: Iterable[int] | None = None, cut_off: time | None = None,
) -> WorkCalendar:
    """A calendar of the public holidays of a country (ISO code; None for none) and of own days.

    `days_off` do not count and `extra_days` do, whatever the country says; as a mapping they have names.
    `working_weekdays` (Monday is 0) are the country's own unless they are given. What starts at or after
    `cut_off` (a time on the wall) counts from the next business day. The same settings give the same calendar.
    Raises ValueError that names the value and what is expected.
    """
    off, extra = _named(days_off), _named(extra_days)
    both = {day for day, _ in off} & {day for day, _ in extra}
    if both:
        raise ValueError(f"{min(both)} is both a day off and an extra working day: expected one of the two")
    if subdivision is not None and country is None:
        raise ValueError(f"subdivision {subdivision!r} without a country: expected both or none")
    weekdays = None if working_weekdays is None else frozenset(working_weekdays)
    code = country.strip().upper() if country is not None else None
    return _calendar(zone, code, subdivision, off, extra, weekdays, cut_off)


def _named(days: Iterable[date] | Mapping[date, str]) -> tuple[tuple[date, str], ...]:
    names = days if isinstance(days, Mapping) else dict.fromkeys(days, "")
    return tuple(sorted(names.items()))


@lru_cache(maxsize=_CALENDARS)
def _calendar(
    zone: ZoneInfo, code: str | None, subdivision: str | None, off: tuple[tuple[date, str], ...],
    extra: tuple[tuple[date, str], ...], weekdays: frozenset[int] | None, cut_off: time | None,
) -> WorkCalendar:
    country = Country(code=code, subdivision=subdivision) if code is not None else None
    if weekdays is None:
        weekdays = country.workweek if country is not None else _WORKWEEK

    def exceptions(year: int) -> Exceptions:
        public = country.exceptions(year) if country is not None else Exceptions()
        own_off = {day: name or "own day off" for day, name in off if day.year == year}
        own_worked = {day: name or working_words.WORKED for day, name in extra if day.year == year}
        return Exceptions(
            off={**public.off, **own_off},
            worked={**{day: name for day, name in public.worked.items() if day not in own_off}, **own_worked},
        )

    return WorkCalendar(zone, exceptions, weekdays, cut_off)


@cache
def us_calendar(zone: ZoneInfo = PACIFIC) -> WorkCalendar:
    """Monday to Friday without the United States' federal holidays, as observed. One calendar for each zone.

    Sendoso publishes no list of holidays; this one is our judgement.
    """
    return make_calendar(zone=zone)
