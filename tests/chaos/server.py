"""The database of a run: a SQLite file, or a PostgreSQL that can be stopped as if its power were cut."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests import postgres


class Server(Protocol):
    """`url` is what the bot is told."""

    url: str

    def stop(self) -> None:
        """End it at once; nothing is said to anybody."""

    def start(self) -> None:
        """Have it back, with all that was committed."""

    def close(self) -> None:
        """Leave nothing running."""


class SqliteFile:
    """A file; it has no server that could be stopped."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder / 'sendwatch.db'}"

    def stop(self) -> None: ...

    def start(self) -> None: ...

    def close(self) -> None: ...


class OwnPostgres:
    """A server of its own, stopped with `immediate` and started again."""

    def __init__(self, folder: Path) -> None:
        # Run by root, the server works as somebody else, who has to get there.
        folder.chmod(0o755)
        self._folder = folder / "postgresql"
        self.url = postgres.start(self._folder, postgres.KEEPS)
        self._port = make_url(self.url).port or 0
        self._is_up = True

    def stop(self) -> None:
        postgres.stop(self._folder)
        self._is_up = False

    def start(self) -> None:
        postgres.start_again(self._folder, self._port, postgres.KEEPS)
        self._is_up = True

    def close(self) -> None:
        if self._is_up:
            self.stop()


class SharedPostgres:
    """A database on a server that others use, too: instead of the server, every connection to it is ended."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._name = make_url(url).database
        self._engine = create_engine(make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT")

    def stop(self) -> None:
        with self._engine.connect() as connection:
            connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"),
                {"name": self._name},
            )

    def start(self) -> None: ...

    def close(self) -> None:
        self._engine.dispose()
