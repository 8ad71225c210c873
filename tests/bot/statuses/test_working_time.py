from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.statuses.country_holidays import Exceptions
from bot.statuses.working_time import PACIFIC, WorkCalendar, us_calendar

NEW_YORK = ZoneInfo("America/New_York")
US = us_calendar()


def no_holidays(year: int) -> Exceptions:
    return Exceptions()


PLAIN = WorkCalendar(PACIFIC, no_holidays)
MOMENTS = st.datetimes(datetime(2019, 1, 1), datetime(2032, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


def at(text: str, zone: ZoneInfo = PACIFIC) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "n", "due"),
    [
        ("2026-11-16 10:00", 0, "2026-11-16 10:00"),
        ("2026-11-16 10:00", 3, "2026-11-19 10:00"),
        ("2026-11-13 10:00", 1, "2026-11-16 10:00"),
        # Thanksgiving, 26 November, does not count.
        ("2026-11-23 10:00", 3, "2026-11-27 10:00"),
        ("2026-11-25 16:30", 1, "2026-11-27 16:30"),
        # Independence Day 2026 is a Saturday and observed on the Friday before.
        ("2026-07-02 09:00", 1, "2026-07-06 09:00"),
        # New Year's Day 2028 is a Saturday and observed in the year before.
        ("2027-12-30 09:00", 1, "2028-01-03 09:00"),
        # Christmas and New Year, over the turn of the year.
        ("2026-12-23 12:00", 7, "2027-01-05 12:00"),
        # Juneteenth.
        ("2026-06-18 12:00", 1, "2026-06-22 12:00"),
        # What comes on a day off comes with the next business day.
        ("2026-11-14 15:00", 0, "2026-11-16 00:00"),
        ("2026-11-14 15:00", 1, "2026-11-17 00:00"),
        ("2026-11-26 08:00", 2, "2026-12-01 00:00"),
        # Clocks go forward on Sunday 8 March and back on Sunday 1 November; the hour on the wall stays.
        ("2026-03-06 02:30", 1, "2026-03-09 02:30"),
        ("2026-10-30 01:30", 1, "2026-11-02 01:30"),
    ],
)
def test_business_days_by_hand(start: str, n: int, due: str) -> None:
    found = US.add_business_days(at(start), n)
    assert found == at(due)
    assert found.tzinfo is UTC


def test_the_zone_decides_which_day_it_is() -> None:
    start = datetime(2026, 3, 5, 7, 30, tzinfo=UTC)  # still Wednesday in the west
    assert us_calendar(NEW_YORK).add_business_days(start, 2) == datetime(2026, 3, 9, 6, 30, tzinfo=UTC)
    assert US.add_business_days(start, 2) == datetime(2026, 3, 7, 7, 30, tzinfo=UTC)


def test_an_hour_that_the_clocks_skip_is_the_change_and_one_that_comes_twice_is_the_first() -> None:
    every_day = WorkCalendar(PACIFIC, no_holidays, frozenset(range(7)))
    assert every_day.add_business_days(at("2026-03-07 02:30"), 1) == at("2026-03-08 03:00")
    first = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    assert every_day.add_business_days(at("2026-10-31 01:30"), 1) == first
    second = first + timedelta(hours=1)
    assert every_day.add_business_days(second, 0) == second
    # Twenty to two has been before: what starts now is not due before what started then.
    assert every_day.add_business_days(second, 1) == at("2026-11-02 02:00")
    assert every_day.add_business_days(first + timedelta(minutes=10), 1) == at("2026-11-02 01:40")


def test_wrong_use_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^an instant needs a zone$"):
        US.add_business_days(datetime(2026, 1, 1), 1)  # noqa: DTZ001 - that is the mistake
    with pytest.raises(ValueError, match=r"^business days are counted forwards$"):
        US.add_business_days(at("2026-11-16 10:00"), -1)
    with pytest.raises(OverflowError, match=r"^beyond the last year of the calendar$"):
        US.add_business_days(datetime(9999, 12, 30, tzinfo=UTC), 5)


def test_the_last_year_of_the_calendar_has_business_days_too() -> None:
    assert US.add_business_days(at("9999-12-27 10:00"), 3) == at("9999-12-30 10:00")
    assert US.business_days_between(at("9998-12-31 10:00"), at("9999-01-06 10:00")) == 4


def test_calendars_are_made_once() -> None:
    assert us_calendar(NEW_YORK) is us_calendar(NEW_YORK)
    assert us_calendar().zone == PACIFIC


def test_years_are_read_only_when_they_are_needed_and_only_once() -> None:
    asked: list[int] = []

    def holidays(year: int) -> Exceptions:
        asked.append(year)
        return Exceptions()

    calendar = WorkCalendar(PACIFIC, holidays)
    for _ in range(3):
        calendar.add_business_days(at("2026-12-30 10:00"), 3)
    assert asked == [2026, 2027]


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-11-16 10:00", "2026-11-16 09:00", 0),
        ("2026-11-16 10:00", "2026-11-17 09:59", 0),
        ("2026-11-16 10:00", "2026-11-17 10:00", 1),
        ("2026-11-16 10:00", "2026-11-20 09:59", 3),
        ("2026-11-13 10:00", "2026-11-15 23:00", 0),
        ("2026-11-14 10:00", "2026-11-15 23:00", 0),
        ("2026-11-23 10:00", "2026-11-30 10:00", 4),
        ("2025-11-24 10:00", "2027-11-24 10:00", 500),
    ],
)
def test_business_days_between(start: str, end: str, days: int) -> None:
    assert US.business_days_between(at(start), at(end)) == days


def by_hand(calendar: WorkCalendar, start: datetime, n: int) -> datetime:
    """One day after the other: slow, and plain to see."""
    local = start.astimezone(calendar.zone)
    day, wall = local.date(), local.time().replace(fold=0)
    while not calendar.is_business_day(day):
        day, wall = day + timedelta(days=1), time()
    for _ in range(n):
        day += timedelta(days=1)
        while not calendar.is_business_day(day):
            day += timedelta(days=1)
    return datetime.combine(day, wall, tzinfo=calendar.zone)


@settings(deadline=None)
@given(MOMENTS, st.integers(1, 30))
def test_the_table_agrees_with_counting_day_by_day(start: datetime, n: int) -> None:
    assert US.add_business_days(start, n) == by_hand(US, start, n)


@settings(deadline=None)
@given(MOMENTS, MOMENTS, st.integers(0, 15), st.integers(0, 15))
def test_later_starts_and_more_days_are_never_due_earlier(one: datetime, other: datetime, n: int, m: int) -> None:
    early, late = sorted((one, other))
    few, many = sorted((n, m))
    assert US.add_business_days(early, few) <= US.add_business_days(late, few)
    assert US.add_business_days(early, few) <= US.add_business_days(early, many)


@settings(deadline=None)
@given(MOMENTS, st.integers(0, 40), st.integers(0, 86_400))
def test_between_is_the_inverse_of_adding(start: datetime, n: int, seconds: int) -> None:
    end = US.add_business_days(start, n)
    assert US.business_days_between(start, end) == n
    later = end + timedelta(seconds=seconds)
    passed = US.business_days_between(start, later)
    assert US.add_business_days(start, passed) <= later < US.add_business_days(start, passed + 1)


@settings(deadline=None)
@given(MOMENTS, st.integers(0, 20), st.integers(0, 20))
def test_adding_in_two_steps_is_adding_once(start: datetime, n: int, m: int) -> None:
    assert PLAIN.add_business_days(PLAIN.add_business_days(start, n), m) == PLAIN.add_business_days(start, n + m)


@settings(deadline=None)
@given(st.dates(date(2015, 1, 1), date(2035, 12, 31)))
def test_weekends_are_never_business_days(day: date) -> None:
    if day.weekday() >= 5:
        assert not US.is_business_day(day)
    assert PLAIN.is_business_day(day) == (day.weekday() < 5)


@pytest.mark.parametrize(("day", "n", "found"), [
    ("2026-11-23", 1, "2026-11-24"), ("2026-11-25", 1, "2026-11-27"), ("2026-11-28", 1, "2026-11-30"),
    ("2026-11-28", 2, "2026-12-01"), ("2026-12-31", 1, "2027-01-04"),
])
def test_dates_are_counted_without_a_clock(day: str, n: int, found: str) -> None:
    first, last = date.fromisoformat(day), date.fromisoformat(found)
    assert US.business_day_after(first, n) == last
    assert US.business_days_after(first, last) == n
    assert US.business_days_after(last, first) == 0


def test_a_calendar_of_ones_own_keeps_zone_cut_off_and_weekdays() -> None:
    noon = WorkCalendar(NEW_YORK, no_holidays, frozenset({0, 1, 5}), time(12))
    assert (noon.zone, noon.cut_off) == (NEW_YORK, time(12))
    assert noon.add_business_days(at("2026-11-23 11:59", NEW_YORK), 1) == at("2026-11-24 11:59", NEW_YORK)
    assert noon.add_business_days(at("2026-11-23 12:00", NEW_YORK), 1) == at("2026-11-28 00:00", NEW_YORK)
    assert noon.add_business_days(at("2026-11-24 12:00", NEW_YORK), 0) == at("2026-11-28 00:00", NEW_YORK)


@pytest.mark.parametrize(("settings", "words"), [
    ({"workweek": frozenset()}, "working weekdays \\[\\]: expected at least one weekday of 0 \\(Monday\\) to 6"),
    ({"workweek": frozenset({0, 7})}, "working weekdays \\[0, 7\\]: expected"),
    ({"cut_off": time()}, "cut-off 00:00:00: expected a time of day after midnight, without a zone"),
    ({"cut_off": time(12, tzinfo=UTC)}, "cut-off 12:00:00\\+00:00: expected"),
])
def test_a_calendar_without_sense_is_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=f"^{words}"):
        WorkCalendar(PACIFIC, no_holidays, **settings)
