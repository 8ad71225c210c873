from __future__ import annotations

import errno
import os
import socket
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, StatementError

import storage.gate
from storage import messages, rooms, schema
from storage.engine import GONE_AFTER, Database, DatabaseBusyError, normalise
from storage.gate import PATIENCE, WriterGate
from storage.models import Message, NaiveTimeError


def test_every_spelling_of_a_postgresql_url_means_psycopg() -> None:
    for scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        assert normalise(f"{scheme}://u:p@h/db").drivername == "postgresql+psycopg"


def parameters(database: Database) -> dict[str, str]:
    with database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        return raw.info.get_parameters()


def test_a_postgresql_that_says_nothing_counts_as_gone_before_long(postgresql: Database) -> None:
    wanted = {name: str(value) for name, value in GONE_AFTER.items()}
    assert parameters(postgresql).items() >= wanted.items()
    own = Database(
        postgresql.url.update_query_dict({"connect_timeout": "3", "keepalives_idle": "60"})
        .render_as_string(hide_password=False), pool_size=1,
    )
    assert parameters(own).items() >= (wanted | {"connect_timeout": "3", "keepalives_idle": "60"}).items()
    own.close()


def test_a_server_that_takes_the_connection_and_is_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GONE_AFTER, "connect_timeout", 2)  # the least that the driver knows
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://u@127.0.0.1:{silent.getsockname()[1]}/db"
        database = Database(url, pool_size=1)
        with pytest.raises(OperationalError, match="timeout"), database.read() as session:
            session.execute(text("SELECT 1"))
        database.close()
        with pytest.raises(OperationalError, match="timeout"):
            rooms.make(url, "T0ACORN")


def test_a_write_is_kept_and_a_read_leaves_no_trace(database: Database, now: datetime) -> None:
    with database.write() as session:
        messages.want(session, key="a", kind="notice", channel="C1", now=now)
    with database.read() as session:
        session.add(Message(key="b", kind="notice", channel="C1", created_at=now))
    with database.read() as session:
        assert messages.by_key(session, "a") is not None
        assert messages.by_key(session, "b") is None


def test_a_failed_write_changes_nothing(database: Database, now: datetime) -> None:
    with pytest.raises(RuntimeError), database.write() as session:
        messages.want(session, key="a", kind="notice", channel="C1", now=now)
        raise RuntimeError
    with database.read() as session:
        assert messages.by_key(session, "a") is None


def test_times_come_back_in_utc_to_the_millisecond(database: Database) -> None:
    given = datetime(2026, 3, 8, 1, 59, 59, 999_999, tzinfo=timezone(timedelta(hours=-8)))
    with database.write() as session:
        messages.want(session, key="a", kind="notice", channel="C1", now=given)
    with database.read() as session:
        found = messages.by_key(session, "a")
        assert found is not None
        assert found.created_at == datetime(2026, 3, 8, 9, 59, 59, 999_000, tzinfo=UTC)
        assert found.created_at.utcoffset() == timedelta(0)


def test_a_time_without_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError) as error, database.write() as session:
        messages.want(session, key="a", kind="notice", channel="C1", now=datetime(2026, 1, 1))  # noqa: DTZ001
    assert isinstance(error.value.orig, NaiveTimeError)


def test_touching_raises_the_revision_and_the_turn(database: Database, now: datetime) -> None:
    with database.write() as session:
        message = messages.want(session, key="a", kind="notice", channel="C1", now=now)
        messages.touch(session, [message.id], now + timedelta(hours=1), priority=messages.PRESS_PRIORITY)
        messages.touch(session, [message.id], now + timedelta(hours=2))
        messages.touch(session, [], now)
        assert (message.wanted_rev, message.priority) == (3, messages.PRESS_PRIORITY)
        assert message.next_at == now + timedelta(hours=2)


def test_a_transaction_that_cannot_begin_is_told_as_all_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("storage.engine.PRAGMAS", ("busy_timeout=1",))
    database = Database(f"sqlite:///{tmp_path / 'one.db'}")
    with sqlite3.connect(tmp_path / "one.db") as other, pytest.raises(OperationalError):
        other.execute("BEGIN IMMEDIATE")
        with database.write() as session:
            session.execute(text("SELECT 1"))
    database.close()


def test_a_second_process_on_one_sqlite_file_is_refused_with_the_reason(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'one.db'}"
    first = Database(url, exclusive=True)
    with pytest.raises(DatabaseBusyError, match=r"one\.db is in use by .* \(pid \d+\)"):
        Database(url, exclusive=True)
    first.close()
    Database(url, exclusive=True).close()


def test_the_lock_is_taken_on_a_disk_that_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_file: int, _what: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    url = f"sqlite:///{tmp_path / 'one.db'}"
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        first = Database(url, exclusive=True)
    with pytest.raises(DatabaseBusyError):
        Database(url, exclusive=True)
    first.close()


def test_a_second_process_is_refused_by_whatever_link_it_comes(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for link, to in (("one.db", "data/one.db"), ("elsewhere", "data")):
        (tmp_path / link).symlink_to(to)
    first = Database(f"sqlite:///{tmp_path / 'data' / 'one.db'}", exclusive=True)
    for path in ("one.db", "elsewhere/one.db", "data/../data/one.db"):
        other = f"sqlite:///{tmp_path / path}"
        with pytest.raises(DatabaseBusyError):
            Database(other, exclusive=True)
        looking = Database(other)
        assert looking.is_in_use() is True
        looking.close()
    first.close()


def test_writers_get_in_in_the_order_in_which_they_came() -> None:
    gate, order, waiting = WriterGate(), [], threading.Semaphore(0)
    gate.acquire()

    def write(number: int) -> None:
        waiting.release()
        gate.acquire()
        order.append(number)
        gate.release()

    threads = []
    for number in range(5):
        thread = threading.Thread(target=write, args=(number,))
        thread.start()
        waiting.acquire()
        while len(gate._queue) <= number:  # noqa: SLF001 - the only way to know that it stands in line
            pass
        threads.append(thread)
    gate.release()
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def test_work_in_the_background_waits_until_people_have_been_answered() -> None:
    gate, tried, went_on = WriterGate(), threading.Event(), threading.Event()

    def work() -> None:
        tried.set()
        gate.keep_back()
        went_on.set()

    worker = threading.Thread(target=work)
    with gate.answering():
        with gate.answering():
            worker.start()
            tried.wait()
        assert not went_on.wait(PATIENCE.total_seconds() / 4)
    worker.join()
    assert went_on.is_set()


def test_work_in_the_background_goes_on_though_people_press_all_the_time() -> None:
    gate = WriterGate()
    with gate.answering():
        worker = threading.Thread(target=gate.keep_back)
        worker.start()
        worker.join()
    assert not worker.is_alive()


def test_what_is_part_of_an_answer_does_not_wait_for_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage.gate, "PATIENCE", timedelta(days=1))
    gate = WriterGate()
    with gate.answering():
        gate.keep_back()


def test_who_waits_for_an_answer_waits_for_the_disk_as_well_and_the_background_does_not(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'one.db'}")
    found = {}
    for patient in (True, False, True):
        with database.write(patient=patient) as session:
            found[patient] = session.scalar(text("PRAGMA synchronous"))
    database.close()
    assert found == {True: 1, False: 2}  # NORMAL and FULL


def test_the_migrations_make_exactly_the_tables_of_the_models(database: Database) -> None:
    assert schema.is_current(database)
    assert schema.differences(database) == []


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    schema.upgrade(database)
    assert schema.is_current(database)


def test_a_bot_on_sqlite_does_without_the_driver_of_postgresql() -> None:
    """It takes nine megabytes, of 120 that an idle bot may have."""
    told = (
        "import sys, bot.app, bot.runtime, bot.web; from storage.engine import Database; "
        "Database('sqlite://').close(); print(sorted(one for one in sys.modules if one.startswith('psycopg')))"
    )
    done = subprocess.run([sys.executable, "-c", told], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"
