"""Messages for people of whom only the e-mail is known: who they turn out to be, or where they go instead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import ColumnElement

from storage import messages
from storage.models import Alert, ChannelPace, Message, Notification
from storage.notifications import FOR_SENDER
from storage.outgoing import held_until, lock_pace, paces


def unknown_until(session: Session, place: str, now: datetime) -> datetime | None:
    """Until when Slack need not be asked about this address again; None when it may be."""
    return held_until(session, place, now)


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
    ids = _locked(session, place)
    messages.touch(session, _escalated(session, ids), now)
    return _move(session, ids, channel, now)


def fall_back(session: Session, place: str, channel: str, now: datetime, error: str) -> tuple[int, int]:
    """Nobody is behind `place`: its messages are settled; alerts that stand nowhere else are to be told in `channel`.

    They are told there like any others, so that they stand together with what comes at the same time and keep
    within what the channel may get. What shows no alert is moved as it is. Gives how many messages were moved,
    and how many alerts wait to be told anew. One process does this at a time: of two messages for nobody that
    show the same alert, one must remain.
    """
    ids = _locked(session, place)
    messages.touch(session, _escalated(session, ids), now)
    # A summary may be growing: whoever is at it comes first, or finds it settled and has it looked at again.
    free = set(session.scalars(select(Message.id).where(Message.id.in_(ids), _is_free()).with_for_update()))
    shown = list(session.scalars(
        select(Notification).where(Notification.message_id.in_(free)).order_by(Notification.alert_id, Notification.id)
        .execution_options(populate_existing=True),
    ))
    with_alerts = {one.message_id for one in shown}
    session.execute(
        update(Message).where(Message.id.in_(with_alerts))
        .values(next_at=None, posted_rev=Message.wanted_rev, priority=0, last_error=error)
        .execution_options(synchronize_session=False),
    )
    elsewhere = _standing(session, {one.alert_id for one in shown})
    anew = [one for one in shown if one.alert_id not in elsewhere]
    for one in anew:
        _tell_anew(session, one, channel, now)
    session.flush()
    moved = _move(session, [message_id for message_id in ids if message_id not in with_alerts], channel, now, error)
    return moved, len(anew)


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


def _escalated(session: Session, ids: Sequence[int]) -> set[int]:
    """Messages that say of the same alerts to whom they were escalated, and now whether Slack knows the sender."""
    about = select(Notification.alert_id).where(Notification.message_id.in_(ids))
    return {one for one in session.scalars(
        select(Notification.message_id).where(
            Notification.alert_id.in_(about), Notification.escalations > 0, Notification.message_id.not_in(ids),
        ),
    ) if one is not None}


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


def _standing(session: Session, alert_ids: set[int]) -> set[int]:
    """Those of the alerts that a message shows, or is about to show."""
    return set(session.scalars(
        select(Notification.alert_id)
        .join(Message, Message.id == Notification.message_id)
        .where(Notification.alert_id.in_(alert_ids), Message.ts.is_not(None) | Message.next_at.is_not(None)),
    ))


def _tell_anew(session: Session, one: Notification, channel: str, now: datetime) -> None:
    """Have an alert told in another channel as if it had never been told where it was meant for."""
    there = session.scalar(
        select(Notification).where(Notification.alert_id == one.alert_id, Notification.channel == channel),
    )
    if there is not None and there.message_id is None and there.next_at is not None:
        return
    begun_again = bool(one.repeats or one.escalations)
    if there is not None:
        one.next_at = None
    row = there or one
    row.channel, row.policy = channel, one.policy | {FOR_SENDER: True}
    row.reason = "" if begun_again else one.reason
    row.held, row.message_id, row.next_at, row.told_at, row.last_told_at = "", None, now, None, None
    row.repeats = row.escalations = 0
