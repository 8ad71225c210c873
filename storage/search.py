"""Finding sends by a fragment of their text, through an index of trigrams.

SQLite: an FTS5 table with the trigram tokenizer (SQLite 3.34 and later), kept by triggers. PostgreSQL: a
GIN index of pg_trgm. Where neither can be made the same questions are answered by reading every row.
Measured on 100,000 sends: a rare fragment costs 2 ms instead of 12 (SQLite) or 48 (PostgreSQL).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    column,
    func,
    literal,
    select,
    table,
    text,
    union_all,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storage.models import Send

TRIGRAM = 3
"""Shorter fragments are no trigram; the index knows nothing of them."""

Match = Row[int, datetime | None, str]
"""A send's id, when it was created, and its search text."""

_FTS = table("sends_search", column("rowid"), column("sends_search"))
_SQLITE = (
    # Covers both the order "newest first" and the text, so that a walk reads no rows.
    "CREATE INDEX ix_sends_search_newest ON sends (created_at, search_text)",
)
_ADD = "INSERT INTO sends_search(rowid, search_text) VALUES (new.id, new.search_text);"
_TAKE_OUT = (
    "INSERT INTO sends_search(sends_search, rowid, search_text) VALUES ('delete', old.id, old.search_text);"
)
_SQLITE_FTS = (
    """CREATE VIRTUAL TABLE sends_search USING fts5(
        search_text, content='sends', content_rowid='id', tokenize='trigram case_sensitive 1')""",
    f"CREATE TRIGGER sends_search_insert AFTER INSERT ON sends BEGIN {_ADD} END",
    f"CREATE TRIGGER sends_search_delete AFTER DELETE ON sends BEGIN {_TAKE_OUT} END",
    f"""CREATE TRIGGER sends_search_update AFTER UPDATE OF search_text ON sends
        WHEN old.search_text IS NOT new.search_text BEGIN {_TAKE_OUT} {_ADD} END""",
    "INSERT INTO sends_search(sends_search) VALUES ('rebuild')",
)
_POSTGRES = ("CREATE INDEX ix_sends_search_newest ON sends (created_at DESC NULLS LAST)",)
_POSTGRES_TRIGRAMS = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    # Without fastupdate every search reads up to 4 MB of rows that were not sorted in yet.
    "CREATE INDEX ix_sends_search_text ON sends USING gin (search_text gin_trgm_ops) WITH (fastupdate = off)",
)


def create(connection: Connection) -> bool:
    """Make the search index on an existing `sends` table; for migrations.

    Gives False where this database cannot have one (an SQLite without trigrams, no right to create pg_trgm);
    searching then works all the same, only slower.
    """
    sqlite = connection.dialect.name == "sqlite"
    for statement in _SQLITE if sqlite else _POSTGRES:
        connection.execute(text(statement))
    try:
        # A failed statement would otherwise spoil the whole migration on PostgreSQL.
        with connection.begin_nested():
            for statement in _SQLITE_FTS if sqlite else _POSTGRES_TRIGRAMS:
                connection.exec_driver_sql(statement)
    except DBAPIError:
        return False
    return True


def drop(connection: Connection) -> None:
    """Remove what `create` made; for migrations that take `sends` apart."""
    names = ("sends_search_insert", "sends_search_delete", "sends_search_update")
    if connection.dialect.name == "sqlite":
        for name in names:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
        connection.execute(text("DROP TABLE IF EXISTS sends_search"))
    connection.execute(text("DROP INDEX IF EXISTS ix_sends_search_text"))
    connection.execute(text("DROP INDEX IF EXISTS ix_sends_search_newest"))


def is_indexed(session: Session) -> bool:
    """Whether this database has the trigram index."""
    if _is_sqlite(session):
        asked = text("SELECT 1 FROM sqlite_master WHERE name = 'sends_search'")
    else:
        asked = text("SELECT 1 WHERE to_regclass('ix_sends_search_text') IS NOT NULL")
    return session.scalar(asked) is not None


def matches(session: Session, needles: Sequence[str], limit: int) -> Sequence[Match]:
    """At most `limit` sends whose text contains every needle, in no order."""
    statement = select(Send.id, Send.created_at, Send.search_text).where(_contains(session, needles))
    return session.execute(statement.limit(limit)).all()


def count(session: Session, needles: Sequence[str]) -> int:
    """How many sends contain every needle."""
    indexed = _indexed_part(session, needles)
    statement: Select[Any]
    if indexed and len(indexed) == len(needles):
        statement = select(func.count()).select_from(_FTS).where(_fts_match(indexed))
    else:
        statement = select(func.count()).select_from(Send).where(_contains(session, needles))
    return session.scalar(statement) or 0


def newest(session: Session, needles: Sequence[str], limit: int) -> list[int]:
    """Ids of the newest sends that contain every needle: a walk from the newest on, for needles that many have."""
    condition = and_(*(_like(needle) for needle in needles))
    statement = select(Send.id).where(condition).order_by(Send.created_at.desc().nulls_last()).limit(limit)
    return list(session.scalars(statement))


def samples(session: Session, pieces: Sequence[str], each: int) -> list[tuple[int, str]]:
    """Ids and texts of up to `each` sends for each of the pieces: what a misspelt query may have meant."""
    if not pieces:
        return []
    found = session.execute(union_all(*(
        select(_sample(session, piece, each).subquery()) for piece in pieces
    )))
    ids = sorted({row[0] for row in found})
    rows = session.execute(select(Send.id, Send.search_text).where(Send.id.in_(ids))).all()
    return [(row.id, row.search_text) for row in rows]


def _sample(session: Session, piece: str, each: int) -> Select[Any]:
    if _indexed_part(session, [piece]):
        return select(_FTS.c.rowid).where(_fts_match([piece])).limit(each)
    return select(Send.id).where(_like(piece)).limit(each)


def _contains(session: Session, needles: Sequence[str]) -> ColumnElement[bool]:
    indexed = _indexed_part(session, needles)
    rest = [_like(needle) for needle in needles if needle not in indexed]
    if not indexed:
        return and_(*rest)
    return and_(Send.id.in_(select(_FTS.c.rowid).where(_fts_match(indexed))), *rest)


def _indexed_part(session: Session, needles: Sequence[str]) -> list[str]:
    # PostgreSQL's planner takes its index for LIKE by itself.
    if not _is_sqlite(session) or not is_indexed(session):
        return []
    return [needle for needle in needles if len(needle) >= TRIGRAM]


def _fts_match(needles: Sequence[str]) -> ColumnElement[bool]:
    phrases = " AND ".join('"' + needle.replace('"', '""') + '"' for needle in needles)
    return _FTS.c.sends_search.bool_op("MATCH")(literal(phrases))


def _like(needle: str) -> ColumnElement[bool]:
    return Send.search_text.contains(needle, autoescape=True)


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
