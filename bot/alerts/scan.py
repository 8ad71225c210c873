"""The scan: looks at the sends that are due, and opens, raises, wakes and closes their alerts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.alerts import assignment, follow_up, mute_walk, notices, telling
from bot.alerts.escalation import SNOOZED
from bot.alerts.judgement import RAISED, Judgement, Opening, judge, key_of
from bot.alerts.lifecycle import SCAN, AlertState, State
from bot.alerts.preview import Plan, preview
from bot.alerts.routing import Routing
from bot.alerts.rulebook import Rulebook
from bot.alerts.stale import Freshness
from bot.alerts.subjects import about, places
from storage import alerts as stored
from storage import due, events, messages, notifications, sends, waiting
from storage.alerts import Write
from storage.engine import Database
from storage.models import Alert, Send

__all__ = ["BATCH", "Plan", "ScanReport", "everything", "plan", "run"]

BATCH = 200
"""Sends looked at in one transaction, so that a press never waits long for it."""


@dataclass(frozen=True, kw_only=True)
class ScanReport:
    """What a scan did: sends looked at, alerts opened, raised, woken and closed, messages wanted."""

    checked: int = 0
    opened: int = 0
    raised: int = 0
    """Of those opened, how many because a further limit has passed."""
    woken: int = 0
    resolved: int = 0
    settled: int = 0
    """Open alerts looked at because a mute has begun or ended."""
    messages: int = 0

    def __add__(self, other: ScanReport) -> ScanReport:
        return ScanReport(**{
            field.name: getattr(self, field.name) + getattr(other, field.name) for field in fields(self)
        })

    def as_json(self) -> dict[str, int]:
        return asdict(self)


def everything(database: Database, now: datetime, rules: Callable[[Session], Rulebook]) -> ScanReport:
    """Scan all that is due at `now`, one transaction for each batch, then tell what was found.

    For the job and the command line. May be stopped at any point and called again: nothing is lost or doubled.
    `rules` reads what is in force, in each transaction: nobody writes a due time by limits that have been changed.
    """
    total = ScanReport()
    with database.read() as session:
        if not waiting.anything(session, now):
            return total
    while True:
        report = step(database, now, rules, patient=True)
        total += report
        if not (report.checked or report.settled):
            return total + _follow_ups(database, now, rules)


def step(
    database: Database, now: datetime, rules: Callable[[Session], Rulebook], *, patient: bool = False,
) -> ScanReport:
    """One `run` in a transaction of its own; short, for who has something told and must not wait for a whole scan."""
    with database.write(patient=patient) as session:
        due.hold_limits(session)
        return run(session, now, rules(session))


def _follow_ups(database: Database, now: datetime, rules: Callable[[Session], Rulebook]) -> ScanReport:
    """Remind those who told Support; a transaction of its own for each batch, since alerts are locked in order."""
    total = ScanReport()
    while True:
        with database.write(patient=True) as session:
            reminded = follow_up.remind(session, now, rules(session))
        total += ScanReport(messages=reminded)
        if not reminded:
            return total


def run(session: Session, now: datetime, rules: Rulebook) -> ScanReport:
    """Look at up to 200 due sends; when none is left, put what was opened into messages.

    Call it, a transaction each, until `checked` and `settled` are 0: nothing is told before mutes that have begun
    or ended are carried out. On PostgreSQL several processes may do so at once: each send is looked at by one of
    them.
    """
    settled = mute_walk.settle(session, now)
    if settled:
        return ScanReport(settled=settled)
    due.wake(session, now, BATCH)
    claimed = sends.due(session, now, BATCH)
    if not claimed:
        return ScanReport(messages=telling.tell(session, now, rules))
    known = stored.of_sends(session, [send.id for send in claimed], lock=True)
    judged = [(send, judge(send, known[send.id], rules.watch, now)) for send in claimed]
    resolved = _close(session, judged, now)
    woken = _wake(session, judged, now)
    opened, raised = _open(session, judged, rules.routing, now)
    due.set_due(session, [(send.id, found.due_at, found.due_rule) for send, found in judged])
    return ScanReport(checked=len(claimed), opened=opened, raised=raised, woken=woken, resolved=resolved)


def plan(
    session: Session, now: datetime, rules: Rulebook, fresh: Freshness | None = None,
) -> Plan:
    """What a scan at `now` (any time, also past or ahead) would find and post, by today's data; writes nothing.

    `fresh` where syncs are to be watched, too.
    """
    return preview(session, now, rules, fresh)


Judged = Sequence[tuple[Send, Judgement]]


def _close(session: Session, judged: Judged, now: datetime) -> int:
    closed = [
        (alert, why, notices.closed_line(
            why, send.status, send.status_raw, notices.title(alert.status, alert.status_raw),
        ))
        for send, found in judged for alert, why in found.closings
    ]
    _change(session, now, [
        (alert, why, {
            "state": str(State.RESOLVED), "snoozed_until": None, "snoozed_by": None,
            "resolved_by": SCAN, "resolved_at": now, "resolved_reason": words,
            # What is to be followed up goes on with the alert that takes over.
            "follow_up_at": None if why == RAISED else alert.follow_up_at,
        })
        for alert, why, words in closed
    ])
    return len(closed)


def _wake(session: Session, judged: Judged, now: datetime) -> int:
    woken = [(alert, send) for send, found in judged for alert in found.awakened]
    _change(session, now, [
        (alert, "snooze_ended", {
            "state": str(State.FIRING), "reason": "snooze_ended", "snoozed_until": None, "snoozed_by": None,
            "acknowledged_by": None, "acknowledged_at": None,
        })
        for alert, _ in woken
    ])
    # Whoever snoozed an alert of the first look wants to hear of it again, whatever is chosen for the others.
    notifications.leave_backlog(session, [alert.id for alert, _ in woken], now, held=SNOOZED)
    notifications.wake(session, [alert.id for alert, _ in woken], now, held=SNOOZED)
    return len(woken)


def _open(session: Session, judged: Judged, routing: Routing, now: datetime) -> tuple[int, int]:
    """Open what is new; gives how many alerts are open now that were not, and how many of them were raised."""
    openings = [(send, one) for send, found in judged for one in found.openings]
    again = [(one.reopens, send, one) for send, one in openings if one.reopens is not None]
    _change(session, now, [(alert, "reopened", _reopened(one)) for alert, _, one in again])
    new: dict[str, tuple[Send, Opening]] = {}
    for send, one in openings:
        if one.reopens is None:
            new.setdefault(key_of(send, one.finding), (send, one))
    made = stored.add(session, [_row(key, send, one, now) for key, (send, one) in new.items()])
    events.record(session, [_opened(alert_id, new[key][1], now) for key, alert_id in made.items()])
    opened = [(alert_id, *new[key]) for key, alert_id in made.items()]
    opened += [(alert.id, send, one) for alert, send, one in again]
    assignment.hand_over(session, {
        milder: (alert_id, one.assignee)
        for alert_id, _, one in opened if one.assignee is not None for milder in one.takes_over_from
    }, now)
    _route(session, opened, routing, now)
    notifications.start_over(session, [alert.id for alert, _, _ in again], now)
    fresh = [new[key][1] for key in made] + [one for _, _, one in again]
    return len(fresh), sum(one.reason == RAISED for one in fresh)


def _route(
    session: Session, opened: Sequence[tuple[int, Send, Opening]], routing: Routing, now: datetime,
) -> None:
    """Say where each is to be told; when and how is decided when all of the scan is known."""
    notifications.want(session, [
        row for alert_id, send, one in opened
        for row in places(alert_id, about(one.finding.rule, one.finding.level, send.status, send), routing, now)
    ])


def _row(key: str, send: Send, one: Opening, now: datetime) -> dict[str, Any]:
    finding = one.finding
    return {
        "key": key, "send_id": send.id, "rule": finding.rule, "level": finding.level, "status": send.status,
        "status_raw": send.status_raw, "status_since": send.status_since, "status_seq": send.status_seq,
        "due_at": finding.due_at, "threshold": finding.threshold, "why": finding.why, "reason": one.reason,
        "opened_at": now, **_carried(one),
    }


def _carried(one: Opening) -> dict[str, Any]:
    """Who has it, and who told Support: nothing for an alert that takes over from none."""
    return {
        "assignee": one.assignee, "support_by": one.support_by, "support_at": one.support_at,
        "follow_up_at": one.follow_up_at,
    }


def _reopened(one: Opening) -> dict[str, Any]:
    return {
        "state": str(State.FIRING), "reason": one.reason, "why": one.finding.why, "due_at": one.finding.due_at,
        "threshold": one.finding.threshold, **_carried_again(one),
        "acknowledged_by": None, "acknowledged_at": None,
        "resolved_by": None, "resolved_at": None, "resolved_reason": None,
    }


def _carried_again(one: Opening) -> dict[str, Any]:
    """The same for an alert that comes back; whose it was, and what was told of it before, is not forgotten."""
    before = one.reopens
    if before is None:
        return _carried(one)
    names = ("assignee",) if one.support_at is not None else ("assignee", "support_by", "support_at", "follow_up_at")
    was = {name: getattr(before, name) for name in names}
    return _carried(one) | was | ({"assignee": one.assignee} if one.assignee else {})


def _opened(alert_id: int, one: Opening, now: datetime) -> dict[str, Any]:
    return {
        "alert_id": alert_id, "action": "opened", "actor": SCAN, "occurred_at": now,
        "after": {
            "state": str(State.FIRING), "version": 1, "reason": one.reason,
            **({"support_by": one.support_by} if one.support_by else {}),
        },
        "dedupe_key": f"{SCAN}:{alert_id}:1",
    }


def _change(session: Session, now: datetime, changes: Sequence[tuple[Alert, str, dict[str, Any]]]) -> None:
    """Write changes of the scan with a row of the audit record each, and have the alerts' messages drawn anew."""
    if not changes:
        return
    before = {alert.id: AlertState.of(alert).as_json() | {"version": alert.version} for alert, _, _ in changes}
    shown = stored.messages_of(session, (alert for alert, _, _ in changes))
    stored.save(session, [
        Write(alert_id=alert.id, version=alert.version, values=values) for alert, _, values in changes
    ])
    after = _read_again(session, (alert for alert, _, _ in changes))
    events.record(session, [
        {
            "alert_id": alert.id, "action": action, "actor": SCAN, "occurred_at": now,
            "before": before[alert.id], "after": after[alert.id],
            "dedupe_key": f"{SCAN}:{alert.id}:{before[alert.id]['version'] + 1}",
        }
        for alert, action, _ in changes
    ])
    # Whoever was given an alert that is settled now reads so where they were told of it.
    settled = [(alert, AlertState.from_json(before[alert.id])) for alert, _, _ in changes]
    messages.touch(session, shown | assignment.told_before(session, settled), now)


def _read_again(session: Session, changed: Iterable[Alert]) -> dict[int, dict[str, Any]]:
    return {
        alert.id: AlertState.of(alert).as_json() | {"version": alert.version}
        for alert in stored.refresh(session, [alert.id for alert in changed])
    }
