"""Dates and times as exports write them, in any of the usual forms, with or without a zone. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1,
)}
_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a day count knows no zone
_EXCEL_DAYS = range(36_526, 73_051)  # the years 2000 to 2099
_SECONDS = range(946_684_800, 4_102_444_800)  # the same years, in Unix time
_CENTURY = 2000

_TIME = r"""(?: [T\s,]+ (?:at\s+)?
    (?P<hour>\d{1,2}) (?: :(?P<minute>\d{2}) (?: :(?P<second>\d{2}) (?:[.,](?P<part>\d{1,9}))? )? )?
    \s* (?P<half>[ap]\.?m\.?)? )?"""
_YEAR_FIRST = r"(?P<year>\d{4}) (?P<sep>[-/.]) (?P<month>\d{1,2}) (?P=sep) (?P<day>\d{1,2})"
_NUMBERS = r"(?P<one>\d{1,2}) (?P<sep>[-/.]) (?P<two>\d{1,2}) (?P=sep) (?P<year>\d{4}|\d{2})"
_WEEKDAY = r"(?: (?:mon|tue|wed|thu|fri|sat|sun) [a-z]* \.?,?\s+ )?"
_DAY_NAME = _WEEKDAY + r"""(?P<day>\d{1,2}) (?:st|nd|rd|th)? [\s-]+ (?:of\s+)?
    (?P<name>[a-z]{3,9}) \.?,? [\s-]+ (?P<year>\d{4}|\d{2})"""
_NAME_DAY = _WEEKDAY + r"(?P<name>[a-z]{3,9}) \.?\s+ (?P<day>\d{1,2}) (?:st|nd|rd|th)?,?\s+ (?P<year>\d{4}|\d{2})"
_FORMS = tuple(
    re.compile(form + _TIME, re.IGNORECASE | re.VERBOSE | re.ASCII)
    for form in (_YEAR_FIRST, _NUMBERS, _DAY_NAME, _NAME_DAY)
)
_ZONE = re.compile(
    r"""\s* (?: \(? (?<![A-Z]) (?P<name>Z|UTC|GMT|[PMCE][SD]?T) \)?
        | (?:UTC|GMT)? (?P<sign>[+-]) (?P<h>\d{2}) :? (?P<m>\d{2})? )
    (?: \s* \([A-Za-z ]+\) )? $""",
    re.IGNORECASE | re.VERBOSE | re.ASCII,
)
_NUMERIC = _FORMS[1]
_COMPACT = re.compile(r"\d{8}(?:T\d{4}(?:\d{2})?)?", re.ASCII)
_CLOCK = re.compile(r"\d:\d|\dT\d{4}|\d\s*[ap]\.?m", re.IGNORECASE | re.ASCII)
_NAMED: dict[str, tzinfo] = {
    "z": UTC, "utc": UTC, "gmt": UTC,
    **{f"{letter}{kind}t": timezone(timedelta(hours=hours + (kind == "d")))
       for letter, hours in (("p", -8), ("m", -7), ("c", -6), ("e", -5)) for kind in "sd"},
    "pt": ZoneInfo("America/Los_Angeles"), "mt": ZoneInfo("America/Denver"),
    "ct": ZoneInfo("America/Chicago"), "et": ZoneInfo("America/New_York"),
}


class UnreadableDateError(ValueError):
    """The text is no date in a form that is known."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text[:60]!r} is not a date that can be read")


def zone_named(text: str) -> tzinfo | None:
    """The zone of an abbreviation such as UTC, PST or ET; None for one not known."""
    return _NAMED.get(text.casefold())


def day_first(values: Iterable[str]) -> bool | None:
    """Whether dates such as 12/9/2022 begin with the day, as far as these values show it; None if they do not.

    Dates with dots (12.9.2022) are written day first wherever they are in use.
    """
    day, month = False, False
    for value in values:
        found = _NUMERIC.match(value.strip())
        if found:
            day = day or int(found["one"]) > 12 or found["sep"] == "."  # noqa: PLR2004 - months of a year
            month = month or int(found["two"]) > 12  # noqa: PLR2004
    return None if day == month else day


def moment(text: str, zone: tzinfo, *, day_before_month: bool = False, end_of_day: bool = False) -> datetime:
    """The instant that the text names, aware.

    A time without a zone is in `zone`; of two equal wall times at the end of summer time the first is
    meant, and one that the clocks skip is read as if they had not yet moved. A date alone is its midnight, or
    with `end_of_day` its last second. Knows ISO 8601, 9/12/2022 12:08 PM, 12 Sep 2022, Sep 12, 2022
    12:08:27 -0700, Sat Sep 12 2022 12:08:27 GMT-0700, Excel's day numbers and Unix times. Raises
    `UnreadableDateError`.
    """
    text = text.strip()
    try:
        counted = _counted(text, zone)
        if counted is not None:
            return counted
        # Without a time of day, -0500 at the end would be a year.
        stated = _ZONE.search(text) if _CLOCK.search(text) else None
        bare = text[:stated.start()] if stated else text
        local, has_time = _local(bare, day_before_month=day_before_month)
        if end_of_day and not has_time:
            local = local.replace(hour=23, minute=59, second=59)
        return local.replace(tzinfo=_offset(stated) if stated else zone)
    except (ValueError, OverflowError):
        raise UnreadableDateError(text) from None


def _counted(text: str, zone: tzinfo) -> datetime | None:
    if not re.fullmatch(r"\d{5,13}(\.\d+)?", text):
        return None
    number = float(text)
    if int(number) in _EXCEL_DAYS:
        seconds = round(number * 86_400)
        return (_EXCEL_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=zone)
    for unit in (1, 1000):
        if int(number / unit) in _SECONDS:
            return datetime.fromtimestamp(number / unit, UTC)
    return None


def _offset(stated: re.Match[str]) -> tzinfo:
    if stated["name"]:
        return _NAMED[stated["name"].casefold()]
    length = timedelta(hours=int(stated["h"]), minutes=int(stated["m"] or 0))
    return timezone(-length if stated["sign"] == "-" else length)


def _local(text: str, *, day_before_month: bool) -> tuple[datetime, bool]:
    for form in _FORMS:
        found = form.fullmatch(text.strip())
        if found:
            parts = found.groupdict()
            year = int(parts["year"])
            month, day = _month_and_day(parts, day_before_month=day_before_month)
            clock = _time(parts)
            full = year if len(parts["year"]) > 2 else _CENTURY + year  # noqa: PLR2004 - "22" is 2022
            return datetime(full, month, day, *clock), parts["hour"] is not None  # noqa: DTZ001
    if not _COMPACT.fullmatch(text.strip()):
        raise ValueError("no known form")
    return datetime.fromisoformat(text.strip()), "T" in text


def _month_and_day(parts: dict[str, str], *, day_before_month: bool) -> tuple[int, int]:
    if parts.get("name"):
        return _MONTHS.get(parts["name"][:3].casefold(), 0), int(parts["day"])
    if parts.get("month"):
        return int(parts["month"]), int(parts["day"])
    one, two = int(parts["one"]), int(parts["two"])
    # A value that can only be read one way is read that way, whatever its column does.
    if one > 12 or (day_before_month and two <= 12):  # noqa: PLR2004 - months of a year
        return two, one
    return one, two


def _time(parts: dict[str, str]) -> tuple[int, int, int, int]:
    hour = int(parts["hour"] or 0)
    half = (parts["half"] or "")[:1].casefold()
    if half:
        if not 1 <= hour <= 12:  # noqa: PLR2004 - a half day has twelve hours
            raise ValueError("no such hour")
        hour = hour % 12 + (12 if half == "p" else 0)
    microsecond = int((parts["part"] or "0").ljust(6, "0")[:6])
    return hour, int(parts["minute"] or 0), int(parts["second"] or 0), microsecond
