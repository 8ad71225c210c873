from __future__ import annotations

from sqlalchemy import text

from storage import wiping
from storage.engine import Database
from storage.models import Base


def test_what_was_deleted_goes_from_every_table(database: Database) -> None:
    """On PostgreSQL those of watches, user groups and several others were never vacuumed."""
    assert set(wiping.TABLES) == set(Base.metadata.tables)
    wiping.wipe(database)
    if database.is_sqlite:
        return
    with database.read() as session:
        left = session.scalars(text(
            "SELECT relname FROM pg_stat_user_tables "
            "WHERE vacuum_count = 0 AND schemaname = current_schema() AND relname <> 'alembic_version'",
        )).all()
    assert left == []
