"""Watching a send: beginning and ending it, and telling each step to those who do, by direct message."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from bot.sends import history
from bot.sends.history import Event
from bot.sends.record import Record, key_of
from bot.sends.steps import steps
from bot.statuses import catalogue
from bot.statuses.kinds import Kind
from storage import messages, watches
from storage.messages import PRESS_PRIORITY
from storage.models import Send, Watch

MOST = 100
"""So many sends may one person watch at once (our judgement): more is what the lists are for."""
SHOWN = 8
"""So many steps are told in one message; of more, the latest."""
STEP = "watch"
"""What stands in the body of a message that tells of steps."""

Knew = dict[tuple[int | None, str], tuple[Event, ...]]
"""By a record's row id and a person: the events of which watching has let this person know."""


class Outcome(StrEnum):
    """What came of the wish to watch a send."""

    BEGUN = "begun"
    ALREADY = "already"
    OVER = "over"
    """Nothing more happens to the send by itself."""
    FULL = "full"
    """The person watches as many as one may."""
    GONE = "gone"
    """There is no such send."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What came of it, with the send and the watch as far as there are any."""

    outcome: Outcome
    send: Send | None = None
    watch: Watch | None = None


def begin(session: Session, user_id: str, send_id: int, now: datetime) -> Wish:
    """Have a Slack user told of each further step of a send, by direct message, until it has arrived."""
    send = watches.locked_send(session, send_id)
    if send is None:
        return Wish(outcome=Outcome.GONE)
    known = watches.of(session, user_id, send_id)
    if known is not None and known.ended_at is None:
        return Wish(outcome=Outcome.ALREADY, send=send, watch=known)
    if catalogue.is_final(send.status, Kind(send.kind)):
        return Wish(outcome=Outcome.OVER, send=send, watch=known)
    if watches.count(session, user_id) >= MOST:
        return Wish(outcome=Outcome.FULL, send=send)
    watch = watches.begin(session, user_id, send, now)
    return Wish(outcome=Outcome.BEGUN, send=send, watch=watch)


def stop(session: Session, user_id: str, send_id: int, now: datetime) -> bool:
    """End it; what was told of it so far is drawn anew. False where it was not going on."""
    if not watches.stop(session, user_id, send_id, now):
        return False
    watch = watches.of(session, user_id, send_id)
    if watch is not None:
        messages.touch(session, watches.messages_of(session, watch), now, priority=PRESS_PRIORITY)
    return True


def known(session: Session, records: Iterable[Record]) -> Knew:
    """What those who watch one of two records that became one (or both) could be told of; while both are stored."""
    formers = {one.row_id: (record.id, one.events) for record in records for one in record.formers}
    knew: Knew = {}
    for row_id, user_id in watches.followers(session, formers) if formers else ():
        record_id, events = formers[row_id]
        knew[record_id, user_id] = (*knew.get((record_id, user_id), ()), *events)
    return knew


def tell(session: Session, records: Iterable[Record], now: datetime, knew: Knew) -> int:
    """Wish for a message to everybody who watches one of the sends that have moved; gives how many.

    Part of the transaction that moves them, so that nothing is lost or told twice, and each step costs those who
    watch and nobody else. `knew` as from `known`.
    """
    moved = {
        record.id: record
        for record in records if record.id is not None and (record.formers or _has_moved(record))
    }
    told = 0
    for watch in watches.of_sends(session, moved) if moved else ():
        record = moved[watch.send_id]
        made = _since(record, knew.get((record.id, watch.user_id), ())) if record.formers else _steps(record)
        if made:
            _tell(session, watch, record, made, now)
            told += 1
        elif _is_over(record):
            # The other of two records told this person already.
            watches.told(session, watch, record.row["status_seq"], now, is_over=True)
    return told


def _has_moved(record: Record) -> bool:
    return bool(record.stored) and record.row["status_seq"] != record.stored["status_seq"]


def _is_over(record: Record) -> bool:
    return catalogue.is_final(record.row["status"], Kind(record.row["kind"]))


def _tell(
    session: Session, watch: Watch, record: Record, made: Sequence[dict[str, Any]], now: datetime,
) -> None:
    row = record.row
    is_over = _is_over(record)
    messages.want(
        session, key=watches.key(watch, row["status_seq"]), kind="notice", channel=watch.user_id, now=now,
        body={
            "notice": STEP, "watch": watch.id, "seq": row["status_seq"], "steps": made[-SHOWN:],
            "before": max(0, len(made) - SHOWN), "over": is_over,
        },
    )
    watches.told(session, watch, row["status_seq"], now, is_over=is_over)


def _steps(record: Record) -> Sequence[dict[str, Any]]:
    new = [addition.event for addition in record.additions if not addition.late]
    before = key_of(record.stored["status_raw"], record.stored["kind"])
    return [_as_json(event) for event in steps(record.events, new, before)]


def _since(record: Record, knew: Sequence[Event]) -> Sequence[dict[str, Any]]:
    # Of two records that became one, for somebody who was told `knew`; none where it stands as it did then.
    before, standing = history.current(knew), history.current(record.events)
    if before is None or standing is None or not history.went_on(record.events, before, standing):
        return ()
    keys = {event.key for event in knew}
    new = [event for event in record.events if event.key not in keys and event.order >= before.newest.order]
    return [_as_json(event) for event in steps(record.events, new, before.status_key)]


def _as_json(event: Event) -> dict[str, Any]:
    return {"status": event.status, "raw": event.status_raw, "at": event.occurred_at.isoformat()}
