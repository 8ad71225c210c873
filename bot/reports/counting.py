"""Counting a report out of the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from bot.alerts.routing import Match, Subject
from bot.reports import summary
from bot.reports.period import Period
from bot.reports.summary import AGES, Age, Summary
from bot.statuses import catalogue
from bot.statuses.catalogue import Status
from storage import reports as stored
from storage import retention
from storage.counted import Aged, Lasted, Sum
from storage.counting_pace import quickly
from storage.reports import Among, Amounts

CAMPAIGN = "campaign"
_COLUMNS: dict[str, tuple[str, ...]] = {
    CAMPAIGN: (CAMPAIGN,), "team": ("team",), "type": ("type", "subtype"), "sender": ("sender_name", "sender_email"),
}
"""What has to be known of a send to say whether it fits a key of a match."""
NAMED = 1_000
"""So many combinations of team, sender and the like can be named in one question to the database."""
_T = TypeVar("_T", Sum, Lasted, Aged)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a report is limited to: every match has to fit. `about` says it in words."""

    matches: tuple[Match, ...] = ()
    about: str = ""
    amounts: Amounts = field(default_factory=Amounts)

    @property
    def by(self) -> tuple[str, ...]:
        """The columns by which it is decided."""
        asked = [key for key in _COLUMNS if any(getattr(match, key) for match in self.matches)]
        return tuple(column for key in asked for column in _COLUMNS[key])

    def kept(self, found: Iterable[_T], by: Sequence[str]) -> list[_T]:
        """Those of the sums, told apart by these columns, that count."""
        fits: dict[tuple[str, ...], bool] = {}
        kept = []
        for one in found:
            if one.of not in fits:
                fits[one.of] = self._fit(dict(zip(by, one.of, strict=True)))
            if fits[one.of]:
                kept.append(one)
        return kept

    def _fit(self, known: dict[str, Any]) -> bool:
        subject = Subject(rule="", **known)
        return not any(match.misfits(subject) for match in self.matches)


def of_match(match: Match, about: str = "") -> Limits:
    """The limits that a route's `when` sets; its rules are about alerts and ask nothing of a send."""
    amounts = Amounts(low=match.amount_from, high=match.amount_to, currency=match.currency)
    texts = Match(team=match.team, campaign=match.campaign, sender=match.sender, type=match.type)
    has_amount = match.amount_from is not None or match.amount_to is not None
    return Limits(
        matches=() if texts == Match() else (texts,), about=about, amounts=amounts if has_amount else Amounts(),
    )


def count(session: Session, period: Period, now: datetime, limits: Limits | None = None) -> Summary:
    """The report of a period. Some queries that each add up what the period holds; nothing reads all sends."""
    with quickly(session):
        return _count(session, period, now, limits or Limits())


def _count(session: Session, period: Period, now: datetime, limits: Limits) -> Summary:
    by = tuple(dict.fromkeys((CAMPAIGN, *limits.by)))
    these = _sums(session, period.since, period.until, by, limits)
    those = _sums(session, period.before, period.before_until, by, limits)
    place, held = by.index(CAMPAIGN), retention.held_since(session)
    return Summary(
        period=period, about=limits.about, now=summary.figures(these), before=summary.figures(those),
        stages=summary.stages(
            _stages(session, period.since, period.until, by, these, limits),
            _stages(session, period.before, period.before_until, by, those, limits),
        ),
        campaigns=summary.campaigns(these, those, lambda one: one.of[place]), ages=_ages(session, now, limits),
        held_since=held if held is not None and period.before < held else None,
    )


def _sums(session: Session, since: datetime, until: datetime, by: Sequence[str], limits: Limits) -> list[Sum]:
    return limits.kept([
        *stored.made(session, since, until, by, limits.amounts),
        *stored.taken(session, since, until, by, limits.amounts),
        *stored.stuck(session, until, by, limits.amounts),
    ], by)


def _stages(
    session: Session, since: datetime, until: datetime, by: Sequence[str], sums: Iterable[Sum], limits: Limits,
) -> list[Lasted]:
    """`sums`, told apart by `by`, are what counts of the same time: whoever arrived in it is among them."""
    places = [by.index(name) for name in limits.by]
    texts = {tuple(one.of[place] for place in places) for one in sums}
    if len(texts) <= NAMED:
        # To tell these sums apart by hours and all who are meant would make tens of thousands of them.
        among = Among(by=limits.by, texts=texts)
        return stored.stages(session, since, until, (), limits.amounts, among)
    return limits.kept(stored.stages(session, since, until, limits.by, limits.amounts), limits.by)


def _ages(session: Session, now: datetime, limits: Limits) -> list[Age]:
    is_open = [status for status in Status if not catalogue.is_final(status)]
    bounds = [now - timedelta(days=days) for days in AGES]
    found = limits.kept(stored.ages(session, is_open, bounds, limits.by, limits.amounts), limits.by)
    return [
        Age(least=least, number=sum(one.number for one in found if one.place == place))
        for place, least in enumerate((0, *AGES))
    ]
