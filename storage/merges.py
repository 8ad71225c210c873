"""Merging SQLite's search index a little at a time, after the transactions that made it grow and after who presses."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from datetime import timedelta

from storage import search_index
from storage.gate import WriterGate

PAGES_PER_SEND = 4
"""Pages of the index to be merged for each send written (measured: more than there is to merge)."""

LEAST_PAGES = 32
"""Pages that are merged at a time where fewer are not worth a transaction: two milliseconds, mostly."""

REST = timedelta(milliseconds=250)
"""For so long nothing large is merged after somebody was let past (our judgement): who presses once may press again,
and what was begun is to be done anew."""

MANY_PARTS = 8
"""So many small parts are merged even then: SQLite takes them before large ones if there are more than four, and that
is over soon. Each transaction makes one."""

PERSEVERANCE = timedelta(seconds=30)
"""So often at most one long merge is seen through while people press all the time (our judgement): in one of a hundred
cases or fewer it is waited for."""

LONG = timedelta(milliseconds=20)
"""A merge for which people are let past (our judgement); most are over before anybody could be."""


class Merges:
    """Merges the index for what was written, on a connection of its own that `connect` opens when it is first needed.

    SQLite merges at least all of one trigram's places, in one go. Of those that are in every address there are so
    many that it takes 50 milliseconds among 60,000 sends and 200 among a million, and everybody else who wants to
    write waits for it. So it is done in a transaction of its own, which loses nothing when it is stopped.
    """

    def __init__(
        self, connect: Callable[[], sqlite3.Connection], gate: WriterGate, clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connect, self._gate, self._clock = connect, gate, clock
        self._connection: sqlite3.Connection | None = None
        self._pages = self._parts = 0
        self._rests_until = 0.0
        self._insists_from: float | None = None

    def owe(self, written: int) -> None:
        """Take note that so many sends were written; the gate is held."""
        if written:
            self._pages += PAGES_PER_SEND * written
            self._parts += 1

    def pay(self, written: int) -> None:
        """Merge for what was written, and some of what is owed for others; the gate is not held."""
        if not self._pages or (self._parts < MANY_PARTS and self._clock() < self._rests_until):
            return
        self._gate.keep_back()
        self._gate.acquire()
        try:
            # Twice what this writer owes: a debt is paid off by and by, and not by one long transaction.
            self._merge(min(self._pages, max(LEAST_PAGES, 2 * PAGES_PER_SEND * written)))
        finally:
            self._gate.release()

    def close(self) -> None:
        """Give the connection back; one that is needed after it is opened anew."""
        self._gate.acquire()
        try:
            if self._connection is not None:
                self._connection.close()
            self._connection = None
        finally:
            self._gate.release()

    def _merge(self, pages: int) -> None:
        began = self._clock()
        insists = self._insists_from is not None and began >= self._insists_from
        try:
            connection = self._connection = self._connection or self._connect()
            # One statement is the whole transaction: wherever it is stopped, nothing is left of it.
            with self._gate.giving_way(_never if insists else connection.interrupt):
                search_index.merge(connection, pages)
        except sqlite3.OperationalError as error:
            # What was written before is committed: a disk that is full, say, must not have it look as if it were not.
            if error.sqlite_errorcode == sqlite3.SQLITE_ERROR:
                raise
            self._rest()
            return
        self._pages, self._parts = self._pages - pages, 0
        if insists and self._clock() - began >= LONG.total_seconds():
            self._insists_from = None

    def _rest(self) -> None:
        now = self._clock()
        self._rests_until = now + REST.total_seconds()
        if self._insists_from is None:
            self._insists_from = now + PERSEVERANCE.total_seconds()


def _never() -> None: ...
