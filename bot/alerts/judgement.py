"""What a scan has to do about one send: which alerts to open, raise, wake and close. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.alerts.lifecycle import SCAN, State
from bot.statuses import thresholds
from bot.statuses.kinds import Kind
from bot.statuses.spelling import fold
from bot.statuses.watch import Watch
from bot.statuses.watched import (
    EXPIRED,
    LEVELS,
    NEEDS_ACTION_RULE,
    OVERDUE,
    UNKNOWN_RULE,
    Finding,
    Told,
    Watched,
)
from storage.models import Alert, Send

RAISED, MOVED_ON, ENDED, CLEARED = "raised", "moved_on", "ended", "cleared"
"""Why the scan closes an alert."""

CONTINUED_BY = {NEEDS_ACTION_RULE: OVERDUE}
"""A held send needs somebody at once; the day it is overdue, that alert takes over from the first."""


@dataclass(frozen=True, kw_only=True)
class Opening:
    """An alert to open, or to open again where `reopens` names one that the scan itself had closed."""

    finding: Finding
    reason: str
    """first, raised or reopened."""
    reopens: Alert | None = None
    takes_over_from: tuple[int, ...] = ()
    """Row ids of the milder alerts that are closed for it."""
    assignee: str | None = None
    support_by: str | None = None
    support_at: datetime | None = None
    follow_up_at: datetime | None = None
    """Who has it, and who has told Support of it when: what was so for the milder alert stays so."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """All that one send gives a scan to do."""

    openings: tuple[Opening, ...] = ()
    closings: tuple[tuple[Alert, str], ...] = ()
    """Alerts with the reason for which each is closed."""
    awakened: tuple[Alert, ...] = ()
    """Alerts whose snooze has ended while nothing has moved."""
    due_at: datetime | None = None
    due_rule: str | None = None


def watched(send: Send) -> Watched:
    """What the thresholds look at."""
    return Watched(
        status=send.status, kind=Kind(send.kind), type=send.type, subtype=send.subtype, campaign=send.campaign,
        team=send.team, status_since=send.status_since, warehouse_since=send.warehouse_since,
        created_at=send.created_at, expires_at=send.expires_at,
    )


def key_of(send: Send, finding: Finding) -> str:
    """What an alert is about, for ever. A status that nobody has named is told once for each spelling."""
    if finding.rule == UNKNOWN_RULE:
        return unnamed_key(send.status_raw)
    return f"{finding.rule}:{send.send_gid}:{send.status_seq}:{finding.level}"


def unnamed_key(status_raw: str) -> str:
    """What an alert of a status is about that nobody has named."""
    return f"{UNKNOWN_RULE}:{fold(status_raw)}"


def judge(send: Send, alerts: Sequence[Alert], watch: Watch, now: datetime) -> Judgement:
    """What is to be done about a send at `now`, given every alert that it has ever had.

    Judging again after it was done gives nothing to do. The next due time always lies after `now`.
    """
    seen = watched(send)
    present = [alert for alert in alerts if alert.status_seq == send.status_seq]
    holding = {found.rule: found for found in thresholds.due(seen, watch, now)}
    closings = _closings(alerts, send, holding, now)
    closed = {alert.id for alert, _ in closings}
    told = _told((alert for alert in present if alert.id not in closed), thresholds.findings(seen, watch))
    found = thresholds.due(seen, watch, now, told)
    quiet = {
        rule: alert.snoozed_until
        for alert in present if _sleeps(alert, now) and alert.id not in closed
        for rule in (alert.rule, CONTINUED_BY.get(alert.rule)) if rule
    }
    openings = tuple(
        _opening(finding, send, alerts, closings) for finding in found if finding.rule not in quiet
    )
    due_at, due_rule = _next(seen, watch, told, found, quiet)
    return Judgement(
        openings=openings,
        closings=tuple(closings),
        awakened=tuple(alert for alert in present if _wakes(alert, now) and alert.id not in closed),
        due_at=due_at, due_rule=due_rule,
    )


def _closings(
    alerts: Sequence[Alert], send: Send, holding: dict[str, Finding], now: datetime,
) -> list[tuple[Alert, str]]:
    found = []
    for alert in alerts:
        if alert.state == State.RESOLVED:
            continue
        why = MOVED_ON if alert.status_seq != send.status_seq else _why_closed(alert, holding, now)
        if why is not None:
            found.append((alert, why))
    return found


def _why_closed(alert: Alert, holding: dict[str, Finding], now: datetime) -> str | None:
    finding = holding.get(alert.rule)
    if finding is None and CONTINUED_BY.get(alert.rule) in holding:
        return None if _sleeps(alert, now) else RAISED
    if finding is None:
        return ENDED if EXPIRED in holding else CLEARED
    if finding.level == alert.level:
        return None
    if LEVELS[finding.level] < LEVELS.get(alert.level, 0):
        return CLEARED
    return None if _sleeps(alert, now) else RAISED


def _told(present: Iterable[Alert], possible: Iterable[Finding]) -> Told:
    told: set[tuple[str, str]] = set()
    silenced: set[str] = set()
    for alert in present:
        if alert.state != State.RESOLVED:
            told.add((alert.rule, alert.level))
        elif alert.resolved_by != SCAN:
            # What a person has settled stays settled for this stay in the status, at every level.
            silenced.add(alert.rule)
            told.add((alert.rule, alert.level))
    return frozenset(told | {(found.rule, found.level) for found in possible if found.rule in silenced})


def _sleeps(alert: Alert, now: datetime) -> bool:
    return alert.state == State.SNOOZED and alert.snoozed_until is not None and alert.snoozed_until > now


def _wakes(alert: Alert, now: datetime) -> bool:
    return alert.state == State.SNOOZED and not _sleeps(alert, now)


def _opening(
    finding: Finding, send: Send, alerts: Sequence[Alert], closings: Sequence[tuple[Alert, str]],
) -> Opening:
    milder = [
        alert for alert, why in closings
        if why == RAISED and finding.rule in {alert.rule, CONTINUED_BY.get(alert.rule)}
    ]
    same = [alert for alert in alerts if alert.rule == finding.rule and alert.status == send.status]
    again = next(
        (alert for alert in same if alert.status_seq == send.status_seq and alert.level == finding.level), None,
    )
    if milder:
        return _raised(finding, milder, again)
    came_back = again is not None or any(alert.status_seq < send.status_seq for alert in same)
    return Opening(finding=finding, reason="reopened" if came_back else "first", reopens=again)


def _raised(finding: Finding, milder: Sequence[Alert], again: Alert | None) -> Opening:
    """It fires anew, since a further limit has passed; but nobody has to take it on or tell Support once more."""
    told = max((one for one in milder if one.support_at), key=lambda one: one.support_at or one.opened_at, default=None)
    return Opening(
        finding=finding, reason=RAISED, reopens=again, takes_over_from=tuple(one.id for one in milder),
        assignee=next((one.assignee for one in reversed(milder) if one.assignee), None),
        support_by=told.support_by if told else None, support_at=told.support_at if told else None,
        follow_up_at=told.follow_up_at if told else None,
    )


def milder(alert: Alert, alerts: Iterable[Alert]) -> list[Alert]:
    """Those of a send's alerts from which this one took over, in their order; what was done about them counts on."""
    return [
        one for one in alerts
        if one.id != alert.id and one.status_seq == alert.status_seq
        and one.state == State.RESOLVED and one.resolved_by == SCAN
        and (CONTINUED_BY.get(one.rule) == alert.rule or _is_milder(one, alert))
    ]


def _is_milder(one: Alert, other: Alert) -> bool:
    return one.rule == other.rule and LEVELS.get(one.level, 0) < LEVELS.get(other.level, 0)


def _next(
    seen: Watched, watch: Watch, told: Told, found: Sequence[Finding], quiet: dict[str, datetime | None],
) -> tuple[datetime | None, str | None]:
    done = told | {(finding.rule, finding.level) for finding in found}
    ahead = [thresholds.next_due(seen, watch, done)]
    # A raise waits until the snooze of the milder alert ends.
    ahead += [(until, rule) for finding in found if (until := quiet.get(rule := finding.rule)) is not None]
    times = [when for when in ahead if when is not None]
    return min(times) if times else (None, None)
