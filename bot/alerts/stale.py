"""Fresh data or not: an alert to the admins when no sync has worked for too long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.alerts import notices, telling
from bot.alerts.escalation import SNOOZED
from bot.alerts.lifecycle import SCAN, AlertState, State
from bot.alerts.rulebook import Rulebook
from bot.alerts.subjects import places, subject_of
from bot.statuses.watched import STALE
from storage import alerts as stored
from storage import events, messages, notifications
from storage.alerts import Write
from storage.models import Alert, Message, SyncCursor

SYNCS_MISSED = 4
"""Syncs that may fail in a row before the admins hear of it (our judgement: an hour by default)."""


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """When a sync last worked, and how long without one is too long."""

    last_ok_at: datetime
    limit: timedelta
    said: str = ""
    """What the last sync that did not work has said."""


def freshness(cursor: SyncCursor | None, sync_every: timedelta, since: datetime) -> Freshness:
    """The same by how far a source's syncs have come, one every so often; from `since` on where none ever worked."""
    return Freshness(
        last_ok_at=(cursor.last_ok_at if cursor else None) or since, limit=sync_every * SYNCS_MISSED,
        said=(cursor.last_error if cursor else None) or "",
    )


def check(session: Session, now: datetime, found: Freshness, rules: Rulebook) -> bool:
    """Open or close the alert about missing data; gives whether data are missing too long.

    Where no sync has ever worked, the first that was tried counts as the last that did. One alert for each time that
    data stop coming.
    """
    known = stored.of_bot(session, STALE)
    still_open = [alert for alert in known if alert.state != State.RESOLVED]
    is_stale = now - found.last_ok_at > found.limit
    if not is_stale:
        _close(session, still_open, found.last_ok_at, now)
    elif still_open:
        _wake(session, still_open, now)
    else:
        _open(session, now, found, rules)
    if is_stale:
        telling.tell(session, now, rules)
    return is_stale


def foreseen(session: Session, now: datetime, fresh: Freshness) -> Alert | None:
    """The alert that `check` would open at `now`, not stored; None where it would open none."""
    told = any(alert.state != State.RESOLVED for alert in stored.of_bot(session, STALE))
    row = _row(now, fresh)
    if told or now - fresh.last_ok_at <= fresh.limit or stored.keys(session, [row["key"]]):
        return None
    return Alert(**row, status="", status_raw="")


def _row(now: datetime, found: Freshness) -> dict[str, Any]:
    last_ok_at, limit = found.last_ok_at, found.limit
    words = notices.lasting(limit) if limit >= timedelta(minutes=1) else f"{limit.total_seconds():.0f} seconds"
    return {
        "key": f"{STALE}:{last_ok_at.isoformat(timespec='seconds')}", "rule": STALE, "level": "notice",
        "status_since": last_ok_at, "due_at": last_ok_at + limit, "opened_at": now,
        "threshold": {
            "amount": limit.total_seconds(), "unit": "seconds", "source": "our judgement",
            "words": words,
        },
        "why": f"No sync with Sendoso has worked for more than {words}."
               f"{notices.SAID if found.said else ''}{found.said}",
    }


def _open(session: Session, now: datetime, fresh: Freshness, rules: Rulebook) -> None:
    made = stored.add(session, [_row(now, fresh)])
    found = stored.refresh(session, made.values())
    events.record(session, [_event(alert, "opened", now) for alert in found])
    notifications.add(session, [
        row for alert in found for row in places(alert.id, subject_of(alert, None), rules.routing, now)
    ])


def _close(session: Session, still_open: list[Alert], last_ok_at: datetime, now: datetime) -> None:
    held = [alert for alert in stored.locked(session, [one.id for one in still_open]) if alert.state != State.RESOLVED]
    for alert in held:
        words = notices.stale_over_line(last_ok_at, alert.status_since or alert.due_at)
        _change(session, alert, "fresh", now, {
            "state": str(State.RESOLVED), "snoozed_until": None, "snoozed_by": None,
            "resolved_by": SCAN, "resolved_at": now, "resolved_reason": words,
        })
        for message_id in stored.messages_of(session, [alert]):
            message = session.get_one(Message, message_id)
            message.body = message.body | {"text": f"{message.body.get('text', '')}\n{words}".strip()}
    session.flush()


def _wake(session: Session, still_open: list[Alert], now: datetime) -> None:
    ended = [alert.id for alert in still_open if alert.snoozed_until is not None and alert.snoozed_until <= now]
    for alert in stored.locked(session, ended):
        if alert.snoozed_until is not None:
            _change(session, alert, "snooze_ended", now, {
                "state": str(State.FIRING), "reason": "snooze_ended", "snoozed_until": None, "snoozed_by": None,
            })
            notifications.wake(session, [alert.id], now, held=SNOOZED)


def _change(session: Session, alert: Alert, action: str, now: datetime, values: dict[str, object]) -> None:
    before = AlertState.of(alert).as_json() | {"version": alert.version}
    shown = stored.messages_of(session, [alert])
    stored.save(session, [Write(alert_id=alert.id, version=alert.version, values=values)])
    stored.refresh(session, [alert.id])
    events.record(session, [_event(alert, action, now) | {"before": before}])
    messages.touch(session, shown, now)


def _event(alert: Alert, action: str, now: datetime) -> dict[str, object]:
    return {
        "alert_id": alert.id, "action": action, "actor": SCAN, "occurred_at": now,
        "after": AlertState.of(alert).as_json() | {"version": alert.version},
        "dedupe_key": f"{SCAN}:{alert.id}:{alert.version}",
    }
