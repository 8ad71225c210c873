"""What the summary of a first look shows, read from the tables each time that it is drawn."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import case, exists, func, select
from sqlalchemy.orm import Session

from bot.alerts import muted
from bot.alerts.first_look import POST
from bot.alerts.grouping import BASELINE
from bot.slack import facts
from bot.slack.blocks.baseline_card import Baseline
from storage.alerts import OPEN_STATES
from storage.models import Alert, AlertEvent, Message, Notification

ITSELF, REPLACED, BY_HAND = "itself", "replaced", "by_hand"
"""How alerts of the summary were settled: the send moved on, another alert took its place, or somebody did it."""


def of(session: Session, message: Message, now: datetime) -> Baseline:
    """The summary as it is now; once somebody has chosen, what the choice was about and how far it is carried out."""
    body = message.body
    chosen, chosen_at = body.get("chosen"), body.get("chosen_at")
    counted = body.get("by_rule") if chosen else facts.open_by_rule(session, message.id)
    return Baseline(
        message_id=message.id,
        by_rule=counted if isinstance(counted, dict) else {},
        settled={} if chosen else _settled(session, message.id),
        muted=0 if chosen else len(muted.in_message(session, message.id, now)),
        waiting=_waiting(session) if chosen == POST else {},
        chosen=chosen, chosen_by=body.get("chosen_by"),
        chosen_at=datetime.fromisoformat(chosen_at) if isinstance(chosen_at, str) else None,
    )


def _settled(session: Session, message_id: int) -> dict[str, int]:
    is_replaced = exists().where(AlertEvent.alert_id == Alert.id, AlertEvent.action.in_(("raised", "ended")))
    by_hand = func.coalesce(Alert.resolved_by, "scan") != "scan"
    how = case((by_hand, BY_HAND), (is_replaced, REPLACED), else_=ITSELF).label("how")
    here = select(Notification.alert_id).where(Notification.message_id == message_id)
    each = select(how).where(Alert.id.in_(here), Alert.state == "resolved").subquery()
    found = session.execute(select(each.c.how, func.count().label("number")).group_by(each.c.how))
    return {row.how: row.number for row in found}


def _waiting(session: Session) -> dict[str, int]:
    """Of what was posted, what is told nowhere yet: its state or what holds it -> how many."""
    each = (
        select(Alert.state, func.max(Notification.held).label("held"))
        .join(Notification, Notification.alert_id == Alert.id)
        .where(Alert.reason == BASELINE, Alert.state.in_(OPEN_STATES))
        .group_by(Alert.id, Alert.state)
        .having(func.count(Notification.message_id) == 0)
        .subquery()
    )
    found = Counter[str]()
    for state, held, number in session.execute(
        select(each.c.state, each.c.held, func.count()).group_by(each.c.state, each.c.held),
    ):
        found[(held if state == "firing" else state).removesuffix("_owed")] += number
    return dict(found)
