"""Which sends a scan must look at, and whether the backlog of a new database has been looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Table, and_, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from storage.models import Alert, JobRun, Send, SyncCursor
from storage.sends import chunks

SENDS: Table = Send.__table__  # type: ignore[assignment]
FIRST_SCAN = "first_scan"
"""Name of the job run that says that the backlog of a new database has been looked at."""


def wake(session: Session, now: datetime, limit: int) -> int:
    """Make the sends due whose alerts' snooze has ended; gives how many. The scan then looks at them."""
    ended = (
        select(Alert.send_id)
        .where(Alert.snoozed_until.is_not(None), Alert.snoozed_until <= now, Alert.send_id.is_not(None))
        .order_by(Alert.snoozed_until)
        .limit(limit)
    )
    return make_due(session, session.scalars(ended), now, wait=False)


def pages(session: Session, now: datetime, size: int) -> Iterator[list[Send]]:
    """Every send at which a scan at `now` would look, page by page; nothing is held or changed."""
    last = 0
    snoozed = select(Alert.send_id).where(Alert.snoozed_until.is_not(None), Alert.snoozed_until <= now)
    wanted = (Send.due_at.is_not(None) & (Send.due_at <= now)) | Send.id.in_(snoozed)
    while True:
        page = select(Send).where(Send.id > last, wanted).order_by(Send.id).limit(size)
        some = list(session.scalars(page))
        if not some:
            return
        yield some
        last = some[-1].id


def make_due(session: Session, send_ids: Iterable[int | None], now: datetime, *, wait: bool = True) -> int:
    """Have the next scan look at these sends; gives how many were not due before.

    Rows are taken in the order in which intake takes them; with `wait=False` those in other hands are left out.
    """
    ids: list[int] = []
    for some in chunks(sorted({send_id for send_id in send_ids if send_id is not None})):
        later = and_(Send.id.in_(some), (Send.due_at.is_(None)) | (Send.due_at > now))
        ids.extend(session.scalars(
            select(Send.id).where(later).order_by(Send.send_gid).with_for_update(skip_locked=not wait),
        ))
    for some in chunks(ids):
        session.execute(
            update(Send).where(Send.id.in_(some)).values(due_at=now),
            execution_options={"synchronize_session": "evaluate"},
        )
    return len(ids)


def set_due(session: Session, dues: Sequence[tuple[int, datetime | None, str | None]]) -> None:
    """For each send (by row id): when the next scan must look at it and for which rule."""
    if not dues:
        return
    session.connection().execute(
        update(SENDS)
        .where(SENDS.c.id == bindparam("row_id"))
        .values(due_at=bindparam("due_at"), due_rule=bindparam("due_rule")),
        [{"row_id": send_id, "due_at": due_at, "due_rule": rule} for send_id, due_at, rule in dues],
    )


def any_send(session: Session) -> bool:
    """Whether any send is known."""
    return session.scalar(select(Send.id).limit(1)) is not None


def first_scan_is_over(session: Session) -> bool:
    """Whether the backlog that a new database starts with has been looked at."""
    return session.get(JobRun, FIRST_SCAN) is not None


def end_first_scan(session: Session, now: datetime) -> bool:
    """Note that the backlog has been looked at; False where another process was first."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    made = session.execute(
        insert(JobRun)
        .values(name=FIRST_SCAN, last_started_at=now, last_ok_at=None, last_error=None, runs=1)
        .on_conflict_do_nothing()
        .returning(JobRun.name),
    )
    return made.first() is not None


def first_walk_since(session: Session) -> datetime | None:
    """When the first walk through a source began that is still under way; None if none is."""
    return session.scalar(
        select(func.min(SyncCursor.started_at))
        .where(SyncCursor.last_ok_at.is_(None), SyncCursor.last_error.is_(None)),
    )
