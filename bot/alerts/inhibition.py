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


def hidden_by(sources: Iterable[Source], subject: Subject) -> Source | None:
    """The open alert that hides this one: it explains it, and there is nothing else to do about it.

    "Out of funds" hides the late sends of the same campaign and team that wait for the same money; "expired"
    hides what it says about its own send better. Nothing hides itself.
    """
    return next((source for source in sources if _hides(source, subject)), None)


def _hides(source: Source, subject: Subject) -> bool:
    if source.rule == EXPIRED:
        return source.send_gid == subject.send_gid and subject.rule in {EXPIRING, OVERDUE}
    return (
        subject.rule == OVERDUE and subject.status in WAITING_FOR_FUNDS
        and source.send_gid != subject.send_gid
        and (source.campaign, source.team) == (subject.campaign, subject.team)
        and bool(subject.campaign or subject.team)
    )
