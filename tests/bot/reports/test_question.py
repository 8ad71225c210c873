"""What people type after `/sends report`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reports import asked, question
from bot.reports.period import Period

PACIFIC = ZoneInfo("America/Los_Angeles")
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""A Monday, seven in the morning in Los Angeles."""


def local(moment: datetime) -> str:
    return f"{moment.astimezone(PACIFIC):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(("words", "name", "since", "until", "before", "before_name"), [
    ("today", "today so far", "2026-11-23 00:00", "2026-11-23 07:00", "2026-11-22 00:00", "the same hours yesterday"),
    ("Yesterday", "Sunday 22 Nov 2026", "2026-11-22 00:00", "2026-11-23 00:00", "2026-11-21 00:00", "the day before"),
    ("last week", "16 to 22 Nov 2026", "2026-11-16 00:00", "2026-11-23 00:00", "2026-11-09 00:00", "the week before"),
    (
        "this week", "this week so far", "2026-11-23 00:00", "2026-11-23 07:00", "2026-11-16 00:00",
        "the same days of last week",
    ),
    ("last month", "October 2026", "2026-10-01 00:00", "2026-11-01 00:00", "2026-09-01 00:00", "September"),
    (
        "this month", "November 2026 so far", "2026-11-01 00:00", "2026-11-23 07:00", "2026-10-01 00:00",
        "the same days of October",
    ),
    ("november", "November 2026 so far", "2026-11-01 00:00", "2026-11-23 07:00", "2026-10-01 00:00",
     "the same days of October"),
    ("oct", "October 2026", "2026-10-01 00:00", "2026-11-01 00:00", "2026-09-01 00:00", "September"),
    ("in December", "December 2025", "2025-12-01 00:00", "2026-01-01 00:00", "2025-11-01 00:00", "November"),
    ("october 2025", "October 2025", "2025-10-01 00:00", "2025-11-01 00:00", "2025-09-01 00:00", "September"),
    ("2026-09", "September 2026", "2026-09-01 00:00", "2026-10-01 00:00", "2026-08-01 00:00", "August"),
    ("last quarter", "Q3 2026", "2026-07-01 00:00", "2026-10-01 00:00", "2026-04-01 00:00", "Q2 2026"),
    ("this quarter", "Q4 2026 so far", "2026-10-01 00:00", "2026-11-23 07:00", "2026-07-01 00:00",
     "as many days of Q3 2026"),
    ("last year", "2025", "2025-01-01 00:00", "2026-01-01 00:00", "2024-01-01 00:00", "2024"),
    ("this year", "2026 so far", "2026-01-01 00:00", "2026-11-23 07:00", "2025-01-01 00:00", "the same days of 2025"),
    ("1 to 15 nov", "1 to 15 Nov 2026", "2026-11-01 00:00", "2026-11-16 00:00", "2026-10-17 00:00",
     "the 15 days before"),
    ("1 to 15 nov 2025", "1 to 15 Nov 2025", "2025-11-01 00:00", "2025-11-16 00:00", "2025-10-17 00:00",
     "the 15 days before"),
    ("24 to 30 nov", "24 to 30 Nov 2025", "2025-11-24 00:00", "2025-12-01 00:00", "2025-11-17 00:00",
     "the week before"),
    ("1 nov to 15 nov 2025", "1 to 15 Nov 2025", "2025-11-01 00:00", "2025-11-16 00:00", "2025-10-17 00:00",
     "the 15 days before"),
    ("15 nov to 1 dec 2025", "15 Nov to 1 Dec 2025", "2025-11-15 00:00", "2025-12-02 00:00", "2025-10-29 00:00",
     "the 17 days before"),
    ("20 dec to 2 jan 2026", "20 Dec 2025 to 2 Jan 2026", "2025-12-20 00:00", "2026-01-03 00:00", "2025-12-06 00:00",
     "the 14 days before"),
    ("2026-10-30 to 2026-11-02", "30 Oct to 2 Nov 2026", "2026-10-30 00:00", "2026-11-03 00:00", "2026-10-26 00:00",
     "the 4 days before"),
    ("12 nov", "Thursday 12 Nov 2026", "2026-11-12 00:00", "2026-11-13 00:00", "2026-11-11 00:00", "the day before"),
    ("30 days", "the last 30 days", "2026-10-24 08:00", "2026-11-23 07:00", "2026-09-24 08:00", "the 30 days before"),
    ("last 2 weeks", "the last 14 days", "2026-11-09 07:00", "2026-11-23 07:00", "2026-10-26 08:00",
     "the 14 days before"),
    ("past week", "the last 7 days", "2026-11-16 07:00", "2026-11-23 07:00", "2026-11-09 07:00", "the 7 days before"),
    ("since last friday", "since Friday 20 Nov 2026", "2026-11-20 00:00", "2026-11-23 07:00", "2026-11-16 17:00",
     "as long a time before"),
    ("week", "the last 7 days", "2026-11-16 07:00", "2026-11-23 07:00", "2026-11-09 07:00", "the 7 days before"),
    ("3 days ago", "Friday 20 Nov 2026", "2026-11-20 00:00", "2026-11-21 00:00", "2026-11-19 00:00", "the day before"),
    ("a week ago", "16 to 22 Nov 2026", "2026-11-16 00:00", "2026-11-23 00:00", "2026-11-09 00:00", "the week before"),
    ("11 months ago", "December 2025", "2025-12-01 00:00", "2026-01-01 00:00", "2025-11-01 00:00", "November"),
    ("q3", "Q3 2026", "2026-07-01 00:00", "2026-10-01 00:00", "2026-04-01 00:00", "Q2 2026"),
    ("Q4", "Q4 2026 so far", "2026-10-01 00:00", "2026-11-23 07:00", "2026-07-01 00:00", "as many days of Q3 2026"),
    ("q1 2025", "Q1 2025", "2025-01-01 00:00", "2025-04-01 00:00", "2024-10-01 00:00", "Q4 2024"),
    ("2025", "2025", "2025-01-01 00:00", "2026-01-01 00:00", "2024-01-01 00:00", "2024"),
    ("2026", "2026 so far", "2026-01-01 00:00", "2026-11-23 07:00", "2025-01-01 00:00", "the same days of 2025"),
    ("from friday", "since Friday 20 Nov 2026", "2026-11-20 00:00", "2026-11-23 07:00", "2026-11-16 17:00",
     "as long a time before"),
    ("since 1 nov", "since Sunday 1 Nov 2026", "2026-11-01 00:00", "2026-11-23 07:00", "2026-10-09 16:00",
     "as long a time before"),
    ("since friday", "since Friday 20 Nov 2026", "2026-11-20 00:00", "2026-11-23 07:00", "2026-11-16 17:00",
     "as long a time before"),
    ("2025 Q4", "Q4 2025", "2025-10-01 00:00", "2026-01-01 00:00", "2025-07-01 00:00", "Q3 2025"),
    ("the last week", "16 to 22 Nov 2026", "2026-11-16 00:00", "2026-11-23 00:00", "2026-11-09 00:00",
     "the week before"),
    ("for last week", "16 to 22 Nov 2026", "2026-11-16 00:00", "2026-11-23 00:00", "2026-11-09 00:00",
     "the week before"),
    ("Nov 12, 2025", "Wednesday 12 Nov 2025", "2025-11-12 00:00", "2025-11-13 00:00", "2025-11-11 00:00",
     "the day before"),
    ("23 nov", "today so far", "2026-11-23 00:00", "2026-11-23 07:00", "2026-11-22 00:00", "the same hours yesterday"),
])
def test_periods(words: str, name: str, since: str, until: str, before: str, before_name: str) -> None:
    found = asked.understood(words, NOW, PACIFIC)
    assert found is not None
    assert (found.name, found.before_name) == (name, before_name)
    assert (local(found.since), local(found.until), local(found.before)) == (since, until, before)
    assert found.before < found.before_until <= found.since < found.until
    assert Period.from_json(found.as_json()) == found


@pytest.mark.parametrize(("now", "words", "name"), [
    ("2026-11-25T15:00", "this week", "the 23rd"), ("2026-11-25T15:00", "last week", "16 to 22 Nov 2026"),
    ("2026-11-29T15:00", "this week", "the 23rd"), ("2026-11-29T15:00", "last week", "16 to 22 Nov 2026"),
    # Five in the afternoon in Los Angeles is the next day in UTC, and the next quarter.
    ("2026-10-01T01:00", "q3", "Q3 2026 so far"), ("2026-10-01T01:00", "q4", "Q4 2025"),
    ("2026-11-01T03:00", "october", "October 2026 so far"), ("2026-11-01T03:00", "november", "November 2025"),
    ("2026-11-25T03:00", "24 nov", "today so far"), ("2026-11-25T03:00", "a day ago", "Monday 23 Nov 2026"),
    ("2026-11-25T03:00", "yesterday", "Monday 23 Nov 2026"),
    ("2026-10-15T15:00", "q4", "Q4 2026 so far"),
    ("2026-11-25T15:00", "a day ago", "Tuesday 24 Nov 2026"), ("2026-11-25T15:00", "2 weeks ago", "9 to 15 Nov 2026"),
    ("2026-11-25T15:00", "one month ago", "October 2026"),
])
def test_periods_on_other_days(now: str, words: str, name: str) -> None:
    found = asked.understood(words, datetime.fromisoformat(now).replace(tzinfo=UTC), PACIFIC)
    assert found is not None
    if words == "this week":
        assert (local(found.since), local(found.before)) == ("2026-11-23 00:00", "2026-11-16 00:00")
    else:
        assert found.name == name


def test_a_day_on_which_the_clocks_change_has_its_own_length() -> None:
    found = asked.understood("2026-11-01", NOW, PACIFIC)
    assert found is not None
    assert found.until - found.since == timedelta(hours=25)
    assert found.since - found.before == timedelta(hours=24)


@pytest.mark.parametrize(("words", "name"), [
    ("3650 days", "the last 3,650 days"), ("3651 days", None),
    ("2016-11-25 to 2026-11-22", "25 Nov 2016 to 22 Nov 2026"), ("2016-11-24 to 2026-11-22", None),
    ("january 2000", "January 2000"), ("december 1999", None), ("december 2026", None), ("november 2027", None),
    ("q1 2000", "Q1 2000"), ("q4 1999", None), ("q1 2027", None), ("2000", "2000"), ("1999", None), ("2027", None),
    ("1 day ago", "Sunday 22 Nov 2026"), ("0 days ago", None), ("00 months ago", None),
    ("22 to 22 nov", "Sunday 22 Nov 2026"),
])
def test_how_far_a_period_may_reach(words: str, name: str | None) -> None:
    found = asked.understood(words, NOW, PACIFIC)
    assert (found and found.name) == name


def test_at_midnight_the_day_has_not_begun() -> None:
    midnight = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert asked.understood("today", midnight, PACIFIC) is None
    assert asked.doubt("today", midnight, PACIFIC) == "“today” has not begun yet."
    assert asked.understood("today", midnight + timedelta(seconds=1), PACIFIC) is not None
    assert asked.doubt("today", midnight + timedelta(seconds=1), PACIFIC) == ""


@pytest.mark.parametrize("words", [
    "", "autumn", "2027-01", "2030-01-01", "15 to 1 nov", "0 days", "9999 months", "13/45", "october 1999", "smarch",
    "since", "to", "2026-13", "² to 15 nov", "1 to 30 nov", "99 to 15 nov",
    "23 to 30 nov", "0015 to 20 nov", "9" * 5000 + " to 15 nov",
])
def test_what_is_no_period(words: str) -> None:
    assert asked.understood(words, NOW, PACIFIC) is None


@pytest.mark.parametrize(("words", "periods"), [
    ("octobr", ("october",)), ("Septembre", ("september",)), ("last weak", ("last week",)),
    ("yesturday", ("yesterday",)), ("30 dayz", ("30 days",)), ("12 month s", ("12 months",)), ("12 monkeys", ()),
    ("0 dayz", ()), ("9999 dayz", ()), ("ann", ()), ("jane", ()), ("0 days", ()), ("9999 weeks", ()),
    ("Autumn Box", ()), ("", ()),
])
def test_a_mistyped_period_is_guessed(words: str, periods: tuple[str, ...]) -> None:
    assert asked.near(words)[:1] == periods


def test_no_more_than_the_likeliest_are_offered() -> None:
    assert asked.near("list month") == ("last month", "this month")


def test_a_doubt_goes_by_the_clock_of_the_zone() -> None:
    late = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
    assert asked.doubt("1 nov to 24 nov", late, PACIFIC) == "“24 nov” has not come yet."
    assert asked.doubt("1 nov to 24 nov", late, ZoneInfo("UTC")) == ""


@pytest.mark.parametrize(("words", "told"), [
    ("last 0 days", "A period has 1 to 3,650 days."), ("9999 days", "A period has 1 to 3,650 days."),
    ("from 31 feb", "There is no day “from 31 feb”, or it has not come yet."),
    ("on 31 feb", "There is no day “on 31 feb”, or it has not come yet."),
    ("since 31 feb", "There is no day “since 31 feb”, or it has not come yet."),
    ("since 12", ""), ("autumn 31 feb", ""), ("31 autumn", ""),
    ("31 feb 2026", "There is no day “31 feb 2026”, or it has not come yet."),
    ("2026-06-01 to 2025-05-01", "“2026-06-01 to 2025-05-01” ends before it begins."),
    ("23 to 30 nov", "“30 nov” has not come yet."),
    ("3650 days", ""), ("3651 days", "A period has 1 to 3,650 days."),
    ("2026-13-01", "There is no day “2026-13-01”, or it has not come yet."),
    ("9999-12-31", "“9999-12-31” is too near an end of the calendar to reckon with."),
    ("since 0001-01-01", "“since 0001-01-01” is too near an end of the calendar to reckon with."),
    ("2026-11-24", "“2026-11-24” has not begun yet."),
    ("2026-11-15 to 2026-11-01", "“2026-11-15 to 2026-11-01” ends before it begins."),
    ("next week", "“next week” has not begun yet."), ("h1", "I do not understand “h1” as a period."),
    ("november 1-5", "I do not understand “november 1-5” as a period."),
    ("1.11.2026", "I do not understand “1.11.2026” as a period."),
    ("oct '26", "I do not understand “oct '26” as a period."),
    ("31 feb to 5 mar", "There is no day “31 feb”, or it has not come yet."),
    ("1 jan 1970 to 31 dec 9999", "“31 dec 9999” is too near an end of the calendar to reckon with."),
    ("1 jan 1970 to 31 dec 2020", "A period has 1 to 3,650 days."),
    ("2016-11-24 to 2026-11-22", "A period has 1 to 3,650 days."),
    ("20 nov to 30 nov", "“30 nov” has not come yet."), ("1 to 30 nov", "“30 nov” has not come yet."),
    ("15 to 1 nov", "“15 to 1 nov” ends before it begins."), ("10000 days", "A period has 1 to 3,650 days."),
    ("15 nov to 1 nov", "“15 nov to 1 nov” ends before it begins."),
    ("5 nov to 1 nov 2025", "“5 nov to 1 nov 2025” ends before it begins."),
    ("1 to 2 to 31 feb", ""),
    ("² to 15 nov", ""),
    ("1 nov", ""), ("may 5", ""), ("Autumn Box to 5 mar", ""),
    ("autumn", ""), ("12 monkeys", ""), ("", ""),
])
def test_why_it_is_no_period(words: str, told: str) -> None:
    assert asked.doubt(words, NOW, PACIFIC) == told


@pytest.mark.parametrize(("typed", "name", "campaign", "team"), [
    ('campaign "Meeting Maker" last week team EMEA Sales', "16 to 22 Nov 2026", "Meeting Maker", "EMEA Sales"),
    ("campaign “October” team 'Last Week' october", "October 2026", "October", "Last Week"),
    ("last week campaign Autumn Box team EMEA", "16 to 22 Nov 2026", "Autumn Box", "EMEA"),
    ("team EMEA in q3 for campaign Autumn", "Q3 2026", "Autumn", "EMEA"),
    ('october campain "Webinar Coffee"', "October 2026", "Webinar Coffee", ""),
    ("campaigns Rock 'n' Roll last week", "16 to 22 Nov 2026", "Rock 'n' Roll", ""),
    ("campaign Rock ‘n’ Roll last week", "16 to 22 Nov 2026", "Rock ‘n’ Roll", ""),  # noqa: RUF001 - as telephones write
    ("team 'Last Week'", "the last 7 days", "", "Last Week"), ("campaign X", "the last 7 days", "X", ""),
    ("team ‘Last Week’", "the last 7 days", "", "Last Week"),  # noqa: RUF001 - as above
    ("campiagn: Autumn", "the last 7 days", "Autumn", ""),
])
def test_quotes_and_order(typed: str, name: str, campaign: str, team: str) -> None:
    found = question.parse(typed, NOW, PACIFIC)
    assert (found.period.name, found.campaign, found.team, found.missing) == (name, campaign, team, "")


@pytest.mark.parametrize(("typed", "missing"), [
    ("campaign", "campaign"), ("team", "team"), ("last week campaign", "campaign"), ("campaign team EMEA", "campaign"),
    ("teams: ", "team"), ("campaign Autumn", ""), ("", ""),
])
def test_a_name_that_is_missing(typed: str, missing: str) -> None:
    assert question.parse(typed, NOW, PACIFIC).missing == missing


@pytest.mark.parametrize(("typed", "name", "campaign", "team", "either"), [
    ("", "the last 7 days", "", "", ""),
    ("last week", "16 to 22 Nov 2026", "", "", ""),
    ("Autumn Box", "the last 7 days", "", "", "Autumn Box"),
    ("Autumn Box last week", "16 to 22 Nov 2026", "", "", "Autumn Box"),
    ("last week , for Autumn Box", "16 to 22 Nov 2026", "", "", "Autumn Box"),
    ("last week, and, for Autumn Box", "16 to 22 Nov 2026", "", "", "Autumn Box"),
    ("last week for Autumn Box", "16 to 22 Nov 2026", "", "", "Autumn Box"),
    ("campaign Autumn Box in october", "October 2026", "Autumn Box", "", ""),
    ("Campaign: “Autumn Box”, 30 days", "the last 30 days", "Autumn Box", "", ""),
    ("team EMEA campaign Q4 * this month", "November 2026 so far", "Q4 *", "EMEA", ""),
    ("team EMEA and campaign Autumn", "the last 7 days", "Autumn", "EMEA", ""),
    ("campaign October", "the last 7 days", "October", "", ""),
    ("team May october", "October 2026", "", "May", ""),
    ("from 1 nov to 15 nov Sales", "1 to 15 Nov 2026", "", "", "Sales"),
    ("for the last 2 weeks", "the last 14 days", "", "", ""),
    ("from 1 nov 2025 to 15 nov 2025 Sales", "1 to 15 Nov 2025", "", "", "Sales"),
    # A name may end in a number, and what is to come is torn apart no more than a range.
    ("campaign Onboarding 2026 last week", "16 to 22 Nov 2026", "Onboarding 2026", "", ""),
    ("Region* 7 yesterday", "Sunday 22 Nov 2026", "", "", "Region* 7"),
    ("next week", "the last 7 days", "", "", "next week"),
    ("next week for Autumn", "the last 7 days", "", "", "next week for Autumn"),
    ("Autumn 24 nov 2026", "the last 7 days", "", "", "Autumn 24 nov 2026"),
    ("5 nov 2025 to 1 nov 2025", "the last 7 days", "", "", "5 nov 2025 to 1 nov 2025"),
    ("week 5 gifts", "the last 7 days", "", "", "week 5 gifts"),
    ("october gifts 5", "October 2026", "", "", "gifts 5"),
    # What is doubted at one end hinders nothing at the other.
    ("october next week", "October 2026", "", "", "next week"),
    ("next week Autumn october", "October 2026", "", "", "next week Autumn"),
    ("Road to october", "the last 7 days", "", "", "Road to october"),
    ("Long Road to october", "the last 7 days", "", "", "Long Road to october"),
    ("Back to School october", "October 2026", "", "", "Back to School"),
    ("campaign october Autumn", "the last 7 days", "october Autumn", "", ""),
    ('Autumn "last week"', "the last 7 days", "", "", "Autumn last week"),
    # Half of a range that is none is no period, and left to be doubted.
    ("2026-06-01 to 2026-05-01", "the last 7 days", "", "", "2026-06-01 to 2026-05-01"),
    ("from 10 nov to 1 nov", "the last 7 days", "", "", "from 10 nov to 1 nov"),
    ("campaign Autumn Box 31 feb to 5 mar", "the last 7 days", "Autumn Box 31 feb to 5 mar", "", ""),
])
def test_questions(typed: str, name: str, campaign: str, team: str, either: str) -> None:
    found = question.parse(typed, NOW, PACIFIC)
    assert (found.period.name, found.campaign, found.team, found.either) == (name, campaign, team, either)


WEEK = "the last 7 days"


@pytest.mark.parametrize(("typed", "read"), [
    ("Team Spirit", [(WEEK, "", "", "Team Spirit"), (WEEK, "", "Spirit", "")]),
    # As a whole, then with each period at an end of it, the longest first; then without the word that says what it is.
    ("campaign Phase 2 october", [
        (WEEK, "", "", "campaign Phase 2 october"), ("Friday 2 Oct 2026", "", "", "campaign Phase"),
        ("October 2026", "", "", "campaign Phase 2"), (WEEK, "Phase 2 october", "", ""),
        ("Friday 2 Oct 2026", "Phase", "", ""), ("October 2026", "Phase 2", "", ""),
    ]),
    ("last week Rock 'n' Roll", [
        (WEEK, "", "", "last week Rock 'n' Roll"), ("16 to 22 Nov 2026", "", "", "Rock 'n' Roll"),
    ]),
    ("'Team Spirit' october", [(WEEK, "", "", "Team Spirit october"), ("October 2026", "", "", "Team Spirit")]),
    ("last week", [(WEEK, "", "", "last week"), (WEEK, "", "", "last")]),
    ("", []), (" , ", []),
])
def test_what_may_be_one_name(typed: str, read: list[tuple[str, str, str, str]]) -> None:
    found = question.as_one_name(typed, NOW, PACIFIC)
    assert [(one.period.name, one.campaign, one.team, one.either) for one in found] == read


@given(st.text(max_size=80) | st.lists(
    st.sampled_from(["campaign", "team", "last", "week", "october", "to", "30", "days", ",", "for", "Box", "1", "nov"]),
    max_size=8,
).map(" ".join))
def test_whatever_is_typed_is_a_question(typed: str) -> None:
    found = question.parse(typed, NOW, PACIFIC)
    assert found.period.since < NOW
    assert found.period.before < found.period.before_until <= found.period.since < found.period.until
    for one in question.as_one_name(typed, NOW, PACIFIC):
        assert one.either or one.campaign or one.team
