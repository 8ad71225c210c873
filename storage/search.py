"""Finding sends by a fragment of their text, through an index of trigrams.

SQLite: an FTS5 table with the trigram tokenizer (SQLite 3.34 and later), kept by triggers. PostgreSQL: a
GIN index of pg_trgm. Where neither can be made the same questions are answered by reading every row.
Measured on 100,000 sends: a rare fragment costs 2 ms instead of 12 (SQLite) or 48 (PostgreSQL).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    column,
    func,
    join,
    literal,
    or_,
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

LOOKED_UP = 5_000
"""So many single rows are read in the time of one walk through the text of 100,000 (measured)."""

FIRST, COMMON = 100, 0.15
"""A needle is common if the first hundred sends that have it make up more than this share of those before them."""

Needle = tuple[str, ...]
"""A piece of text to look for, in one of these spellings."""

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
    if "sends_search" not in session.info:
        if _is_sqlite(session):
            asked = text("SELECT 1 FROM sqlite_master WHERE name = 'sends_search'")
        else:
            asked = text("SELECT 1 WHERE to_regclass('ix_sends_search_text') IS NOT NULL")
        session.info["sends_search"] = session.scalar(asked) is not None
    return bool(session.info["sends_search"])


class Search:
    """Sends whose text contains every needle, each in one of its spellings."""

    def __init__(self, session: Session, needles: Sequence[Needle]) -> None:
        self._session = session
        self._indexed: list[ColumnElement[bool]] = []
        self._rest: list[ColumnElement[bool]] = []
        shares = _shares(session, needles)
        rarest_first = sorted(needles, key=lambda needle: shares[needle])
        self._each = [_like(needle) for needle in rarest_first]
        self._plan(rarest_first, shares)

    def matches(self, limit: int) -> Sequence[Match]:
        """At most `limit` of them, in no order."""
        statement = select(Send.id, Send.created_at, Send.search_text).where(*self._indexed, *self._rest)
        if self._indexed:
            # Joined, not IN: a subquery would be read to its end before the limit counts.
            statement = statement.join_from(_FTS, Send, Send.id == _FTS.c.rowid)
        return self._session.execute(statement.limit(limit)).all()

    def count(self) -> int:
        """How many there are."""
        if self._indexed and not self._rest:
            return _number(self._session, select(func.count()).select_from(_FTS).where(*self._indexed))
        if self._indexed:
            some = select(_FTS.c.rowid).where(*self._indexed).limit(LOOKED_UP + 1).subquery()
            if _number(self._session, select(func.count()).select_from(some)) <= LOOKED_UP:
                joined = join(_FTS, Send, Send.id == _FTS.c.rowid)
                counted = select(func.count()).select_from(joined).where(*self._indexed, *self._rest)
                return _number(self._session, counted)
        return _number(self._session, select(func.count()).select_from(Send).where(*self._each))

    def newest(self, limit: int) -> list[int]:
        """Ids of the newest: a walk from the newest on, for needles that many have."""
        statement = select(Send.id).where(*self._each).order_by(Send.created_at.desc().nulls_last()).limit(limit)
        return list(self._session.scalars(statement))

    def _plan(self, needles: Sequence[Needle], shares: dict[Needle, float]) -> None:
        """Ask the index for what is rare; what many sends have costs less to check in those than to look up."""
        parts = []
        for needle in needles:
            rare = tuple(_rare_part(spelling) for spelling in needle)
            usable = shares[needle] <= COMMON
            if usable:
                parts.append(_any_of(rare))
            if not usable or rare != needle:
                self._rest.append(_like(needle))
        if parts:
            self._indexed.append(_fts_match(" AND ".join(parts)))


def _shares(session: Session, needles: Sequence[Needle]) -> dict[Needle, float]:
    """For each needle the part of all sends that have it, to judge by how densely the first of them lie.

    1 where the index does not know; PostgreSQL's planner makes that judgement itself.
    """
    shares = dict.fromkeys(needles, 1.0)
    if not _is_sqlite(session) or not is_indexed(session):
        return shares
    for needle in needles:
        rare = [_rare_part(spelling) for spelling in needle]
        if min(map(len, rare)) >= TRIGRAM:
            first = select(_FTS.c.rowid).where(_fts_match(_any_of(rare))).limit(FIRST).subquery()
            number, last = session.execute(select(func.count(), func.max(first.c.rowid))).one()
            shares[needle] = number / last if number == FIRST and last > LOOKED_UP else 0.0
    return shares


def _number(session: Session, statement: Select[int]) -> int:
    return session.scalar(statement) or 0


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
    if _is_sqlite(session) and is_indexed(session) and len(piece) >= TRIGRAM:
        return select(_FTS.c.rowid).where(_fts_match(_phrase(piece))).limit(each)
    return select(Send.id).where(_like((piece,))).limit(each)


def _rare_part(spelling: str) -> str:
    # The end of a domain is in most addresses: looking it up would cost more than checking what is found without.
    start, dot, _ = spelling.rpartition(".")
    return start if dot and len(start) > TRIGRAM else spelling


def _fts_match(expression: str) -> ColumnElement[bool]:
    return _FTS.c.sends_search.bool_op("MATCH")(literal(expression))


def _any_of(spellings: Iterable[str]) -> str:
    return "(" + " OR ".join(_phrase(spelling) for spelling in spellings) + ")"


def _phrase(piece: str) -> str:
    return '"' + piece.replace('"', '""') + '"'


def _like(needle: Needle) -> ColumnElement[bool]:
    return or_(*(Send.search_text.contains(spelling, autoescape=True) for spelling in needle))


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
