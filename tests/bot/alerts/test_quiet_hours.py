from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.quiet_hours import WORKWEEK, QuietHours

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = QuietHours(zone="Europe/Berlin", start=time(18), end=time(8))
LUNCH = QuietHours(zone="Europe/Berlin", start=time(12), end=time(13, 30))
WORK = QuietHours(zone="Europe/Berlin", start=time(18), end=time(8), working_days=WORKWEEK)
WEEKEND = QuietHours(zone="Europe/Berlin", working_days=WORKWEEK)
SUNDAYS = QuietHours(zone="Europe/Berlin", working_days=frozenset(range(6)))


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(("quiet", "at", "until"), [
    (NIGHT, "2026-11-23T17:59:59", None),
    (NIGHT, "2026-11-23T18:00", "2026-11-24T08:00"),
    (NIGHT, "2026-11-24T00:00", "2026-11-24T08:00"),
    (NIGHT, "2026-11-24T07:59", "2026-11-24T08:00"),
    (NIGHT, "2026-11-24T08:00", None),
    (LUNCH, "2026-11-23T11:59", None),
    (LUNCH, "2026-11-23T12:00", "2026-11-23T13:30"),
    (LUNCH, "2026-11-23T13:30", None),
    (WEEKEND, "2026-11-27T23:59", None),
    (WEEKEND, "2026-11-28T00:00", "2026-11-30T00:00"),
    (WEEKEND, "2026-11-29T23:59", "2026-11-30T00:00"),
    # A Friday evening runs over the weekend and Monday's early hours into Monday morning.
    (WORK, "2026-11-27T18:30", "2026-11-30T08:00"),
    (WORK, "2026-11-27T12:00", None),
    (WORK, "2026-11-30T03:00", "2026-11-30T08:00"),
    # The clocks change in the night: eight on the wall is what was asked for.
    (NIGHT, "2026-10-24T22:00", "2026-10-25T08:00"),
    (NIGHT, "2027-03-27T22:00", "2027-03-28T08:00"),
    (QuietHours(zone="Europe/Berlin", start=time(8), end=time(8)), "2026-11-23T08:00", None),
])
def test_until_when_it_is_quiet(quiet: QuietHours, at: str, until: str | None) -> None:
    assert quiet.until(berlin(at)) == (berlin(until) if until else None)


def test_hours_are_those_of_the_channels_zone_not_of_the_clock_that_asks() -> None:
    assert NIGHT.until(datetime(2026, 11, 23, 17, 0, tzinfo=UTC)) == berlin("2026-11-24T08:00")
    assert NIGHT.until(datetime(2026, 11, 23, 16, 59, tzinfo=UTC)) is None


def test_what_may_break_through() -> None:
    quiet = QuietHours(zone="UTC", except_for=frozenset({"needs_action", "overdue/support"}))
    assert quiet.may_break_through("needs_action", "notice")
    assert quiet.may_break_through("overdue", "support")
    assert not quiet.may_break_through("overdue", "late")


times = st.times(timezones=st.none()).map(lambda wall: wall.replace(second=0, microsecond=0))
hours = st.builds(
    QuietHours, zone=st.sampled_from(["Europe/Berlin", "America/Los_Angeles", "Asia/Kathmandu", "UTC"]),
    start=times | st.none(), end=times | st.none(),
    working_days=st.frozensets(st.integers(0, 6), min_size=1),
    except_for=st.frozensets(st.sampled_from(["overdue", "expired/notice"])),
)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis wants it bare


@given(hours, moments)
def test_the_end_of_the_quiet_is_ahead_and_not_quiet_itself(quiet: QuietHours, now: datetime) -> None:
    until = quiet.until(now)
    if until is not None:
        assert now < until <= now + timedelta(days=9)
        assert quiet.until(until) is None
    assert QuietHours.from_json(quiet.as_json()) == quiet


@pytest.mark.parametrize("second", [False, True])
def test_an_hour_that_comes_twice_is_quiet_both_times(second: bool) -> None:
    at = datetime(2026, 10, 25, 2, 30, fold=int(second), tzinfo=BERLIN)
    hour = QuietHours(zone="Europe/Berlin", start=time(2), end=time(4))
    assert hour.until(at) == berlin("2026-10-25T04:00")


@pytest.mark.parametrize(("quiet", "at", "start", "end"), [
    (NIGHT, "2026-11-23T12:00", "2026-11-23T18:00", "2026-11-24T08:00"),
    (NIGHT, "2026-11-23T19:00", "2026-11-23T19:00", "2026-11-24T08:00"),
    (NIGHT, "2026-11-23T08:00", "2026-11-23T18:00", "2026-11-24T08:00"),
    (LUNCH, "2026-11-23T14:00", "2026-11-24T12:00", "2026-11-24T13:30"),
    (WORK, "2026-11-27T12:00", "2026-11-27T18:00", "2026-11-30T08:00"),
    (WEEKEND, "2026-11-23T00:00", "2026-11-28T00:00", "2026-11-30T00:00"),
    (WEEKEND, "2026-11-29T12:00", "2026-11-29T12:00", "2026-11-30T00:00"),
    (SUNDAYS, "2026-11-23T00:00", "2026-11-29T00:00", "2026-11-30T00:00"),
    (SUNDAYS, "2026-11-28T23:59", "2026-11-29T00:00", "2026-11-30T00:00"),
    (SUNDAYS, "2026-11-29T00:00", "2026-11-29T00:00", "2026-11-30T00:00"),
])
def test_the_quiet_that_comes_next(quiet: QuietHours, at: str, start: str, end: str) -> None:
    assert quiet.coming(berlin(at)) == (berlin(start), berlin(end))


def test_no_quiet_comes_where_there_is_none() -> None:
    assert QuietHours(zone="Europe/Berlin").coming(berlin("2026-11-23T12:00")) is None
