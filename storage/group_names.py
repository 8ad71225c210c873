"""What the workspace's user groups are called, as Slack has listed them last."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from storage import cursors
from storage.models import SyncCursor

SOURCE = "usergroups"
"""The name of their row in `sync_cursors`."""


@dataclass(frozen=True, kw_only=True)
class GroupNames:
    """(name, handle) of each group that is in use, by its id, and when Slack said so; None if it never did."""

    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    fetched_at: datetime | None = None


def read(session: Session) -> GroupNames:
    """What Slack has said last."""
    row = session.get(SyncCursor, SOURCE, populate_existing=True)
    if row is None:
        return GroupNames()
    return GroupNames(names={one: (told[0], told[1]) for one, told in row.cursor.items()}, fetched_at=row.last_ok_at)


def keep(session: Session, names: dict[str, tuple[str, str]], now: datetime) -> None:
    """Note what Slack says now; groups that it does not list any more are forgotten."""
    cursors.put(session, SOURCE, cursor={one: list(named) for one, named in names.items()}, last_ok_at=now)
