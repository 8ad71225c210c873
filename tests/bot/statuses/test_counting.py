"""The sum behind a number of business days: each day either counts or is left out, and it comes to the due time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.statuses import counting
from bot.statuses.working_time import WorkCalendar, make_calendar

PACIFIC = ZoneInfo("America/Los_Angeles")
ZONES = st.sampled_from([
    "America/Los_Angeles", "Europe/Berlin", "Asia/Kolkata", "Pacific/Apia", "America/Santiago", "Asia/Tehran",
    "Australia/Lord_Howe", "UTC",
]).map(ZoneInfo)
COUNTRIES = st.sampled_from(["US", "DE", "JP", "SA", "IL", None])
MOMENTS = st.datetimes(
    datetime(2024, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC),  # noqa: DTZ001 - bounds
)
WEEKENDS = [date(2026, 12, day) for day in (5, 6, 12, 13, 19, 20)]
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    off = draw(st.lists(DAYS, max_size=4))
    return make_calendar(
        zone=draw(ZONES), country=draw(COUNTRIES), days_off=dict.fromkeys(off, "office closed"),
        extra_days=[day for day in draw(st.lists(DAYS, max_size=4)) if day not in off],
        working_weekdays=draw(st.none() | st.sets(st.integers(0, 6), min_size=1)),
        cut_off=draw(st.none() | st.sampled_from([time(12), time(17, 30)])),
    )


@settings(deadline=None)
@given(calendars(), MOMENTS, st.integers(0, 40))
def test_the_days_add_up_to_the_due_time(calendar: WorkCalendar, start: datetime, n: int) -> None:
    found = counting.count(calendar, start, n)
    assert found.due_at == calendar.add_business_days(start, n)
    assert len(found.days) == n
    assert all(calendar.is_business_day(day) for day in found.days)
    left_out = [day for day, _ in found.left_out]
    assert not any(calendar.is_business_day(day) for day in left_out)
    # Nothing between is passed over without being named as the one or the other.
    every = [found.first + timedelta(days=step) for step in range(1, (found.end.date() - found.first).days + 1)]
    assert sorted([*found.days, *left_out]) == every
    assert calendar.is_business_day(found.first)
    assert (found.cut_off is not None or bool(found.start_off)) == (found.first != found.start.date())


@settings(deadline=None)
@given(calendars(), MOMENTS, st.integers(0, 4))
def test_each_day_that_was_left_out_is_named_where_they_are_few(
    calendar: WorkCalendar, start: datetime, n: int,
) -> None:
    found = counting.count(calendar, start, n)
    said = counting.sentence(found)
    if len(found.left_out) <= 4:
        assert [day for day, _ in found.left_out if f"{day:%a} {day.day} {day:%b}" not in said] == []
    assert all(name in said for _, name in found.left_out if name and len(found.left_out) <= 4)
    assert said.endswith(f"({calendar.zone.key})")


@pytest.mark.parametrize(("options", "start", "n", "said"), [
    ({}, "2026-11-16 10:00", 3, "Mon 16 Nov 10:00 + 3 business days = Thu 19 Nov 10:00 (America/Los_Angeles)"),
    ({}, "2026-11-20 10:00", 4, ("Fri 20 Nov 10:00 + 4 business days, without Sat 21 Nov, Sun 22 Nov and Thanksgiving "
     "Day (Thu 26 Nov) = Fri 27 Nov 10:00 (America/Los_Angeles)")),
    ({}, "2026-11-20 10:00", 1, ("Fri 20 Nov 10:00 + 1 business day, without Sat 21 Nov and Sun 22 Nov = Mon 23 Nov "
     "10:00 (America/Los_Angeles)")),
    ({}, "2026-11-28 10:00", 0, ("Sat 28 Nov 10:00 (a day off, so from Mon 30 Nov 00:00) + 0 business days = Mon 30 "
     "Nov 00:00 (America/Los_Angeles)")),
    ({}, "2026-11-26 10:00", 1, ("Thu 26 Nov 10:00 (Thanksgiving Day, so from Fri 27 Nov 00:00) + 1 business day, "
     "without Sat 28 Nov and Sun 29 Nov = Mon 30 Nov 00:00 (America/Los_Angeles)")),
    ({}, "2026-12-18 10:00", 15, ("Fri 18 Dec 10:00 + 15 business days, without 8 days of weekends, Christmas Day "
     "(Fri 25 Dec) and New Year's Day (Fri 1 Jan 2027) = Tue 12 Jan 2027 10:00 (America/Los_Angeles)")),
    ({"cut_off": time(12), "days_off": [date(2026, 11, 24)], "extra_days": {
        date(2026, 11, 26): "", date(2026, 11, 28): "Stocktaking",
    }}, "2026-11-23 12:30", 4, ("Mon 23 Nov 12:30 (not before the cut-off at 12:00, so from Wed 25 Nov 00:00) + 4 "
     "business days, without Sun 29 Nov, with Thu 26 Nov and Stocktaking (Sat 28 Nov) = Mon 30 Nov 00:00 "
     "(America/Los_Angeles)")),
    ({}, "2026-12-04 09:00", 6, ("Fri 4 Dec 09:00 + 6 business days, without Sat 5 Dec, Sun 6 Dec, Sat 12 Dec and Sun "
     "13 Dec = Mon 14 Dec 09:00 (America/Los_Angeles)")),
    ({"extra_days": WEEKENDS[:5]}, "2026-12-04 09:00", 15, ("Fri 4 Dec 09:00 + 15 business days, with Sat 5 Dec, Sun 6 "
     "Dec, Sat 12 Dec, Sun 13 Dec and 1 more day worked = Sat 19 Dec 09:00 (America/Los_Angeles)")),
    ({"extra_days": WEEKENDS}, "2026-12-04 09:00", 16, ("Fri 4 Dec 09:00 + 16 business days, with Sat 5 Dec, Sun 6 "
     "Dec, Sat 12 Dec, Sun 13 Dec and 2 more days worked = Sun 20 Dec 09:00 (America/Los_Angeles)")),
    ({"days_off": [date(2026, 12, day) for day in range(7, 13)]}, "2026-12-04 09:00", 1, ("Fri 4 Dec 09:00 + 1 "
     "business day, without Sat 5 Dec, Sat 12 Dec, Sun 6 Dec, Sun 13 Dec and more")),
])
def test_the_sum_in_words(options: dict[str, Any], start: str, n: int, said: str) -> None:
    begun = datetime.fromisoformat(start).replace(tzinfo=PACIFIC)
    found = counting.sentence(counting.count(make_calendar(**options), begun, n))
    if said.endswith("and more"):
        assert "Fri 4 Dec 09:00 + 1 business day, without " in found
        assert "own day off (Mon 7 Dec)" in found
        assert found.endswith("1 more day off = Mon 14 Dec 09:00 (America/Los_Angeles)")
    else:
        assert found == said
