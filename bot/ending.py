"""How the process ends: within ten seconds of SIGTERM, whatever is under way."""

from __future__ import annotations

import logging
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog

log = structlog.get_logger(__name__)

WITHIN = timedelta(seconds=8)
"""For what is under way; two seconds are left for the rest. Whoever stops a process usually kills it after ten
(docker stop) or more."""
AT_LAST = timedelta(seconds=9.5)
LAST_WORDS = timedelta(seconds=0.2)
"""For what is logged then: who reads the log may have stopped, and a full pipe holds whoever writes to it."""


LOOKS_UP = timedelta(seconds=0.5)
"""How often who waits for a wish looks up."""


SIGNALS = (signal.SIGTERM, signal.SIGINT)
_DOING: list[str] = []


@contextmanager
def doing(what: str) -> Iterator[None]:
    """What is said to have been under way, should the process be left meanwhile because its time is up."""
    _DOING.append(what)
    try:
        yield
    finally:
        _DOING.remove(what)


class StopWish:
    """Said by a signal, heard by whoever waits.

    A `threading.Event` will not do, for two reasons. A signal that comes while the main thread is on its way into
    `Event.wait` calls `Event.set` in that same thread, which then waits for a lock that it holds itself, for ever. And
    the system may hand a signal to any thread, as it does when the process was just stopped and goes on: the main
    thread, which alone acts on it, is then not woken.
    """

    def __init__(self) -> None:
        # The one thing of the standard library that may be written to by a signal while it is being read.
        self._said = queue.SimpleQueue[None]()

    def set(self) -> None:
        """From now on every `wait` is over at once."""
        self._said.put(None)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is said, for `timeout` seconds at most; gives whether it was."""
        end = None if timeout is None else time.monotonic() + timeout
        while not self._heard(LOOKS_UP.total_seconds() if end is None else end - time.monotonic()):
            if end is not None and time.monotonic() >= end:
                return False
        return True

    def listen(self) -> None:
        """Have it said by SIGTERM and SIGINT. Only the main thread may."""
        for name in SIGNALS:
            signal.signal(name, lambda *_: self.set())
        # Python acts on a signal in the main thread alone, and only once that is back from what it has called, such as
        # a statement of SQLite's that makes an index for half a minute. The system writes it here at once.
        hears, tells = os.pipe()
        os.set_blocking(tells, False)
        signal.set_wakeup_fd(tells, warn_on_full_buffer=False)
        threading.Thread(target=self._hear, args=(hears,), name="hears-signals", daemon=True).start()

    def end(self) -> None:
        """From now on no signal says anything: Python, while it ends, leaves them to the system, which would kill."""
        for name in SIGNALS:
            signal.signal(name, signal.SIG_IGN)

    def _hear(self, pipe: int) -> None:
        while told := os.read(pipe, 1):
            if told[0] in SIGNALS:
                self.set()

    def _heard(self, seconds: float) -> bool:
        try:
            self._said.get(timeout=min(max(0.0, seconds), LOOKS_UP.total_seconds()))
        except queue.Empty:
            return False
        self._said.put(None)
        return True


class Deadline:
    """An instant by a clock that is never put back."""

    def __init__(self, length: timedelta) -> None:
        self._at = time.monotonic() + length.total_seconds()

    def left(self, most: timedelta | None = None) -> timedelta:
        """How much time there still is, `most` at most."""
        left = timedelta(seconds=max(0.0, self._at - time.monotonic()))
        return left if most is None else min(left, most)

    def wait_for(self, action: Callable[[], object], name: str) -> bool:
        """Do it in a thread; False where it has not ended when time is up."""
        thread = threading.Thread(target=action, name=name, daemon=True)
        thread.start()
        thread.join(self.left().total_seconds())
        if thread.is_alive():
            log.warning("not_ended_in_time", what=name)
        return not thread.is_alive()


def leave_once_said(stopping: StopWish) -> None:
    """Have the process end as `leave_at_last` does once it is wished, whatever the main thread is waiting for then.

    That may be another process, which upgrades the database.
    """
    def heard() -> None:
        stopping.wait()
        leave_at_last()

    threading.Thread(target=heard, name="leave-once-said", daemon=True).start()


def leave_at_last(after: timedelta = AT_LAST) -> threading.Timer:
    """End the process after so long, with exit code 0, even if a thread hangs in a call: all that counts is stored.

    Should Python itself hang while it ends, in which no thread of it runs any more, the system ends it a moment later.
    """
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, (after + 2 * LAST_WORDS).total_seconds())
    timer = threading.Timer(after.total_seconds(), _leave)
    timer.daemon = True
    timer.start()
    return timer


def _leave() -> None:
    words = threading.Thread(target=_last_words, daemon=True)
    words.start()
    words.join(LAST_WORDS.total_seconds())
    os._exit(0)


def _last_words() -> None:
    log.warning("left_with_work_under_way", **({"work": "; ".join(_DOING)} if _DOING else {}))
    logging.shutdown()
