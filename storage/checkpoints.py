"""Copying SQLite's log into the file beside the writers, so that no press waits for it."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path

from storage.gate import WriterGate

LOG_LIMIT = 2 * 1024 * 1024
"""Bytes of log from which it is copied. While a disk takes in what was copied, whoever presses waits for it as well: 2
megabytes delay them by a few milliseconds, 32 by a hundred, and an import is as fast with either (measured with
1,200,000 sends stored)."""

KEPT = LOG_LIMIT // 2
"""Bytes to which the log's file is cut when it begins anew, so that its size tells how much of it is to be copied.
What is kept is written again in place, which costs a commit less than a file that grows."""

SMALL = 100
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
        self._log, self._from = Path(f"{path}-wal"), limit
        self._grown, self._closed = threading.Event(), False
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._file: int | None = None

    def wrote(self) -> None:
        """To be called after a commit, with the gate released."""
        size = self._size()
        if size <= self._limit:
            self._from = self._limit
        elif size > self._from and not self._grown.is_set():
            self._start()
            self._grown.set()

    def close(self) -> None:
        """End the thread; what is left of the log, SQLite copies when its last connection is closed."""
        with self._starting:
            self._closed = True
        self._grown.set()
        if self._thread is not None:
            self._thread.join()

    def let_go(self) -> None:
        """Close the file, after `close`, and with no other connection to it left in this process: see `_reach_disk`."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _size(self) -> int:
        # Looked at, never opened: to close any handle of a file gives up all locks that SQLite has on it in this
        # process, and another one would then take the database for one that nobody uses.
        try:
            return self._log.stat().st_size
        except FileNotFoundError:
            return 0

    def _start(self) -> None:
        with self._starting:
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._work, name="checkpoints", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=30)
        try:
            while self._wanted():
                # On a disk that is full the log cannot be copied; once there is room it must be, or it would grow on.
                with suppress(sqlite3.Error, OSError):
                    self._copy(connection)
                # Where somebody has been reading for long, the log goes on; it is tried again a little later.
                self._from = self._size() + self._limit // 8
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
            self._reach_disk()
            if self._closed or in_log - before <= SMALL:
                break
            before = copied
        self._gate.acquire()
        try:
            _checkpoint(connection)
        finally:
            self._gate.release()

    def _reach_disk(self) -> None:
        """Have what was copied reach the disk, which takes the longest, before the writers are asked to wait.

        SQLite itself does it with the last page only, in one go.
        """
        if self._file is None:
            # Not closed before all is over: that would give up all locks that SQLite has on the file in this process.
            self._file = os.open(self._path, os.O_RDONLY)
        os.fsync(self._file)


def _checkpoint(connection: sqlite3.Connection) -> tuple[int, int]:
    """Copy what can be copied without waiting for anybody; gives the pages in the log, and those copied so far."""
    _is_busy, in_log, copied = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return in_log, copied
