"""Whether anything was written since, without a look into the database."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from storage import config as stored
from storage.changes import Changes
from storage.engine import Database
from storage.kept import Kept


def save(database: Database, now: datetime, channel: str) -> None:
    with database.write() as session:
        stored.save(session, "routes", [{"name": "all", "channel": channel}], now, "U01ANN")


def test_the_mark_stays_while_nobody_writes_and_is_another_after_any_commit(
    database: Database, now: datetime,
) -> None:
    before = database.mark()
    if not database.is_sqlite:
        assert before is None
        return
    with database.read() as session:
        stored.read(session)
    assert before is not None
    assert database.mark() == before
    save(database, now, "C0123")
    assert database.mark() != before


def test_what_another_process_writes_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "file with 100 % of signs?.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE some (one INTEGER)")
        changes = Changes(str(path))
        before = changes.mark()
        other.execute("INSERT INTO some VALUES (1)")
        assert changes.mark() == before, "nothing is committed yet"
        other.commit()
        assert changes.mark() != before
        changes.close()


def test_a_file_that_cannot_be_read_has_no_mark_and_none_is_made(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    changes = Changes(str(path))
    assert changes.mark() is None
    assert not path.exists()
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE some (one INTEGER)")
    assert changes.mark() is not None
    changes.close()


def test_a_mark_from_before_the_file_was_opened_anew_is_never_met_again(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as made:
        made.execute("CREATE TABLE some (one INTEGER)")
    changes = Changes(str(tmp_path / "a.db"))
    before = changes.mark()
    changes.close()
    assert changes.mark() != before
    changes.close()


def test_what_is_kept_is_read_again_only_when_something_was_written(
    database: Database, now: datetime, executed: list[str],
) -> None:
    kept = Kept(database, stored.read)
    assert kept.now() == {}
    executed.clear()
    assert kept.now() == {}
    assert bool(executed) is not database.is_sqlite
    save(database, now, "C0123")
    assert kept.now() == {"routes": [{"name": "all", "channel": "C0123"}]}
    executed.clear()
    kept.now()
    assert bool(executed) is not database.is_sqlite


def test_what_is_written_while_it_is_read_is_not_missed(database: Database, now: datetime) -> None:
    reads = 0

    def read(session: object) -> int:
        nonlocal reads
        assert session is not None
        reads += 1
        if reads == 1:
            save(database, now, "C0123")
        return reads

    kept = Kept(database, read)
    assert kept.now() == 1
    assert kept.now() == 2


def test_a_reading_that_fails_keeps_nothing(database: Database) -> None:
    reads = 0

    def read(_session: object) -> int:
        nonlocal reads
        reads += 1
        if reads == 1:
            raise RuntimeError
        return reads

    kept = Kept(database, read)
    with pytest.raises(RuntimeError):
        kept.now()
    assert kept.now() == 2
