"""What is old enough to be deleted, some rows at a time; and from when on there is anything at all."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, CursorResult, and_, delete, exists, func, inspect, or_, select
from sqlalchemy.orm import Session

from storage.dialect import insert_of
from storage.models import (
    Alert,
    AlertEvent,
    Base,
    Home,
    Message,
    Mute,
    Notification,
    Person,
    Retention,
    Send,
    Watch,
    WebhookDelivery,
)
from storage.sends import SOME, chunks

SENDS = "sends"
BASELINE = "baseline"
"""The summary of a new database's backlog: while its row is there, no second one is made."""

# Put together once: every batch of an import asks.
_KEPT = select(Retention.kept_since).where(Retention.name == SENDS)
_HELD = select(Retention.held_since).where(Retention.name == SENDS)
_OPEN = select(Alert.id).where(Alert.id.in_(SOME), Alert.state != "resolved")


def kept_since(session: Session) -> datetime | None:
    """What was finished before this instant is not kept; None while everything is."""
    return session.scalar(_KEPT)


def held_since(session: Session) -> datetime | None:
    """Sends that were finished before this instant may have been deleted; None where none ever was."""
    return session.scalar(_HELD)


def keep_from(session: Session, since: datetime | None) -> None:
    """From now on only keep what was finished at or after this instant; None: keep everything."""
    _note(session, kept_since=since)


def deleted(session: Session, before: datetime) -> None:
    """Remember that sends which were finished before this instant have been deleted."""
    known = held_since(session)
    _note(session, held_since=before if known is None else max(before, known))


def _note(session: Session, **values: datetime | None) -> None:
    insert = insert_of(session)
    row = insert(Retention.__table__).values(name=SENDS, **values)
    session.execute(row.on_conflict_do_update(index_elements=["name"], set_=values))


class Place(NamedTuple):
    """How far a walk through the sends in one status has come."""

    since: datetime
    id: int


def finished(
    session: Session, status: str, before: datetime, after: Place | None, limit: int,
) -> list[Place]:
    """The next sends in this status, those first that are in it for longest, that were so before and are at rest.

    At rest: no alert about them is open or was settled since then, nothing is due, and nobody waits for news.
    On SQLite the send that came in last stays until another has come.
    """
    alive = exists().where(
        Alert.send_id == Send.id,
        or_(Alert.state != "resolved", Alert.resolved_at.is_(None), Alert.resolved_at >= before),
    )
    followed = exists().where(Watch.send_id == Send.id, Watch.ended_at.is_(None))
    asked = (
        select(Send.status_since, Send.id)
        .where(
            Send.status == status, Send.status_since < before, Send.due_at.is_(None),
            Send.refresh_wanted_at.is_(None), ~alive, ~followed,
        )
        .order_by(Send.status_since, Send.id).limit(limit)
    )
    if session.get_bind().dialect.name == "sqlite":
        # It would give the highest id, once free, to the next send: buttons in Slack would then be of that.
        asked = asked.where(Send.id < select(func.max(Send.id)).scalar_subquery())
    if after is not None:
        later = or_(Send.status_since > after.since, and_(Send.status_since == after.since, Send.id > after.id))
        asked = asked.where(Send.status_since >= after.since, later)
    return [Place(*row) for row in session.execute(asked)]


def still_finished(session: Session, status: str, before: datetime, some: Sequence[Place]) -> list[int]:
    """Row ids of those that are at rest yet: a sync or somebody's press may have come first."""
    first = Place(some[0].since, some[0].id - 1)
    wanted = {one.id for one in some}
    return sorted(one.id for one in finished(session, status, before, first, len(some)) if one.id in wanted)


def delete_sends(session: Session, ids: Sequence[int]) -> None:
    """Delete sends with their history, watches, alerts, what was done to these, and messages about nothing else."""
    for some in chunks(ids):
        alerts = list(session.scalars(select(Alert.id).where(Alert.send_id.in_(some))))
        _delete_alerts(session, alerts)
        _delete(session, Send, Send.id.in_(some))


def old_alerts(session: Session, before: datetime, limit: int) -> list[int]:
    """Alerts about no send, such as that data were stale, that were settled before this instant."""
    asked = select(Alert.id).where(
        Alert.resolved_at.is_not(None), Alert.resolved_at < before, Alert.state == "resolved", Alert.send_id.is_(None),
    )
    return list(session.scalars(asked.limit(limit)))


def delete_alerts(session: Session, ids: Sequence[int]) -> None:
    """Delete alerts with the record of them, and messages about nothing else."""
    for some in chunks(ids):
        _delete_alerts(session, some)


def _delete_alerts(session: Session, ids: Sequence[int]) -> None:
    for some in chunks(ids):
        told = session.scalars(select(Notification.message_id).where(Notification.alert_id.in_(some)).distinct())
        messages = [one for one in told if one is not None]
        _delete(session, AlertEvent, AlertEvent.alert_id.in_(some))
        _delete(session, Notification, Notification.alert_id.in_(some))
        _delete(session, Alert, Alert.id.in_(some))
        for shown in chunks(messages):
            _delete(session, Message, Message.id.in_(shown), *_AT_REST)


_AT_REST: tuple[ColumnElement[bool], ...] = (
    Message.kind != BASELINE, Message.next_at.is_(None), Message.attempt.is_(None),
    ~exists().where(Notification.message_id == Message.id),
)


def old_messages(session: Session, before: datetime, after: int, limit: int) -> list[tuple[int, Mapping[str, Any]]]:
    """The next messages above `after` that were wanted before this instant: id and body; none after the last."""
    # Their ids rise with their age, so that the first that is younger ends it, and not the end of the table.
    asked = select(Message.id, Message.body, Message.created_at).where(Message.id > after)
    rows = session.execute(asked.order_by(Message.id).limit(limit)).all()
    return [(row.id, row.body) for row in itertools.takewhile(lambda row: row.created_at < before, rows)]


def open_among(session: Session, alerts: Iterable[int]) -> set[int]:
    """Those of these alerts that are not settled."""
    found: set[int] = set()
    for some in chunks(sorted(alerts)):
        found.update(session.scalars(_OPEN, {"some": some}))
    return found


def delete_messages(session: Session, ids: Sequence[int]) -> int:
    """Delete those of these messages that are at rest and show no alert by a row of it; gives how many."""
    return sum(_delete(session, Message, Message.id.in_(some), *_AT_REST) for some in chunks(ids))


def delete_rest(session: Session, before: datetime, limit: int) -> dict[str, int]:
    """Delete at most `limit` rows of each table whose rows are of no use once they are so old; how many, by table."""
    # One mute names the one that it took the place of: such a one stays until the other goes.
    named = select(Mute.replaces).where(Mute.replaces.is_not(None))
    over = func.coalesce(Mute.ended_at, Mute.ends_at) < before
    let_go = or_(Mute.told_end_at.is_not(None), Mute.ended_at.is_not(None))
    return {
        model.__tablename__: _some(session, model, limit, *conditions)
        for model, conditions in (
            (WebhookDelivery, (WebhookDelivery.received_at < before, WebhookDelivery.pending_at.is_(None))),
            (AlertEvent, (AlertEvent.alert_id.is_(None), AlertEvent.occurred_at < before)),
            (Mute, (over, let_go, Mute.id.not_in(named))),
            (Watch, (Watch.ended_at.is_not(None), Watch.ended_at < before)),
            (Person, (Person.fetched_at < before,)),
            (Home, (Home.opened_at < before,)),
        )
    }


def _some(session: Session, model: type[Base], limit: int, *conditions: ColumnElement[bool]) -> int:
    (key,) = inspect(model).primary_key
    ids = list(session.scalars(select(key).where(*conditions).limit(limit)))
    for some in chunks(ids):
        _delete(session, model, key.in_(some))
    return len(ids)


def _delete(session: Session, model: type[Base], *conditions: ColumnElement[bool]) -> int:
    done = session.execute(
        delete(model).where(*conditions), execution_options={"synchronize_session": False},
    )
    return cast("CursorResult[Any]", done).rowcount
