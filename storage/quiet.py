"""Whether a connection to PostgreSQL that has waited is good, told without a word to the server."""

from __future__ import annotations

import select
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # A bot on SQLite does without the driver of PostgreSQL, which takes nine megabytes.
    import psycopg


def is_quiet(connection: psycopg.Connection[Any]) -> bool:
    """Whether there is nothing to be read on a connection on which nothing is asked.

    A server says nothing unasked but goodbye, or seldom a notice; that it is gone without a word is seen by the system
    (`storage.engine.GONE_AFTER`), and reads as an end, too.
    """
    if connection.closed:
        return False
    asked = select.poll()
    asked.register(connection.fileno(), select.POLLIN)
    return not asked.poll(0)
