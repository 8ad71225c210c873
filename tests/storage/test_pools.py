"""Where PostgreSQL gives no more connections, those who ask wait for one of the others, and nobody gets an error."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from storage import job_runs, pools
from storage.engine import Database

MOST = 3


@pytest.fixture
def short(postgresql: Database) -> Iterator[Database]:
    """A database on a server that gives its user three connections."""
    beside = create_engine(postgresql.url, isolation_level="AUTOCOMMIT")
    name = f"short_of_{postgresql.url.database}"
    with beside.connect() as connection:
        connection.execute(text(f"CREATE ROLE {name} LOGIN CONNECTION LIMIT {MOST}"))
        connection.execute(text(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {name}"))
        connection.execute(text(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {name}"))
    database = Database(postgresql.url.set(username=name).render_as_string(hide_password=False), pool_size=48)
    yield database
    database.close()
    with beside.connect() as connection:
        connection.execute(text(f"DROP OWNED BY {name}"))
        connection.execute(text(f"DROP ROLE {name}"))
    beside.dispose()


def test_more_people_than_connections_are_all_answered(short: Database, now: datetime) -> None:
    """Also by those connections that are kept for the next look: with three of these nobody could write."""
    def ask(number: int) -> int:
        with short.glance() as session:
            seen = int(session.scalar(text("SELECT 1")) or 0)
        with short.write() as session:
            job_runs.ended(session, f"job {number}", started_at=now, ended_at=now)
        with short.read() as session:
            return seen + int(session.scalar(text("SELECT 1")) or 0)

    with ThreadPoolExecutor(12) as people:
        assert set(people.map(ask, range(60))) == {2}


def test_who_waits_for_too_long_is_told_what_the_server_said(
    short: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pools, "PATIENCE", 0.3)
    held = [short.engine.connect() for _ in range(MOST)]
    with pytest.raises(OperationalError, match="too many connections"):
        short.engine.connect()
    threading.Timer(0.1, held.pop().close).start()
    monkeypatch.setattr(pools, "PATIENCE", 30)
    with short.engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    for one in held:
        one.close()


def test_a_server_that_refuses_for_another_reason_is_not_waited_for(postgresql: Database) -> None:
    nowhere = Database(postgresql.url.set(database="nowhere").render_as_string(hide_password=False), pool_size=1)
    with pytest.raises(OperationalError, match="does not exist"), nowhere.read() as session:
        session.connection()
    nowhere.close()
