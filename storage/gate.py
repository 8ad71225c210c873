"""Who may write: on SQLite one at a time, in turn."""

from __future__ import annotations

import threading
from collections import deque


class WriterGate:
    """Lets writers in one at a time, in the order in which they came.

    SQLite's own waiting is a poll and not fair: an import in a loop starves a pressed button for seconds.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: deque[threading.Event] = deque()
        self._busy = False

    def acquire(self) -> None:
        with self._lock:
            if not self._busy:
                self._busy = True
                return
            turn = threading.Event()
            self._queue.append(turn)
        turn.wait()

    def release(self) -> None:
        with self._lock:
            if self._queue:
                self._queue.popleft().set()
            else:
                self._busy = False


class NoGate(WriterGate):
    """PostgreSQL sorts out its writers itself."""

    def acquire(self) -> None: ...

    def release(self) -> None: ...
