"""Questions with no transaction around them: each sees what is there now, and a connection that is gone is not used."""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import datetime

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from storage import config as stored
from storage.engine import Database
from storage.quiet import is_quiet
from storage.readers import KEPT


@pytest.fixture
def beside(postgresql: Database) -> Iterator[Engine]:
    """Somebody else on the same server."""
    engine = create_engine(postgresql.url, isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


def stop(beside: Engine, *processes: object) -> None:
    """Have the server end these connections, and wait until it has."""
    with beside.connect() as connection:
        for one in processes:
            connection.execute(text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": one})


def in_transaction(beside: Engine) -> int:
    """Connections that have a transaction open and do nothing."""
    with beside.connect() as connection:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
        return int(connection.scalar(text(asked)) or 0)


def test_glances_one_after_the_other_use_one_connection_and_leave_no_transaction(
    postgresql: Database, beside: Engine,
) -> None:
    with postgresql.glance() as session:
        pid = session.scalar(text("SELECT pg_backend_pid()"))
        assert in_transaction(beside) == 0
    with postgresql.glance() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) == pid
    with postgresql.read() as session:
        session.scalar(text("SELECT 1"))
        assert in_transaction(beside) == 1


def test_a_glance_sees_at_each_question_what_has_been_written_by_then(postgresql: Database, now: datetime) -> None:
    with postgresql.glance() as session:
        assert stored.versions(session) == ()
        with postgresql.write() as other:
            stored.save(other, "routes", [], now, "U01ANN")
        assert [name for name, *_ in stored.versions(session)] == ["routes"]


def test_what_would_write_is_refused(postgresql: Database) -> None:
    with pytest.raises(ValueError, match="a glance only reads; this does not: DELETE FROM"), postgresql.glance() as one:
        one.execute(text("DELETE FROM config_sections"))
    with postgresql.glance() as session:
        assert session.scalar(text("SELECT 1")) == 1


def test_a_connection_that_the_server_has_ended_is_given_up_and_nobody_notices(
    postgresql: Database, beside: Engine,
) -> None:
    with ExitStack() as several:
        some = [several.enter_context(postgresql.glance()) for _ in range(KEPT)]
        pids = [session.scalar(text("SELECT pg_backend_pid()")) for session in some]
    stop(beside, *pids)
    with postgresql.glance() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) not in pids
    with postgresql.read() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) not in pids


def test_one_that_ends_during_the_glance_is_an_error_and_the_next_glance_has_another(
    postgresql: Database, beside: Engine,
) -> None:
    with pytest.raises(OperationalError), postgresql.glance() as session:
        stop(beside, session.scalar(text("SELECT pg_backend_pid()")))
        stored.versions(session)
    with postgresql.glance() as session:
        assert stored.versions(session) == ()


def test_one_that_was_lost_unnoticed_is_not_used_on_without_being_alone(postgresql: Database, beside: Engine) -> None:
    with postgresql.glance() as session:
        stop(beside, session.scalar(text("SELECT pg_backend_pid()")))
        with suppress(OperationalError):
            session.scalar(text("SELECT 1"))
    with postgresql.glance() as session:
        session.scalar(text("SELECT 1"))
        assert in_transaction(beside) == 0


def test_a_connection_of_the_pool_on_which_the_server_only_remarks_something_is_used_on(
    postgresql: Database, beside: Engine,
) -> None:
    with postgresql.write() as session:
        driver = session.connection().connection.driver_connection
        pid = session.scalar(text("SELECT pg_backend_pid()"))
        session.execute(text("LISTEN remarks"))
    assert isinstance(driver, psycopg.Connection)
    assert is_quiet(driver)
    with beside.connect() as other:
        other.execute(text("NOTIFY remarks"))
    select.select([driver.fileno()], [], [], 10)
    assert not is_quiet(driver)
    with postgresql.read() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) == pid


def test_no_connection_of_a_glance_is_left_after_the_end(postgresql: Database) -> None:
    with postgresql.glance() as session:
        driver = session.connection().connection.driver_connection
    postgresql.close()
    assert isinstance(driver, psycopg.Connection)
    assert driver.closed
    assert not is_quiet(driver)


def test_on_sqlite_a_glance_is_a_look_of_one_moment(sqlite: Database, now: datetime) -> None:
    with sqlite.glance() as session:
        assert stored.versions(session) == ()
        with sqlite.write() as other:
            stored.save(other, "routes", [], now, "U01ANN")
        assert stored.versions(session) == ()
