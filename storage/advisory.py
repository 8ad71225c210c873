"""PostgreSQL's advisory locks, which are the whole database's: here each schema has its own."""

from __future__ import annotations

from sqlalchemy import Connection, TextClause, text
from sqlalchemy.orm import Session

_KEY = """CAST(:key AS bigint) + CASE current_schema() WHEN 'public' THEN 0
    ELSE CAST(hashtext(current_schema()) AS bigint) << 32 END"""
"""A key of its own for each workspace's schema; in `public` the plain one, by which older versions go as well."""


def _statement(function: str) -> TextClause:
    return text(f"SELECT {function}({_KEY})")


_ALONE, _SHARED, _TRIED = map(
    _statement, ("pg_advisory_xact_lock", "pg_advisory_xact_lock_shared", "pg_try_advisory_xact_lock"),
)


def wait_for(session: Session | Connection, key: int, *, shared: bool = False) -> None:
    """Hold the lock `key` of this schema until the transaction ends, alone or with others who share it."""
    session.execute(_SHARED if shared else _ALONE, {"key": key})


def is_free(session: Session, key: int) -> bool:
    """Take the lock `key` of this schema until the transaction ends, unless somebody else holds it."""
    return bool(session.execute(_TRIED, {"key": key}).scalar())
