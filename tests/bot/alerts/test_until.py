"""Until when, in people's words: days, zones, changes of the clocks, and the same said back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.alerts.lifecycle import LONGEST_SNOOZE
from bot.alerts.until import NotUnderstood, Until, distance, examples, parse, spoken
from tests.bot.alerts.saying import NEW_YORK, NOW, US, doubted, local, understood

BERLIN, LORD_HOWE = ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe")


def test_what_is_not_understood_comes_with_examples_that_are() -> None:
    found = parse("whenever", NOW, NEW_YORK, US)
    assert isinstance(found, NotUnderstood)
    assert found.told == (
        "Sendwatch does not understand that as a time. "
        "For example: 2h, tomorrow 9am, monday 14:30, 3 business days, 7 Dec."
    )


@pytest.mark.parametrize("day", range(22, 29))
def test_next_and_this_are_taken_only_where_every_week_agrees(day: int) -> None:
    # 22 November 2026 is a Sunday: the first day of a week for some people, the last for others.
    now = local(f"2026-11-{day} 08:00")
    for name, weekday in (("monday", 0), ("wednesday", 2), ("friday", 4), ("sunday", 6)):
        ahead = (weekday - now.weekday() - 1) % 7 + 1
        by_monday, by_sunday = now.weekday() + ahead >= 7, now.isoweekday() % 7 + ahead >= 7
        nexts, thiss = (parse(f"{word} {name}", now, NEW_YORK, US) for word in ("next", "this"))
        assert isinstance(nexts, Until) == (by_monday and by_sunday)
        assert isinstance(thiss, Until) == (not by_monday and not by_sunday)
        assert understood(name, now) == local(f"2026-11-{day} 09:00") + timedelta(days=ahead)


def test_a_later_hour_of_today() -> None:
    early = local("2026-11-23 06:30")
    assert understood("9am", early) == local("2026-11-23 09:00")
    assert understood("today", early) == local("2026-11-23 09:00")
    assert understood("in the morning", early) == local("2026-11-23 09:00")
    assert understood("noon", early) == local("2026-11-23 12:00")
    late = local("2026-11-23 20:30")
    assert "20:00, has passed" in doubted("tonight", late)
    assert "17:00, has passed" in doubted("end of day", late)
    assert understood("tomorrow end of day", late) == local("2026-11-24 17:00")


def test_business_days_from_a_day_off() -> None:
    saturday = local("2026-11-28 11:00")
    assert understood("1 business day", saturday) == local("2026-11-30 11:00")
    assert understood("next business day", saturday) == local("2026-11-30 09:00")
    assert understood("2 business days at 9am", saturday) == local("2026-12-01 09:00")


def test_the_zone_of_the_person_decides() -> None:
    assert understood("tomorrow 9am", NOW, BERLIN) == local("2026-11-24 09:00", BERLIN)
    # In Sydney it is Tuesday already.
    sydney = ZoneInfo("Australia/Sydney")
    assert understood("tomorrow", NOW, sydney) == local("2026-11-25 09:00", sydney)
    assert understood("tuesday", NOW, sydney) == local("2026-12-01 09:00", sydney)
    # Who names a zone means its clock.
    assert understood("12 dec 9am (Europe/Berlin)") == local("2026-12-12 09:00", BERLIN)
    assert understood("tomorrow 9am (Australia/Sydney)") == local("2026-11-25 09:00", sydney)


@contextmanager
def machine_in(zone: str) -> Iterator[None]:
    """A machine whose own clock shows that zone. As POSIX writes it: "UTC-14" is 14 hours ahead."""
    try:
        with pytest.MonkeyPatch.context() as changed:
            changed.setenv("TZ", zone)
            time.tzset()
            yield
    finally:
        time.tzset()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a machine with Windows cannot be changed")
@pytest.mark.parametrize("machine", ["UTC+12", "UTC", "UTC-14"])
def test_the_zone_of_the_machine_makes_no_difference(machine: str) -> None:
    with machine_in(machine):
        doubt = parse("whenever", NOW, NEW_YORK, US)
        assert isinstance(doubt, NotUnderstood)
        assert doubt.examples[-1] == "7 Dec"
        assert understood("tomorrow 9am (America/New_York)", NOW, BERLIN) == local("2026-11-24 09:00")
        found = parse("01:30", datetime(2026, 11, 1, 5, 30, tzinfo=UTC), NEW_YORK, US)
        assert isinstance(found, Until)
        assert str(found.at) == "2026-11-01 06:30:00+00:00"
        for at, said in (
            ("2026-11-25 04:00", "Wednesday 25 Nov, 04:00 (America/New_York), in 2 days"),
            ("2026-11-25 16:00", "Wednesday 25 Nov, 16:00 (America/New_York), in 2 days"),
        ):
            assert spoken(local(at), NOW, NEW_YORK) == said
            assert understood(said) == local(at)
        last_evening = local("2026-12-31 20:00")
        assert "2027" not in spoken(local("2026-12-31 22:00"), last_evening, NEW_YORK)
        assert "2027" in spoken(local("2027-01-01 09:00"), last_evening, NEW_YORK)


def test_seconds_are_left_off() -> None:
    now = NOW + timedelta(seconds=59, microseconds=999_999)
    assert understood("1 minute", now) == NOW + timedelta(minutes=1)
    assert understood("2 days", now) == NOW + timedelta(days=2)
    assert understood("15:21", now) == NOW + timedelta(minutes=1)


# -- where the clocks are changed


def test_days_keep_the_hour_and_hours_do_not() -> None:
    before = local("2027-03-13 10:00")
    assert understood("1 day", before) == local("2027-03-14 10:00")
    assert understood("24h", before) == local("2027-03-14 11:00")
    assert understood("1 day 2 hours", before) == local("2027-03-14 12:00")
    assert understood("1 business day", before) == local("2027-03-15 10:00")
    assert distance(local("2027-03-14 10:00"), before, NEW_YORK) == "in 23 hours"


def test_an_hour_that_is_skipped_is_refused_when_it_is_named() -> None:
    before = local("2027-03-13 02:30")
    sentence = "On Sunday 14 March the clocks are put forward over 02:30: write an hour later."
    assert doubted("tomorrow 02:30", before) == sentence
    assert doubted("14 mar 2:30am", before) == sentence
    assert doubted("1 day at 02:30", before) == sentence
    assert doubted("02:30", before) == sentence
    assert understood("tomorrow 03:00", before) == local("2027-03-14 03:00")
    # Nobody has named an hour: it is the instant of the change.
    assert understood("1 day", before) == local("2027-03-14 03:00")


def test_an_hour_that_comes_twice_is_the_first_that_is_ahead() -> None:
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    second = first + timedelta(hours=1)
    assert understood("01:30", local("2026-10-31 20:00")) == first
    assert understood("1 nov 1:30am", local("2026-10-31 20:00")) == first
    assert understood("01:30", first) == second
    assert understood("today 01:30", first) == second
    assert understood("01:30", second) == local("2026-11-02 01:30")
    assert understood("1 hour", first) == second
    assert spoken(first, first - timedelta(hours=1), NEW_YORK) == (
        "Sunday 1 Nov, 01:30 UTC-04:00 (America/New_York), in 1 hour"
    )
    assert spoken(second, first, NEW_YORK) == "Sunday 1 Nov, 01:30 UTC-05:00 (America/New_York), in 1 hour"


# -- said back


@pytest.mark.parametrize(("at", "said"), [
    ("2026-11-23 15:21", "Monday 23 Nov, 15:21 (America/New_York), in 1 minute"),
    ("2026-11-23 16:00", "Monday 23 Nov, 16:00 (America/New_York), in 40 minutes"),
    ("2026-11-23 16:20", "Monday 23 Nov, 16:20 (America/New_York), in 1 hour"),
    ("2026-11-24 09:00", "Tuesday 24 Nov, 09:00 (America/New_York), in 17 hours 40 minutes"),
    ("2026-11-24 15:20", "Tuesday 24 Nov, 15:20 (America/New_York), in 1 day"),
    ("2026-11-30 09:00", "Monday 30 Nov, 09:00 (America/New_York), in 7 days"),
    ("2027-11-24 09:00", "Wednesday 24 Nov 2027, 09:00 (America/New_York), in 366 days"),
])
def test_said_back(at: str, said: str) -> None:
    assert spoken(local(at), NOW, NEW_YORK) == said
    assert understood(said) == local(at)


def test_the_distance_of_what_is_past_or_now() -> None:
    assert distance(NOW, NOW, NEW_YORK) == "in 0 minutes"
    assert distance(NOW - timedelta(days=3), NOW, NEW_YORK) == "in 0 minutes"
    assert distance(NOW + timedelta(seconds=1), NOW, NEW_YORK) == "in 1 minute"


ZONES = st.sampled_from([NEW_YORK, BERLIN, LORD_HOWE, *map(ZoneInfo, (
    "UTC", "Asia/Kathmandu", "Africa/Cairo", "America/Havana", "Asia/Beirut", "Pacific/Kiritimati", "Etc/GMT+12",
    "America/Santiago", "Pacific/Chatham",
))])
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2034, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
WORDS = st.sampled_from((  # noqa: SIM905 - a hundred quoted words are no easier to read
    "until till for in at on the of and a an half next this coming snooze it today tomorrow tonight day after week "
    "business working days day hours hour h m min minutes weeks w d month monday mon tue friday sun 12 3 9 25 2026 "
    "2027 dec november jan 12th 1st 31st 12/12 3/4 25/12 12.12. 12.12 2026-12-12 2027-02-28t09:00z 9am 5pm 9:30 14:30 "
    "05:30 25:00 noon midnight morning afternoon evening night eod end cob two twelve 1.5 0 99999 , . @ o'clock ( ) "
    "(Europe/Berlin) utc+01:00"
).split())
TEXTS = st.text(max_size=150) | st.lists(WORDS, max_size=7).map(" ".join) | st.lists(WORDS, max_size=4).map("".join)


@settings(deadline=None, max_examples=1500)
@given(TEXTS, INSTANTS, ZONES)
@example("29 feb", datetime(2027, 12, 31, tzinfo=UTC), BERLIN)
@example("12 dec (\u0130)", datetime(2027, 12, 31, tzinfo=UTC), BERLIN)
def test_no_text_raises_and_what_is_understood_lies_ahead(words: str, now: datetime, zone: ZoneInfo) -> None:
    found = parse(words, now, zone, US)
    if isinstance(found, NotUnderstood):
        assert found.sentence.endswith((".", "?"))
        assert len(found.told) < 300
        return
    assert now < found.at <= now + LONGEST_SNOOZE
    assert (found.at.tzinfo, found.at.second, found.at.microsecond) == (UTC, 0, 0)
    said = parse(spoken(found.at, now, zone), now, zone, US)
    assert isinstance(said, Until), (spoken(found.at, now, zone), said)
    assert said.at == found.at


@settings(deadline=None, max_examples=1000)
@given(INSTANTS, st.integers(1, 366 * 1440), ZONES, ZONES)
def test_what_is_said_back_is_the_same_instant(now: datetime, minutes: int, zone: ZoneInfo, other: ZoneInfo) -> None:
    at = (now + timedelta(minutes=minutes)).replace(second=0, microsecond=0)
    # Somebody whose clock shows another zone may read it, too.
    for reader in (zone, other):
        found = parse(spoken(at, now, zone), now, reader, US)
        assert isinstance(found, Until), (spoken(at, now, zone), found)
        assert found.at == at


@settings(deadline=None)
@given(INSTANTS, ZONES)
def test_the_examples_are_always_understood(now: datetime, zone: ZoneInfo) -> None:
    for words in examples(now, zone):
        assert isinstance(parse(words, now, zone, US), Until), words


@settings(deadline=None)
@given(INSTANTS, ZONES, st.integers(1, 200))
def test_business_days_are_counted_as_they_are_told(now: datetime, zone: ZoneInfo, n: int) -> None:
    found = parse(f"{n} business days at 9am", now, zone, US)
    assert isinstance(found, Until)
    today, last = now.astimezone(zone).date(), found.at.astimezone(zone).date()
    assert US.business_days_after(today, last) == n
    assert US.is_business_day(last)


@pytest.mark.parametrize(("words", "same"), [
    ("in a fortnight", "in 2 weeks"), ("fortnight", "2 weeks"), ("3 bd", "3 business days"), ("3bd", "3 business days"),
])
def test_other_words_for_the_same(words: str, same: str) -> None:
    now = datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert understood(words, now) == understood(same, now)


@pytest.mark.parametrize(("words", "meant"), [
    ("tomorow", "tomorrow"), ("Tommorow 9am", "tomorrow 9am"), ("until mondy 14:30", "until monday 14:30"),
    ("3 busines days", "3 business days"), ("2 huors", "2 hours"), ("12 decmber", "12 december"),
    ("12 jume", "12 june"), ("fri moon", "fri noon"),
])
def test_a_slip_is_asked_back_and_never_taken(words: str, meant: str) -> None:
    found = parse(words, NOW, BERLIN, US)
    assert isinstance(found, NotUnderstood)
    assert f"Did you mean “{meant}”?" in found.sentence
    assert isinstance(parse(meant, NOW, BERLIN, US), Until)


def test_a_slip_is_asked_back_where_that_is_still_to_come_on_ones_own_clock() -> None:
    found = parse("todya 16:00", NOW, NEW_YORK, US)
    assert isinstance(found, NotUnderstood)
    assert found.sentence.endswith(" Did you mean “today 16:00”?")
    found = parse("todya 16:00", NOW, BERLIN, US)
    assert isinstance(found, NotUnderstood)
    assert "Did you mean" not in found.sentence


@pytest.mark.parametrize("words", ["soonish", "tomorow yesterday", "when jane is back", "x" * 500, "mondayish morn"])
def test_where_nothing_is_near_nothing_is_asked(words: str) -> None:
    found = parse(words, NOW, BERLIN, US)
    assert isinstance(found, NotUnderstood)
    assert "Did you mean" not in found.sentence
