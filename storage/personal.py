"""What concerns one person: open alerts about their sends and their team's, their last weeks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from storage.alerts import OPEN_STATES
from storage.models import Alert, Send

NEWEST = 200
"""So many of the own sends tell which teams are somebody's."""


@dataclass(frozen=True, kw_only=True)
class Week:
    """How many sends were made in a week that begins at `start`, and how many of those are in certain statuses."""

    start: datetime
    sent: int = 0
    arrived: int = 0


def teams(session: Session, email: str, since: datetime) -> list[str]:
    """The teams under which the newest sends of a sender stand, made since then; by name."""
    newest = (
        select(Send.team)
        .where(Send.sender_email == email, Send.created_at >= since)
        .order_by(Send.created_at.desc()).limit(NEWEST).subquery()
    )
    return sorted(session.scalars(select(newest.c.team).where(newest.c.team != "").distinct()))


def concerns(
    session: Session, email: str, teams: Sequence[str], hidden: ColumnElement[bool],
) -> tuple[list[int], list[int]]:
    """Each send of this sender, and each of these teams', with an open alert that nothing hides, the oldest first.

    A send is told by the row id of the alert about it that was opened last, and stands where that has lasted longest.
    """
    # From the open alerts: they are few beside the sends, of which one person may have made very many.
    own = Send.sender_email == email
    mine = or_(own, Send.team.in_(teams)) if teams else own
    rows = session.execute(
        select(func.max(Alert.id), func.max(case((own, 1), else_=0)))
        .select_from(Alert).join(Send, Send.id == Alert.send_id)
        .where(Alert.state.in_(OPEN_STATES), mine, ~hidden)
        .group_by(Send.id, Send.status_since).order_by(Send.status_since, Send.id),
    ).all()
    return [alert_id for alert_id, is_own in rows if is_own], [alert_id for alert_id, is_own in rows if not is_own]


def assigned(session: Session, user_id: str, hidden: ColumnElement[bool]) -> list[tuple[int, bool]]:
    """The open alerts that this Slack user has taken on, the oldest first: row id, and whether a mute hides it."""
    rows = session.execute(
        select(Alert.id, case((hidden, 1), else_=0))
        .outerjoin(Send, Send.id == Alert.send_id)
        .where(Alert.assignee == user_id, Alert.state.in_(OPEN_STATES))
        .order_by(Alert.opened_at, Alert.id),
    )
    return [(alert_id, bool(held)) for alert_id, held in rows]


def open_in_all(session: Session, hidden: ColumnElement[bool]) -> tuple[int, int]:
    """How many alerts are open, whoever they concern, and how many of those a mute hides."""
    total, held = session.execute(
        select(func.count(), func.count().filter(hidden))
        .select_from(Alert).outerjoin(Send, Send.id == Alert.send_id).where(Alert.state.in_(OPEN_STATES)),
    ).one()
    return total - held, held


def alerts(session: Session, ids: Collection[int]) -> list[tuple[Alert, Send | None]]:
    """Those few alerts with their sends, in the order of `ids`."""
    rows = session.execute(
        select(Alert, Send).outerjoin(Send, Send.id == Alert.send_id).where(Alert.id.in_(ids)),
    )
    found = {alert.id: (alert, send) for alert, send in rows}
    return [found[one] for one in ids if one in found]


def weeks(session: Session, email: str, starts: Sequence[datetime], arrived: Collection[str]) -> list[Week]:
    """What a sender has sent in each week from `starts` on (ascending; the last is not over)."""
    # One piece of the index for each week: to sort a hundred thousand sends into weeks would take longer.
    each = [
        select(literal(number), func.count(), func.count().filter(Send.status.in_(arrived)))
        .where(Send.sender_email == email, Send.created_at >= start, *([Send.created_at < end] if end else []))
        for number, (start, end) in enumerate(zip(starts, [*starts[1:], None], strict=True))
    ]
    counted = sorted(tuple(row) for row in session.execute(union_all(*each)))
    return [Week(start=starts[number], sent=sent, arrived=done) for number, sent, done in counted]
