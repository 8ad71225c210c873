"""The record of look-ups: what people have read is gathered in memory, and written down a moment after the answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from storage import look_ups
from storage.engine import Database
from storage.look_ups import LookedUp
from storage.scope import Look

BATCH = 100
"""Look-ups that are written in one transaction."""
ROOM = 20_000
"""So many wait in memory where the database takes nothing; what comes above is lost, and said to be."""


class LookUpsLostError(RuntimeError):
    """More look-ups had to wait than there is room for."""


@dataclass(kw_only=True)
class Asked(Look):
    """A look that goes on record, with all that is to be kept of it but what is read."""

    key: str
    user_id: str
    looked_at: datetime
    surface: str
    name: str = ""
    noted: int = field(default=0, repr=False)
    """So many of the sends are with the recorder already."""


class Recorder:
    """Takes looks from any thread, without touching the database, and writes them down when it is told to."""

    def __init__(self, database: Database, room: int = ROOM) -> None:
        self._database, self._room = database, room
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._waiting: dict[str, LookedUp] = {}
        self._lost = 0

    @property
    def waiting(self) -> int:
        """How many are still to be written down."""
        with self._lock:
            return len(self._waiting)

    def note(self, asked: Asked) -> None:
        """Take what has been read so far; a look that has read no send is none. Done again, only the rest is added."""
        with self._lock:
            sends = frozenset(asked.seen)
            if len(sends) == asked.noted:
                return
            asked.noted = len(sends)
            self._add(LookedUp(
                key=asked.key, user_id=asked.user_id, looked_at=asked.looked_at, surface=asked.surface,
                name=asked.name, sends=sends,
            ))

    def write(self) -> int:
        """Write down all that waits; gives how many look-ups.

        What cannot be written waits for the next time. Raises what the database raises, and LookUpsLostError once
        after some had to be left out.
        """
        number = 0
        with self._writing:
            while some := self._taken():
                try:
                    with self._database.write(patient=True) as session:
                        look_ups.record(session, some)
                except BaseException:
                    self._put_back(some)
                    raise
                number += len(some)
        self._tell_of_lost()
        return number

    def _taken(self) -> list[LookedUp]:
        with self._lock:
            keys = list(self._waiting)[:BATCH]
            # In one order everywhere, so that two processes do not wait for each other.
            return [self._waiting.pop(key) for key in sorted(keys)]

    def _put_back(self, some: list[LookedUp]) -> None:
        with self._lock:
            newer, self._waiting = self._waiting, {}
            for one in (*some, *newer.values()):
                self._add(one)

    def _add(self, one: LookedUp) -> None:
        known = self._waiting.get(one.key)
        if known is None and len(self._waiting) >= self._room:
            self._lost += 1
            return
        self._waiting[one.key] = one if known is None else replace(known, sends=known.sends | one.sends)

    def _tell_of_lost(self) -> None:
        with self._lock:
            lost, self._lost = self._lost, 0
        if lost:
            raise LookUpsLostError(f"{lost:,} look-ups are not on record: the database took none for too long")


def tidy(
    database: Database, keep: timedelta, now: datetime, is_stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Delete what is on record for longer than `keep`, little by little; gives how many look-ups went."""
    number = 0
    while not is_stopping():
        with database.write(patient=True) as session:
            some = look_ups.delete_old(session, now - keep, BATCH)
        number += some
        if some < BATCH:
            break
    return number
