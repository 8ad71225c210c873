"""How far each digest has come: the last day for which it was made, or passed over."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.dialect import insert_of
from storage.models import ConfigSection, SyncCursor

PREFIX = "digest:"
"""Begins the names of their rows in `sync_cursors`."""
SECTION = "digests"


def last(session: Session, name: str) -> date | None:
    """The last day of the digest of that name; None where there was none yet."""
    row = session.get(SyncCursor, f"{PREFIX}{name}", populate_existing=True)
    return _day(row)


def begin(session: Session, name: str, day: date, now: datetime) -> bool:
    """Take the digest of that day upon this transaction; False where one of that day or a later one was made."""
    insert = insert_of(session)
    source = f"{PREFIX}{name}"
    session.execute(
        insert(SyncCursor).values(source=source, fencing=0, cursor={}, started_at=now).on_conflict_do_nothing(),
    )
    # Another process that is at the same digest waits here until this one has committed.
    mine = select(SyncCursor).where(SyncCursor.source == source).with_for_update()
    row = session.scalars(mine.execution_options(populate_existing=True)).one()
    known = _day(row)
    if known is not None and known >= day:
        return False
    row.cursor, row.last_ok_at = {"day": day.isoformat()}, now
    session.flush()
    return True


def set_at(session: Session) -> datetime | None:
    """When somebody last changed which digests there are; None where nobody ever did."""
    return session.scalar(select(ConfigSection.changed_at).where(ConfigSection.section == SECTION))


def _day(row: SyncCursor | None) -> date | None:
    told = row.cursor.get("day") if row is not None else None
    return date.fromisoformat(told) if isinstance(told, str) else None
