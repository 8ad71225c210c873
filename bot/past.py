"""Since when: a moment in the past, in people's words. Pure."""

from __future__ import annotations

import re
from calendar import isleap
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.statuses.wall_time import instant

EXAMPLES = ("7 days", "yesterday", "this month", "2026-11-01", "all")
LENGTHS = {
    "m": timedelta(minutes=1), "min": timedelta(minutes=1), "minute": timedelta(minutes=1),
    "h": timedelta(hours=1), "hour": timedelta(hours=1), "d": timedelta(days=1), "day": timedelta(days=1),
    "w": timedelta(days=7), "week": timedelta(days=7), "month": timedelta(days=30), "year": timedelta(days=365),
}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FORMS = ("%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y")
FILLERS = re.compile(r"^(?:since|from|the|last|past|for)\s+")
LENGTH = re.compile(r"(?P<number>\d{1,5})?\s*(?P<unit>[a-z]+?)s?(?:\s+ago)?")
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
RECKONED = range(1900, 9001)
"""Years whose days can be reckoned with: what lies as long before or after them does not leave the calendar."""


def since(words: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The instant (UTC) that is meant by words such as "7 days", "monday" or "2026-11-01"; None if none is.

    Dates begin at midnight as the clock in `zone` has it. "all" is the beginning of time.
    """
    said = " ".join(words.casefold().replace(",", " ").split())
    while FILLERS.match(said):
        said = FILLERS.sub("", said)
    if said in {"all", "everything", "ever", "the beginning", "beginning"}:
        return BEGINNING
    found = day(said, now.astimezone(zone).date())
    if found is not None:
        return instant(found, time(), zone)
    return _moment(said, zone) or _length(said, now)


def day(said: str, today: date) -> date | None:
    """The day that is meant by words in lower case: "yesterday", "monday", "12 nov", "2026-11-01"; None if none is."""
    named = {
        "today": today, "yesterday": today - timedelta(days=1), "this week": today - timedelta(days=today.weekday()),
        "this month": today.replace(day=1), "this year": today.replace(month=1, day=1),
    }
    if said in named:
        return named[said]
    for number, name in enumerate(WEEKDAYS):
        if said in {name, name[:3]}:
            return today - timedelta(days=(today.weekday() - number - 1) % 7 + 1)
    return _date(said, today)


def _date(said: str, today: date) -> date | None:
    found = _of_calendar(said, today)
    return found if found is not None and found.year in RECKONED else None


def _of_calendar(said: str, today: date) -> date | None:
    try:
        return date.fromisoformat(said)
    except ValueError:
        pass
    for text, is_last in ((said, False), (f"{said} {today.year}", True)):
        for form in FORMS:
            try:
                found = datetime.strptime(text, form).date()  # noqa: DTZ007 - a date has no zone
            except ValueError:
                continue
            return _years_before(found) if is_last and found > today else found
    return None


def _years_before(day: date) -> date:
    """The same day of an earlier year, the latest that has it: a 29 February comes every four or eight years."""
    is_extra = (day.month, day.day) == (2, 29)
    years = (day.year - back for back in range(1, 9))
    return day.replace(year=next(year for year in years if isleap(year) or not is_extra))


def _moment(said: str, zone: ZoneInfo) -> datetime | None:
    try:
        found = datetime.fromisoformat(said.upper())
    except ValueError:
        return None
    if found.year not in RECKONED:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def _length(said: str, now: datetime) -> datetime | None:
    found = LENGTH.fullmatch(said)
    length = LENGTHS.get(found["unit"]) if found is not None else None
    if found is None or length is None:
        return None
    return now - min(int(found["number"] or 1) * length, now - BEGINNING)
