"""Which period somebody means: "last week", "october", "30 days", "1 to 15 Nov". Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from rapidfuzz import fuzz, process

from bot import past
from bot.reports import period
from bot.reports.period import Period

EXAMPLES = ("yesterday", "last week", "this month", "october", "q3", "30 days", "2026-11-01 to 2026-11-15")
USUAL = 7
"""Days that a report tells of where nobody says which."""
LONGEST = 3650
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)
QUARTER = 3
_LENGTH = re.compile(r"(?:(?:the )?(?:last|past) )?(\d{1,9}) ?(d|days?|w|weeks?|months?)")
_AGO = re.compile(r"((?!0+ )\d{1,3}|an?|one) (day|week|month)s? ago")
_MONTH = re.compile(r"(?:in )?([a-z]{3,9})(?: (\d{4}))?|(\d{4})-(\d{2})")
_RANGE = re.compile(r"(?:from )?(.+?) (?:to|until|till|-|–) (.+)")  # noqa: RUF001 - what people type between two dates
_QUARTER = re.compile(r"q([1-4])(?: (\d{4}))?|(\d{4}) ?q([1-4])")
_YEAR = re.compile(r"(?:in )?(\d{4})")
_NO_DAY = re.compile(
    r"(?:(?:since|from|on) )?(?:\d{1,2}\.? [a-z]{3,9}|[a-z]{3,9} \d{1,2}|\d{4}-\d{1,2}-\d{1,2})(?: \d{4})?",
)
_AHEAD = frozenset(f"next {part}" for part in ("day", "week", "month", "quarter", "year")) | {"tomorrow"}
_LIKE_A_TIME = re.compile(
    r"(?:since |from |in |on )?(?:\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?|h[12](?: \d{4})?"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* '?\d{1,2}(?:[-–]\d{1,2})?)",  # noqa: RUF001 - as below
)
"""What people write for times that is not understood here."""
_NUMBER = re.compile(r"\d+")
_FOUR_DIGITS = re.compile(r"\b\d{4}\b")
NEAR, NEAREST = 80, 2
"""Likeness (0-100) from which words are taken for a mistyped period, and how many are offered."""
_DAYS_OF = {"d": 1, "w": 7, "m": 30}


def usual(now: datetime, zone: ZoneInfo) -> Period:
    """What is told of where nobody says which period."""
    return period.last(USUAL, now, zone)


def understood(words: str, now: datetime, zone: ZoneInfo) -> Period | None:
    """The period that is meant by these words, by the clock of `zone`; None where none is, or it has not begun."""
    found = _meant(_plain(words), now, zone)
    return found if found is not None and found.since < now else None


def doubt(words: str, now: datetime, zone: ZoneInfo) -> str:
    """Why words that were meant as a period are none, as a sentence; empty where they were meant as something else."""
    said = _plain(words)
    meant = _meant(said, now, zone)
    found = _RANGE.fullmatch(said)
    if said in _AHEAD or (meant is not None and meant.since >= now):
        return f"“{words}” has not begun yet."
    if meant is not None:
        return ""
    if _LENGTH.fullmatch(said):
        return f"A period has 1 to {LONGEST:,} days."
    if found is not None:
        return _doubt_of_range(words, found, now, zone)
    return f"I do not understand “{words}” as a period." if _LIKE_A_TIME.fullmatch(said) else _doubt_of_day(words, said)


def _doubt_of_day(words: str, said: str) -> str:
    named = _NO_DAY.fullmatch(said)
    letters = [word for word in re.findall(r"[a-z]+", said) if word not in {"since", "from", "on"}]
    if named is None or not all(map(_number_of, letters)) or not (letters or "-" in said):
        return ""
    year = _FOUR_DIGITS.search(said)
    if year is not None and int(year[0]) not in past.RECKONED:
        return f"“{words}” is too near an end of the calendar to reckon with."
    return f"There is no day “{words}”, or it has not come yet."


def _doubt_of_range(words: str, found: re.Match[str], now: datetime, zone: ZoneInfo) -> str:
    today = now.astimezone(zone).date()
    final = past.day(found[2], today)
    first = _beginning(found[1], found[2], today)
    if first is None or final is None:
        sides = (side for side in found.groups() if not _RANGE.fullmatch(side))
        return next((told for side in sides if (told := doubt(side, now, zone))), "")
    if (final - first).days >= LONGEST:
        return f"A period has 1 to {LONGEST:,} days."
    if final.year < first.year and not _FOUR_DIGITS.search(found[2]):
        # Without a year it is the last day of that name: "1 to 30 jun" on the tenth of June.
        return f"“{found[2]}” has not come yet."
    return f"“{words}” ends before it begins."


def near(words: str) -> tuple[str, ...]:
    """The periods that mistyped words may have been meant as, the likeliest first: "octobr" is October."""
    said = _plain(words)
    numbers = _NUMBER.findall(said)
    known = [*_NAMES, *MONTHS] if not numbers else [form for form in _LENGTHS if form.count("0") == len(numbers)]
    found = process.extract(_NUMBER.sub("0", said), known, scorer=fuzz.ratio, limit=NEAREST, score_cutoff=NEAR)
    names = [name.replace("0", numbers[0]) if numbers else name for name, _, _ in found]
    return tuple(name for name in names if name != said and (not numbers or _days(name)))


def _plain(words: str) -> str:
    return " ".join(words.casefold().replace(",", " ").split())


def _meant(said: str, now: datetime, zone: ZoneInfo) -> Period | None:
    """The period of that name or form, even one that has not begun."""
    ways = (_named, _length, _ago, _month, _of_year, _dates)
    return next((found for way in ways if (found := way(said, now, zone)) is not None), None)


def _named(said: str, now: datetime, zone: ZoneInfo) -> Period | None:
    today = now.astimezone(zone).date()
    make = _NAMES.get(said.removeprefix("the ").removeprefix("for "))
    return make(today, now, zone) if make is not None else None


def _today(today: date, now: datetime, zone: ZoneInfo) -> Period:
    return period.running(today, today - timedelta(days=1), now, zone, "today so far", "the same hours yesterday")


def _yesterday(today: date, _now: datetime, zone: ZoneInfo) -> Period:
    return period.days_between(today - timedelta(days=1), today, zone)


def _this_week(today: date, now: datetime, zone: ZoneInfo) -> Period:
    monday = today - timedelta(days=today.weekday())
    return period.running(
        monday, monday - timedelta(days=7), now, zone, "this week so far", "the same days of last week",
    )


def _last_week(today: date, _now: datetime, zone: ZoneInfo) -> Period:
    monday = today - timedelta(days=today.weekday())
    return period.days_between(monday - timedelta(days=7), monday, zone)


def _this_month(today: date, now: datetime, zone: ZoneInfo) -> Period:
    first, before = _months_on(today, 0), _months_on(today, -1)
    return period.running(first, before, now, zone, f"{first:%B %Y} so far", f"the same days of {before:%B}")


def _last_month(today: date, _now: datetime, zone: ZoneInfo) -> Period:
    return _month_ago(today, 1, zone)


def _month_ago(today: date, number: int, zone: ZoneInfo) -> Period:
    first = _months_on(today, -number)
    return period.month(first.year, first.month, zone)


def _months_on(day: date, number: int) -> date:
    """The first day of the month that comes so many after a day's own."""
    years, month = divmod(day.month - 1 + number, 12)
    return date(day.year + years, month + 1, 1)


def _quarter(today: date) -> date:
    return today.replace(month=(today.month - 1) // QUARTER * QUARTER + 1, day=1)


def _quarter_before(first: date) -> date:
    return _months_on(first, -QUARTER)


def _quarter_name(first: date) -> str:
    return f"Q{first.month // QUARTER + 1} {first.year}"


def _this_quarter(today: date, now: datetime, zone: ZoneInfo) -> Period:
    first = _quarter(today)
    before = _quarter_before(first)
    return period.running(
        first, before, now, zone, f"{_quarter_name(first)} so far", f"as many days of {_quarter_name(before)}",
    )


def _last_quarter(today: date, _now: datetime, zone: ZoneInfo) -> Period:
    return _whole_quarter(_quarter_before(_quarter(today)), zone)


def _whole_quarter(first: date, zone: ZoneInfo) -> Period:
    end, before = _months_on(first, QUARTER), _quarter_before(first)
    return period.months(first, end, before, zone, _quarter_name(first), _quarter_name(before))


def _this_year(today: date, now: datetime, zone: ZoneInfo) -> Period:
    first = today.replace(month=1, day=1)
    before = first.replace(year=first.year - 1)
    return period.running(first, before, now, zone, f"{first.year} so far", f"the same days of {before.year}")


def _last_year(today: date, _now: datetime, zone: ZoneInfo) -> Period:
    return _whole_year(today.year - 1, zone)


def _whole_year(year: int, zone: ZoneInfo) -> Period:
    before, first, end = (date(year + on, 1, 1) for on in (-1, 0, 1))
    return period.months(first, end, before, zone, str(year), str(before.year))


_NAMES: dict[str, Callable[[date, datetime, ZoneInfo], Period]] = {
    "today": _today, "yesterday": _yesterday, "day": lambda _today, now, zone: period.last(1, now, zone),
    "this week": _this_week, "last week": _last_week, "previous week": _last_week,
    **dict.fromkeys(("week", "past week"), lambda _today, now, zone: period.last(7, now, zone)),
    "this month": _this_month, "last month": _last_month, "previous month": _last_month,
    **dict.fromkeys(("month", "past month"), lambda _today, now, zone: period.last(30, now, zone)),
    "this quarter": _this_quarter, "last quarter": _last_quarter, "previous quarter": _last_quarter,
    "this year": _this_year, "last year": _last_year, "previous year": _last_year,
}


_LENGTHS = ("last 0 days", "0 days", "last 0 weeks", "0 weeks", "last 0 months", "0 months")
"""Lengths of time, with a nought for any number."""


def _length(said: str, now: datetime, zone: ZoneInfo) -> Period | None:
    days = _days(said)
    return period.last(days, now, zone) if days else None


def _ago(said: str, now: datetime, zone: ZoneInfo) -> Period | None:
    """The one day, week or month that was so long ago."""
    found = _AGO.fullmatch(said)
    if found is None:
        return None
    number = int(found[1]) if found[1].isdigit() else 1
    today = now.astimezone(zone).date()
    if found[2] == "month":
        return _month_ago(today, number, zone)
    if found[2] == "week":
        monday = today - timedelta(days=today.weekday(), weeks=number)
        return period.days_between(monday, monday + timedelta(weeks=1), zone)
    day = today - timedelta(days=number)
    return period.days_between(day, day + timedelta(days=1), zone)


def _days(said: str) -> int:
    """How many days a length has; 0 where it is none, or none of those that a report can tell of."""
    found = _LENGTH.fullmatch(said)
    days = int(found[1]) * _DAYS_OF[found[2][0]] if found is not None else 0
    return days if days <= LONGEST else 0


def _month(said: str, now: datetime, zone: ZoneInfo) -> Period | None:
    found = _MONTH.fullmatch(said)
    today = now.astimezone(zone).date()
    if found is None:
        return None
    number = int(found[4]) if found[4] else _number_of(found[1])
    if not 1 <= number <= len(MONTHS):
        return None
    year = int(found[2] or found[3] or today.year - (number > today.month))
    if not 2000 <= year <= today.year:  # noqa: PLR2004 - Sendoso is younger
        return None
    return _this_month(today, now, zone) if (year, number) == (today.year, today.month) else period.month(
        year, number, zone,
    )


def _of_year(said: str, now: datetime, zone: ZoneInfo) -> Period | None:
    """A quarter such as "q3" or "q3 2025", which is the last that has begun, or a whole year."""
    today = now.astimezone(zone).date()
    quarter, year = _QUARTER.fullmatch(said), _YEAR.fullmatch(said)
    if quarter is not None:
        month = (int(quarter[1] or quarter[4]) - 1) * QUARTER + 1
        named = int(quarter[2] or quarter[3] or today.year - (month > today.month))
        if not 2000 <= named <= today.year:  # noqa: PLR2004 - as above
            return None
        first = date(named, month, 1)
        return _this_quarter(today, now, zone) if first == _quarter(today) else _whole_quarter(first, zone)
    if year is None or not 2000 <= int(year[1]) <= today.year:  # noqa: PLR2004 - as above
        return None
    return _this_year(today, now, zone) if int(year[1]) == today.year else _whole_year(int(year[1]), zone)


def _number_of(name: str) -> int:
    return next((place for place, month in enumerate(MONTHS, 1) if name in {month, month[:3]}), 0)


def _dates(said: str, now: datetime, zone: ZoneInfo) -> Period | None:
    today = now.astimezone(zone).date()
    found = _RANGE.fullmatch(said)
    if found is not None:
        return _between(_beginning(found[1], found[2], today), past.day(found[2], today), zone)
    if said.startswith(("since ", "from ")):
        first = past.day(said.partition(" ")[2].removeprefix("last "), today)
        return period.since(first, now, zone) if first is not None else None
    day = past.day(said, today)
    if day is None:
        return None
    return _today(today, now, zone) if day == today else _between(day, day, zone)


def _beginning(said: str, until: str, today: date) -> date | None:
    """The first day of "1 to 15 Nov" or "15 Dec to 10 Jan 2026", whose month or year stands only at the end."""
    final = past.day(until, today)
    if final is None:
        return past.day(said, today)
    has_year = _FOUR_DIGITS.search(until) is not None
    if said.isdecimal() and len(said) <= len("31"):
        first, a_year_on = (past.day(f"{int(said)} {final:%b} {final.year + on}", today) for on in (0, 1))
        # In November "1 to 30 Nov" begins in this one, as "1 Nov to 30 Nov" does; that its end is to come is told.
        return a_year_on if a_year_on is not None and a_year_on <= today and not has_year else first
    first = past.day(f"{said} {final.year}", today) if has_year else None
    if first is not None and first.month > final.month:
        return past.day(f"{said} {final.year - 1}", today)
    return first if first is not None else past.day(said, today)


def _between(first: date | None, final: date | None, zone: ZoneInfo) -> Period | None:
    if first is None or final is None or not 0 <= (final - first).days < LONGEST:
        return None
    return period.days_between(first, final + timedelta(days=1), zone)
