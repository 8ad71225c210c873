from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.statuses.wall_time import comes_twice, instant, is_skipped, shown

BERLIN, CAIRO, HAVANA = ZoneInfo("Europe/Berlin"), ZoneInfo("Africa/Cairo"), ZoneInfo("America/Havana")
LONDON = ZoneInfo("Europe/London")
LORD_HOWE, SAMOA = ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Pacific/Apia")
ZONES = st.sampled_from([BERLIN, CAIRO, HAVANA, LORD_HOWE, SAMOA, ZoneInfo("UTC"), ZoneInfo("America/St_Johns")])
MOMENTS = st.datetimes(datetime(2005, 1, 1), datetime(2032, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


@pytest.mark.parametrize(
    ("day", "wall", "zone", "found"),
    [
        ("2026-06-01", "09:00", BERLIN, "2026-06-01 07:00"),
        ("2026-12-01", "09:00", BERLIN, "2026-12-01 08:00"),
        # Forward at two: all of the hour that is skipped is the instant of the change.
        ("2026-03-29", "01:59", BERLIN, "2026-03-29 00:59"),
        ("2026-03-29", "02:00", BERLIN, "2026-03-29 01:00"),
        ("2026-03-29", "02:30", BERLIN, "2026-03-29 01:00"),
        ("2026-03-29", "03:00", BERLIN, "2026-03-29 01:00"),
        ("2026-03-29", "03:01", BERLIN, "2026-03-29 01:01"),
        # Back at three: the first of the two.
        ("2026-10-25", "02:30", BERLIN, "2026-10-25 00:30"),
        ("2026-10-25", "03:00", BERLIN, "2026-10-25 02:00"),
        # On such a day, too, a part of a second is no whole one.
        ("2026-03-29", "09:00:00.250", BERLIN, "2026-03-29 07:00:00.250"),
        # In winter London is at no distance from UTC.
        ("2026-03-29", "00:59", LONDON, "2026-03-29 00:59"),
        ("2026-03-29", "01:30", LONDON, "2026-03-29 01:00"),
        ("2026-10-25", "01:30", LONDON, "2026-10-25 00:30"),
        ("2026-10-25", "02:00", LONDON, "2026-10-25 02:00"),
        # Midnight itself does not exist.
        ("2026-04-24", "00:00", CAIRO, "2026-04-23 22:00"),
        ("2026-10-03", "02:15", LORD_HOWE, "2026-10-02 15:45"),
        ("2026-10-04", "02:15", LORD_HOWE, "2026-10-03 15:30"),
        # A whole day was skipped.
        ("2011-12-30", "15:00", SAMOA, "2011-12-30 10:00"),
    ],
)
def test_the_instant_of_a_time_on_the_wall(day: str, wall: str, zone: ZoneInfo, found: str) -> None:
    expected = datetime.fromisoformat(found).replace(tzinfo=UTC)
    told = instant(date.fromisoformat(day), time.fromisoformat(wall), zone)
    assert (told, told.tzinfo) == (expected, UTC)


def test_an_hour_that_comes_again_stands_still() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert shown(first, BERLIN) == datetime(2026, 10, 25, 2, 30)  # noqa: DTZ001 - a wall has no zone
    for minutes in (30, 60, 89):
        again = shown(first + timedelta(minutes=minutes), BERLIN)
        assert again == datetime(2026, 10, 25, 3, 0)  # noqa: DTZ001
    assert shown(first + timedelta(minutes=90), BERLIN) == datetime(2026, 10, 25, 3, 0)  # noqa: DTZ001
    # In Cairo the hour before midnight comes twice, so the wall stands at the next day.
    assert shown(datetime(2026, 10, 29, 21, 30, tzinfo=UTC), CAIRO) == datetime(2026, 10, 30)  # noqa: DTZ001


def test_which_times_are_odd() -> None:
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)
    assert is_skipped(spring, time(2, 30), BERLIN)
    assert not is_skipped(spring, time(3), BERLIN)
    assert not is_skipped(autumn, time(2, 30), BERLIN)
    assert comes_twice(autumn, time(2, 30), BERLIN)
    assert not comes_twice(autumn, time(3), BERLIN)
    assert not comes_twice(spring, time(2, 30), BERLIN)
    assert comes_twice(autumn, time(1, 30), LONDON)
    assert not is_skipped(autumn, time(1, 30), LONDON)


@settings(deadline=None, max_examples=300)
@given(ZONES, MOMENTS, st.integers(0, 10_000))
def test_the_wall_never_goes_back(zone: ZoneInfo, moment: datetime, seconds: int) -> None:
    later = moment + timedelta(seconds=seconds)
    assert shown(moment, zone) <= shown(later, zone)
    wall = shown(moment, zone)
    assert instant(wall.date(), wall.time(), zone) >= moment
    if not moment.astimezone(zone).fold:
        assert instant(wall.date(), wall.time(), zone) == moment


@settings(deadline=None, max_examples=300)
@given(ZONES, MOMENTS, MOMENTS | st.integers(0, 180))
def test_a_later_time_on_the_wall_is_never_an_earlier_instant(
    zone: ZoneInfo, one: datetime, other: datetime | int,
) -> None:
    second = one + timedelta(minutes=other) if isinstance(other, int) else other
    early, late = sorted((one.replace(tzinfo=None), second.replace(tzinfo=None)))
    assert instant(early.date(), early.time(), zone) <= instant(late.date(), late.time(), zone)
