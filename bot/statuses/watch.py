"""By what sends are watched: the business calendar, and the limits that this installation has set for itself."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import product
from zoneinfo import ZoneInfo

from bot.statuses.watched import OVERDUE_LEVELS, Watched
from bot.statuses.working_time import PACIFIC, WorkCalendar, us_calendar

LONGEST_LIMIT = 3_650
"""Days of the longest limit that can be set: nothing is on its way for ten years."""

_LONGEST_NAME = 60

Scope = tuple[str | None, str | None, str | None]
"""Campaign, team and type as they are compared; None where any will do."""


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """One limit of this installation: for which sends, at which level, and how long.

    `status` is a status id, and the limit counts for just that status. To name a status in which nothing is
    awaited, such as delivered, is to ask for alerts about it; the catalogue itself never gives one. In "unknown" are
    all sends whose status nobody has named. What is expired or canceled for want of an answer is told as that and
    never as overdue, so that a limit for these two says nothing.

    `type` names Sendoso's type or subtype. It, `campaign` and `team` are compared without regard to case and white
    space; None or a blank fits every send. `amount` None means that such sends are never late (or never a case for
    Support); else it runs from 0 to 3,650. Raises ValueError for another amount or level.
    """

    status: str
    level: str
    """late or support."""
    amount: int | None
    in_business_days: bool = False
    type: str | None = None
    campaign: str | None = None
    team: str | None = None

    def __post_init__(self) -> None:
        if self.level not in OVERDUE_LEVELS:
            raise ValueError(f"a threshold is for one of the levels {', '.join(OVERDUE_LEVELS)}, not {self.level!r}")
        if self.amount is not None and not 0 <= self.amount <= LONGEST_LIMIT:
            raise ValueError(f"a threshold is between 0 and {LONGEST_LIMIT:,} days, not {self.amount}")

    @property
    def scope(self) -> Scope:
        """For which sends, as it is compared."""
        return _plain(self.campaign), _plain(self.team), _plain(self.type)

    @property
    def words(self) -> str:
        """The limit in words: "late after 5 business days, for campaign Autumn", "never one for Support"."""
        name = "late" if self.level == "late" else "one for Support"
        unit = "business day" if self.in_business_days else "day"
        plural = "" if self.amount == 1 else "s"
        limit = f"never {name}" if self.amount is None else f"{name} after {self.amount:,} {unit}{plural}"
        return f"{limit}, for {self.whom}" if self.whom else limit

    @property
    def whom(self) -> str:
        """For which sends, in words such as "campaign Autumn and team West"; empty where for all."""
        named = (("campaign", self.campaign), ("team", self.team), ("type", self.type))
        return " and ".join(f"{what} {_clipped(name)}" for what, name in named if name and name.strip())


@dataclass(frozen=True, kw_only=True)
class Watch:
    """The business calendar, and the thresholds that come before those of the catalogue."""

    calendar: WorkCalendar
    thresholds: tuple[Threshold, ...] = ()

    def set_for(self, status: str) -> tuple[Threshold, ...]:
        """Every threshold of this installation for that status, as they stand in the list."""
        return tuple(one for one in self.thresholds if one.status == status)

    def own(self, watched: Watched, level: str, status: str | None = None) -> Threshold | None:
        """The threshold of this installation for a send, in its status or in `status`; None where none fits.

        Of those that fit, the one counts that asks for most of campaign, team and type; among equals the later
        in the list.
        """
        fitting = self._by_status.get((status or watched.status, level))
        if fitting is None:
            return None
        found = [fitting[scope] for scope in _scopes(watched) if scope in fitting]
        return max(found, key=lambda one: one[0])[1] if found else None

    @cached_property
    def _by_status(self) -> dict[tuple[str, str], dict[Scope, tuple[tuple[int, int], Threshold]]]:
        # A look-up for each scope that a send can have, so that many thresholds cost no more than one.
        found: dict[tuple[str, str], dict[Scope, tuple[tuple[int, int], Threshold]]] = defaultdict(dict)
        for place, one in enumerate(self.thresholds):
            asked = sum(name is not None for name in one.scope)
            found[one.status, one.level][one.scope] = ((asked, place), one)
        return dict(found)


def _scopes(watched: Watched) -> product[Scope]:
    campaigns = dict.fromkeys((_plain(watched.campaign), None))
    teams = dict.fromkeys((_plain(watched.team), None))
    types = dict.fromkeys((_plain(watched.type), _plain(watched.subtype), None))
    return product(campaigns, teams, types)


@lru_cache(maxsize=4_096)
def _plain(text: str | None) -> str | None:
    return " ".join(text.casefold().split()) or None if text else None


def _clipped(name: str) -> str:
    line = " ".join(name.split())
    return line if len(line) <= _LONGEST_NAME else f"{line[:_LONGEST_NAME - 1].rstrip()}…"


@cache
def us_watch(zone: ZoneInfo = PACIFIC) -> Watch:
    """What is in force where nobody has set anything: the calendar of `us_calendar`, the limits of the catalogue."""
    return Watch(calendar=us_calendar(zone))
