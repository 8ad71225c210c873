"""Business days: which days count, and when a number of them has passed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from datetime import MAXYEAR, UTC, date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo

import holidays as public_holidays

PACIFIC = ZoneInfo("America/Los_Angeles")
"""Sendoso's own clock: its only published cut-off is noon Pacific, and its nightly jobs run by it."""

_WORKWEEK = frozenset(range(5))


class WorkCalendar:
    """Monday to Friday without holidays, by the clock on the wall of one zone.

    Business days are counted on local dates and the wall time is put back afterwards, so that a change
    of the clocks moves nothing. What starts on a day off starts with the next business day at midnight;
    hence a later start is never due earlier than an earlier one.
    """

    def __init__(
        self, zone: ZoneInfo, holidays: Callable[[int], Iterable[date]], workweek: frozenset[int] = _WORKWEEK,
    ) -> None:
        """Take the zone, a function from a year to its holidays, and the weekdays worked (Monday is 0)."""
        if not workweek <= frozenset(range(7)) or not workweek:
            raise ValueError("a work calendar needs at least one weekday of 0 to 6")
        self.zone = zone
        self._holidays = holidays
        self._workweek = workweek
        self._years: dict[int, tuple[int, ...]] = {}

    def _business_days(self, year: int) -> tuple[int, ...]:
        """Ordinals of a year's business days; made once, since a scan asks for the same years again and again."""
        if year > MAXYEAR:
            raise OverflowError("beyond the last year of the calendar")
        known = self._years.get(year)
        if known is None:
            free = {day.toordinal() for day in self._holidays(year)}
            first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
            known = tuple(
                day for day in range(first, last + 1)
                if (day - 1) % 7 in self._workweek and day not in free
            )
            self._years[year] = known
        return known

    def is_business_day(self, day: date) -> bool:
        """Whether that local date counts."""
        days, ordinal = self._business_days(day.year), day.toordinal()
        place = bisect_left(days, ordinal)
        return place < len(days) and days[place] == ordinal

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

    def _local(self, moment: datetime) -> tuple[date, time]:
        if moment.tzinfo is None:
            raise ValueError("an instant needs a zone")
        local = moment.astimezone(self.zone)
        wall = local.time().replace(fold=0) if self.is_business_day(local.date()) else time()
        return local.date(), wall

    def add_business_days(self, start: datetime, n: int) -> datetime:
        """The instant (UTC) when `n` business days have passed since `start` (aware).

        A wall time that the clocks skip on the last day is moved on by what they skip. Raises ValueError
        for a naive start or a negative number, OverflowError beyond the year 9999.
        """
        if n < 0:
            raise ValueError("business days are counted forwards")
        day, wall = self._local(start)
        if n == 0 and self.is_business_day(day):
            return start.astimezone(UTC)
        return datetime.combine(self._later(day, n), wall, tzinfo=self.zone).astimezone(UTC)

    def business_days_between(self, start: datetime, end: datetime) -> int:
        """How many whole business days have passed from `start` to `end` (aware); 0 if none or backwards."""
        if end <= start:
            return 0
        day, _ = self._local(start)
        last, _ = self._local(end)
        count = -bisect_left(self._business_days(day.year), day.toordinal())
        count += sum(len(self._business_days(year)) for year in range(day.year, last.year))
        count += bisect_left(self._business_days(last.year), last.toordinal())
        # That counts the last day as if it were over at the hour it began; step down to what is over.
        while count > 0 and self.add_business_days(start, count) > end:
            count -= 1
        return max(count, 0)


@cache
def _us_holidays(year: int) -> tuple[date, ...]:
    # Days off on which a holiday is observed are in it, also a 31 December for the New Year's Day after it.
    return tuple(public_holidays.country_holidays("US", years=year, observed=True))


@cache
def us_calendar(zone: ZoneInfo = PACIFIC) -> WorkCalendar:
    """Monday to Friday without the United States' federal holidays, as observed. One calendar for each zone.

    Sendoso publishes no list of holidays; this one is our judgement.
    """
    return WorkCalendar(zone, _us_holidays)


