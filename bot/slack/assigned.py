"""What a notice about an assignment shows, read from the tables."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.slack.blocks.assigned_card import TOP, Assigned
from storage import alerts as stored
from storage import notifications
from storage.models import Alert, Message
from storage.sends import chunks


def of(session: Session, message: Message) -> Assigned | None:
    """The assignment of which a message tells; None where it names none."""
    body = message.body
    ids = [one for one in body.get("alerts", ()) if isinstance(one, int)]
    if not ids:
        return None
    top = stored.refresh(session, ids[:TOP])
    return Assigned(
        reader=message.channel, by=str(body.get("by", "")), note=str(body.get("note", "")), total=len(ids),
        left=_left(session, ids, message.channel), top=stored.with_sends(session, top),
        place=_place(session, top[0].id) if top else "", message_id=body.get("message"),
    )


def _left(session: Session, ids: list[int], assignee: str) -> int:
    open_and_theirs = (Alert.assignee == assignee, Alert.state.in_(stored.OPEN_STATES))
    return sum(
        session.scalar(select(func.count()).select_from(Alert).where(Alert.id.in_(some), *open_and_theirs)) or 0
        for some in chunks(ids)
    )


def _place(session: Session, alert_id: int) -> str:
    """The first channel in which an alert stands."""
    places = [row.channel for row in notifications.of_alerts(session, [alert_id])[alert_id] if row.message_id]
    return next((place for place in places if place[:1] in {"C", "G"}), "")
