"""When a channel is to be left in peace. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

WEEK = 7
WORKWEEK = frozenset(range(5))


@dataclass(frozen=True, kw_only=True)
class QuietHours:
    """Hours of every working day, and whole days, in which nothing is told but what may break through.

    `start` and `end` are wall times of `zone` (both None: no hours, only days); the hours may run over midnight.
    `working_days` are weekdays (Monday is 0): every other day is quiet from midnight to midnight.
    `except_for` names rule ids, or `rule/level`, that are told at any hour.
    """

    zone: str
    start: time | None = None
    end: time | None = None
    working_days: frozenset[int] = frozenset(range(WEEK))
    except_for: frozenset[str] = frozenset()

    def may_break_through(self, rule: str, level: str) -> bool:
        return rule in self.except_for or f"{rule}/{level}" in self.except_for

    def until(self, now: datetime) -> datetime | None:
        """When the quiet that holds at `now` ends (aware, UTC offset of `zone`); None when it is not quiet."""
        zone = ZoneInfo(self.zone)
        moment = now
        # A night may end in a free day and that in the next night; a week of steps sees the end of all of them.
        for _ in range(4 * WEEK):
            end = self._end(moment.astimezone(zone))
            if end is None:
                return moment if moment > now else None
            moment = end
        return moment

    def coming(self, now: datetime) -> tuple[datetime, datetime] | None:
        """The quiet that holds at `now`, or the next one: from when (aware, at most a week ahead) until when."""
        zone = ZoneInfo(self.zone)
        local = now.astimezone(zone)
        walls = [time(), *([self.start] if self.start is not None else [])]
        # Midnight has passed, so that now is one of them. A free day comes within six days, and the hours sooner.
        for start in sorted({max(now, _at(local, wall, days=step)) for step in range(WEEK) for wall in walls}):
            end = self.until(start)
            if end is not None:
                return start, end
        return None

    def _end(self, local: datetime) -> datetime | None:
        if local.weekday() not in self.working_days:
            return _midnight(local, 1)
        if self.start is None or self.end is None or self.start == self.end:
            return None
        wall = local.time()
        if self.start < self.end:
            return _at(local, self.end) if self.start <= wall < self.end else None
        if wall >= self.start:
            return _at(local, self.end, days=1)
        return _at(local, self.end) if wall < self.end else None

    def as_json(self) -> dict[str, Any]:
        return {
            "zone": self.zone,
            "start": self.start.isoformat() if self.start else None,
            "end": self.end.isoformat() if self.end else None,
            "working_days": sorted(self.working_days), "except_for": sorted(self.except_for),
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        return cls(
            zone=stored["zone"],
            start=time.fromisoformat(stored["start"]) if stored.get("start") else None,
            end=time.fromisoformat(stored["end"]) if stored.get("end") else None,
            working_days=frozenset(stored.get("working_days", range(WEEK))),
            except_for=frozenset(stored.get("except_for", ())),
        )


def _midnight(local: datetime, days: int) -> datetime:
    return _at(local, time(), days=days)


def _at(local: datetime, wall: time, days: int = 0) -> datetime:
    # Wall time of a date: where the clocks change in between, the hour on the wall counts.
    return datetime.combine(local.date() + timedelta(days=days), wall, tzinfo=local.tzinfo)
