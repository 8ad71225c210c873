"""Engines and sessions: SQLite with one fair writer, or PostgreSQL for several replicas."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool, StaticPool

from storage import glances, scope, servers
from storage.changes import Changes, FileChanges, Mark, OwnChanges
from storage.checkpoints import KEPT, Checkpoints
from storage.gate import NoGate, WriterGate
from storage.merges import Merges
from storage.pools import PatientPool
from storage.readers import Readers
from storage.search_index import WRITTEN
from storage.statements import shared

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=30000",
    # For each connection that ever was in use at once. Behind it stand the pages that the system keeps: a look-up in
    # 1,000,000 sends takes as long with 16 megabytes, but a bot whose database grows would grow by as much (measured).
    "cache_size=-4096",
    # SQLite would have whoever commits copy the log into the file; `storage.checkpoints` does it beside the writers.
    # This is the net beneath: 400 megabytes.
    "wal_autocheckpoint=100000",
    f"journal_size_limit={KEPT}",
)


UNQUOTED = {"hide_parameters": True}
"""Errors name the statement, and not whose name and address it was given: they come into the log."""


GONE_AFTER = {
    "connect_timeout": 10, "keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds
}
"""After how long a PostgreSQL that says nothing counts as gone. By itself the system waits for hours: all threads would
hang in connections that nobody answers any more, though new ones could be made."""


class DatabaseBusyError(RuntimeError):
    """Another process already works on this SQLite file."""

    def __init__(self, path: str, pid: str) -> None:
        super().__init__(
            f"{path} is in use by another Sendwatch process{f' (pid {pid})' if pid else ''}. "
            "SQLite serves one process: stop the other one, or use PostgreSQL for several.",
        )


class DatabaseFileError(RuntimeError):
    """The SQLite file's lock cannot be opened, and without it nobody may write to the database."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(f"{path} cannot be opened: {error.strerror}. The bot's user must be able to write there.")


def normalise(url: str) -> URL:
    """Accept `postgres://`, `postgresql://` and SQLAlchemy URLs alike."""
    parsed = make_url(url)
    if parsed.drivername in {"postgres", "postgresql"}:
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def gone_after(url: URL) -> dict[str, int]:
    """GONE_AFTER as `connect_args` of an engine for PostgreSQL; what the URL says itself is left to it."""
    return {name: value for name, value in GONE_AFTER.items() if name not in url.query}


def options_of(url: URL) -> str:
    """What the URL has a PostgreSQL server set for its connections, in the words of its command line."""
    given = url.query.get("options", "")
    return " ".join(given) if isinstance(given, tuple) else given


class Database:
    """One database: hands out sessions for reading and for writing.

    `url` as in DATABASE_URL. `exclusive=True` takes the lock of a SQLite file and raises
    `DatabaseBusyError` where another process holds it, `DatabaseFileError` where it cannot be opened; the CLI's
    read-only commands leave it alone.
    """

    def __init__(self, url: str, *, exclusive: bool = False, pool_size: int = 48) -> None:
        self.url = normalise(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._lock_file: IO[str] | None = self._take_lock() if exclusive else None
        self._gate = WriterGate() if self.is_sqlite else NoGate()
        self.engine = self._sqlite() if self.is_sqlite else self._postgres(pool_size)
        scope.listen(self.engine)
        self._merges = None if self._has_no_file else Merges(self._merging, self._gate)
        self._checkpoints = None if self._has_no_file else Checkpoints(str(self.url.database), self._gate)
        self._readers = None if self._in_memory else self._kept()
        if self._readers is not None and not self.is_sqlite:
            # Where one connection is lost, the server may be another one by now: none stays with the former.
            event.listen(self.engine, "invalidate", self._readers.let_go)
            if isinstance(self.engine.pool, PatientPool):
                self.engine.pool.let_go = self._readers.let_go
        self._changes: Changes | None = None
        if not self._in_memory:
            self._changes = FileChanges(str(self.url.database)) if self.is_sqlite else OwnChanges()
        self._opened: tuple[int, int] | None = None

    def read(self) -> AbstractContextManager[Session]:
        """A session for looking only; whatever it changed is thrown away."""
        # Closing rolls back, and unlike a rollback it leaves what was read readable.
        if self.is_sqlite and self._readers is not None:
            return self._readers.session()
        return Session(self.engine, expire_on_commit=False)

    def glance(self) -> AbstractContextManager[Session]:
        """A session for the few questions that somebody waits for, each by itself and only to look.

        On PostgreSQL they have no transaction around them: to begin it, to end it and to see before that the
        connection still stands takes longer than the questions (measured). What needs one - a cursor of the server's,
        a setting for a while, a lock - asks with `read`. On SQLite it is a `read`.
        """
        return self._readers.session() if self._readers is not None else self.read()

    @contextmanager
    def write(self, *, patient: bool = False) -> Iterator[Session]:
        """A session whose transaction is the only one that writes (SQLite); commits at the end.

        `patient` is for work in the background that writes again and again, and that would be done again if it were
        lost: it first lets people be answered, and (SQLite) it is safe from a power failure only with the next commit
        of anybody who is not patient. Nothing outside, such as a post, may rest on it before that.
        """
        if patient:
            self._gate.keep_back()
        self._gate.acquire()
        try:
            engine = self.engine.execution_options(sendwatch_write="patient" if patient else "prompt")
            with Session(engine, expire_on_commit=False) as session, session.begin():
                yield session
            written: int = session.info.get(WRITTEN, 0)
            if self._merges is not None:
                self._merges.owe(written)
        finally:
            self._gate.release()
            if self._changes is not None:
                # Even after a failure: that it was committed may have been lost on its way here.
                self._changes.wrote()
        if self._merges is not None and written:
            self._merges.pay(written)
        if self._checkpoints is not None:
            self._checkpoints.wrote()

    def answering(self) -> AbstractContextManager[None]:
        """While it lasts, somebody is waiting for an answer: patient writers keep back, for a moment each."""
        return self._gate.answering()

    def mark(self) -> Mark | None:
        """Equal to an earlier one only if nothing was written in between, on PostgreSQL by others up to `SOON` before.

        None where nobody tells (SQLite in memory).
        """
        return self._changes.mark() if self._changes is not None else None

    def is_in_use(self) -> bool | None:
        """Whether a process holds the lock of the SQLite file; None where that cannot be seen (PostgreSQL)."""
        if not self.is_sqlite or self._in_memory:
            return None
        if self.is_alone:
            return True
        try:
            with self._lock_path.open(encoding="utf-8") as handle:
                # Shared, and let go of at once: nobody who only looks keeps another from looking.
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return False

    def is_in_place(self) -> bool:
        """Whether the SQLite file is still the one that was opened, not deleted or replaced since; PostgreSQL's is."""
        return self._opened is None or self._opened == self._file()

    def close(self) -> None:
        if self._merges is not None:
            self._merges.close()
        if self._checkpoints is not None:
            self._checkpoints.close()
        if self._readers is not None:
            self._readers.close()
        if self._changes is not None:
            self._changes.close()
        in_use = isinstance(self.engine.pool, QueuePool) and self.engine.pool.checkedout()
        self.engine.dispose()
        if self._checkpoints is not None and self.is_alone and not in_use:
            # With the lock of the file held, nobody in this process works on it anew; without it somebody may.
            self._checkpoints.let_go()
        if self._lock_file is not None:
            self._lock_file.close()
            self._lock_file = None

    def _kept(self) -> Readers:
        """What keeps connections between two looks, or on PostgreSQL between two glances."""
        return Readers(self.engine) if self.is_sqlite else Readers(glances.of(self.engine), glances.is_good)

    def _postgres(self, pool_size: int) -> Engine:
        url, options = shared(self.url)
        # What the server or the role has for it by default might not write every name.
        arguments = gone_after(url) | {"client_encoding": "utf8"}
        engine = create_engine(
            url, pool_size=pool_size, max_overflow=8, pool_pre_ping=True, connect_args=arguments, poolclass=PatientPool,
            **UNQUOTED, **options,
        )
        # Before SQLAlchemy itself asks what server it is, which fails on some that cannot be used.
        event.listen(engine, "connect", self._see_to_server, insert=True)
        return engine

    def _see_to_server(self, connection: Any, _record: object) -> None:  # noqa: ANN401 - a raw DB-API connection
        servers.see_to(connection, options_of(self.url))

    def _sqlite(self) -> Engine:
        url, options = shared(self.url)
        options["connect_args"] = {"check_same_thread": False, "timeout": 30}
        if self._in_memory:
            options["poolclass"] = StaticPool
        engine = create_engine(url, **UNQUOTED, **options)
        if not self._in_memory:
            event.listen(engine, "do_connect", self._make_private)
            event.listen(engine, "connect", self._remember_file)
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _make_private(self, *_about: object) -> None:
        """Make the file, where there is none, so that nobody else on the machine reads it; SQLite's log follows it."""
        try:
            handle = os.open(str(self.url.database), os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        except OSError:
            return  # It is there, or cannot be made, which SQLite tells of.
        os.close(handle)

    def _remember_file(self, *_about: object) -> None:
        # The first connection's: a later one may already be to another file.
        self._opened = self._opened or self._file()

    def _file(self) -> tuple[int, int] | None:
        """What the system knows the SQLite file by; None where there is none."""
        try:
            found = Path(str(self.url.database)).stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _merging(self) -> sqlite3.Connection:
        connection = sqlite3.connect(str(self.url.database), timeout=30, check_same_thread=False)
        _configure_sqlite(connection, None)
        # What is merged can be merged again: it is safe with the next commit of anybody who waits for the disk.
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection

    @property
    def is_alone(self) -> bool:
        """Whether the lock of the SQLite file is held, so that no other process can be writing."""
        return self._lock_file is not None

    @property
    def _in_memory(self) -> bool:
        return is_in_memory(self.url)

    @property
    def _has_no_file(self) -> bool:
        return not self.is_sqlite or self._in_memory

    @property
    def _lock_path(self) -> Path:
        # Beside the file itself, by whatever link it is reached.
        return Path(f"{os.path.realpath(str(self.url.database))}.lock")

    def _take_lock(self) -> IO[str] | None:
        if not self.is_sqlite or self._in_memory:
            return None
        path = self._lock_path
        try:
            with suppress(FileExistsError):
                path.parent.mkdir(parents=True)
            is_new = not path.exists()
            handle = path.open("a+", encoding="utf-8")
        except OSError as error:
            raise DatabaseFileError(path, error) from None
        if is_new:
            self._own_alike(handle)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.seek(0)
            pid = handle.read().strip()
            handle.close()
            raise DatabaseBusyError(str(self.url.database), pid) from None
        handle.truncate(0)
        # Who has it is only said to whoever comes second: on a full disk the lock holds without.
        with suppress(OSError):
            os.write(handle.fileno(), str(os.getpid()).encode())
        return handle

    def _own_alike(self, handle: IO[str]) -> None:
        # Made by root, as for a restore, the lock must still be one that the bot can take.
        with suppress(OSError):
            before = Path(str(self.url.database)).stat()
            os.fchown(handle.fileno(), before.st_uid, before.st_gid)


def is_in_memory(url: URL) -> bool:
    """Whether a URL of SQLite's names no file."""
    return url.database in {None, "", ":memory:"}


def _configure_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - a raw DB-API connection
    # The driver's own transaction handling is switched off; `_begin_sqlite` says how each one begins.
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own event type is untyped here
    writes = connection.get_execution_options().get("sendwatch_write")
    if writes:
        # To wait for the disk takes longer than all else, and who presses then waits behind it. The log is one row of
        # commits: whoever waits for the disk has all that was committed before made safe as well.
        connection.exec_driver_sql(f"PRAGMA synchronous={'NORMAL' if writes == 'patient' else 'FULL'}")
        # It fails where the file cannot be written to, which SQLAlchemy then tells as it tells of all that fails.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    # Past SQLAlchemy, which would look at it for longer than SQLite takes to read a row, before every look-up.
    connection.connection.dbapi_connection.execute("BEGIN")
