"""What is wrong with the bot itself, from when it was first seen until it is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage import cursors
from storage.models import SyncCursor

PREFIX = "trouble:"
"""Begins the names of their rows in `sync_cursors`; the name of the trouble follows."""


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """`since` is when it was first seen, `told_at` when the admins were told; None while they were not."""

    name: str
    since: datetime
    told_at: datetime | None


def known(session: Session) -> dict[str, Trouble]:
    """All that goes on, by name."""
    rows = session.execute(
        select(SyncCursor.source, SyncCursor.started_at, SyncCursor.last_ok_at)
        .where(SyncCursor.source.startswith(PREFIX, autoescape=True)),
    )
    found = [(source.removeprefix(PREFIX), since, told_at) for source, since, told_at in rows]
    return {name: Trouble(name=name, since=since, told_at=at) for name, since, at in found if since is not None}


def begin(session: Session, name: str, now: datetime) -> None:
    """Remember that it was seen."""
    cursors.put(session, f"{PREFIX}{name}", cursor={}, started_at=now, last_ok_at=None)


def told(session: Session, name: str, now: datetime) -> None:
    """Remember that the admins were told."""
    cursors.put(session, f"{PREFIX}{name}", cursor={}, last_ok_at=now)


def end(session: Session, name: str) -> None:
    """It is over."""
    session.execute(delete(SyncCursor).where(SyncCursor.source == f"{PREFIX}{name}"))
