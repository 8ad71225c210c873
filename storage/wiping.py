"""Having what was deleted go from the files of the database, too, as far as that can be done beside a running bot."""

from __future__ import annotations

from sqlalchemy import text

from storage import held, search_index
from storage.engine import Database

TABLES = tuple(held.COLUMNS)
"""All of them: also from tables that hold nothing of a person by themselves rows are deleted along with others."""


def wipe(database: Database) -> None:
    """Write the database anew without what was deleted or overwritten: file, log and search index.

    SQLite: takes about as long as copying the file, and as much room. PostgreSQL: its VACUUM of the tables, beside
    whoever works with them. That gives the place of old rows free to be written over, and does not write it over: only
    VACUUM FULL makes the files anew, and nobody could work with them meanwhile. Back-ups and archived logs are out of
    reach.
    """
    if database.is_sqlite:
        _sqlite(database)
        return
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"VACUUM {', '.join(TABLES)}"))


def _sqlite(database: Database) -> None:
    with database.write() as session:
        if search_index.is_indexed(session):
            # The index otherwise keeps what it held, beside a note that it was taken out.
            session.execute(text("INSERT INTO sends_search(sends_search) VALUES ('optimize')"))
    connection = database.engine.raw_connection()
    try:
        cursor = connection.cursor()
        # In this order: the log is emptied into the file, which is then written anew, by way of the log again.
        for statement in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            cursor.execute(statement).fetchall()
        cursor.close()
    finally:
        connection.close()
