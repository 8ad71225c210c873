"""What cards of alerts show, read from the tables."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bot.slack.blocks.group_card import TOP, Group
from bot.slack.blocks.home import SHOWN, HomeFacts
from storage.models import Alert, Person, Send
from storage.sends import has_open_alert

Pair = tuple[Alert, Send | None]
OPEN = Alert.state != "resolved"
RESOLVED_LAST = (Alert.state == "resolved", Alert.status_since, Alert.id)


def alert_with_send(session: Session, alert_id: int) -> Pair | None:
    """An alert and the send it is about; None for an alert that is not there."""
    found = _pairs(session, _both().where(Alert.id == alert_id), limit=1)
    return found[0] if found else None


def alerts_of_message(session: Session, message_id: int, *, offset: int = 0, limit: int = 1) -> list[Pair]:
    """The alerts that stand in a message, open ones first, those that have lasted longest before others."""
    asked = _both().where(Alert.message_id == message_id).order_by(*RESOLVED_LAST).offset(offset)
    return _pairs(session, asked, limit=limit)


def alert_ids_of_message(session: Session, message_id: int) -> tuple[int, ...]:
    """Every alert that stands in a message."""
    return tuple(session.scalars(select(Alert.id).where(Alert.message_id == message_id).order_by(Alert.id)))


def group(session: Session, message_id: int) -> Group | None:
    """What the message of a group shows; None when no alert stands in it."""
    top = alerts_of_message(session, message_id, limit=TOP)
    if not top:
        return None
    alert, send = top[0]
    return Group(
        message_id=message_id, rule=alert.rule, level=alert.level, campaign=send.campaign if send else "", top=top,
        by_state=_counts(session, message_id, Alert.state),
        acknowledged_by=_counts(session, message_id, Alert.acknowledged_by, "acknowledged"),
        resolved_by=_counts(session, message_id, Alert.resolved_by, "resolved"),
    )


def _counts(session: Session, message_id: int, column: object, state: str | None = None) -> dict[str, int]:
    value = func.coalesce(column, "").label("value")
    asked = select(value, func.count().label("number")).where(Alert.message_id == message_id).group_by(value)
    if state is not None:
        asked = asked.where(Alert.state == state)
    return {row.value: row.number for row in session.execute(asked)}


def open_alert_page(session: Session, offset: int, limit: int) -> tuple[int, list[Pair]]:
    """How many alerts are open, and some of them, those that have lasted longest first."""
    asked = _both().where(OPEN).order_by(Alert.status_since, Alert.id).offset(offset)
    return open_alerts(session), _pairs(session, asked, limit=limit)


def open_alerts(session: Session) -> int:
    """How many alerts are open."""
    return session.scalar(select(func.count()).select_from(Alert).where(OPEN)) or 0


def home(session: Session, user_id: str) -> HomeFacts:
    """What waits for one person."""
    mine = (Alert.assignee == user_id, OPEN)
    person = session.get(Person, user_id)
    sends: Sequence[Send] | None = None
    sends_total = 0
    if person is not None and person.email:
        condition = (Send.sender_email == person.email, has_open_alert())
        sends_total = session.scalar(select(func.count()).select_from(Send).where(*condition)) or 0
        sends = session.scalars(select(Send).where(*condition).order_by(Send.status_since).limit(SHOWN)).all()
    return HomeFacts(
        assigned=_pairs(session, _both().where(*mine).order_by(Alert.status_since, Alert.id), limit=SHOWN),
        assigned_total=session.scalar(select(func.count()).select_from(Alert).where(*mine)) or 0,
        mine=sends, mine_total=sends_total, open_total=open_alerts(session),
    )


def _both() -> Select[Alert, Send]:
    return select(Alert, Send).outerjoin(Send, Alert.send_id == Send.id)


def _pairs(session: Session, asked: Select[Alert, Send], *, limit: int) -> list[Pair]:
    return [(alert, send) for alert, send in session.execute(asked.limit(limit)).all()]
