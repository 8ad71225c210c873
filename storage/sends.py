"""Questions about sends and their history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Integer,
    Table,
    bindparam,
    func,
    or_,
    select,
    text,
    union,
    update,
)
from sqlalchemy.orm import Session

from storage import advisory
from storage.dialect import insert_of
from storage.models import Alert, Send, SendHistory

T = TypeVar("T")

IN_LIMIT = 1_000
"""Values in one IN list: far below the databases' limits, and few enough distinct statements."""

BLANK: dict[str, Any] = {
    "kind": "unknown", "type": "", "subtype": "", "status_seq": 1, "recipient_name": "", "recipient_email": "",
    "recipient_company": "", "sender_name": "", "sender_email": "", "team": "", "campaign": "", "currency": "",
    "sent_via": "", "search_text": "", "fingerprint": "", "recipient_forgotten": False, "sender_forgotten": False,
}
"""The columns that a new row has, whatever is known of the send."""

LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
"""Stands for a time that nobody knows, where the newest come first."""

INTAKE_LOCK = 0x5E4D_1274
"""Names the advisory lock under which PostgreSQL's processes take snapshots in, one batch at a time."""


# Put together once: building a statement anew costs as much time as running it.
SOME: BindParameter[Any] = bindparam("some", expanding=True)
BY_GIDS = select(Send).where(Send.send_gid.in_(SOME))
BY_IDS = select(Send).where(Send.id.in_(SOME))
BY_TRACKING = select(Send).where(Send.tracking_url.in_(SOME)).order_by(Send.id)
HISTORY = (
    select(SendHistory).where(SendHistory.send_id.in_(SOME)).order_by(SendHistory.occurred_at, SendHistory.id)
)
NEWEST = select(Send).order_by(Send.created_at.desc().nulls_last()).limit(bindparam("limit", type_=Integer))
OPEN_ALERTS = (
    select(Alert).where(Alert.send_id.in_(SOME), Alert.state != "resolved").order_by(Alert.opened_at, Alert.id)
)


def by_gids(session: Session, gids: Iterable[str]) -> dict[str, Send]:
    """The sends of those gids, as far as they are known."""
    found: dict[str, Send] = {}
    for some in chunks(sorted(set(gids))):
        found.update((send.send_gid, send) for send in session.scalars(BY_GIDS, {"some": some}))
    return found


def newest_texts(session: Session, limit: int) -> dict[int, str]:
    """What is searched in the sends that came in last, by id."""
    newest = select(Send.id, Send.search_text).order_by(Send.id.desc()).limit(limit)
    return {row.id: row.search_text for row in session.execute(newest)}


def newest(session: Session, limit: int) -> list[Send]:
    """The sends that were made last, the newest first."""
    return list(session.scalars(NEWEST, {"limit": limit}))


def by_tracking(session: Session, urls: Iterable[str]) -> dict[str, Send]:
    """The sends with those tracking links; of several with one link the one that came in last."""
    found: dict[str, Send] = {}
    for some in chunks(sorted(set(urls))):
        found.update((str(send.tracking_url), send) for send in session.scalars(BY_TRACKING, {"some": some}))
    return found


def newest_types(session: Session, limit: int) -> list[tuple[str, int]]:
    """Types and subtypes of the sends that came in last, each once with one of the sends that have it."""
    found: dict[str, int] = {}
    rows = session.execute(select(Send.type, Send.subtype, Send.id).order_by(Send.id.desc()).limit(limit))
    for kind, subtype, send_id in rows:
        found.setdefault(kind, send_id)
        found.setdefault(subtype, send_id)
    return [(text, send_id) for text, send_id in found.items() if text.strip()]


def by_ids(session: Session, ids: Iterable[int]) -> dict[int, Send]:
    """The sends of those row ids."""
    found: dict[int, Send] = {}
    for some in chunks(sorted(set(ids))):
        found.update((send.id, send) for send in session.scalars(BY_IDS, {"some": some}))
    return found


def due(session: Session, now: datetime, limit: int) -> list[Send]:
    """Sends that a scan has to look at, the longest due first.

    On PostgreSQL the rows are this transaction's until it ends; those that another scan holds are left out.
    """
    statement = (
        select(Send)
        .where(Send.due_at.is_not(None), Send.due_at <= now)
        .order_by(Send.due_at, Send.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(session.scalars(statement))


def count_due(session: Session, now: datetime) -> int:
    """How many sends a scan would have to look at."""
    asked = select(func.count()).select_from(Send).where(Send.due_at.is_not(None), Send.due_at <= now)
    return session.scalar(asked) or 0


def oldest_due(session: Session) -> datetime | None:
    """When the send that waits longest for a scan became due; lies ahead where none waits."""
    return session.scalar(select(func.min(Send.due_at)).where(Send.due_at.is_not(None)))


def count_by_status(session: Session) -> dict[str, int]:
    """How many sends are in each status, by canonical id."""
    number = func.count().label("number")
    rows = session.execute(select(Send.status, number).group_by(Send.status).order_by(Send.status))
    return {row.status: row.number for row in rows}


def total(session: Session) -> int:
    """How many sends are known."""
    return session.scalar(select(func.count()).select_from(Send)) or 0


def history(session: Session, send_ids: Iterable[int]) -> dict[int, list[SendHistory]]:
    """Every status of those sends, oldest first; a send without any has an empty list."""
    ids = sorted(set(send_ids))
    found: dict[int, list[SendHistory]] = {send_id: [] for send_id in ids}
    for some in chunks(ids):
        for row in session.scalars(HISTORY, {"some": some}):
            found[row.send_id].append(row)
    return found


def open_alerts(session: Session, send_ids: Iterable[int]) -> list[Alert]:
    """Alerts about those sends that nobody and nothing has resolved, the oldest first."""
    return [
        alert
        for some in chunks(sorted(set(send_ids)))
        for alert in session.scalars(OPEN_ALERTS, {"some": some})
    ]


def stuck(
    session: Session, now: datetime, limit: int, *conditions: ColumnElement[bool],
) -> tuple[int, list[Send]]:
    """Sends with an unresolved alert or due for one: how many (of which `conditions` hold), and the longest waiting."""
    # Counted on the way: what is held up would else be gathered twice.
    longest = (
        select(Send.id, func.count().over()).where(Send.id.in_(_held(now)), *conditions)
        .order_by(Send.status_since, Send.id).limit(limit)
    )
    rows = session.execute(longest).all()
    found = by_ids(session, [send_id for send_id, _ in rows])
    return rows[0][1] if rows else 0, [found[send_id] for send_id, _ in rows]


def _held(now: datetime) -> CompoundSelect[Any]:
    # Each from its own index: "either, or" would be asked of every send.
    return union(
        select(Alert.send_id).where(Alert.state != "resolved", Alert.send_id.is_not(None)),
        select(Send.id).where(Send.due_at.is_not(None), Send.due_at <= now),
    )


def has_status(status: str) -> ColumnElement[bool]:
    """That a send is in that status (canonical id), for a look through few sends."""
    # By the column itself a database would begin with all that are in it.
    return Send.status + "" == status


def in_status(session: Session, status: str, limit: int, *, latest: bool = False) -> tuple[int, list[Send]]:
    """Sends that are in that status (canonical id): how many, and those that have been in it for longest.

    With `latest` those that came into it last.
    """
    number = session.scalar(select(func.count()).select_from(Send).where(Send.status == status)) or 0
    order = (Send.status_since.desc(), Send.id.desc()) if latest else (Send.status_since, Send.id)
    first = select(Send).where(Send.status == status).order_by(*order).limit(limit)
    return number, list(session.scalars(first)) if number else []


def in_unknown_status(session: Session, name: str) -> int:
    """How many sends are in a status that Sendoso calls so and of which nothing more is known."""
    called = func.lower(Send.status_raw) == name.strip().lower()
    return session.scalar(select(func.count()).select_from(Send).where(Send.status == "unknown", called)) or 0


def by_sendoso_id(session: Session, sendoso_id: int) -> list[Send]:
    """Sends that have that number, the newest first; Sendoso's numbers are its own, a file's may be others."""
    newest = select(Send).where(Send.sendoso_id == sendoso_id).order_by(Send.created_at.desc().nulls_last(), Send.id)
    return list(session.scalars(newest))


def wanting_refresh(session: Session, limit: int) -> list[str]:
    """Gids of sends of which a webhook said that something changed, and no sync has looked since."""
    asked = (
        select(Send.send_gid)
        .where(Send.refresh_wanted_at.is_not(None))
        .order_by(Send.refresh_wanted_at, Send.send_gid)
        .limit(limit)
    )
    return list(session.scalars(asked))


def want_refresh(session: Session, send_gid: str, wanted_at: datetime, now: datetime) -> bool:
    """Note that the send changed at Sendoso; a gid not yet known is kept as an incomplete row.

    Gives whether the gid is new.
    """
    insert = insert_of(session)
    table: Table = Send.__table__  # type: ignore[assignment]
    made = session.scalar(
        insert(table)
        .values(
            send_gid=send_gid, status="unknown", status_raw="", status_since=wanted_at, complete=False,
            first_seen_at=now, updated_at=now, **BLANK,
        )
        .on_conflict_do_nothing(index_elements=["send_gid"])
        .returning(table.c.id),
    )
    session.execute(
        update(Send)
        .where(
            Send.send_gid == send_gid,
            or_(Send.refresh_wanted_at.is_(None), Send.refresh_wanted_at < wanted_at),
        )
        .values(refresh_wanted_at=wanted_at)
        .execution_options(synchronize_session=False),
    )
    return made is not None


def wait_for_turn(session: Session) -> None:
    """Let one transaction at a time take snapshots in: two that bring the same send would make two of it.

    On SQLite the writer gate does that already.
    """
    if session.get_bind().dialect.name != "sqlite":
        advisory.wait_for(session, INTAKE_LOCK)


def refresh_statistics(session: Session) -> None:
    """Have PostgreSQL count its rows anew, once the first few thousand of an import are in.

    Plans made while a table was empty stay in use and make the rest of the import several times slower.
    """
    if session.get_bind().dialect.name != "sqlite":
        session.execute(text("ANALYZE sends, send_history"))


def chunks(values: Sequence[T], size: int = IN_LIMIT) -> Iterator[list[T]]:
    """The values in lists short enough for one IN."""
    iterator = iter(values)
    while some := list(islice(iterator, size)):
        yield some
