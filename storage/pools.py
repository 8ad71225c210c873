"""A pool of connections that waits where PostgreSQL gives no more of them, as it waits where it may open no more."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy.pool import QueuePool
from sqlalchemy.util.queue import Empty

if TYPE_CHECKING:
    from sqlalchemy.pool import ConnectionPoolEntry

PATIENCE = 10
"""Seconds for which one is waited for; a server that does not answer is given as many."""
LOOK_AGAIN = 0.2
"""Seconds after which the server is asked once more: another process may have left room."""
FULL = ("too many connections", "too many clients", "remaining connection slots", "no more connections allowed")
"""What PostgreSQL and poolers say then. To who is refused the driver tells no code."""


class PatientPool(QueuePool):
    """Where the server refuses one more connection, the next that is brought back is taken."""

    let_go: Callable[[], object] = staticmethod(lambda: None)
    """Has those brought back that are only kept for the next look."""

    def _do_get(self) -> ConnectionPoolEntry:
        ends = time.monotonic() + PATIENCE
        while True:
            try:
                return super()._do_get()
            except Exception as error:
                if time.monotonic() >= ends or not _is_full(error):
                    raise
            self.let_go()
            try:
                return self._pool.get(block=True, timeout=LOOK_AGAIN)
            except Empty:
                continue


def _is_full(error: Exception) -> bool:
    said = str(error)
    return any(one in said for one in FULL)
