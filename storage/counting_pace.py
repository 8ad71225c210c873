"""Counting over a large part of what is stored, as fast as the database can, for as long as somebody counts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

MAPPED = 2**31
"""Bytes of SQLite's file that are mapped; it maps no more by itself."""

_COMPILES_NOT = ("jit", "off")
"""To compile a query of some hundred milliseconds takes as long as to run it. Behind a pooler a connection of the
bot's may do so by itself."""
_POSTGRES = {
    # PostgreSQL by itself reckons with disks that turn, and would rather read all sends than some from all places.
    "random_page_cost": "1.1",
    "work_mem": "32MB",
}
"""What a count asks for; each took a third of a report's time or more with 1,000,000 sends (measured)."""


@contextmanager
def quickly(session: Session) -> Iterator[None]:
    """Have this session count quickly, and go back to its usual ways afterwards.

    SQLite reads pages where the system keeps them, without a copy of each. Not for longer: what is mapped counts as
    memory of the process, and a bot that sits there should be small.
    """
    if session.get_bind().dialect.name == "sqlite":
        _do(session, f"PRAGMA mmap_size={MAPPED}")
        try:
            yield
        finally:
            _do(session, "PRAGMA mmap_size=0")
    else:
        _do(session, *(f"SET LOCAL {name} TO '{value}'" for name, value in (_COMPILES_NOT, *_POSTGRES.items())))
        yield
        # After a failure it takes nothing more, and what was set ends with the transaction.
        _do(session, *(f"SET LOCAL {name} TO DEFAULT" for name in _POSTGRES))


def _do(session: Session, *statements: str) -> None:
    for statement in statements:
        session.connection().exec_driver_sql(statement)
