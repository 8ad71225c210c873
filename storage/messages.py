"""Messages: wish one into being, and touch it when what it shows has changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, Update, bindparam, case, func, select, update
from sqlalchemy.orm import Session

from storage.models import Message, UtcTime
from storage.sends import SOME, chunks

OTHERS = "ts:"
"""Begins a `thread_of` that is not the key of a message of ours, but Slack's id of what somebody else has written."""
PRESS_PRIORITY = 10
"""A redraw that somebody waits for goes before any post that nobody has asked for."""
BY_KEY = select(Message).where(Message.key == bindparam("key"))
BY_IDS = select(Message).where(Message.id.in_(SOME)).order_by(Message.id)


def by_key(session: Session, key: str) -> Message | None:
    """The message of that key, or None."""
    return session.scalar(BY_KEY, {"key": key})


def by_ids(session: Session, message_ids: Iterable[int]) -> list[Message]:
    """The messages with those row ids, the oldest first."""
    return [one for some in chunks(sorted(set(message_ids))) for one in session.scalars(BY_IDS, {"some": some})]


def thread_ts(parent: Message | None, thread_of: str | None) -> str | None:
    """Slack's id of the message under which a reply goes; `parent` is that message where it is one of ours."""
    if parent is not None:
        return parent.ts
    return thread_of.removeprefix(OTHERS) if thread_of is not None and thread_of.startswith(OTHERS) else None


def posted(session: Session, places: Iterable[str], ts: str) -> Message | None:
    """The message of ours that stands in one of these places (channels, or people for direct messages), or None."""
    return session.scalar(select(Message).where(Message.channel.in_(sorted(set(places))), Message.ts == ts).limit(1))


def known(session: Session, keys: Iterable[str]) -> set[str]:
    """Which of these keys name a message that is wanted already."""
    found: set[str] = set()
    for some in chunks(sorted(set(keys))):
        found.update(session.scalars(select(Message.key).where(Message.key.in_(some))))
    return found


def ids(session: Session, keys: Iterable[str]) -> set[int]:
    """Row ids of the messages of those keys."""
    return set(session.scalars(select(Message.id).where(Message.key.in_(sorted(set(keys))))))


def notices_to(session: Session, people: Iterable[str], limit: int = 500) -> list[Message]:
    """The latest notices that stand in those people's direct messages, the newest first."""
    return list(session.scalars(
        select(Message)
        .where(Message.channel.in_(sorted(set(people))), Message.kind == "notice", Message.thread_of.is_(None))
        .order_by(Message.id.desc()).limit(limit),
    ))


def of_kind(session: Session, kind: str) -> list[Message]:
    """All messages of a kind of which few are kept, the oldest first."""
    return list(session.scalars(select(Message).where(Message.kind == kind).order_by(Message.id)))


def with_key(session: Session, channel: str, prefix: str, limit: int = 50) -> list[Message]:
    """The messages of a channel whose keys begin like this, the newest first."""
    return list(session.scalars(
        select(Message)
        .where(Message.channel == channel, Message.key.startswith(prefix, autoescape=True))
        .order_by(Message.created_at.desc(), Message.id.desc()).limit(limit),
    ))


def replies_to(session: Session, parent: Message) -> list[Message]:
    """The notices that are wanted below a message, the oldest first."""
    return list(session.scalars(
        select(Message)
        .where(
            Message.channel == parent.channel, Message.created_at >= parent.created_at,
            Message.thread_of == parent.key, Message.kind == "notice",
        )
        .order_by(Message.id),
    ))


def want(
    session: Session, *, key: str, kind: str, channel: str, now: datetime,
    body: dict[str, Any] | None = None, thread_of: str | None = None,
) -> Message:
    """The message of that key, made now if there is none; a message already wanted is left as it is."""
    found = by_key(session, key)
    if found is not None:
        return found
    message = Message(
        key=key, kind=kind, channel=channel, body=body or {}, thread_of=thread_of,
        created_at=now, next_at=now,
    )
    session.add(message)
    session.flush()
    return message


def touch(session: Session, message_ids: Iterable[int], now: datetime, *, priority: int = 0) -> None:
    """Say that these messages no longer show the truth; the next delivery draws them anew."""
    # An attempt under way keeps its lease, and a post of unknown fate its grace; the next claim comes after it,
    # with the newer revision. What waits because Slack refused its content may be tried at once: it has changed.
    ids = sorted({i for i in message_ids if i is not None})
    if not ids:
        return
    session.execute(_touching(session.get_bind().dialect.name), {"some": ids, "now": now, "least": priority})


@cache
def _touching(dialect: str) -> Update:
    now = bindparam("now", type_=UtcTime())
    higher = (func.max if dialect == "sqlite" else func.greatest)(Message.priority, bindparam("least", type_=Integer))
    return (
        update(Message)
        .where(Message.id.in_(SOME))
        .values(
            wanted_rev=Message.wanted_rev + 1,
            next_at=case((Message.phase == "idle", now), else_=func.coalesce(Message.next_at, now)),
            priority=higher,
        )
        .execution_options(synchronize_session="fetch")
    )
