"""On record who gave a workspace access to Sendoso, changed it or took it away; never a secret or a part of one.

A change and its row are one transaction in the main database. The workspace's bot takes the row over into its own
audit log, which is the one that people read, and does so as often as it likes: each row counts there once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from storage import events
from storage.models import AlertEvent

ACTION = "sendoso_access"
COLUMNS = ("action", "actor", "team_id", "occurred_at", "before", "after", "detail", "dedupe_key")


def note(
    session: Session, team_id: str, by: str, now: datetime, *, key: str, before: dict[str, Any], after: dict[str, Any],
) -> None:
    """Put a change on record. `by` is a Slack user id or "cli"; `key` is the same for one change however often told."""
    did = "removed" if not after else "changed" if before else "set"
    events.record(session, [{
        "action": ACTION, "actor": by, "team_id": team_id, "occurred_at": now, "before": before, "after": after,
        "detail": {"did": did}, "dedupe_key": f"{ACTION}|{team_id}|{key}",
    }])


def last(session: Session, team_id: str) -> AlertEvent | None:
    """The latest change of a workspace's access; None where none was ever made, or none is on record."""
    return session.scalar(_of(team_id).order_by(AlertEvent.id.desc()).limit(1))


def latest(session: Session) -> dict[str, str]:
    """The key of the latest change of each workspace's access, by the workspace's id."""
    asked = select(AlertEvent.team_id, AlertEvent.dedupe_key).where(AlertEvent.action == ACTION)
    return {row.team_id: row.dedupe_key for row in session.execute(asked.order_by(AlertEvent.id))}


def rows(session: Session, team_id: str) -> list[dict[str, Any]]:
    """All changes of a workspace's access, the oldest first, as `take_over` takes them."""
    found = session.scalars(_of(team_id).order_by(AlertEvent.id))
    return [{name: getattr(row, name) for name in COLUMNS} for row in found]


def take_over(session: Session, some: Iterable[dict[str, Any]]) -> int:
    """Put what `rows` gave on record in the workspace's own database; gives how many were new there."""
    return events.record(session, list(some))


def forget(session: Session, team_ids: Iterable[str]) -> None:
    """Delete for good what is on record of workspaces that are deleted."""
    session.execute(delete(AlertEvent).where(AlertEvent.action == ACTION, AlertEvent.team_id.in_(list(team_ids))))


def _of(team_id: str) -> Select[AlertEvent]:
    # The main database holds nothing else in this table: what happens to alerts stands in the workspaces' own.
    return select(AlertEvent).where(AlertEvent.action == ACTION, AlertEvent.team_id == team_id)
