"""Whether anything has been written to a database since it was last looked at, told without a look into it."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Protocol
from urllib.parse import quote

Mark = tuple[int, int]

SOON = 1.0
"""Seconds after which what another process has written to PostgreSQL is known at the latest (our judgement)."""


class Changes(Protocol):
    """Gives marks of a database."""

    def mark(self) -> Mark | None:
        """Equal to an earlier one only if nothing was written in between; None where that cannot be told just now."""

    def wrote(self) -> None:
        """Hear that this process has written something."""

    def close(self) -> None:
        """Let go of what is held; a later look takes it again."""


class OwnChanges:
    """Of PostgreSQL, which would have to be asked what others write: that is known within `SOON`.

    Somebody whose process is told a moment later has asked a moment earlier, so to speak; and to ask at every request
    takes a fifth of an answer (measured).
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._written = 0

    def mark(self) -> Mark | None:
        """Equal to an earlier one only within `SOON`, and if this process has written nothing in between."""
        return self._written, int(self._clock() / SOON)

    def wrote(self) -> None:
        """Make the next mark another."""
        with self._lock:
            self._written += 1

    def close(self) -> None:
        """Nothing is held."""


class FileChanges:
    """Watches the SQLite file at `path`, whoever writes to it.

    SQLite counts the commits that a connection sees others make (https://sqlite.org/pragma.html#pragma_data_version).
    This connection does nothing else, so that it sees all of them; to ask takes some 5 microseconds (measured).
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._opened = 0

    def mark(self) -> Mark | None:
        """Equal to an earlier one only if nothing was written in between; None where that cannot be told just now."""
        with self._lock:
            try:
                number = self._counted()
            except sqlite3.Error:
                self._drop()
                return None
            return self._opened, number

    def wrote(self) -> None:
        """SQLite tells by itself."""

    def close(self) -> None:
        """Let go of the file; a later look opens it again."""
        with self._lock:
            self._drop()

    def _counted(self) -> int:
        if self._connection is None:
            self._connection = sqlite3.connect(
                f"file:{quote(self._path)}?mode=rw", uri=True, timeout=0, isolation_level=None, check_same_thread=False,
            )
            # Another connection counts from its own beginning.
            self._opened += 1
        [(number,)] = self._connection.execute("PRAGMA data_version").fetchall()
        return int(number)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
