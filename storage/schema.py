"""The database's schema: brought up to date, and checked."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from storage.engine import Database
from storage.models import Base

MIGRATIONS = Path(__file__).parent / "migrations"
UPGRADE_LOCK = 0x5E4D_3A7C
"""Names the advisory lock under which replicas that start together take turns at upgrading."""


def upgrade(database: Database) -> None:
    """Bring the schema to the newest revision; nothing happens where it is there already."""
    with database.engine.execution_options(sendwatch_write=True).connect() as connection, connection.begin():
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
        command.upgrade(_config(connection), "head")


def is_current(database: Database) -> bool:
    """Whether the database stands at the revision that this version needs."""
    with database.engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return found == ScriptDirectory(str(MIGRATIONS)).get_current_head()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def differences(database: Database) -> list[str]:
    """Where the database and the models disagree, a line each; empty when all is well."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _is_ours})
        return [str(found) for found in compare_metadata(context, Base.metadata)]


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    # The search index is made by hand-written DDL, which the models do not know.
    return not (kind in {"table", "index"} and name is not None and "search" in name)
