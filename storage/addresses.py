"""Messages for people of whom only the e-mail is known: who they turn out to be, or where they go instead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import ColumnElement

from storage.models import Alert, ChannelPace, Message, Notification
from storage.outgoing import lock_pace, paces


def unknown_until(session: Session, place: str, now: datetime) -> datetime | None:
    """Until when Slack need not be asked about this address again; None when it may be."""
    pace = session.get(ChannelPace, place)
    return pace.not_before if pace is not None and pace.not_before > now else None


def unknown(session: Session, place: str, until: datetime, now: datetime) -> None:
    """Remember that Slack does not know this address. What has been remembered for long enough is forgotten."""
    lock_pace(session, place).not_before = until
    kind = ChannelPace.channel.startswith(place.partition(":")[0] + ":", autoescape=True)
    session.execute(
        delete(ChannelPace).where(kind, ChannelPace.not_before <= now),
        execution_options={"synchronize_session": False},
    )


def move(session: Session, place: str, channel: str, now: datetime) -> int:
    """Let what waits for `place` go to `channel` instead, and its alerts count as told there; gives how many.

    What somebody has begun to post stays. An alert that has a row for that channel already keeps both.
    """
    return _move(session, _locked(session, place), channel, now)


def fall_back(session: Session, place: str, channel: str, now: datetime, error: str) -> int:
    """Nobody is behind `place`: what no other message shows goes to `channel`, the rest is settled.

    Gives how many messages were moved. One process does this at a time: of two messages for nobody that show
    the same alert, one must remain.
    """
    ids = _locked(session, place)
    elsewhere = [message_id for message_id in ids if _is_shown_elsewhere(session, message_id)]
    session.execute(
        update(Message).where(Message.id.in_(elsewhere), _is_free())
        .values(next_at=None, posted_rev=Message.wanted_rev, priority=0, last_error=error)
        .execution_options(synchronize_session=False),
    )
    return _move(session, [message_id for message_id in ids if message_id not in elsewhere], channel, now, error)


def postpone(session: Session, place: str, until: datetime, error: str) -> None:
    """Nothing could be found out about this address: what waits for it goes on waiting."""
    session.execute(
        update(Message).where(Message.id.in_(_locked(session, place)), _is_free())
        .values(next_at=until, attempts=Message.attempts + 1, last_error=error)
        .execution_options(synchronize_session=False),
    )


def tries(session: Session, place: str) -> int:
    """How often it was tried in vain to find out about this address."""
    return max(session.scalars(select(Message.attempts).where(Message.channel == place, _is_free())), default=0)


def held(session: Session, names: Sequence[str], now: datetime) -> bool:
    """Whether one of these rows of `channel_pace` lets nothing through yet."""
    known = paces(session)
    return any(name in known and known[name].not_before > now for name in names)


def _locked(session: Session, place: str) -> list[int]:
    ids = list(session.scalars(select(Message.id).where(Message.channel == place, _is_free()).order_by(Message.id)))
    # Alerts first, as everybody does who presses or decides what is told: so no two wait for each other.
    shown = select(Notification.alert_id).where(Notification.message_id.in_(ids))
    session.execute(select(Alert.id).where(Alert.id.in_(shown)).order_by(Alert.id).with_for_update(key_share=True))
    return ids


def _is_free() -> ColumnElement[bool]:
    return (
        Message.next_at.is_not(None) & (Message.phase == "idle") & Message.ts.is_(None) & Message.attempt.is_(None)
    )


def _move(session: Session, ids: Sequence[int], channel: str, now: datetime, error: str | None = None) -> int:
    values: dict[str, Any] = {"channel": channel, "next_at": now, "attempts": 0, "last_error": error}
    moved = session.scalars(
        update(Message).where(Message.id.in_(ids), _is_free()).values(values).returning(Message.id)
        .execution_options(synchronize_session=False),
    ).all()
    other = aliased(Notification)
    is_there = exists().where(other.alert_id == Notification.alert_id, other.channel == channel)
    session.execute(
        update(Notification).where(Notification.message_id.in_(moved), ~is_there).values(channel=channel)
        .execution_options(synchronize_session=False),
    )
    return len(moved)


def _is_shown_elsewhere(session: Session, message_id: int) -> bool:
    """Whether every alert of the message stands, or will stand, in another one, too; False for one without alerts."""
    alerts = set(session.scalars(select(Notification.alert_id).where(Notification.message_id == message_id)))
    shown = session.scalars(
        select(Notification.alert_id)
        .join(Message, Message.id == Notification.message_id)
        .where(
            Notification.alert_id.in_(alerts), Message.id != message_id,
            Message.ts.is_not(None) | Message.next_at.is_not(None),
        ),
    )
    return bool(alerts) and alerts == set(shown)
