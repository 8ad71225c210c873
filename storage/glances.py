"""Questions to PostgreSQL with no transaction around them, each by itself: for looks that somebody waits for."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, Engine, event

from storage.quiet import is_quiet

_ONLY_READS = re.compile(r"\s*(SELECT|WITH)\b", re.IGNORECASE)


def of(engine: Engine) -> Engine:
    """The same engine with the same connections, on which each statement stands alone and none may write."""
    alone = engine.execution_options(isolation_level="AUTOCOMMIT")
    event.listen(alone, "before_cursor_execute", _see_that_it_reads)
    return alone


def is_good(connection: Connection) -> bool:
    """Whether a connection that has waited can be used.

    One that was lost would be replaced by SQLAlchemy with one that has transactions.
    """
    driver: Any = None if connection.invalidated else connection.connection.dbapi_connection
    return driver is not None and is_quiet(driver)


def _see_that_it_reads(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
    # Where there is no transaction nothing could be thrown away again.
    if not _ONLY_READS.match(statement):
        raise ValueError(f"a glance only reads; this does not: {statement[:60]}")
