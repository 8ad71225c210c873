"""Sessions that only look: they keep their connection, and nothing else."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from storage import config as stored
from storage import schema
from storage.engine import Database
from storage.models import ConfigSection
from storage.readers import KEPT


@pytest.fixture
def file(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path / 'sendwatch.db'}")
    schema.upgrade(database)
    return database


def in_use(database: Database) -> int:
    """Connections that are out of the pool."""
    return int(database.engine.pool.checkedout())  # type: ignore[attr-defined]


def test_looks_one_after_the_other_use_one_connection(file: Database) -> None:
    with file.read() as first:
        driver = first.connection().connection.dbapi_connection
    with file.read() as second:
        assert second.connection().connection.dbapi_connection is driver
        assert second.scalar(select(func.count()).select_from(ConfigSection)) == 0
    file.close()


def test_a_look_sees_what_was_written_before_it_and_nothing_of_what_comes_later(
    file: Database, now: datetime,
) -> None:
    with file.read() as early:
        assert stored.read(early) == {}
        with file.write() as session:
            stored.save(session, "routes", [], now, "U01ANN")
        assert stored.read(early) == {}
    with file.read() as late:
        assert stored.read(late) == {"routes": []}
    file.close()


def test_what_a_look_changes_or_notes_is_gone_with_it_and_what_it_read_stays(file: Database, now: datetime) -> None:
    with file.write() as session:
        stored.save(session, "routes", [], now, "U01ANN")
    with file.read() as session:
        row = session.scalars(select(ConfigSection)).one()
        session.info["noted"] = True
        row.version = 7
        session.flush()
        session.execute(text("DELETE FROM config_sections"))
    assert (row.section, row.version) == ("routes", 7)
    with file.read() as session:
        assert "noted" not in session.info
        again = session.scalars(select(ConfigSection)).one()
        assert again is not row
        assert again.version == 1
    file.close()


def test_a_connection_on_which_something_failed_is_not_used_again(file: Database) -> None:
    with pytest.raises(OperationalError), file.read() as session:
        driver = session.connection().connection.dbapi_connection
        session.execute(text("SELECT nothing FROM nowhere"))
    assert in_use(file) == 0
    with pytest.raises(KeyError), file.read() as session:
        assert session.connection().connection.dbapi_connection is not None
        raise KeyError
    assert in_use(file) == 0
    with file.read() as session:
        assert session.scalar(text("SELECT 1")) == 1
    assert driver is not None
    file.close()


def test_many_looks_at_once_leave_few_connections_open_and_close_leaves_none(file: Database) -> None:
    with ExitStack() as several:
        for _ in range(KEPT + 4):
            several.enter_context(file.read()).scalar(text("SELECT 1"))
        assert in_use(file) == KEPT + 4
    assert in_use(file) == KEPT
    with file.read() as session:
        session.scalar(text("SELECT 1"))
        file.close()
    assert in_use(file) == 0
