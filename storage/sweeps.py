"""What the sweep compares Slack with: where posts may stand, and what each message knows of itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import ColumnElement

from storage.models import Message
from storage.sends import chunks
from storage.uploads import FILE, ids_of


@dataclass(frozen=True, kw_only=True)
class Known:
    """A message as far as the sweep must know it."""

    message_id: int
    ts: str | None
    is_under_way: bool
    is_file: bool
    wanted_rev: int
    created_at: datetime


def channels(session: Session, since: datetime) -> list[str]:
    """Where messages were wanted or posted since then, or are still to be posted; Slack's channel id where known."""
    place = func.coalesce(Message.posted_channel, Message.channel)
    return sorted(session.scalars(select(place).where(_lately(Message, since)).distinct()))


def threads(session: Session, since: datetime) -> list[tuple[str, str]]:
    """Channel and ts of each message with replies of ours of that time."""
    parent = aliased(Message)
    found = session.execute(
        select(parent.posted_channel, parent.ts)
        .join(Message, Message.thread_of == parent.key)
        .where(_lately(Message, since), parent.ts.is_not(None), parent.posted_channel.is_not(None))
        .distinct(),
    )
    return sorted((channel, ts) for channel, ts in found if channel is not None and ts is not None)


def known(session: Session, keys: Iterable[str]) -> dict[str, Known]:
    """The messages of those keys, as they are now."""
    found: dict[str, Known] = {}
    for some in chunks(sorted(set(keys))):
        rows = session.scalars(select(Message).where(Message.key.in_(some)))
        found.update((row.key, _known(row)) for row in rows)
    return found


def files(session: Session, since: datetime) -> dict[str, str]:
    """The key for each file that was brought to Slack for a message wanted since then."""
    rows = session.execute(select(Message.key, Message.body).where(Message.kind == FILE, Message.created_at >= since))
    return {file_id: key for key, body in rows for file_id in ids_of(body)}


def _known(row: Message) -> Known:
    return Known(
        message_id=row.id, ts=row.ts, is_under_way=row.attempt is not None, is_file=row.kind == FILE,
        wanted_rev=row.wanted_rev, created_at=row.created_at,
    )


def _lately(message: type[Message], since: datetime) -> ColumnElement[bool]:
    return (message.created_at >= since) | (message.posted_at >= since) | message.next_at.is_not(None)
