"""When a digest comes, to whom, and which days it tells of. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bot.alerts.routing import Match
from bot.reports.period import Period, days_between
from bot.statuses.wall_time import instant

DAY: Literal["day"] = "day"
WEEK: Literal["week"] = "week"
DAYS = {DAY: 1, WEEK: 7}
WORKDAYS, MONDAY = frozenset(range(5)), frozenset({0})
"""Weekdays on which a daily and a weekly digest come where none are named."""
EVERYTHING = ""
"""The route of a digest that tells of all sends."""


@dataclass(frozen=True, kw_only=True)
class Digest:
    """One digest as it is set: what it tells of, where, every day or week, at which time by which clock."""

    channel: str
    """A channel id; empty where there is no place for it (ALERT_CHANNEL is not set), so that it never comes."""
    route: str = EVERYTHING
    match: Match = field(default_factory=Match)
    """What a send must be to be counted; the route's own, but for its rules, which are about alerts."""
    every: str = WEEK
    at: time = time(9)
    on: frozenset[int] = MONDAY
    """Weekdays on which it comes (Monday is 0)."""
    zone: str
    picture: bool = True
    skip_empty: bool = True

    @property
    def name(self) -> str:
        """Tells it apart from the others, for ever; says nothing of the route's name, since it travels to Slack."""
        folded = " ".join(self.route.casefold().split())
        route = hashlib.sha256(folded.encode()).hexdigest()[:10] if folded else "all"
        return f"{self.every}:{self.channel}:{route}"


@dataclass(frozen=True, kw_only=True)
class Due:
    """A digest whose time has come: since when (UTC), for which day of its calendar, and what it tells of."""

    digest: Digest
    at: datetime
    day: date
    period: Period

    @property
    def key(self) -> str:
        """Names its message for ever: there is one for each digest and day, whatever time it is set to."""
        return f"digest:{self.digest.name}:{self.day.isoformat()}"


def latest(digest: Digest, now: datetime) -> Due | None:
    """The last time at or before `now` at which it was to come; None for one that never comes.

    A daily one tells of the days since it was to come before, so that one of Monday to Friday leaves out no weekend;
    a weekly one of the seven days before its own. Both end with the midnight before they come.
    """
    zone = ZoneInfo(digest.zone)
    today = now.astimezone(zone).date()
    for back in range(2 * DAYS[WEEK]):
        day = today - timedelta(days=back)
        at = instant(day, digest.at, zone)
        if day.weekday() in digest.on and at <= now:
            return Due(digest=digest, at=at.astimezone(UTC), day=day, period=_told_on(digest, day))
    return None


def coming(digest: Digest, now: datetime, after: date | None = None) -> Due | None:
    """The first time later than `now`, on a day later than `after`, at which it comes; None for one that never does."""
    zone = ZoneInfo(digest.zone)
    start = max(now.astimezone(zone).date(), after + timedelta(days=1) if after is not None else date.min)
    for ahead in range(2 * DAYS[WEEK]):
        day = start + timedelta(days=ahead)
        at = instant(day, digest.at, zone)
        if day.weekday() in digest.on and at > now:
            return Due(digest=digest, at=at.astimezone(UTC), day=day, period=_told_on(digest, day))
    return None


def _told_on(digest: Digest, day: date) -> Period:
    length = DAYS[WEEK]
    if digest.every == DAY:
        length = next(back for back in range(1, length + 1) if (day - timedelta(days=back)).weekday() in digest.on)
    return days_between(day - timedelta(days=length), day, ZoneInfo(digest.zone))
