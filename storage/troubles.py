"""What is wrong with the bot itself, from when it was first seen until no process sees it any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage import advisory, cursors
from storage.models import SyncCursor

PREFIX = "trouble:"
"""Begins the names of their rows in `sync_cursors`; the name of the trouble follows."""
LOCK = 0x5E4D_7B1E
"""Names the advisory lock under which processes take turns at keeping the record."""


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """`since` is when it was first seen, `told_at` when the admins were told; None while they were not.

    `seen` says when each process that sees it saw it last.
    """

    name: str
    since: datetime
    told_at: datetime | None
    seen: Mapping[str, datetime]


def hold(session: Session) -> None:
    """Keep other processes from the record until this transaction ends; SQLite, with its one writer, needs none."""
    if session.get_bind().dialect.name != "sqlite":
        advisory.wait_for(session, LOCK)


def known(session: Session) -> dict[str, Trouble]:
    """All that goes on, by name."""
    rows = session.execute(
        select(SyncCursor.source, SyncCursor.started_at, SyncCursor.last_ok_at, SyncCursor.cursor)
        .where(SyncCursor.source.startswith(PREFIX, autoescape=True)),
    )
    found = [(source.removeprefix(PREFIX), *rest) for source, *rest in rows]
    return {
        name: Trouble(name=name, since=since, told_at=told_at, seen=_read(cursor))
        for name, since, told_at, cursor in found if since is not None
    }


def begin(session: Session, name: str, now: datetime) -> None:
    """Remember that there is such a trouble; who sees it is told to `see`."""
    cursors.put(session, f"{PREFIX}{name}", cursor={}, started_at=now, last_ok_at=None)


def see(session: Session, name: str, seen: Mapping[str, datetime]) -> None:
    """Remember which processes see it, and when each saw it last."""
    stored = {"seen": {process: at.isoformat() for process, at in seen.items()}}
    cursors.put(session, f"{PREFIX}{name}", cursor=stored)


def told(session: Session, name: str, now: datetime) -> None:
    """Remember that the admins were told, just before who sees it is told to `see`."""
    cursors.put(session, f"{PREFIX}{name}", cursor={}, last_ok_at=now)


def end(session: Session, name: str) -> None:
    """It is over."""
    session.execute(delete(SyncCursor).where(SyncCursor.source == f"{PREFIX}{name}"))


def _read(cursor: Mapping[str, Mapping[str, str]]) -> dict[str, datetime]:
    return {process: datetime.fromisoformat(at) for process, at in cursor.get("seen", {}).items()}
