"""The record of look-ups: who has read which sends, when, and by what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, Row, Table, bindparam, delete, select, update
from sqlalchemy.orm import Session

from storage.dialect import insert_of
from storage.models import LookUp, LookUpSend, Person, Send
from storage.sends import SOME, chunks

MOST = 500
"""Sends of one look-up that are named; how many there were is kept beside."""
AT_A_TIME = 500

_LOOK_UPS: Table = LookUp.__table__  # type: ignore[assignment]
_OF_THEM: Table = LookUpSend.__table__  # type: ignore[assignment]
_KNOWN = select(LookUp.id, LookUp.number).where(LookUp.key == bindparam("key")).with_for_update()
_NAMED = select(LookUpSend.send_id).where(LookUpSend.look_up_id == bindparam("look_up"))
# What is being deleted meanwhile is not named: its row would hold up the one or the other.
_THERE = select(Send.id).where(Send.id.in_(SOME)).with_for_update(read=True, key_share=True)
_GIDS = (
    select(LookUpSend.look_up_id, Send.send_gid).join(Send, Send.id == LookUpSend.send_id)
    .where(LookUpSend.look_up_id.in_(SOME)).order_by(LookUpSend.id)
)


@dataclass(frozen=True, kw_only=True)
class LookedUp:
    """One look-up as it goes on record. `looked_at` is aware; `sends` are row ids."""

    key: str
    user_id: str
    looked_at: datetime
    surface: str
    name: str
    sends: frozenset[int]


def record(session: Session, some: Iterable[LookedUp]) -> None:
    """Put look-ups on record; what has the key of one that is there already is added to that.

    Each names `MOST` sends at most. Of more, one that is added again later counts once more.
    """
    for one in some:
        _record(session, one)


def _record(session: Session, one: LookedUp) -> None:
    insert = insert_of(session)
    values = {
        "key": one.key, "user_id": one.user_id, "looked_at": one.looked_at, "surface": one.surface, "name": one.name,
        "number": 0,
    }
    session.execute(insert(_LOOK_UPS).on_conflict_do_nothing(), values)
    look_up, number = session.execute(_KNOWN, {"key": one.key}).one()
    named = set(session.scalars(_NAMED, {"look_up": look_up}))
    new = sorted(one.sends - named)
    if not new:
        return
    session.execute(update(LookUp).where(LookUp.id == look_up).values(number=number + len(new)))
    there = [
        send for chunk in chunks(new[:MOST - len(named)]) for send in session.scalars(_THERE, {"some": chunk})
    ]
    if there:
        session.execute(_OF_THEM.insert(), [{"look_up_id": look_up, "send_id": send} for send in sorted(there)])


def delete_old(session: Session, before: datetime, limit: int) -> int:
    """Delete at most `limit` look-ups that were made before this instant; gives how many."""
    old = list(session.scalars(select(LookUp.id).where(LookUp.looked_at < before).limit(limit)))
    number = 0
    for some in chunks(old):
        done = session.execute(
            delete(LookUp).where(LookUp.id.in_(some)), execution_options={"synchronize_session": False},
        )
        number += cast("CursorResult[Any]", done).rowcount
    return number


def every(
    session: Session, since: datetime | None = None, until: datetime | None = None,
) -> Iterator[tuple[Row[*tuple[Any, ...]], list[str]]]:
    """Look-ups from `since` up to but without `until`, the oldest first, each with the gids that it names."""
    asked = (
        select(
            LookUp.id, LookUp.looked_at, LookUp.user_id, LookUp.surface, LookUp.name, LookUp.number,
            Person.name.label("person"),
        )
        .outerjoin(Person, Person.user_id == LookUp.user_id)
        .where(
            *([LookUp.looked_at >= since] if since is not None else []),
            *([LookUp.looked_at < until] if until is not None else []),
        )
        .order_by(LookUp.looked_at, LookUp.id)
    )
    for some in session.execute(asked.execution_options(yield_per=AT_A_TIME)).partitions():
        gids = _gids(session, [row.id for row in some])
        yield from ((row, gids[row.id]) for row in some)


def _gids(session: Session, look_ups: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {one: [] for one in look_ups}
    for some in chunks(look_ups):
        for look_up, gid in session.execute(_GIDS, {"some": some}):
            found[look_up].append(gid)
    return found
