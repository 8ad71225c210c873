"""When digests come and which days they tell of, the days too on which the clocks change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.reports.schedule import DAY, WEEK, WORKDAYS, Digest, coming, latest

WEEKLY = Digest(channel="C01GIFTING", zone="Europe/Berlin")
DAILY = replace(WEEKLY, every=DAY, on=WORKDAYS)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


def test_a_weekly_one_tells_of_the_seven_days_before_its_own() -> None:
    due = latest(WEEKLY, at("2026-11-23 09:00"))
    assert due is not None
    assert (due.at, due.day, due.period.name) == (at("2026-11-23 09:00"), date(2026, 11, 23), "16 to 22 Nov 2026")
    assert (due.period.since, due.period.until) == (at("2026-11-16 00:00"), at("2026-11-23 00:00"))
    assert (due.period.before, due.period.before_until) == (at("2026-11-09 00:00"), at("2026-11-16 00:00"))
    before = latest(WEEKLY, at("2026-11-23 08:59"))
    assert before is not None
    assert before.day == date(2026, 11, 16)


def test_a_daily_one_leaves_out_no_weekend() -> None:
    names = {
        day: due.period.name for day in (23, 24, 27)
        if (due := latest(DAILY, at(f"2026-11-{day} 09:30"))) is not None
    }
    assert names == {23: "20 to 22 Nov 2026", 24: "Monday 23 Nov 2026", 27: "Thursday 26 Nov 2026"}
    sunday = latest(DAILY, at("2026-11-22 12:00"))
    assert sunday is not None
    assert sunday.day == date(2026, 11, 20)


def test_an_hour_that_is_skipped_comes_at_the_change_and_one_that_comes_twice_once() -> None:
    early = replace(DAILY, at=time(2, 30), on=frozenset(range(7)))
    spring = latest(early, at("2026-03-29 03:00"))
    assert spring is not None
    assert (spring.day, spring.at) == (date(2026, 3, 29), datetime(2026, 3, 29, 1, 0, tzinfo=UTC))
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert [latest(early, first + later).key for later in (timedelta(0), timedelta(hours=1))] == [  # type: ignore[union-attr]
        "digest:day:C01GIFTING:all:2026-10-25",
    ] * 2


def test_the_key_names_digest_and_day_and_tells_no_route() -> None:
    due = latest(replace(WEEKLY, route="Big  Gifts"), at("2026-11-23 09:00"))
    again = latest(replace(WEEKLY, route="big gifts", at=time(8)), at("2026-11-23 09:00"))
    assert due is not None
    assert again is not None
    assert due.key == again.key
    assert "gifts" not in due.key.casefold().replace("c01gifting", "")
    assert due.key != latest(WEEKLY, at("2026-11-23 09:00")).key  # type: ignore[union-attr]


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), st.sampled_from([DAY, WEEK]),  # noqa: DTZ001 - UTC is set below
    st.times(), st.frozensets(st.integers(0, 6), min_size=1),
    st.sampled_from(["Europe/Berlin", "America/Los_Angeles", "Pacific/Apia", "Australia/Lord_Howe", "UTC"]),
)
def test_whenever_somebody_looks_the_periods_follow_each_other(
    moment: datetime, every: str, wall: time, on: frozenset[int], zone: str,
) -> None:
    days = on if every == DAY else frozenset({min(on)})
    digest = Digest(channel="C1", zone=zone, every=every, at=wall.replace(fold=0), on=days)
    due = latest(digest, moment.replace(tzinfo=UTC))
    assert due is not None
    assert due.at <= moment.replace(tzinfo=UTC)
    assert due.day.weekday() in days
    earlier = latest(digest, due.at - timedelta(seconds=1))
    assert earlier is not None
    assert earlier.day < due.day
    assert earlier.period.until == due.period.since


def test_the_next_time_is_later_than_now_and_on_a_later_day_than_the_last() -> None:
    def next_of(digest: Digest, now: str, after: date | None = None) -> datetime | None:
        due = coming(digest, at(now), after)
        return due.at if due is not None else None

    assert next_of(WEEKLY, "2026-11-23 08:59") == at("2026-11-23 09:00")
    assert next_of(WEEKLY, "2026-11-23 09:00") == at("2026-11-30 09:00")
    assert next_of(WEEKLY, "2026-11-23 08:59", date(2026, 11, 23)) == at("2026-11-30 09:00")
    assert next_of(DAILY, "2026-11-27 10:00", date(2026, 11, 20)) == at("2026-11-30 09:00")
    assert next_of(replace(DAILY, on=frozenset()), "2026-11-23 09:00") is None


@given(
    moment=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - UTC is set below
    hour=st.times(), every=st.sampled_from([DAY, WEEK]),
)
def test_what_comes_next_is_the_latest_once_its_time_has_come(moment: datetime, hour: time, every: str) -> None:
    now = moment.replace(tzinfo=UTC)
    digest = replace(WEEKLY if every == WEEK else DAILY, at=hour)
    due = coming(digest, now)
    assert due is not None
    assert due.at > now
    assert latest(digest, due.at) == due
