"""Calendars of one's own: any country, own days, any weekdays, a cut-off, every zone."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module
from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.statuses.country_holidays import Country, edition, load_no_country_unasked
from bot.statuses.wall_time import is_skipped
from bot.statuses.working_time import PACIFIC, WorkCalendar, make_calendar, us_calendar

LONDON = ZoneInfo("Europe/London")
COUNTRIES = sorted(holidays.list_supported_countries(include_aliases=False))

MOMENTS = st.datetimes(datetime(2019, 1, 1), datetime(2032, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


def at(text: str, zone: ZoneInfo = PACIFIC) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("settings", "start", "n", "due"),
    [
        # Boxing Day 2026 is a Saturday and observed on the Monday after Christmas.
        ({"country": "GB", "zone": LONDON}, "2026-12-24 09:00", 1, "2026-12-29 09:00"),
        # Epiphany is a holiday in Bavaria and not in Berlin.
        ({"country": "DE", "subdivision": "BY"}, "2027-01-05 09:00", 1, "2027-01-07 09:00"),
        ({"country": "DE", "subdivision": "BE"}, "2027-01-05 09:00", 1, "2027-01-06 09:00"),
        # A country by its code in small letters; Friday and Saturday are Israel's weekend.
        ({"country": " il "}, "2026-11-26 09:00", 1, "2026-11-29 09:00"),
        # Hungary works Saturday 8 August 2026 for the Friday after its national day.
        ({"country": "HU"}, "2026-08-07 09:00", 1, "2026-08-08 09:00"),
        ({"country": "HU"}, "2026-08-19 09:00", 1, "2026-08-24 09:00"),
        ({"country": "HU", "days_off": [date(2026, 8, 8)]}, "2026-08-07 09:00", 1, "2026-08-10 09:00"),
        ({"country": None}, "2026-11-25 09:00", 1, "2026-11-26 09:00"),
        # Where no holidays are known, the first of January is a day like any other.
        ({"country": None}, "2026-12-31 09:00", 1, "2027-01-01 09:00"),
        ({"country": None, "days_off": [date(2026, 11, 26)]}, "2026-11-25 09:00", 1, "2026-11-27 09:00"),
        ({"days_off": {date(2026, 11, 27): "Day after"}}, "2026-11-25 09:00", 1, "2026-11-30 09:00"),
        ({"extra_days": [date(2026, 11, 26), date(2026, 11, 28)]}, "2026-11-25 09:00", 3, "2026-11-28 09:00"),
        ({"working_weekdays": range(6)}, "2026-11-20 09:00", 1, "2026-11-21 09:00"),
        ({"working_weekdays": [0]}, "2026-11-23 09:00", 2, "2026-12-07 09:00"),
        # Noon Pacific: what comes at twelve counts from the next business day.
        ({"cut_off": time(12)}, "2026-11-16 11:59:59", 1, "2026-11-17 11:59:59"),
        ({"cut_off": time(12)}, "2026-11-16 12:00", 1, "2026-11-18 00:00"),
        ({"cut_off": time(12)}, "2026-11-16 12:00", 0, "2026-11-17 00:00"),
        ({"cut_off": time(12)}, "2026-11-20 18:00", 1, "2026-11-24 00:00"),
        ({"cut_off": time(12)}, "2026-11-21 18:00", 1, "2026-11-24 00:00"),
    ],
)
def test_calendars_of_ones_own(settings: dict[str, Any], start: str, n: int, due: str) -> None:
    calendar = make_calendar(**settings)
    assert calendar.add_business_days(at(start, calendar.zone), n) == at(due, calendar.zone)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"country": "XX"}, "unknown country 'XX': expected an ISO 3166 code such as US, DE or GB"),
        ({"country": ""}, "unknown country ''"),
        ({"subdivision": "ZZ"}, "unknown subdivision 'ZZ' of US: expected AK, AL, .* or one of [0-9]+ more"),
        ({"country": "GB", "subdivision": "X"}, "of GB: expected ENG, NIR, SCT, WLS"),
        ({"country": "LU", "subdivision": "X"}, "of LU: this country has none, so leave it out"),
        ({"country": None, "subdivision": "CA"}, "subdivision 'CA' without a country"),
        ({"working_weekdays": []}, r"weekdays \[\]: expected at least one weekday of 0"),
        ({"working_weekdays": [0, 7]}, r"weekdays \[0, 7\]"),
        ({"cut_off": time(0)}, "cut-off 00:00:00: expected a time of day after midnight"),
        ({"cut_off": time(12, tzinfo=UTC)}, "without a zone"),
        ({"days_off": [date(2026, 1, 2)], "extra_days": [date(2026, 1, 2)]}, "2026-01-02 is both"),
    ],
)
def test_wrong_settings_are_named(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        make_calendar(**settings)


def test_the_same_settings_give_the_same_calendar() -> None:
    days = [date(2026, 11, 27), date(2026, 12, 24)]
    one = make_calendar(country="us", days_off=days, cut_off=time(12))
    assert one is make_calendar(country="US", days_off=dict.fromkeys(reversed(days), ""), cut_off=time(12))
    assert one is not make_calendar(days_off=days)
    us_calendar.cache_clear()  # so many calendars as the other tests make are not kept
    assert make_calendar() is us_calendar()


@pytest.mark.parametrize("code", COUNTRIES)
def test_every_country_that_is_known(code: str) -> None:
    calendar = make_calendar(country=code)
    start = at("2026-12-18 10:00")
    due = [calendar.add_business_days(start, n) for n in range(1, 15)]
    assert due == sorted(set(due))
    assert [calendar.business_days_between(start, end) for end in due] == list(range(1, 15))
    assert 200 < sum(calendar.is_business_day(date(2026, 1, 1) + timedelta(days=day)) for day in range(365)) < 312
    # Long before and long after the years that anybody has put down.
    for year in (1, 1700, 2500, 9998):
        assert {day.year for day in Country(code=code).exceptions(year).off} <= {year}


def test_the_first_and_the_last_year_that_is_put_down() -> None:
    known = holidays.country_holidays("US")
    for year in (known.start_year, known.end_year):
        assert Country(code="US").exceptions(year).off
    for year in (known.start_year - 1, known.end_year + 1):
        assert not Country(code="US").exceptions(year).off


def test_names_of_days() -> None:
    calendar = make_calendar(days_off={date(2026, 11, 28): "Closed"}, extra_days={date(2026, 11, 29): "Open"})
    assert calendar.name_of(date(2026, 11, 26)) == "Thanksgiving Day"
    assert calendar.name_of(date(2026, 11, 29)) == "Open"
    # As their weekday says: worked, off, and off for a second reason.
    assert [calendar.name_of(date(2026, 11, day)) for day in (27, 28, 21)] == ["", "", ""]


def test_a_year_that_ends_in_days_off() -> None:
    assert not us_calendar().is_business_day(date(2028, 12, 31))
    assert us_calendar().is_business_day(date(2027, 12, 30))


# Clocks are changed on working days and at midnight too, by half an hour, and (in the past) at a minute past twelve.
ZONES = [ZoneInfo(name) for name in (
    "America/Los_Angeles", "Africa/Cairo", "Asia/Beirut", "Australia/Lord_Howe", "America/Havana", "Asia/Jerusalem",
    "America/St_Johns", "America/Santiago", "UTC", "Asia/Kathmandu",
)]
CALENDARS = [
    make_calendar(zone=zone, country=country, working_weekdays=weekdays, cut_off=cut_off)
    for zone, country, weekdays, cut_off in zip(
        ZONES, ["US", "EG", "LB", "AU", "CU", "IL", "CA", "CL", None, "NP"],
        [None, range(7), range(7), [2, 6], range(7), range(7), None, range(7), [0, 2, 4], None],
        [time(12), None, time(0, 30), time(2), None, time(2, 15), None, None, time(23, 59), None], strict=True,
    )
]
# Half of the starts lie in the hours around a change of the clocks.
CHANGES = [datetime(2026, month, day, tzinfo=UTC) for month, day in (
    (3, 8), (11, 1), (4, 23), (10, 29), (3, 28), (10, 24), (4, 4), (10, 3), (3, 26), (10, 25), (9, 5), (4, 5),
)]
STARTS = MOMENTS | st.builds(
    lambda change, minutes: change + timedelta(minutes=minutes), st.sampled_from(CHANGES), st.integers(-900, 1800),
)


@settings(deadline=None, max_examples=400)
@given(st.sampled_from(CALENDARS), STARTS, STARTS | st.integers(0, 7200), st.integers(0, 9), st.integers(0, 9))
def test_every_calendar_in_every_zone_counts_forwards(
    calendar: WorkCalendar, start: datetime, other: datetime | int, n: int, m: int,
) -> None:
    second = start + timedelta(seconds=other) if isinstance(other, int) else other
    early, late = sorted((start, second))
    few, many = sorted((n, m))
    assert calendar.add_business_days(early, few) <= calendar.add_business_days(late, few)
    assert calendar.add_business_days(early, few) <= calendar.add_business_days(early, many)
    end = calendar.add_business_days(early, few)
    assert calendar.business_days_between(early, end) == few
    passed = calendar.business_days_between(early, late)
    assert passed == 0 or calendar.add_business_days(early, passed) <= late
    assert late < calendar.add_business_days(early, passed + 1)
    due = end.astimezone(calendar.zone)
    assert f" is {due:%a} {due.day} {due:%b}" in calendar.describe(early, few)


@settings(deadline=None)
@given(st.sampled_from(CALENDARS), st.integers(0, 365 * 24), st.integers(1, 9))
def test_a_change_of_the_clocks_moves_nothing(calendar: WorkCalendar, hours: int, n: int) -> None:
    start = datetime(2026, 1, 1, 0, 10, tzinfo=UTC) + timedelta(hours=hours)
    begun, due = start.astimezone(calendar.zone), calendar.add_business_days(start, n).astimezone(calendar.zone)
    at_once = calendar.is_business_day(begun.date()) and (calendar.cut_off is None or begun.time() < calendar.cut_off)
    wall = begun.time() if at_once else time()
    if not (begun.fold or is_skipped(due.date(), wall, calendar.zone)):
        assert due.time() == wall


def refused(code: str, subdivision: str) -> str:
    with pytest.raises(ValueError, match="subdivision") as told:
        Country(code=code, subdivision=subdivision)
    return str(told.value)


def test_a_wrong_part_of_a_country_is_answered_with_twelve_right_ones_at_most() -> None:
    assert refused("GB", "X") == "unknown subdivision 'X' of GB: expected ENG, NIR, SCT, WLS"
    states = holidays.list_supported_countries()["US"]
    assert refused("US", "X") == (
        f"unknown subdivision 'X' of US: expected {', '.join(states[:12])} or one of {len(states) - 12} more"
    )


@pytest.mark.parametrize("code", ["USA", "us", "XX", ""])
def test_a_country_is_known_by_its_two_letters_alone(code: str) -> None:
    with pytest.raises(ValueError, match=f"^unknown country '{code}': expected an ISO 3166 code such as US, DE or GB$"):
        Country(code=code)


def test_names_are_english_on_a_machine_that_speaks_another_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "hu")
    assert Country(code="HU").exceptions(2026).off[date(2026, 4, 3)] == "Good Friday"
    monkeypatch.setenv("LANGUAGE", "en_US")
    assert Country(code="GH").exceptions(2026).off[date(2026, 4, 3)] == "Good Friday"


def test_the_edition_of_the_days_off_is_that_of_the_package_they_come_from() -> None:
    assert edition() == version("holidays")


def test_only_the_countries_that_are_asked_for_are_loaded() -> None:
    look = (
        "import sys; from bot.statuses.country_holidays import Country; "
        "Country(code='US').workweek; Country(code='IS').workweek; "
        "print(*sorted(name.rpartition('.')[2] for name in sys.modules if name.startswith('holidays.countries.')))"
    )
    loaded = subprocess.run([sys.executable, "-c", look], check=True, capture_output=True, text=True).stdout.split()
    assert loaded == ["iceland", "united_states"]


def test_where_the_countries_lie_is_known_without_loading_them(monkeypatch: pytest.MonkeyPatch) -> None:
    package = "holidays.countries"
    for name in [name for name in sys.modules if name.startswith(package)]:
        monkeypatch.delitem(sys.modules, name)
    load_no_country_unasked()
    made = sys.modules[package]
    assert import_module(f"{package}.iceland").Iceland.country == "IS"
    assert sorted(name for name in sys.modules if name.startswith(package)) == [package, f"{package}.iceland"]
    load_no_country_unasked()
    assert sys.modules[package] is made
