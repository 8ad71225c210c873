"""What concerns one person: open alerts about their sends and their team's, their last weeks, their mutes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from storage.alerts import OPEN_STATES
from storage.models import Alert, Mute, Send

NEWEST = 200
"""So many of the own sends tell which teams are somebody's."""


@dataclass(frozen=True, kw_only=True)
class Concern:
    """A send with an open alert, by row ids; `own` where the person sent it, else it is their team's."""

    send_id: int
    alert_id: int
    own: bool


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
) -> list[Concern]:
    """Each send of this sender or of these teams with an open alert that nothing hides, the oldest first.

    Of several alerts about a send it is the one opened last, and the send stands where that has lasted longest.
    """
    # From the open alerts: they are few beside the sends, of which one person may have made very many.
    mine = or_(Send.sender_email == email, Send.team.in_(teams)) if teams else Send.sender_email == email
    rows = session.execute(
        select(Send.id, func.max(Alert.id), func.max(case((Send.sender_email == email, 1), else_=0)))
        .select_from(Alert).join(Send, Send.id == Alert.send_id)
        .where(Alert.state.in_(OPEN_STATES), mine, ~hidden)
        .group_by(Send.id, Send.status_since).order_by(Send.status_since, Send.id),
    )
    return [Concern(send_id=send_id, alert_id=alert_id, own=bool(own)) for send_id, alert_id, own in rows]


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
    # The first that fits: the latest week.
    week = case(*((Send.created_at >= start, number) for number, start in reversed([*enumerate(starts)])))
    rows = session.execute(
        select(week, func.count(), func.count().filter(Send.status.in_(arrived)))
        .where(Send.sender_email == email, Send.created_at >= starts[0]).group_by(week),
    )
    found = {number: (sent, done) for number, sent, done in rows}
    nothing = (0, 0)
    return [
        Week(start=start, sent=found.get(number, nothing)[0], arrived=found.get(number, nothing)[1])
        for number, start in enumerate(starts)
    ]


def muted_by(session: Session, user_id: str, now: datetime) -> list[Mute]:
    """The mutes in force that this Slack user has made, the one that ends first at the beginning."""
    return list(session.scalars(
        select(Mute)
        .where(Mute.ends_at > now, Mute.ended_at.is_(None), Mute.created_by == user_id)
        .order_by(Mute.ends_at, Mute.id),
    ))
