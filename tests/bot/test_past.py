from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.past import BEGINNING, EXAMPLES, since
from tests.conftest import NOW

PACIFIC = ZoneInfo("America/Los_Angeles")


def local(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=PACIFIC)


@pytest.mark.parametrize(("words", "expected"), [
    ("7 days", NOW - timedelta(days=7)), ("7d", NOW - timedelta(days=7)), ("last week", NOW - timedelta(days=7)),
    ("the last 2 weeks", NOW - timedelta(days=14)), ("3 hours ago", NOW - timedelta(hours=3)),
    ("since 90 min", NOW - timedelta(minutes=90)), ("month", NOW - timedelta(days=30)),
    ("today", local(2026, 11, 23)), ("Yesterday", local(2026, 11, 22)), ("this week", local(2026, 11, 23)),
    ("this month", local(2026, 11, 1)), ("this year", local(2026, 1, 1)),
    # It is Monday: the one before is meant.
    ("monday", local(2026, 11, 16)), ("since fri", local(2026, 11, 20)),
    ("2026-11-01", local(2026, 11, 1)), ("2026-11-01T09:00", local(2026, 11, 1, 9)),
    ("2026-11-01T09:00Z", datetime(2026, 11, 1, 9, tzinfo=UTC)),
    ("12 Nov", local(2026, 11, 12)), ("Nov 12, 2025", local(2025, 11, 12)), ("24 December", local(2025, 12, 24)),
    ("all", BEGINNING), ("since the beginning", BEGINNING), ("99999 years", BEGINNING),
])
def test_what_is_meant(words: str, expected: datetime) -> None:
    assert since(words, NOW, PACIFIC) == expected


@pytest.mark.parametrize("words", [
    "", "soon", "7", "7 parsecs", "2026-13-01", "the day before", "31 Feb", "-3 days",
    # Too near an end of the calendar.
    "9999-12-31", "31 dec 9999", "0001-01-01", "9999-12-31T23:59-12:00", "0001-01-01T00:00+14:00",
])
def test_what_means_nothing(words: str) -> None:
    assert since(words, NOW, PACIFIC) is None


@pytest.mark.parametrize(("words", "today", "expected"), [
    ("29 feb", (2028, 1, 5), (2024, 2, 29)), ("29 feb", (2028, 3, 5), (2028, 2, 29)),
    ("28 feb", (2028, 1, 5), (2027, 2, 28)), ("feb 29", (2104, 2, 1), (2096, 2, 29)),
])
def test_a_day_of_a_leap_year_is_the_last_that_there_was(
    words: str, today: tuple[int, int, int], expected: tuple[int, int, int],
) -> None:
    assert since(words, local(*today, 12), PACIFIC) == local(*expected)


@pytest.mark.parametrize("words", EXAMPLES)
def test_every_example_is_understood(words: str) -> None:
    assert since(words, NOW, PACIFIC) is not None


@given(st.text(max_size=40) | st.from_regex(r"[0-9]{1,6} ?[a-z]{1,7}( ago)?", fullmatch=True))
def test_nothing_breaks_it(words: str) -> None:
    found = since(words, NOW, PACIFIC)
    assert found is None or found.tzinfo is not None
