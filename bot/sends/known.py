"""What is known of the sends that a batch tells of, read with few statements."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, Table, bindparam, select
from sqlalchemy.orm import Session

from bot.sends.checks import link_of
from bot.sends.history import Event
from bot.sends.likeness import is_named
from bot.sends.marks import gid_apart
from bot.sends.prints import Prints
from bot.sends.record import LONGEST_DAY, SYNTHETIC, Record
from bot.sends.snapshots import Snapshot
from storage.models import Send, SendHistory, UtcTime
from storage.sends import SOME, chunks

SENDS: Table = Send.__table__  # type: ignore[assignment]
HISTORY: Table = SendHistory.__table__  # type: ignore[assignment]
S, H = SENDS.c, HISTORY.c

# Put together once: building a statement anew costs as much time as running it, and a press may be waiting.
PRINTS = select(S.send_gid, S.fingerprint, S.refresh_wanted_at).where(S.send_gid.in_(SOME))
LOCKED = select(SENDS).order_by(S.send_gid).with_for_update()
NEAR = S.created_at.between(bindparam("first", type_=UtcTime()), bindparam("last", type_=UtcTime()))
MADE_UP = S.send_gid.startswith(SYNTHETIC)
ANY_MADE_UP = select(S.id).where(S.send_gid >= SYNTHETIC, S.send_gid < SYNTHETIC + "~").limit(1)
BY_GID = LOCKED.where(S.send_gid.in_(SOME))
BY_ID, BY_LINK = LOCKED.where(S.sendoso_id.in_(SOME)), LOCKED.where(S.tracking_url.in_(SOME))
BY_EMAIL = LOCKED.where(S.recipient_email.in_(SOME), NEAR)
MADE_UP_BY = {statement: statement.where(MADE_UP) for statement in (BY_ID, BY_LINK, BY_EMAIL)}
EVENTS = (
    select(H.send_id, H.status, H.status_key, H.status_raw, H.occurred_at, H.source)
    .where(H.send_id.in_(SOME)).order_by(H.id)
)

Marks = tuple[Select[Any], list[Any], dict[str, Any]]
"""A statement, the values that it looks for, and what else it asks for."""


class Told(NamedTuple):
    """A snapshot with its gid (Sendoso's or made up) and the hash of what it says.

    `apart` is the other gid that it may have (`marks.gid_apart`); the same, to be looked up where the gid is not known.
    """

    gid: str
    apart: str
    said: str
    snapshot: Snapshot


def news(session: Session, told: Sequence[Told]) -> tuple[list[Told], set[str]]:
    """What says something else than the last telling of its source, and those of all the gids that are known.

    Found by a cheap look at few columns.
    """
    known: dict[str, Prints] = {}
    waiting: set[str] = set()
    asked = {gid for one in told for gid in (one.gid, one.apart)}
    _look_at(session, asked, known, waiting)
    # What is told of for the first time may be there in clear: an earlier version may have it from a file.
    found = known.keys() - waiting
    told = [
        one if one.gid in found or one.gid != one.apart else one._replace(apart=gid_apart(one.snapshot)) for one in told
    ]
    _look_at(session, {one.apart for one in told} - asked, known, waiting)
    # All that a batch says of one send is taken in its order, or none of it.
    fresh = waiting | {
        one.gid for one in told
        if not any(gid in known and known[gid].holds(one.snapshot.source, one.said) for gid in (one.gid, one.apart))
    }
    left = [one for one in told if one.gid in fresh]
    return left, known.keys() & {gid for one in left for gid in (one.gid, one.apart)}


def _look_at(session: Session, gids: Collection[str], known: dict[str, Prints], waiting: set[str]) -> None:
    for some in chunks(sorted(gids)):
        for gid, fingerprint, refresh_wanted_at in session.execute(PRINTS, {"some": some}):
            known[gid] = Prints(fingerprint)
            if refresh_wanted_at is not None:
                waiting.add(gid)


def records(session: Session, told: Sequence[Told], known: set[str]) -> list[Record]:
    """The sends that these may be about, held until this transaction ends; `known` are those of the gids that exist."""
    rows: dict[int, dict[str, Any]] = {}
    for statement, values, more in _wanted(session, [one.snapshot for one in told], known):
        for some in chunks(values):
            found = session.execute(statement, {"some": some, **more}).mappings()
            rows.update((row["id"], dict(row)) for row in found)
    events = _events(session, sorted(rows))
    ordered = sorted(rows.values(), key=lambda row: row["send_gid"])
    return [Record(row, events.get(row_id, ()), row_id) for row in ordered for row_id in [row.pop("id")]]


def _wanted(session: Session, told: Sequence[Snapshot], known: set[str]) -> Iterator[Marks]:
    yield BY_GID, sorted(known), {}
    yield from _marks([snapshot for snapshot in told if not is_named(snapshot)])
    named = [snapshot for snapshot in told if is_named(snapshot)]
    # A snapshot with a gid can only be meant by marks where a file brought the send without one.
    if named and _may_have_made_up(session):
        for statement, values, more in _marks(named):
            yield MADE_UP_BY[statement], values, more


def _may_have_made_up(session: Session) -> bool:
    # PostgreSQL orders texts as people do, not by their bytes, and could not find out without reading all sends.
    return session.get_bind().dialect.name != "sqlite" or session.scalar(ANY_MADE_UP) is not None


def _marks(told: Sequence[Snapshot]) -> Iterator[Marks]:
    yield BY_ID, sorted({snapshot.sendoso_id for snapshot in told if snapshot.sendoso_id is not None}), {}
    yield BY_LINK, sorted({link for snapshot in told if (link := link_of(snapshot.tracking_url))}), {}
    dated = [(s.recipient_email, s.created_at) for s in told if s.recipient_email and s.created_at]
    if dated:
        times = [created_at for _, created_at in dated]
        near = {"first": min(times) - LONGEST_DAY, "last": max(times) + LONGEST_DAY}
        yield BY_EMAIL, sorted({email for email, _ in dated}), near


def _events(session: Session, ids: Sequence[int]) -> Mapping[int, list[Event]]:
    found: dict[int, list[Event]] = {}
    for some in chunks(ids):
        for row in session.execute(EVENTS, {"some": some}):
            found.setdefault(row.send_id, []).append(Event(
                status=row.status, status_key=row.status_key, status_raw=row.status_raw,
                occurred_at=row.occurred_at, source=row.source,
            ))
    return found
