"""The time that a report tells of, and the one before it that it is compared with. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from bot.statuses.wall_time import instant


@dataclass(frozen=True, kw_only=True)
class Period:
    """From `since` up to but without `until` (UTC), by the clock of `zone`; `before` is where the one before begins.

    The one before ends at `before_until`, which is `since` but where a period that is still running is compared with
    as much of the one before.
    """

    since: datetime
    until: datetime
    before: datetime
    before_until: datetime
    zone: str
    name: str
    """In words: "16 to 22 Nov 2026", "October 2026", "the last 30 days"."""
    before_name: str
    """What it is compared with: "the week before", "the 30 days before"."""

    @property
    def days(self) -> tuple[date, date]:
        """Its first and its last day, by its own clock."""
        zone = ZoneInfo(self.zone)
        final = self.until - timedelta(microseconds=1)
        return self.since.astimezone(zone).date(), final.astimezone(zone).date()

    def as_json(self) -> dict[str, Any]:
        """As it is stored and as programs read it: times in ISO 8601, UTC."""
        return {
            "since": self.since.isoformat(), "until": self.until.isoformat(), "before": self.before.isoformat(),
            "before_until": self.before_until.isoformat(), "zone": self.zone, "name": self.name,
            "before_name": self.before_name,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """The period as `as_json` wrote it."""
        times = {
            name: datetime.fromisoformat(stored[name]).astimezone(UTC)
            for name in ("since", "until", "before", "before_until")
        }
        return cls(**times, zone=stored["zone"], name=stored["name"], before_name=stored["before_name"])


def days_between(first: date, end: date, zone: ZoneInfo, name: str = "", before_name: str = "") -> Period:
    """The days from `first` up to but without `end`, compared with as many days just before them."""
    length = (end - first).days
    return _of(first, end, first - timedelta(days=length), zone, name, before_name or _before(length))


def month(year: int, number: int, zone: ZoneInfo) -> Period:
    """A calendar month, compared with the one before it."""
    first = date(year, number, 1)
    end, before = _next(first), (first - timedelta(days=1)).replace(day=1)
    return _of(first, end, before, zone, f"{first:%B %Y}", f"{before:%B}")


def months(first: date, end: date, before: date, zone: ZoneInfo, name: str, before_name: str) -> Period:
    """Whole months, such as a year, compared with what begins at `before` and ends where they begin."""
    return _of(first, end, before, zone, name, before_name)


def running(first: date, before: date, now: datetime, zone: ZoneInfo, name: str, before_name: str) -> Period:
    """From midnight of `first` until now, compared with as long a time from midnight of `before` on."""
    since, start = _midnight(first, zone), _midnight(before, zone)
    return Period(
        since=since, until=now, before=start, before_until=min(since, start + (now - since)), zone=zone.key, name=name,
        before_name=before_name,
    )


def last(days: int, now: datetime, zone: ZoneInfo) -> Period:
    """So many times 24 hours up to now, compared with as many before."""
    length = timedelta(days=days)
    name = "the last 24 hours" if days == 1 else f"the last {days:,} days"
    return Period(
        since=now - length, until=now, before=now - 2 * length, before_until=now - length, zone=zone.key, name=name,
        before_name="the 24 hours before" if days == 1 else f"the {days:,} days before",
    )


def since(first: date, now: datetime, zone: ZoneInfo) -> Period:
    """From midnight of `first` until now, compared with as long a time just before."""
    start = _midnight(first, zone)
    return Period(
        since=start, until=now, before=start - (now - start), before_until=start, zone=zone.key,
        name=f"since {span(first, first + timedelta(days=1))}", before_name="as long a time before",
    )


def span(first: date, end: date) -> str:
    """The days from `first` up to but without `end`, as people write them: "16 to 22 Nov 2026"."""
    final = end - timedelta(days=1)
    if final == first:
        return f"{first:%A} {first.day} {first:%b %Y}"
    start = f"{first.day}"
    if (first.year, first.month) != (final.year, final.month):
        start = f"{first.day} {first:%b}" if first.year == final.year else f"{first.day} {first:%b %Y}"
    return f"{start} to {final.day} {final:%b %Y}"


def _of(first: date, end: date, before: date, zone: ZoneInfo, name: str, before_name: str) -> Period:
    since = _midnight(first, zone)
    return Period(
        since=since, until=_midnight(end, zone), before=_midnight(before, zone), before_until=since, zone=zone.key,
        name=name or span(first, end), before_name=before_name,
    )


def _before(length: int) -> str:
    return {1: "the day before", 7: "the week before"}.get(length, f"the {length:,} days before")


def _next(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return instant(day, time(), zone)
