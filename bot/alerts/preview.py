"""What a scan would find and post, without doing either."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.alerts import notices, stale, telling
from bot.alerts.escalation import SNOOZED, Kind
from bot.alerts.grouping import BASELINE
from bot.alerts.judgement import judge, key_of
from bot.alerts.reminders import replies
from bot.alerts.rulebook import Rulebook
from bot.alerts.stale import Freshness
from bot.alerts.subjects import places, subject_of
from bot.statuses.watched import Finding
from storage import alerts as stored
from storage import due, notifications
from storage.models import Alert, Notification, Send

PAGE = 1_000


@dataclass(frozen=True, kw_only=True)
class PlannedFinding:
    """An alert that would be opened."""

    send_gid: str
    """Empty for what is not about one send, such as missing data."""
    rule: str
    level: str
    status: str
    since: datetime
    due_at: datetime
    why: str


@dataclass(frozen=True, kw_only=True)
class PlannedMessage:
    """A message that would be posted: a channel or user id, and the message in one line of plain text."""

    channel: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a scan as of `now` would do."""

    now: datetime
    findings: tuple[PlannedFinding, ...]
    messages: tuple[PlannedMessage, ...]

    def as_json(self) -> dict[str, Any]:
        """The shape that programs read; times in ISO 8601, UTC."""
        return {
            "now": _iso(self.now),
            "findings": [
                {
                    "send_gid": found.send_gid, "rule": found.rule, "level": found.level, "status": found.status,
                    "since": _iso(found.since), "due_at": _iso(found.due_at), "why": found.why,
                }
                for found in self.findings
            ],
            "messages": [{"channel": message.channel, "text": message.text} for message in self.messages],
        }


def preview(
    session: Session, now: datetime, rules: Rulebook, fresh: Freshness | None = None,
) -> Plan:
    """Judge as of `now`, by today's data, every send that would be due then; the same rules, no writing.

    By today's data no sync works meanwhile either, so `fresh` is judged in the same way.
    """
    opened: dict[str, tuple[Alert, Send | None]] = {}
    woken: list[tuple[Alert, Send]] = []
    closed: set[int] = set()
    for send, known in _due_then(session, now):
        found = judge(send, known, rules.watch, now)
        woken += [(alert, send) for alert in found.awakened]
        closed |= {alert.id for alert, _ in found.closings}
        for one in found.openings:
            key = key_of(send, one.finding)
            if key not in opened or _is_before(send, opened[key][1]):
                opened[key] = _as_if(send, one.finding, now), send
    for key in stored.keys(session, [key for key, (alert, _) in opened.items() if alert.rule == "unknown_status"]):
        del opened[key]
    missing = stale.foreseen(session, now, fresh) if fresh else None
    if missing is not None:
        opened[missing.key] = (missing, None)
    found_ones = [_finding(alert, send) for alert, send in opened.values()]
    return Plan(
        now=now,
        findings=tuple(sorted(found_ones, key=lambda found: (found.due_at, found.send_gid, found.rule))),
        messages=tuple(_messages(session, list(opened.values()), woken, closed, now, rules)),
    )


def _due_then(session: Session, now: datetime) -> Iterator[tuple[Send, list[Alert]]]:
    for some in due.pages(session, now, PAGE):
        known = stored.of_sends(session, [send.id for send in some])
        for send in some:
            yield send, known[send.id]


def _is_before(send: Send, other: Send | None) -> bool:
    # Of several sends with a status that nobody has named, the scan tells of the one at which it looks first.
    return bool(send.due_at and other and other.due_at and send.due_at < other.due_at)


def _as_if(send: Send, finding: Finding, now: datetime) -> Alert:
    # Never added to the session: only the shape that the texts read.
    return Alert(
        key="", send_id=send.id, rule=finding.rule, level=finding.level, status=send.status, status_raw=send.status_raw,
        status_since=send.status_since, due_at=finding.due_at, why=finding.why, opened_at=now,
    )


def _finding(alert: Alert, send: Send | None) -> PlannedFinding:
    return PlannedFinding(
        send_gid=send.send_gid if send else "", rule=alert.rule, level=alert.level, status=alert.status,
        since=alert.status_since or alert.due_at, due_at=alert.due_at, why=alert.why,
    )


def _messages(
    session: Session, opened: list[tuple[Alert, Send | None]], woken: list[tuple[Alert, Send]], closed: set[int],
    now: datetime, rules: Rulebook,
) -> Iterator[PlannedMessage]:
    elsewhere = closed | {alert.id for alert, _ in woken}
    rows = [one for one in notifications.due(session, now) if one[1].id not in elsewhere and one[0].channel]
    rows += _would_wake(session, woken, now)
    # Numbers that no alert has: by them it is known which messages stand already.
    for place, (alert, send) in enumerate(opened, start=stored.last_id(session) + 1):
        alert.id = place
        wanted = places(place, subject_of(alert, send), rules.routing, now)
        rows += [(Notification(**row), alert, send) for row in wanted]
    told = telling.decided(session, rows, now, opened=opened, closed=closed)
    first = [one for one in told if one.decision.kind is Kind.TELL]
    backlog = not due.first_scan_is_over(session)
    for planned in telling.first_messages(session, first, now, rules, backlog=backlog):
        yield PlannedMessage(channel=planned.channel, text=notices.text_of(planned, now))
    spoken = [one for one in telling.with_those_beside(session, told, now) if one.alert.id not in closed]
    for reply in replies(session, spoken, closed=closed, woken={alert.id for alert, _ in woken}):
        yield PlannedMessage(channel=reply.parent.channel, text=reply.text(session, now))


def _would_wake(session: Session, woken: list[tuple[Alert, Send]], now: datetime) -> list[notifications.Row]:
    found = notifications.of_alerts(session, [alert.id for alert, _ in woken])
    rows: list[notifications.Row] = []
    for alert, send in woken:
        session.expunge(alert)
        alert.state = "firing"
        for row in found[alert.id]:
            session.expunge(row)
            # What stands in the summary of a first look is then told by itself.
            row.told_at = None if row.held == BASELINE else row.told_at
            row.held, row.next_at = SNOOZED, now
            rows.append((row, alert, send))
    return rows


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
