"""What should have been told and was not: looked for in the rows, whatever the code that writes them believes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from storage.models import Alert, Message, Notification

LATEST = 5_000
"""Of messages and of alerts so many are looked at, the latest: a look costs the same however many are stored."""


def undecided(session: Session, before: datetime) -> int:
    """Places of open alerts in which something was to be told before that time, or to be held back, and neither was."""
    return session.scalar(
        select(func.count())
        .select_from(Notification).join(Alert, Alert.id == Notification.alert_id)
        .where(Notification.next_at.is_not(None), Notification.next_at <= before, Alert.state != "resolved"),
    ) or 0


def without_a_place(session: Session, before: datetime) -> int:
    """Alerts that fire since before that time and are to be told nowhere."""
    latest = select(func.coalesce(func.max(Alert.id), 0) - LATEST).scalar_subquery()
    placed = exists().where(Notification.alert_id == Alert.id)
    return session.scalar(
        select(func.count()).select_from(Alert)
        .where(Alert.id > latest, Alert.state == "firing", Alert.opened_at <= before, ~placed),
    ) or 0


def not_queued(session: Session) -> int:
    """Messages that show less than is wanted, and that nobody is going to send."""
    latest = select(func.coalesce(func.max(Message.id), 0) - LATEST).scalar_subquery()
    return session.scalar(
        select(func.count()).select_from(Message)
        .where(
            Message.id > latest, Message.wanted_rev > Message.posted_rev, Message.next_at.is_(None),
            Message.attempt.is_(None),
        ),
    ) or 0
