"""One alert that explains others hides them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.alerts.routing import Subject
from bot.statuses.catalogue import Status
from bot.statuses.watched import EXPIRED, EXPIRING, NEEDS_ACTION_RULE, OVERDUE

WAITING_FOR_FUNDS = frozenset({
    Status.INITIATED, Status.PENDING_APPROVAL, Status.PENDING_SENDOSO_APPROVAL, Status.INSUFFICIENT_FUNDS,
})
"""Statuses of a send that nothing has been paid for yet (our judgement)."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """What an open alert can hide others by."""

    rule: str
    status: str
    send_gid: str
    team: str
    campaign: str


def source_of(subject: Subject) -> Source | None:
    """The subject as something that hides others; None for an alert that hides nothing."""
    no_funds = subject.rule == NEEDS_ACTION_RULE and subject.status == Status.INSUFFICIENT_FUNDS
    if not no_funds and subject.rule != EXPIRED:
        return None
    return Source(
        rule=subject.rule, status=subject.status, send_gid=subject.send_gid, team=subject.team,
        campaign=subject.campaign,
    )


def waits_for_funds(rule: str, status: str) -> bool:
    """Whether missing funds would explain such an alert."""
    return rule == OVERDUE and status in WAITING_FOR_FUNDS


class Sources:
    """Open alerts that hide others, by what they can hide, so that each alert costs one look at thousands of them."""

    def __init__(self, sources: Iterable[Source] = ()) -> None:
        self._expired: dict[str, Source] = {}
        self._no_funds: dict[tuple[str, str], dict[str, Source]] = {}
        for source in sources:
            self._add(source)

    def _add(self, source: Source) -> None:
        if source.rule == EXPIRED:
            self._expired.setdefault(source.send_gid, source)
            return
        self._no_funds.setdefault((source.campaign, source.team), {}).setdefault(source.send_gid, source)

    def hiding(self, subject: Subject) -> Source | None:
        """The open alert that hides this one: it explains it, and there is nothing else to do about it.

        "Expired" hides what it says about its own send better; "out of funds" hides the late sends of the same
        campaign and team that wait for the same money.
        """
        if subject.rule in {EXPIRING, OVERDUE} and subject.send_gid in self._expired:
            return self._expired[subject.send_gid]
        if not waits_for_funds(subject.rule, subject.status):
            return None
        pot = (subject.campaign, subject.team)
        alike = self._no_funds.get(pot, {}) if any(pot) else {}
        # Nothing hides itself, so that at most the second is the one.
        return next((source for gid, source in alike.items() if gid != subject.send_gid), None)
