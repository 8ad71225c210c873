"""The database's schema: brought up to date, and checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, column, inspect, select, table, text

from storage import advisory, search_index
from storage.engine import Database
from storage.models import Base

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "head"
"""The newest revision, in Alembic's words."""
_VERSION = table("alembic_version", column("version_num"))
_REVISION = re.compile(r"^revision = ['\"](\w+)['\"]", re.MULTILINE)
_BUILT_ON = re.compile(r"^down_revision = ['\"](\w+)['\"]", re.MULTILINE)
_NAMES_SQLITE = text("SELECT name FROM sqlite_master")
_NAMES_POSTGRES = text(
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = current_schema()",
)
UPGRADE_LOCK = 0x5E4D_3A7C
"""Names the advisory lock under which replicas that start together take turns at upgrading."""


class NewerDatabaseError(RuntimeError):
    """The database was brought to a schema that this version does not know."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"A newer version of Sendwatch has brought the database to schema {revision}; this one knows those up to "
            f"{newest()}. Start that version again, or restore a back-up that was made before the upgrade.",
        )


_ONE_AT_A_TIME = Lock()
"""Alembic keeps which database it works on in one place for all threads."""


def upgrade(database: Database, revision: str = HEAD) -> None:
    """Bring the schema to the newest revision, or to an older one; nothing happens where it is there already.

    With the newest, an index of trigrams that could not be made before is made as soon as it can be. Raises
    `NewerDatabaseError` where the database is of a newer version.
    """
    if revision == HEAD and is_current(database):
        _complete_index(database)
        return
    refuse_newer(database)
    # With all that it brings along it takes eight megabytes, which a bot that has nothing to upgrade need not hold.
    from alembic import command  # noqa: PLC0415

    engine = database.engine.execution_options(sendwatch_write=True)
    with engine.connect() as connection, _unlinked(connection, database), connection.begin():
        if not database.is_sqlite:
            advisory.wait_for(connection, UPGRADE_LOCK)
        with _ONE_AT_A_TIME:
            command.upgrade(_config(connection), revision)
        if revision == HEAD:
            search_index.complete(connection)
        if database.is_sqlite:
            _check_links(connection)


def _complete_index(database: Database) -> None:
    with database.engine.connect() as connection:
        if search_index.is_complete(connection):
            return
    with database.engine.execution_options(sendwatch_write=True).connect() as connection, connection.begin():
        if not database.is_sqlite:
            advisory.wait_for(connection, UPGRADE_LOCK)
        search_index.complete(connection)


def refuse_newer(database: Database) -> None:
    """Raises `NewerDatabaseError` where the database is of a newer version."""
    stands = _stands(database)
    if stands is not None and not is_known(stands):
        raise NewerDatabaseError(stands)


def _stands(database: Database) -> str | None:
    """The revision at which the database stands; None for one that is empty."""
    with database.engine.connect() as connection:
        if not inspect(connection).has_table(_VERSION.name):
            return None
        return connection.scalar(select(_VERSION.c.version_num))


def is_known(revision: str) -> bool:
    """Whether this version knows that revision."""
    return revision in _revisions()


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
    return _stands(database) == newest()


def is_empty(database: Database) -> bool:
    """Whether Sendwatch has made nothing there yet."""
    return _stands(database) is None


def missing(connection: Connection) -> list[str]:
    """Tables and indexes that the newest revision has and this database has not, by their names."""
    there = {*connection.scalars(_NAMES_SQLITE if connection.dialect.name == "sqlite" else _NAMES_POSTGRES)}
    tables = Base.metadata.tables
    indexes = {str(index.name) for name in tables.keys() & there for index in tables[name].indexes}
    return [*sorted(tables.keys() - there), *sorted(indexes - there)]


@cache
def newest() -> str:
    """The revision that this version needs: the one on which no other builds."""
    (last,) = _revisions().keys() - set(_revisions().values())
    return last


@cache
def _revisions() -> Mapping[str, str | None]:
    """Every revision that this version knows, and the one on which it builds."""
    texts = [path.read_text(encoding="utf-8") for path in (MIGRATIONS / "versions").glob("*.py")]
    return {
        named[1]: on[1] if (on := _BUILT_ON.search(text)) else None
        for text in texts if (named := _REVISION.search(text))
    }


def _config(connection: Connection) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def differences(database: Database) -> list[str]:
    """Where the database and the models disagree, a line each; empty when all is well."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 - as above
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _is_ours})
        return [str(found) for found in compare_metadata(context, Base.metadata)]


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    # The search index is made by hand-written DDL, which the models do not know.
    return not (kind in {"table", "index"} and name is not None and "search" in name)
