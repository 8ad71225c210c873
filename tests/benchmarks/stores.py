"""The databases that are measured: SQLite's files, or databases of a PostgreSQL of the benchmark's own."""

from __future__ import annotations

import re
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from storage import schema
from storage.engine import PRAGMAS, Database
from tests import postgres

NAMES = ("sqlite", "postgresql")
_PLACES = re.compile(r"\?")


@dataclass(frozen=True)
class Store:
    """A folder of SQLite files, or a server of PostgreSQL by its URL; both hold databases by name."""

    place: Path | str

    @property
    def is_sqlite(self) -> bool:
        return isinstance(self.place, Path)

    @property
    def prefix(self) -> str:
        """What goes before the names of rows about it."""
        return "" if self.is_sqlite else "PostgreSQL: "

    @property
    def clock(self) -> Callable[[], float]:
        """What writing is measured by: on SQLite this thread does it all, and its processor time says most truly how
        long it takes; a server's work is seen only by waiting for it."""
        return time.thread_time if self.is_sqlite else time.perf_counter

    def url(self, name: str) -> str:
        if isinstance(self.place, Path):
            return f"sqlite:///{self.place / name}.db"
        return f"{self.place.rpartition('/')[0]}/{name.replace('-', '_')}"

    def has(self, name: str) -> bool:
        """Whether there is a database of that name."""
        if isinstance(self.place, Path):
            return (self.place / f"{name}.db").exists()
        with closing(self._server()) as server:
            asked = "SELECT 1 FROM pg_database WHERE datname = %s"
            return server.execute(asked, (name.replace("-", "_"),)).fetchone() is not None

    def open(self, name: str) -> Database:
        """The database of that name, of our schema; made where there is none."""
        is_new = not self.has(name)
        if is_new and not self.is_sqlite:
            with closing(self._server()) as server:
                server.execute(f"CREATE DATABASE {name.replace('-', '_')}".encode())
        database = Database(self.url(name))
        if is_new:
            schema.upgrade(database)
        return database

    def settle(self, database: Database) -> None:
        """As a database is that has been at work for a while: log written back, statistics there."""
        connection = database.engine.raw_connection()
        driver: Any = connection.driver_connection
        if self.is_sqlite:
            for one in ("ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)"):
                driver.execute(one).fetchall()
        else:
            driver.autocommit = True
            driver.execute("VACUUM ANALYZE")
            driver.autocommit = False
        connection.close()

    def driver(self, name: str) -> Driver:
        """The driver without anything of ours in between, with the same settings."""
        if self.is_sqlite:
            driver = sqlite3.connect(str(self.url(name)).removeprefix("sqlite:///"), isolation_level=None)
            for pragma in PRAGMAS:
                driver.execute(f"PRAGMA {pragma}")
            return Driver(driver, "?")
        return Driver(psycopg.connect(self.url(name).replace("+psycopg", ""), autocommit=True), "%s")

    def _server(self) -> psycopg.Connection[Any]:
        return psycopg.connect(str(self.place).replace("+psycopg", ""), autocommit=True)


@dataclass(frozen=True)
class Driver:
    """One connection; statements have `?` for what is handed in, whatever the driver calls it."""

    connection: Any
    mark: str

    def ask(self, statement: str, values: Sequence[Any] = ()) -> Any:  # noqa: ANN401 - the driver's own cursor
        """The cursor of a statement."""
        return self.connection.execute(_PLACES.sub(self.mark, statement), values)

    def give(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """The same statement for each row."""
        self.connection.cursor().executemany(_PLACES.sub(self.mark, statement), rows)

    def close(self) -> None:
        self.connection.close()


@contextmanager
def running(name: str, folder: Path) -> Iterator[Store]:
    """The databases of that name (of `NAMES`), as long as it lasts; a PostgreSQL is started and stopped again."""
    if name == "sqlite":
        yield Store(folder)
        return
    with tempfile.TemporaryDirectory() as shared:
        # As it is installed: what is committed stays.
        url = postgres.start(Path(shared), f"{postgres.KEEPS} -c shared_buffers=512MB -c max_wal_size=4GB")
        try:
            yield Store(url)
        finally:
            postgres.stop(Path(shared))
