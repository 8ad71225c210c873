"""How the process ends: within ten seconds of SIGTERM, whatever is under way."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import structlog

log = structlog.get_logger(__name__)

WITHIN = timedelta(seconds=8)
"""For what is under way; two seconds are left for the rest. Whoever stops a process usually kills it after ten
(docker stop) or more."""
AT_LAST = timedelta(seconds=9.5)


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


def leave_at_last(after: timedelta = AT_LAST) -> threading.Timer:
    """End the process after so long, with exit code 0, even if a thread hangs in a call: all that counts is stored."""
    timer = threading.Timer(after.total_seconds(), _leave)
    timer.daemon = True
    timer.start()
    return timer


def _leave() -> None:
    log.warning("left_with_work_under_way")
    logging.shutdown()
    os._exit(0)
