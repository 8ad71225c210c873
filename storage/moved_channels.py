"""Channels to which Slack has given another id: what was wanted there is wanted at the new one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import case, delete, exists, select, update
from sqlalchemy.orm import Session, aliased

from storage import cursors
from storage.models import Message, Notification, SyncCursor

PREFIX = "moved:"
"""Begins the names of their rows in `sync_cursors`; the old id follows."""


def move(session: Session, old: str, new: str) -> int:
    """Let what was told in `old` or waits for it be in `new`; gives how many messages that were."""
    moved = session.scalars(
        update(Message).where(Message.channel == old)
        .values(channel=new, posted_channel=case((Message.posted_channel == old, new), else_=Message.posted_channel))
        .returning(Message.id).execution_options(synchronize_session=False),
    ).all()
    other = aliased(Notification)
    is_there = exists().where(other.alert_id == Notification.alert_id, other.channel == new)
    session.execute(
        update(Notification).where(Notification.channel == old, ~is_there).values(channel=new)
        .execution_options(synchronize_session=False),
    )
    return len(moved)


def remember(session: Session, old: str, new: str, now: datetime) -> None:
    """Lead what is still to be wanted at `old` to `new`, for as long as somebody names it."""
    # What was led to the old id before is led on, and a channel that has its first id back is led nowhere.
    session.execute(delete(SyncCursor).where(SyncCursor.source == f"{PREFIX}{new}"))
    for source in [f"{PREFIX}{old}", *(f"{PREFIX}{one}" for one, to in known(session).items() if to == old)]:
        cursors.put(session, source, cursor={"to": new}, last_ok_at=now)


def known(session: Session) -> dict[str, str]:
    """The new id of each channel that is remembered by its old one."""
    rows = session.execute(
        select(SyncCursor.source, SyncCursor.cursor).where(SyncCursor.source.startswith(PREFIX, autoescape=True)),
    )
    return {source.removeprefix(PREFIX): cursor["to"] for source, cursor in rows}


def waiting(session: Session) -> dict[str, str]:
    """Those of them for whose old id something waits."""
    found = known(session)
    if not found:
        return {}
    due = select(Message.channel).where(Message.channel.in_(sorted(found)), Message.next_at.is_not(None)).distinct()
    return {old: found[old] for old in session.scalars(due)}
