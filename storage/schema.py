"""The database's schema: brought up to date, and checked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from storage import advisory
from storage.engine import Database
from storage.models import Base

MIGRATIONS = Path(__file__).parent / "migrations"
UPGRADE_LOCK = 0x5E4D_3A7C
"""Names the advisory lock under which replicas that start together take turns at upgrading."""


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the schema to the newest revision, or to an older one; nothing happens where it is there already."""
    engine = database.engine.execution_options(sendwatch_write=True)
    with engine.connect() as connection, _unlinked(connection, database), connection.begin():
        if not database.is_sqlite:
            advisory.wait_for(connection, UPGRADE_LOCK)
        command.upgrade(_config(connection), revision)
        if database.is_sqlite:
            _check_links(connection)


@contextmanager
def _unlinked(connection: Connection, database: Database) -> Iterator[None]:
    if not database.is_sqlite:
        yield
        return
    # Alembic changes a table of SQLite by making it anew; with foreign keys on, dropping the old one would take
    # along every row that points to it. SQLite only lets them be switched outside of a transaction.
    raw: Any = connection.connection.dbapi_connection
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def _check_links(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise RuntimeError(f"the upgrade would leave {len(broken)} rows that point nowhere, first {broken[0]}")


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
