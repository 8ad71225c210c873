"""Whether anything was written since, without a look into the database."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import event

from storage import changes as marks
from storage import config as stored
from storage.changes import SOON, FileChanges, OwnChanges
from storage.engine import Database
from storage.kept import Kept


@pytest.fixture(autouse=True)
def _all_within_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    # No test is to depend on how fast the machine is.
    monkeypatch.setattr(marks, "SOON", 1e9)


def save(database: Database, now: datetime, channel: str) -> None:
    with database.write() as session:
        stored.save(session, "routes", [{"name": "all", "channel": channel}], now, "U01ANN")


def test_the_mark_stays_while_nobody_writes_and_is_another_after_any_commit(
    database: Database, now: datetime,
) -> None:
    before = database.mark()
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
        changes = FileChanges(str(path))
        before = changes.mark()
        other.execute("INSERT INTO some VALUES (1)")
        assert changes.mark() == before, "nothing is committed yet"
        other.commit()
        assert changes.mark() != before
        changes.close()


def test_a_file_that_cannot_be_read_has_no_mark_and_none_is_made(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    changes = FileChanges(str(path))
    assert changes.mark() is None
    assert not path.exists()
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE some (one INTEGER)")
    assert changes.mark() is not None
    changes.close()


def test_a_mark_from_before_the_file_was_opened_anew_is_never_met_again(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as made:
        made.execute("CREATE TABLE some (one INTEGER)")
    changes = FileChanges(str(tmp_path / "a.db"))
    before = changes.mark()
    changes.close()
    assert changes.mark() != before
    changes.close()


def test_on_postgresql_what_others_write_is_seen_within_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    clock = 70.2
    changes = OwnChanges(lambda: clock)
    before = changes.mark()
    clock = 70.9
    assert changes.mark() == before
    clock = 70.2 + SOON
    assert changes.mark() != before
    changes.close()


def test_what_may_have_been_written_all_the_same_counts_as_written(database: Database, now: datetime) -> None:
    def cut_off(_session: object) -> None:
        raise ConnectionResetError

    before = database.mark()
    with pytest.raises(ConnectionResetError), database.write() as session:
        stored.save(session, "routes", [], now, "U01ANN")
        event.listen(session, "after_commit", cut_off)
    assert database.mark() != before
    with database.read() as session:
        assert stored.read(session) == {"routes": []}


def test_what_is_kept_is_read_again_only_when_something_was_written(
    database: Database, now: datetime, executed: list[str],
) -> None:
    kept = Kept(database, stored.read)
    assert kept.now() == {}
    executed.clear()
    assert kept.now() == {}
    assert not executed
    save(database, now, "C0123")
    assert kept.now() == {"routes": [{"name": "all", "channel": "C0123"}]}
    executed.clear()
    kept.now()
    assert not executed


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
