"""The audit record: rows are added and read, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from storage.dialect import insert_of
from storage.models import AlertEvent
from storage.sends import SOME, chunks

EVENTS: Table = AlertEvent.__table__  # type: ignore[assignment]

BLANK: dict[str, Any] = {
    "alert_id": None, "actor_name": "", "team_id": "", "channel": "", "before": {}, "after": {}, "detail": {},
}

# Put together once, since a press needs them: building a statement anew costs as much time as running it.
RECORDED = select(AlertEvent.id).where(AlertEvent.dedupe_key == bindparam("key"))
OF_ALERTS = select(AlertEvent).where(AlertEvent.alert_id.in_(SOME)).order_by(AlertEvent.id.desc())


def is_recorded(session: Session, dedupe_key: str) -> bool:
    """Whether something with this key has been recorded."""
    return session.scalar(RECORDED, {"key": dedupe_key}) is not None


def record(session: Session, rows: Sequence[dict[str, Any]]) -> int:
    """Add rows; one whose dedupe key is there already is left out. Gives how many were added."""
    if not rows:
        return 0
    insert = insert_of(session)
    statement = insert(EVENTS).on_conflict_do_nothing().returning(EVENTS.c.id)
    return len(session.execute(statement, [BLANK | row for row in rows]).all())


def last_on_message(session: Session, message_id: int) -> AlertEvent | None:
    """The latest press on all alerts of a message."""
    return session.scalar(
        select(AlertEvent)
        .where(AlertEvent.alert_id.is_(None), AlertEvent.detail["message"].as_integer() == message_id)
        .order_by(AlertEvent.id.desc()).limit(1),
    )


def timeline(session: Session, alert_id: int, limit: int = 100) -> list[AlertEvent]:
    """What happened to an alert, the oldest first; of more than `limit` events the latest."""
    latest = select(AlertEvent).where(AlertEvent.alert_id == alert_id).order_by(AlertEvent.id.desc()).limit(limit)
    return list(reversed(session.scalars(latest).all()))


def assignees(session: Session, alert_ids: Iterable[int]) -> set[str]:
    """Everybody to whom one of those alerts was ever assigned."""
    assignee = AlertEvent.after["assignee"].as_string()
    return {
        who for some in chunks(sorted(set(alert_ids)))
        for who in session.scalars(
            select(assignee).where(AlertEvent.alert_id.in_(some), assignee.is_not(None)).distinct(),
        )
        if who
    }


def of_alerts(session: Session, alert_ids: Iterable[int]) -> dict[int, list[AlertEvent]]:
    """What happened to each of those alerts, the latest first."""
    found: dict[int, list[AlertEvent]] = {alert_id: [] for alert_id in alert_ids}
    for some in chunks(sorted(found)):
        for event in session.scalars(OF_ALERTS, {"some": some}):
            found[event.alert_id or 0].append(event)
    return found
