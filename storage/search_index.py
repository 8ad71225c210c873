"""The index of trigrams through which sends are found by a fragment of their text.

SQLite: an FTS5 table with the trigram tokenizer (SQLite 3.34 and later), kept by triggers, and a list of its
trigrams. PostgreSQL: a GIN index of pg_trgm. Where neither can be made the same questions are answered by reading
every row, and each start tries again.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storage.servers import OF_A_WORKSPACE

CRISIS = 64
"""Parts of one size from which SQLite makes one by itself, within somebody's transaction: more than come together while
`storage.merges` rests."""

WRITTEN = "sends_written"
"""Under this name a session keeps how many sends it has written."""

_HAS_FTS = text("SELECT 1 FROM sqlite_master WHERE name = 'sends_search'")
_HAS_GIN = text("SELECT 1 WHERE to_regclass('ix_sends_search_text') IS NOT NULL")
_MERGE = "INSERT INTO sends_search(sends_search, rank) VALUES ('merge', ?)"
_CRISIS = text("INSERT INTO sends_search(sends_search, rank) VALUES ('crisismerge', :parts)")

_SQLITE = (
    # Covers the order "newest first", the text, and whose send it is, so that a walk reads no rows.
    "CREATE INDEX ix_sends_search_newest ON sends (created_at, search_text, sender_email, team)",
)
_ADD = "INSERT INTO sends_search(rowid, search_text) VALUES (new.id, new.search_text);"
_TAKE_OUT = (
    "INSERT INTO sends_search(sends_search, rowid, search_text) VALUES ('delete', old.id, old.search_text);"
)
# Holds nothing of its own. One row for each place where a trigram stands: to pass over those costs nothing, to have
# them counted would cost a look at all.
_SQLITE_TERMS = "CREATE VIRTUAL TABLE IF NOT EXISTS sends_search_terms USING fts5vocab(sends_search, instance)"
_SQLITE_FTS = (
    """CREATE VIRTUAL TABLE sends_search USING fts5(
        search_text, content='sends', content_rowid='id', tokenize='trigram case_sensitive 1')""",
    f"CREATE TRIGGER sends_search_insert AFTER INSERT ON sends BEGIN {_ADD} END",
    f"CREATE TRIGGER sends_search_delete AFTER DELETE ON sends BEGIN {_TAKE_OUT} END",
    f"""CREATE TRIGGER sends_search_update AFTER UPDATE OF search_text ON sends
        WHEN old.search_text IS NOT new.search_text BEGIN {_TAKE_OUT} {_ADD} END""",
    "INSERT INTO sends_search(sends_search) VALUES ('rebuild')",
    _SQLITE_TERMS,
)
_POSTGRES = ("CREATE INDEX ix_sends_search_newest ON sends (created_at DESC NULLS LAST)",)
_TRIGRAMS = "CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA {schema}"
_SHARED = text(
    "SELECT quote_ident(coalesce((SELECT nspname FROM pg_namespace WHERE nspname = 'public' "
    "AND has_schema_privilege(oid, 'CREATE')), current_schema()))",
)
"""Where pg_trgm is put. In the schema of a workspace it would go with that, and with it the indexes of all others."""
_TRIGRAMS_IN = text(
    "SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace "
    "WHERE e.extname = 'pg_trgm'",
)
"""The schema that pg_trgm is in; that of a workspace is another, and does not see into it."""
_POSTGRES_TRIGRAMS = (
    # Every search also reads what is not sorted in yet: half a megabyte of it at most, not PostgreSQL's four.
    # With none at all an import would take twice as long (measured).
    """CREATE INDEX ix_sends_search_text ON sends USING gin (search_text {schema}.gin_trgm_ops)
        WITH (gin_pending_list_limit = 512)""",
)


def create(connection: Connection) -> bool:
    """Make the search index on an existing `sends` table; for migrations.

    Gives False where this database cannot have one (an SQLite without trigrams, no right to create pg_trgm);
    searching then works all the same, only slower.
    """
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRES:
        connection.execute(text(statement))
    return _index(connection)


def is_complete(connection: Connection) -> bool:
    """Whether the trigram index is there."""
    return connection.execute(_HAS_FTS if connection.dialect.name == "sqlite" else _HAS_GIN).first() is not None


def complete(connection: Connection) -> bool:
    """Make the trigram index where it could not be made before; False where that still cannot be.

    Meanwhile nobody writes sends: with very many it takes a while.
    """
    if is_complete(connection):
        return True
    made = _index(connection)
    leave_to_tend(connection)
    put_off_crises(connection)
    return made


def _index(connection: Connection) -> bool:
    sqlite = connection.dialect.name == "sqlite"
    try:
        # A failed statement would otherwise spoil the whole migration on PostgreSQL.
        with connection.begin_nested():
            for statement in _SQLITE_FTS if sqlite else _trigrams(connection):
                connection.exec_driver_sql(statement)
    except DBAPIError:
        return False
    return True


def _trigrams(connection: Connection) -> list[str]:
    connection.exec_driver_sql(_TRIGRAMS.format(schema=connection.scalar(_SHARED)))
    schema = connection.scalar(_TRIGRAMS_IN)
    return [statement.format(schema=schema) for statement in _POSTGRES_TRIGRAMS]


def goes_with(connection: Connection) -> str:
    """The schema of the workspace in which pg_trgm stands, as an older version put it there; empty where it does not.

    Should that be deleted, all others lose their index of trigrams.
    """
    if connection.dialect.name == "sqlite":
        return ""
    schema = connection.scalar(_TRIGRAMS_IN) or ""
    return schema if schema.startswith(OF_A_WORKSPACE) else ""


def move_out(connection: Connection, schema: str) -> None:
    """Before a workspace's schema is deleted, put pg_trgm where it stays, if it stands in there and is ours to move."""
    if goes_with(connection) != schema:
        return
    with suppress(DBAPIError), connection.begin_nested():
        connection.exec_driver_sql(f"ALTER EXTENSION pg_trgm SET SCHEMA {connection.scalar(_SHARED)}")


def list_trigrams(connection: Connection) -> None:
    """Add the list of trigrams to an index of SQLite's that was made without one; for migrations."""
    if connection.dialect.name == "sqlite" and connection.execute(_HAS_FTS).first():
        connection.exec_driver_sql(_SQLITE_TERMS)


def tell_whose(connection: Connection) -> None:
    """Add whose send it is to an index of SQLite's that was made without; for migrations."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DROP INDEX IF EXISTS ix_sends_search_newest")
        for statement in _SQLITE:
            connection.exec_driver_sql(statement)


def leave_to_tend(connection: Connection) -> None:
    """Leave it to `storage.merges` to keep the search index in shape; for migrations.

    SQLite by itself now and then does so much of it within one commit that a press waits for a tenth of a second
    with a million sends stored (measured).
    """
    if connection.dialect.name == "sqlite" and connection.execute(_HAS_FTS).first():
        connection.exec_driver_sql("INSERT INTO sends_search(sends_search, rank) VALUES ('automerge', 0)")


def put_off_crises(connection: Connection) -> None:
    """Have SQLite itself merge later than it does by default, so that it need not at all; for migrations."""
    if connection.dialect.name == "sqlite" and connection.execute(_HAS_FTS).first():
        connection.execute(_CRISIS, {"parts": CRISIS})


def merge(connection: sqlite3.Connection, pages: int) -> None:
    """Merge so many pages of SQLite's index, or fewer where there is no more to merge, past SQLAlchemy."""
    if connection.execute(_HAS_FTS.text).fetchone():
        connection.execute(_MERGE, (pages,))


def owe(session: Session, written: int) -> None:
    """Say that so many sends have been written: `Database` merges the index for them once they are committed."""
    session.info[WRITTEN] = session.info.get(WRITTEN, 0) + written


def drop(connection: Connection) -> None:
    """Remove what `create` made; for migrations that take `sends` apart."""
    if connection.dialect.name == "sqlite":
        for name in ("insert", "delete", "update"):
            connection.execute(text(f"DROP TRIGGER IF EXISTS sends_search_{name}"))
        for table in ("sends_search_terms", "sends_search"):
            connection.execute(text(f"DROP TABLE IF EXISTS {table}"))
    connection.execute(text("DROP INDEX IF EXISTS ix_sends_search_text"))
    connection.execute(text("DROP INDEX IF EXISTS ix_sends_search_newest"))


def is_indexed(session: Session) -> bool:
    """Whether this database has the trigram index."""
    if "sends_search" not in session.info:
        session.info["sends_search"] = is_complete(session.connection())
    return bool(session.info["sends_search"])
