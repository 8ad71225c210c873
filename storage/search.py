"""Finding sends by a fragment of their text, through an index of trigrams.

SQLite: an FTS5 table with the trigram tokenizer (SQLite 3.34 and later), kept by triggers. PostgreSQL: a
GIN index of pg_trgm. Where neither can be made the same questions are answered by reading every row.
Measured on 100,000 sends: a rare fragment costs 2 ms instead of 12 (SQLite) or 48 (PostgreSQL).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Table,
    bindparam,
    column,
    func,
    or_,
    select,
    table,
    text,
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

Match = tuple[int, datetime | None, str]
"""A send's id, when it was created, and its search text."""

_SENDS: Table = Send.__table__  # type: ignore[assignment]
_THREE_LETTERS = re.compile(r"[^\W_]{3}")
_SPECIAL = re.compile(r"[\\%_]")

# Built once: to put such statements together costs more than to run them.
_FTS = table("sends_search", column("rowid"), column("sends_search"))
_MATCHES = _FTS.c.sends_search.bool_op("MATCH")(bindparam("expression"))
_LIMIT = bindparam("limit", type_=Integer)
_TEXTS = select(_SENDS.c.id, _SENDS.c.created_at, _SENDS.c.search_text)
_ROWS = _TEXTS.limit(_LIMIT)
# Joined, not IN: a subquery would be read to its end before the limit counts.
_FTS_ROWS = _TEXTS.join_from(_FTS, _SENDS, _SENDS.c.id == _FTS.c.rowid).where(_MATCHES).limit(_LIMIT)
_FTS_COUNT = select(func.count()).select_from(_FTS).where(_MATCHES)
_FTS_JOINED_COUNT = select(func.count()).select_from(_FTS.join(_SENDS, _SENDS.c.id == _FTS.c.rowid)).where(_MATCHES)
_FIRST_ROWS = select(_FTS.c.rowid).where(_MATCHES).limit(_LIMIT).subquery()
_FTS_COUNT_SOME = select(func.count()).select_from(_FIRST_ROWS)
_FTS_FIRST = select(func.count(), func.max(_FIRST_ROWS.c.rowid))
_COUNT = select(func.count()).select_from(_SENDS)
_NEWEST = select(_SENDS.c.id).order_by(_SENDS.c.created_at.desc().nulls_last()).limit(_LIMIT)
_HAS_FTS = text("SELECT 1 FROM sqlite_master WHERE name = 'sends_search'")
_HAS_GIN = text("SELECT 1 WHERE to_regclass('ix_sends_search_text') IS NOT NULL")

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
    # Every search also reads what is not sorted in yet: half a megabyte of it at most, not PostgreSQL's four.
    # With none at all an import would take twice as long (measured).
    """CREATE INDEX ix_sends_search_text ON sends USING gin (search_text gin_trgm_ops)
        WITH (gin_pending_list_limit = 512)""",
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


class Search:
    """Sends whose text contains every needle, each in one of its spellings."""

    def __init__(self, session: Session, needles: Sequence[Needle]) -> None:
        self._session = session
        self._needles = list(needles)
        self._on_sqlite = session.get_bind().dialect.name == "sqlite"
        # PostgreSQL's planner takes its index for LIKE by itself.
        usable = self._on_sqlite and is_indexed(session)
        self._indexed = [needle for needle in self._needles if usable and _rarest(needle) >= TRIGRAM]

    def matches(self, limit: int) -> Sequence[Match]:
        """At most `limit` of them, in no order."""
        rest = self._unasked(self._indexed)
        if not self._indexed:
            return self._session.execute(_ROWS.where(*rest), {"limit": limit}).all()
        asked = {"limit": limit, "expression": _expression(self._indexed)}
        return self._session.execute(_FTS_ROWS.where(*rest) if rest else _FTS_ROWS, asked).all()

    def count(self) -> int:
        """How many there are."""
        # What many sends have costs less to check in the few that have the rest than to look up in the index.
        shares = {needle: self._share(needle) for needle in self._indexed}
        rare = [needle for needle in self._indexed if shares[needle] <= COMMON]
        rest = self._unasked(rare)
        asked = {"limit": LOOKED_UP + 1, "expression": _expression(rare)}
        if rare and not rest:
            return self._session.execute(_FTS_COUNT, asked).scalar_one()
        if rare and self._session.execute(_FTS_COUNT_SOME, asked).scalar_one() <= LOOKED_UP:
            return self._session.execute(_FTS_JOINED_COUNT.where(*rest), asked).scalar_one()
        rarest_first = sorted(self._needles, key=lambda needle: shares.get(needle, 1))
        return self._session.execute(_COUNT.where(*map(self._like, rarest_first))).scalar_one()

    def newest(self, limit: int) -> list[int]:
        """Ids of the newest: a walk from the newest on, for needles that many have."""
        statement = _NEWEST.where(*map(self._like, self._needles))
        return list(self._session.execute(statement, {"limit": limit}).scalars())

    def _unasked(self, asked: Sequence[Needle]) -> list[ColumnElement[bool]]:
        """What has to be looked at in each row once the index was asked for those needles."""
        return [
            self._like(needle) for needle in self._needles
            if needle not in asked or needle != tuple(map(_rare_part, needle))
        ]

    def _share(self, needle: Needle) -> float:
        """The part of all sends that have it, to judge by how densely the first of them lie."""
        asked = {"limit": FIRST, "expression": _expression([needle])}
        number, last = self._session.execute(_FTS_FIRST, asked).one()
        return number / last if number == FIRST and last > LOOKED_UP else 0.0

    def _like(self, needle: Needle) -> ColumnElement[bool]:
        return _like(needle, escaped=self._on_sqlite)


def is_indexed(session: Session) -> bool:
    """Whether this database has the trigram index."""
    if "sends_search" not in session.info:
        sqlite = session.get_bind().dialect.name == "sqlite"
        session.info["sends_search"] = session.execute(_HAS_FTS if sqlite else _HAS_GIN).first() is not None
    return bool(session.info["sends_search"])


def samples(session: Session, pieces: Sequence[str], each: int) -> dict[int, str]:
    """Texts, by id, of up to `each` sends for each of the pieces: what a misspelt query may have meant."""
    texts: dict[int, str] = {}
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    for piece in pieces:
        # PostgreSQL's trigrams leave out all but letters and digits: such a piece would cost a look at every row.
        if not on_sqlite and not _THREE_LETTERS.search(piece):
            continue
        texts.update((row[0], row[2]) for row in Search(session, [(piece,)]).matches(each))
    return texts


def _rarest(needle: Needle) -> int:
    return min(len(_rare_part(spelling)) for spelling in needle)


def _rare_part(spelling: str) -> str:
    # The end of a domain is in most addresses: looking it up would cost more than checking what is found without.
    start, dot, _ = spelling.rpartition(".")
    return start if dot and len(start) > TRIGRAM else spelling


def _expression(needles: Sequence[Needle]) -> str:
    return " AND ".join(
        "(" + " OR ".join('"' + _rare_part(spelling).replace('"', '""') + '"' for spelling in needle) + ")"
        for needle in needles
    )


def _like(needle: Needle, *, escaped: bool) -> ColumnElement[bool]:
    # PostgreSQL knows the backslash by itself, and uses its index best for a plain pattern.
    escape = "\\" if escaped else None
    patterns = ("%" + _SPECIAL.sub(r"\\\g<0>", spelling) + "%" for spelling in needle)
    return or_(*(_SENDS.c.search_text.like(pattern, escape=escape) for pattern in patterns))
