"""Watches: who follows which send, and how far each of them has been told."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from storage.dialect import insert_of
from storage.models import Message, Send, Watch
from storage.sends import SOME, chunks

FINAL, STOPPED, GONE = "final", "stopped", "gone"
"""Why a watch has ended: the send has arrived, the person has stopped it, or Slack no longer has this person."""
KEY = "watch:"
"""Begins the key of each message that tells somebody of a step."""
SOME_MESSAGES = 10
"""So many of a watch's messages are looked at when it changes; older ones nobody scrolls back to."""

# Put together once: building a statement anew costs as much time as running it.
_OF = and_(Watch.user_id == bindparam("user_id"), Watch.ended_at.is_(None))
_WATCHED = select(Watch.send_id).where(_OF, Watch.send_id.in_(SOME))
_COUNT = select(func.count()).select_from(Watch).where(_OF)


def by_id(session: Session, watch_id: int) -> Watch | None:
    """The watch of that row id, or None."""
    return session.get(Watch, watch_id)


def of(session: Session, user_id: str, send_id: int) -> Watch | None:
    """How a person stands to a send; None if they have never watched it."""
    return session.scalar(select(Watch).where(Watch.user_id == user_id, Watch.send_id == send_id))


def watched(session: Session, user_id: str, send_ids: Collection[int]) -> frozenset[int]:
    """Those of the sends that this person watches now."""
    found: set[int] = set()
    for some in chunks(sorted(send_ids)):
        found.update(session.scalars(_WATCHED, {"user_id": user_id, "some": some}))
    return frozenset(found)


def count(session: Session, user_id: str) -> int:
    """How many sends this person watches now."""
    return session.scalar(_COUNT, {"user_id": user_id}) or 0


def page(
    session: Session, user_id: str, offset: int, limit: int, *conditions: ColumnElement[bool],
) -> list[tuple[Watch, Send]]:
    """Some of what this person watches now with the sends, what was begun last first; of those with `conditions`."""
    rows = session.execute(
        select(Watch, Send)
        .join(Send, Send.id == Watch.send_id)
        .where(Watch.user_id == user_id, Watch.ended_at.is_(None), *conditions)
        .order_by(Watch.created_at.desc(), Watch.id.desc())
        .offset(offset).limit(limit),
    ).all()
    return [(watch, send) for watch, send in rows]


def locked_send(session: Session, send_id: int) -> Send | None:
    """The send as it is now, held until this transaction ends: no step is taken in between looking and watching."""
    return session.scalar(
        select(Send).where(Send.id == send_id).with_for_update().execution_options(populate_existing=True),
    )


def begin(session: Session, user_id: str, send: Send, now: datetime) -> Watch:
    """Have a person follow a send from where it stands; one who follows it already goes on as before."""
    insert = insert_of(session)
    anew = {"told_seq": send.status_seq, "created_at": now, "ended_at": None, "ended_why": ""}
    session.execute(
        insert(Watch)
        .values(user_id=user_id, send_id=send.id, **anew)
        .on_conflict_do_update(
            index_elements=["user_id", "send_id"], set_=anew, where=Watch.ended_at.is_not(None),
        ),
    )
    return session.scalars(
        select(Watch)
        .where(Watch.user_id == user_id, Watch.send_id == send.id)
        .execution_options(populate_existing=True),
    ).one()


def stop(session: Session, user_id: str, send_id: int, now: datetime) -> bool:
    """End a person's watch; False where none was going on."""
    return _end(session, now, STOPPED, Watch.user_id == user_id, Watch.send_id == send_id) > 0


def end_of_person(session: Session, user_id: str, now: datetime) -> int:
    """End all watches of somebody who cannot be told any more; gives how many."""
    return _end(session, now, GONE, Watch.user_id == user_id)


def _end(session: Session, now: datetime, why: str, *conditions: object) -> int:
    ended = (
        update(Watch)
        .where(Watch.ended_at.is_(None), *conditions)  # type: ignore[arg-type]
        .values(ended_at=now, ended_why=why)
        .returning(Watch.id)
        .execution_options(synchronize_session="fetch")
    )
    return len(session.scalars(ended).all())


def of_sends(session: Session, send_ids: Iterable[int]) -> list[Watch]:
    """Every watch of those sends that goes on; costs what is asked about, not what is watched."""
    found: list[Watch] = []
    for some in chunks(sorted(set(send_ids))):
        found.extend(session.scalars(
            select(Watch).where(Watch.ended_at.is_(None), Watch.send_id.in_(some)).order_by(Watch.id),
        ))
    return found


def followers(session: Session, send_ids: Iterable[int]) -> list[tuple[int, str]]:
    """Row id and person for every watch of those sends that goes on, or that was told the last step."""
    found: list[tuple[int, str]] = []
    for some in chunks(sorted(set(send_ids))):
        told = or_(Watch.ended_at.is_(None), Watch.ended_why == FINAL)
        asked = select(Watch.send_id, Watch.user_id).where(Watch.send_id.in_(some), told).order_by(Watch.id)
        found.extend((row.send_id, row.user_id) for row in session.execute(asked))
    return found


def told(session: Session, watch: Watch, seq: int, now: datetime, *, is_over: bool) -> None:
    """Note up to where a watch has been told; where the send has arrived, that ends it."""
    watch.told_seq = seq
    if is_over:
        watch.ended_at, watch.ended_why = now, FINAL
    session.flush()


def key(watch: Watch, seq: int) -> str:
    """The key of the message that tells of this step: one for each, for ever."""
    # SQLite gives the id of a deleted row to another; the moment at which a watch began is its own.
    return f"{KEY}{watch.id}:{int(watch.created_at.timestamp())}:{seq}"


def messages_of(session: Session, watch: Watch) -> list[int]:
    """Row ids of the latest messages that have told this person of the send's steps."""
    latest = (
        select(Message.id)
        .where(
            Message.channel == watch.user_id, Message.created_at >= watch.created_at,
            Message.key.startswith(f"{KEY}{watch.id}:", autoescape=True),
        )
        .order_by(Message.created_at.desc(), Message.id.desc()).limit(SOME_MESSAGES)
    )
    return list(session.scalars(latest))
