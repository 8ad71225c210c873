"""The log of SQLite stays short under steady writing, and nothing that was committed is lost."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.checkpoints import LOG_LIMIT, Checkpoints
from storage.engine import Database
from storage.gate import WriterGate

LIMIT = 512 * 1024
PATIENCE = 30


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept.db"


@pytest.fixture
def writer(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "wal_autocheckpoint=0", "journal_size_limit=0"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE kept (number INTEGER, filling BLOB)")
    yield connection
    connection.close()


def log_of(path: Path) -> int:
    return Path(f"{path}-wal").stat().st_size


def write(writer: sqlite3.Connection, gate: WriterGate, checkpoints: Checkpoints, numbers: range) -> int:
    """Write row after row; gives the longest that the log has been."""
    longest = 0
    path = Path(writer.execute("PRAGMA database_list").fetchone()[2])
    for number in numbers:
        gate.acquire()
        writer.execute("INSERT INTO kept VALUES (?, zeroblob(8000))", (number,))
        gate.release()
        checkpoints.wrote()
        longest = max(longest, log_of(path))
    return longest


def until(so: Callable[[], bool]) -> None:
    waiting = threading.Event()
    for _ in range(PATIENCE * 100):
        if so():
            return
        waiting.wait(0.01)
    pytest.fail("it did not come to that")


def shortened(
    path: Path, writer: sqlite3.Connection, gate: WriterGate, checkpoints: Checkpoints, written: int,
) -> Callable[[], bool]:
    """What goes on writing after so many rows, a few each time, and says whether the log is short again."""
    numbers = count(written, 10)

    def goes_on() -> bool:
        first = next(numbers)
        write(writer, gate, checkpoints, range(first, first + 10))
        return log_of(path) < LIMIT

    return goes_on


def test_log_begins_anew_although_writing_never_stops(path: Path, writer: sqlite3.Connection) -> None:
    gate = WriterGate()
    checkpoints = Checkpoints(str(path), gate, LIMIT)

    written = 0

    def shortened() -> bool:
        nonlocal written
        written += 50
        longest = write(writer, gate, checkpoints, range(written - 50, written))
        return longest > LIMIT > log_of(path)

    until(shortened)
    checkpoints.close()

    assert writer.execute("SELECT count(*), max(number) FROM kept").fetchone() == (written, written - 1)


def test_somebody_who_reads_for_long_only_delays_it(path: Path, writer: sqlite3.Connection) -> None:
    gate = WriterGate()
    checkpoints = Checkpoints(str(path), gate, LIMIT)
    write(writer, gate, checkpoints, range(5))
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM kept").fetchone()

    assert write(writer, gate, checkpoints, range(5, 400)) > LIMIT
    assert reader.execute("SELECT count(*) FROM kept").fetchone() == (5,)
    reader.execute("COMMIT")
    reader.close()
    until(shortened(path, writer, gate, checkpoints, 400))
    checkpoints.close()


def test_it_goes_on_after_a_disk_that_was_full(
    path: Path, writer: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate, failed = WriterGate(), threading.Event()

    def full(_connection: sqlite3.Connection) -> tuple[int, int]:
        failed.set()
        raise sqlite3.OperationalError("database or disk is full")

    checkpoints = Checkpoints(str(path), gate, LIMIT)
    with monkeypatch.context() as disk:
        disk.setattr("storage.checkpoints._checkpoint", full)
        write(writer, gate, checkpoints, range(100))
        assert failed.wait(PATIENCE)
    until(shortened(path, writer, gate, checkpoints, 100))
    checkpoints.close()


def test_a_short_log_needs_no_thread(path: Path, writer: sqlite3.Connection) -> None:
    gate, before = WriterGate(), threading.active_count()
    checkpoints = Checkpoints(str(path), gate, LIMIT)

    write(writer, gate, checkpoints, range(10))

    assert threading.active_count() == before
    checkpoints.close()


def test_nothing_begins_after_the_end(path: Path, writer: sqlite3.Connection) -> None:
    gate, before = WriterGate(), threading.active_count()
    checkpoints = Checkpoints(str(path), gate, LIMIT)
    checkpoints.close()

    assert write(writer, gate, checkpoints, range(200)) > LIMIT
    assert threading.active_count() == before


ANOTHER = """
import fcntl, sys
of, length, begin = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with open(of, "r+b") as file:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, length, begin)
    except OSError:
        print("in use")
"""
"""Asks as SQLite does before it takes a database for one that nobody uses."""


def told_another(of: Path, length: int, begin: int) -> str:
    asked = subprocess.run(
        [sys.executable, "-c", ANOTHER, str(of), str(length), str(begin)], check=True, capture_output=True, text=True,
    )
    return asked.stdout.strip()


def other_sees_index_in_use(path: Path) -> bool:
    return told_another(Path(f"{path}-shm"), 1, 128) == "in use"


def other_sees_file_in_use(path: Path) -> bool:
    return told_another(path, 510, 0x40000002) == "in use"


def test_another_process_sees_that_the_database_is_in_use(path: Path, writer: sqlite3.Connection) -> None:
    checkpoints = Checkpoints(str(path), WriterGate(), LIMIT)
    write(writer, WriterGate(), checkpoints, range(100))

    assert other_sees_index_in_use(path)
    assert other_sees_file_in_use(path)
    checkpoints.close()


def test_the_end_may_come_while_the_log_is_being_copied(path: Path, writer: sqlite3.Connection) -> None:
    gate = WriterGate()
    checkpoints = Checkpoints(str(path), gate, LIMIT)
    write(writer, gate, checkpoints, range(60))
    gate.acquire()
    writer.execute("INSERT INTO kept VALUES (60, zeroblob(1000000))")
    checkpoints.wrote()
    # By now the thread waits for the gate, to copy the last few pages.
    until(lambda: any(one.name == "checkpoints" for one in threading.enumerate()))
    threading.Event().wait(0.05)
    closing = threading.Thread(target=checkpoints.close, daemon=True)
    closing.start()
    threading.Event().wait(0.05)
    gate.release()
    closing.join(PATIENCE)
    assert not closing.is_alive()


def test_nothing_of_a_file_stays_open_after_its_end_but_for_who_still_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    path, copied = tmp_path / "one.db", threading.Event()
    monkeypatch.setattr(os, "fsync", lambda _handle: copied.set())

    def worked_on() -> Database:
        database = Database(f"sqlite:///{path}", exclusive=True)
        copied.clear()
        with database.write() as session:
            session.execute(text("CREATE TABLE IF NOT EXISTS kept (filling BLOB)"))
            session.execute(text("INSERT INTO kept VALUES (zeroblob(:size))"), {"size": 2 * LOG_LIMIT})
        assert copied.wait(PATIENCE)
        return database

    def handles() -> int:
        found = Path("/proc/self/fd").iterdir()
        return sum(one.is_symlink() and one.readlink() == path for one in found)

    worked_on().close()
    assert handles() == 0

    database = worked_on()
    with database.read() as session:
        session.execute(text("SELECT 1 FROM kept"))
        database.close()
        # To close any handle would have taken the locks from this reader.
        assert other_sees_file_in_use(path)
