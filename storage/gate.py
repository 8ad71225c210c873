"""Who may write: on SQLite one at a time, in turn; and who keeps back while somebody in Slack waits for an answer."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

PATIENCE = timedelta(milliseconds=100)
"""So long at most does work in the background keep back (our judgement): it must go on while many people press."""

ASKED_AGAIN = timedelta(milliseconds=2)
"""How often who writes is asked to stop: SQLite hears it only while it is at a statement."""


class WriterGate:
    """Lets writers in one at a time, in the order in which they came.

    SQLite's own waiting is a poll and not fair: an import in a loop starves a pressed button for seconds.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: deque[threading.Event] = deque()
        self._busy = False
        self._stop: Callable[[], None] | None = None
        self._answers = 0
        self._calm = threading.Condition()
        self._mine = threading.local()

    def acquire(self) -> None:
        with self._lock:
            if not self._busy:
                self._busy = True
                return
            turn = threading.Event()
            self._queue.append(turn)
        if not self._is_answer:
            turn.wait()
            return
        self._ask_to_stop()
        while not turn.wait(ASKED_AGAIN.total_seconds()):
            self._ask_to_stop()

    def release(self) -> None:
        with self._lock:
            if self._queue:
                self._queue.popleft().set()
            else:
                self._busy = False

    @contextmanager
    def giving_way(self, stop: Callable[[], None]) -> Iterator[None]:
        """While it lasts, `stop` is called in the thread of whoever waits for the gate in order to answer somebody.

        It may be called several times, but not once this has ended.
        """
        with self._lock:
            self._stop = stop
        try:
            yield
        finally:
            with self._lock:
                self._stop = None

    @contextmanager
    def answering(self) -> Iterator[None]:
        """While somebody is being answered; `keep_back` waits for the end of it."""
        with self._calm:
            self._answers += 1
        self._mine.is_answer = True
        try:
            yield
        finally:
            self._mine.is_answer = False
            with self._calm:
                self._answers -= 1
                if not self._answers:
                    self._calm.notify_all()

    def keep_back(self) -> None:
        """Wait until nobody is being answered, but not for long; nothing that is part of an answer waits.

        An answer needs the interpreter as much as its turn: beside a thread that is busy with Python it takes twice
        the time.
        """
        if self._is_answer:
            return
        with self._calm:
            self._calm.wait_for(lambda: not self._answers, PATIENCE.total_seconds())

    @property
    def _is_answer(self) -> bool:
        return getattr(self._mine, "is_answer", False)

    def _ask_to_stop(self) -> None:
        with self._lock:
            if self._stop is not None:
                self._stop()


class NoGate(WriterGate):
    """PostgreSQL sorts out its writers itself."""

    def acquire(self) -> None: ...

    def release(self) -> None: ...
