"""Where the sources stand: cursors of walks, webhook deliveries, sends that wait to be read again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storage.dialect import insert_of
from storage.leases import SKEW
from storage.models import Send, SyncCursor, WebhookDelivery


def cursor(session: Session, source: str) -> SyncCursor | None:
    """How far the walk through `source` has come; None before the first."""
    return session.get(SyncCursor, source, populate_existing=True)


def begin(session: Session, source: str, fencing: int, now: datetime, *, afresh: bool) -> None:
    """Enter a walk under the lease number `fencing`; `afresh` forgets where a former walk was stopped."""
    start: dict[str, Any] = {"cursor": {}, "started_at": now} if afresh else {}
    insert = insert_of(session)
    statement = insert(SyncCursor).values(source=source, fencing=fencing, cursor={}, started_at=now)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[SyncCursor.source], set_={"fencing": fencing} | start,
        ),
    )


def save(session: Session, source: str, fencing: int, **values: Any) -> bool:  # noqa: ANN401 - columns of the cursor
    """Write columns of the cursor; False when a walk with a higher lease number has begun since."""
    saved = session.scalar(
        update(SyncCursor)
        .where(SyncCursor.source == source, SyncCursor.fencing == fencing)
        .values(**values)
        .returning(SyncCursor.source)
        .execution_options(synchronize_session=False),
    )
    return saved is not None


def follow_the_clock(session: Session, source: str, now: datetime) -> None:
    """Where the clock was put back, the last good walk was at `now` at the latest, and not so far ahead.

    Else it would count as fresh for as long as that besides.
    """
    session.execute(
        update(SyncCursor)
        .where(SyncCursor.source == source, SyncCursor.last_ok_at > now + SKEW)
        .values(last_ok_at=now)
        .execution_options(synchronize_session=False),
    )


def refresh_wanted(session: Session) -> bool:
    """Whether a webhook told of a change that only a sync can read."""
    first = select(Send.id).where(Send.refresh_wanted_at.is_not(None)).limit(1)
    return session.scalar(first) is not None


def refreshed(session: Session, since: datetime) -> None:
    """A full walk that began at `since` is through: what was asked for before then has been read.

    Also for sends that Sendoso no longer lists; they would otherwise ask for ever.
    """
    session.execute(
        update(Send)
        .where(Send.refresh_wanted_at <= since)
        .values(refresh_wanted_at=None)
        .execution_options(synchronize_session=False),
    )


def keep_delivery(session: Session, delivery: WebhookDelivery) -> bool:
    """Store a delivery unless its id is known; True if it is new."""
    insert = insert_of(session)
    statement = insert(WebhookDelivery).values(
        svix_id=delivery.svix_id,
        received_at=delivery.received_at,
        event=delivery.event,
        send_gid=delivery.send_gid,
        status_changed_at=delivery.status_changed_at,
        pending_at=delivery.pending_at,
    )
    kept = session.scalar(statement.on_conflict_do_nothing().returning(WebhookDelivery.svix_id))
    return kept is not None


def delivery_of(session: Session, svix_id: str) -> WebhookDelivery:
    """The stored delivery of that id, locked against other writers. It must exist."""
    return session.scalars(
        select(WebhookDelivery).where(WebhookDelivery.svix_id == svix_id).with_for_update(),
    ).one()


def pending_deliveries(session: Session, limit: int) -> Sequence[WebhookDelivery]:
    """The oldest deliveries not yet taken in, claimed for this transaction, sorted by send.

    Every writer of sends goes through them in the order of their gids, so that no two wait for each other.
    """
    claimed = session.scalars(
        select(WebhookDelivery)
        .where(WebhookDelivery.pending_at.is_not(None))
        .order_by(WebhookDelivery.pending_at, WebhookDelivery.svix_id)
        .limit(limit)
        .with_for_update(skip_locked=True),
    ).all()
    return sorted(claimed, key=lambda one: (one.send_gid, one.status_changed_at, one.svix_id))


def pending_count(session: Session) -> int:
    """How many deliveries wait to be taken in."""
    waiting = select(func.count()).select_from(WebhookDelivery).where(WebhookDelivery.pending_at.is_not(None))
    return session.scalar(waiting) or 0


def last_delivery_at(session: Session) -> datetime | None:
    """When the latest webhook arrived; None where none ever has."""
    return session.scalar(select(func.max(WebhookDelivery.received_at)))
