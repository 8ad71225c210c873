"""Copying SQLite's log into the file beside the writers, so that no press waits for it."""

from __future__ import annotations

import os
import sqlite3
import struct
import threading

from storage.gate import WriterGate

LOG_LIMIT = 8_000
"""Pages of log from which it is copied: 32 megabytes. The larger, the more often a page that changes again and again
is copied once only: with a million sends stored, an import is twice as fast as with SQLite's own 1,000 (measured)."""

SMALL = 400
"""Pages that a round has copied, at most, when the writers are asked to wait for the next: some milliseconds."""

ROUNDS = 5
"""Rounds beside the writers, at most, until so few are left."""


class Checkpoints:
    """Copies the log of the SQLite file at `path` whenever it has grown, in a thread that begins when first needed.

    A log is begun anew only by a writer that finds all of it copied. Under steady writing that moment never comes by
    itself, so the last few pages are copied while the gate is held.
    """

    def __init__(self, path: str, gate: WriterGate, limit: int = LOG_LIMIT) -> None:
        self._path, self._gate, self._limit = path, gate, limit
        self._from = limit
        self._grown, self._closed = threading.Event(), False
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def wrote(self) -> None:
        """To be called after a commit, with the gate released."""
        pages = pages_in_log(self._path)
        if pages <= self._limit:
            self._from = self._limit
        elif pages > self._from and not self._grown.is_set():
            self._start()
            self._grown.set()

    def close(self) -> None:
        """End the thread; what is left of the log, SQLite copies when its last connection is closed."""
        with self._starting:
            self._closed = True
        self._grown.set()
        if self._thread is not None:
            self._thread.join()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._work, name="checkpoints", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=30)
        try:
            while self._wanted():
                self._copy(connection)
                # Where somebody has been reading for long, the log goes on; it is tried again a little later.
                self._from = pages_in_log(self._path) + self._limit // 8
                self._grown.clear()
        finally:
            connection.close()

    def _wanted(self) -> bool:
        """Wait until the log has grown; False when it is all over, be it while the log was being copied."""
        if not self._closed:
            self._grown.wait()
        return not self._closed

    def _copy(self, connection: sqlite3.Connection) -> None:
        before = 0
        for _ in range(ROUNDS):
            in_log, copied = _checkpoint(connection)
            if self._closed or in_log - before <= SMALL:
                break
            before = copied
        self._gate.acquire()
        try:
            _checkpoint(connection)
        finally:
            self._gate.release()


def pages_in_log(path: str) -> int:
    """How many pages the log of a SQLite file holds: its file keeps its size when it begins anew.

    The number is at byte 16 of the index that SQLite keeps beside it (https://www.sqlite.org/walformat.html).
    """
    try:
        index = os.open(f"{path}-shm", os.O_RDONLY)
    except FileNotFoundError:
        return 0
    try:
        found = os.pread(index, 4, 16)
    finally:
        os.close(index)
    return int(struct.unpack("=I", found)[0]) if len(found) == struct.calcsize("=I") else 0


def _checkpoint(connection: sqlite3.Connection) -> tuple[int, int]:
    """Copy what can be copied without waiting for anybody; gives the pages in the log, and those copied so far."""
    _is_busy, in_log, copied = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return in_log, copied
