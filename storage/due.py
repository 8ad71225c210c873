"""Which sends a scan must look at, and whether the backlog of a new database has been looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, func, select, update
from sqlalchemy.orm import Session

from storage import advisory, cursors, troubles
from storage.dialect import insert_of
from storage.models import Alert, JobRun, Send, SyncCursor, UtcTime
from storage.sends import SOME, chunks

SENDS: Table = Send.__table__  # type: ignore[assignment]
FIRST_SCAN = "first_scan"
"""Name of the job run that says that the backlog of a new database has been looked at."""
WALK = "thresholds"
"""Name of the row in `sync_cursors`, and of the lease, of the walk that finds new due times for all sends."""
EDITION = "edition"
"""Name of the row in `sync_cursors` that says by which edition of the limits due times are reckoned."""
WATCH_LOCK = 0x5E4D_7A7C
"""Names the advisory lock by which a change of the limits waits for those who still go by the former ones."""

WATCHED = (
    SENDS.c.id, SENDS.c.send_gid, SENDS.c.status, SENDS.c.status_raw, SENDS.c.status_since, SENDS.c.status_seq,
    SENDS.c.warehouse_since, SENDS.c.kind, SENDS.c.type, SENDS.c.subtype, SENDS.c.campaign, SENDS.c.team,
    SENDS.c.created_at, SENDS.c.expires_at, SENDS.c.due_at, SENDS.c.due_rule,
)
"""The columns of a send on which its due time depends, and the due time itself."""


# Put together once, since a press needs them: building a statement anew costs as much time as running it.
NOW = bindparam("now", type_=UtcTime())
LATER = (
    select(Send.id).where(Send.id.in_(SOME), (Send.due_at.is_(None)) | (Send.due_at > NOW))
    .order_by(Send.send_gid).with_for_update()
)
FREE_LATER = LATER.with_for_update(skip_locked=True)
DUE_NOW = (
    update(Send).where(Send.id.in_(SOME)).values(due_at=NOW).execution_options(synchronize_session="evaluate")
)


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
        ids.extend(session.scalars(LATER if wait else FREE_LATER, {"some": some, "now": now}))
    for some in chunks(ids):
        session.execute(DUE_NOW, {"some": some, "now": now})
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
    insert = insert_of(session)
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
        .where(
            # What the bot finds wrong with itself stands in the same table, and is no walk.
            SyncCursor.source != WALK, ~SyncCursor.source.startswith(troubles.PREFIX, autoescape=True),
            SyncCursor.last_ok_at.is_(None), SyncCursor.last_error.is_(None),
        ),
    )


# --- the walk through all sends after a change of the limits ------------------------------------------


def hold_limits(session: Session) -> None:
    """Keep changes of the limits out until this transaction ends.

    To be called before the limits are read, by all who write due times: after a change nobody then writes a
    due time by the former limits behind the walk's back. SQLite has one writer and needs no such thing.
    """
    if session.get_bind().dialect.name != "sqlite":
        advisory.wait_for(session, WATCH_LOCK, shared=True)


def begin_walk(session: Session, now: datetime) -> None:
    """Have the walk go through all sends, from the first; one that is under way begins again."""
    if session.get_bind().dialect.name != "sqlite":
        advisory.wait_for(session, WATCH_LOCK)
    cursors.put(session, WALK, cursor={"after": 0}, started_at=now, last_ok_at=None)


def note_edition(session: Session, edition: str, now: datetime) -> bool:
    """Note by which edition of the limits due times are reckoned from now on; whether it was another before."""
    known = session.scalar(select(SyncCursor.cursor).where(SyncCursor.source == EDITION))
    if known is None or known.get("edition") != edition:
        cursors.put(session, EDITION, cursor={"edition": edition}, last_ok_at=now)
    return known is not None and known.get("edition") != edition


def walked_to(session: Session, *, lock: bool = False) -> int | None:
    """The row id of the last send behind the walk, 0 at its beginning; None when no walk is under way.

    With `lock` it begins anew for nobody until this transaction ends.
    """
    asked = select(SyncCursor.cursor).where(SyncCursor.source == WALK)
    cursor = session.scalar(asked.with_for_update() if lock else asked)
    return cursor.get("after") if cursor else None


def walk_on(session: Session, after: int) -> None:
    """Note how far the walk has come. The row must be held."""
    session.execute(_of_walk(cursor={"after": after}))


def end_walk(session: Session, now: datetime) -> None:
    """Note that the walk is through. The row must be held."""
    session.execute(_of_walk(cursor={}, last_ok_at=now))


def _of_walk(**values: Any) -> Any:  # noqa: ANN401 - columns of the cursor; SQLAlchemy's Update
    return (
        update(SyncCursor).where(SyncCursor.source == WALK).values(**values)
        .execution_options(synchronize_session=False)
    )


def page(session: Session, after: int, size: int, statuses: Collection[str] | None = None) -> list[Send]:
    """The next sends behind row id `after`, in this order; in any of `statuses` where these are given.

    To be read only: they are rows with the columns of `WATCHED`, since whole objects take four times as long.
    """
    asked = select(*WATCHED).where(SENDS.c.id > after).order_by(SENDS.c.id).limit(size)
    if statuses is not None:
        # Not by the index of the status: each page would sort all that is behind it.
        asked = asked.where((SENDS.c.status + "").in_(sorted(statuses)))
    return [cast("Send", row) for row in session.execute(asked)]


def locked(session: Session, send_ids: Iterable[int]) -> list[Send]:
    """Those sends (at most 1,000) as they are now, held until this transaction ends, in intake's order."""
    return list(session.scalars(
        select(Send).where(Send.id.in_(sorted(send_ids))).order_by(Send.send_gid).with_for_update()
        .execution_options(populate_existing=True),
    ))
