"""Which alerts a send has, will have, and might ever have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot.alerts.judgement import watched
from bot.alerts.lifecycle import SCAN, State
from bot.slack.blocks.route_facts import COMING, SETTLED, SUPPOSED, Choice
from bot.statuses import thresholds
from bot.statuses.catalogue import MEANINGS, Status
from bot.statuses.kinds import Kind
from bot.statuses.watch import Watch
from bot.statuses.watched import LEVELS, OVERDUE, RULES, Finding, Told, Watched
from storage import alerts as stored
from storage.models import Alert, Send

EITHER = frozenset({Kind.CHOICE, Kind.UNKNOWN})
"""Kinds of sends that may take the way of an eGift or of a physical gift."""


def choices(session: Session, send: Send, watch: Watch, now: datetime) -> tuple[Choice, ...]:
    """Every alert about the send that can be asked about, the more pressing rules first; never empty.

    Open ones, those that come while it stays in its status, and those that it could get in any other status of its
    kind.
    """
    alerts = stored.of_sends(session, [send.id])[send.id]
    found = {(alert.rule, alert.level): _of(alert) for alert in alerts if alert.state != State.RESOLVED}
    seen = watched(send)
    ahead = thresholds.findings(seen, watch)
    told = _told([alert for alert in alerts if alert.status_seq == send.status_seq], ahead)
    for finding in ahead:
        state = COMING if _comes(finding, seen, watch, told, now) else SETTLED
        found.setdefault((finding.rule, finding.level), _found(finding, state))
    for rule, level in _imaginable(seen, watch):
        found.setdefault((rule, level), Choice(rule=rule, level=level, state=SUPPOSED))
    return tuple(sorted(found.values(), key=_pressing))


def coming(session: Session, send: Send, watch: Watch, now: datetime) -> tuple[Finding, ...]:
    """What will be told of the send if it stays in its status, the earliest first; also what is due but not told."""
    alerts = stored.of_sends(session, [send.id])[send.id]
    seen = watched(send)
    ahead = thresholds.findings(seen, watch)
    told = _told([alert for alert in alerts if alert.status_seq == send.status_seq], ahead)
    return tuple(found for found in ahead if _comes(found, seen, watch, told, now))


def default(offered: Sequence[Choice]) -> Choice:
    """The one that is most likely meant: what is open, else what comes next, else "overdue"."""
    standing = [one for one in offered if one.state in set(State)]
    coming = sorted((one for one in offered if one.state == COMING), key=_when)
    supposed = [one for one in offered if one.rule == OVERDUE]
    return next(iter([*standing, *coming, *supposed, *offered]))


def _pressing(one: Choice) -> tuple[int, int]:
    return RULES.index(one.rule) if one.rule in RULES else len(RULES), LEVELS.get(one.level, 0)


def _when(one: Choice) -> float:
    return one.due_at.timestamp() if one.due_at else 0.0


def _of(alert: Alert) -> Choice:
    return Choice(rule=alert.rule, level=alert.level, state=alert.state, due_at=alert.due_at)


def _found(finding: Finding, state: str) -> Choice:
    return Choice(rule=finding.rule, level=finding.level, state=state, due_at=finding.due_at)


def _told(present: Sequence[Alert], ahead: Sequence[Finding]) -> Told:
    """What the scan takes as told: open alerts, and all of a rule of which a person has settled an alert."""
    settled = {alert.rule for alert in present if alert.state == State.RESOLVED and alert.resolved_by != SCAN}
    still_open = {(alert.rule, alert.level) for alert in present if alert.state != State.RESOLVED}
    return frozenset(still_open | {(one.rule, one.level) for one in ahead if one.rule in settled})


def _comes(finding: Finding, seen: Watched, watch: Watch, told: Told, now: datetime) -> bool:
    """Whether it will be told if nothing changes: neither told already nor covered by what is."""
    due = thresholds.due(seen, watch, max(finding.due_at, now), told)
    return any((one.rule, one.level) == (finding.rule, finding.level) for one in due)


def _imaginable(seen: Watched, watch: Watch) -> set[tuple[str, str]]:
    # As if the gift had just been sent, so that no end of an offer lies behind it.
    fresh = replace(seen, created_at=seen.status_since, expires_at=None)
    return {
        (finding.rule, finding.level)
        for status in _statuses(seen.kind) for finding in thresholds.findings(replace(fresh, status=status), watch)
    }


def _statuses(kind: str) -> set[Status]:
    return {
        one.status for one in MEANINGS
        if one.status is not Status.UNKNOWN and (kind in EITHER or one.kind in {kind, "any"})
    }
