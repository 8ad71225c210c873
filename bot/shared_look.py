"""A look at a database that may hang: in a thread, one at a time, and nobody waits for it longer than a few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import Generic, TypeVar

Found = TypeVar("Found")

ANSWERS_WITHIN = timedelta(seconds=3)
"""How long the database may take to answer."""


@dataclass(frozen=True)
class Asked(Generic[Found]):
    """A look that has been begun, and until when it is waited for."""

    future: Future[Found]
    until: float

    def found(self) -> Found:
        """What it found. TimeoutError where the time is up, and whatever the look itself raised."""
        return self.future.result(max(0.0, self.until - time.monotonic()))


class SharedLook(Generic[Found]):
    """Has `find` done in one of the `threads`. Whoever asks while it is under way waits for that same look.

    The time counts from when the look was begun: once a database hangs, it holds one thread, and whoever asks then is
    told at once. A host that swallows packets would hold each of them for minutes.
    """

    def __init__(self, find: Callable[[], Found], threads: Executor) -> None:
        self._find, self._threads, self._lock = find, threads, Lock()
        self._asked: Asked[Found] | None = None

    def ask(self) -> Asked[Found]:
        """Begin the look, unless one is under way; waits for nothing."""
        with self._lock:
            if self._asked is None or self._asked.future.done():
                self._asked = Asked(self._begun(), time.monotonic() + ANSWERS_WITHIN.total_seconds())
            return self._asked

    def _begun(self) -> Future[Found]:
        try:
            return self._threads.submit(self._find)
        except RuntimeError as gone:
            # The threads have been let go of: whoever waits for what was found is told.
            future = Future[Found]()
            future.set_exception(gone)
            return future
