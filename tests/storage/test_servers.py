"""Connections to servers and poolers that work only in part: they are made to work, or refused before harm is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import InternalError
from sqlalchemy.orm import Session

from storage import config as stored
from storage import rooms, schema, servers
from storage.engine import Database
from storage.servers import UnfitServerError

POOLED = b"SELECT pg_backend_pid() + 1, current_setting('search_path')"
"""As it looks behind a pooler, which gives out numbers of its own."""


@pytest.fixture
def beside(postgresql: Database) -> Iterator[Engine]:
    """Somebody else on the same server."""
    engine = create_engine(postgresql.url, isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


@contextmanager
def opened(database: Database) -> Iterator[Database]:
    """Another process on the same database."""
    other = Database(database.url.render_as_string(hide_password=False), pool_size=4)
    try:
        yield other
    finally:
        other.close()


def prepared(database: Database) -> int:
    with database.glance() as session:
        for number in range(8):
            session.execute(text("SELECT :number"), {"number": number})
        return int(session.scalar(text("SELECT count(*) FROM pg_prepared_statements")) or 0)


def compiles(database: Database) -> bool:
    with database.read() as session:
        return bool(session.scalar(text("SHOW jit")) == "on")


def test_nothing_is_prepared_or_set_for_good_behind_a_pooler(
    postgresql: Database, beside: Engine, monkeypatch: pytest.MonkeyPatch,
) -> None:
    with beside.connect() as connection:
        is_usual = connection.scalar(text("SHOW jit")) == "on"
    with opened(postgresql) as direct:
        assert prepared(direct) > 0
        assert not compiles(direct)
    monkeypatch.setattr(servers, "_ASKED", POOLED)
    with opened(postgresql) as behind:
        assert prepared(behind) == 0
        assert compiles(behind) == is_usual


def test_a_workspace_is_not_served_where_its_schema_does_not_count(
    postgresql: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    main = postgresql.url.render_as_string(hide_password=False)
    url = rooms.make(main, "T0ACORN")
    room = Database(url, pool_size=1)
    schema.upgrade(room)
    room.close()
    # As it is where a pooler leaves out the options of a connection.
    monkeypatch.setattr(servers, "_ASKED", b"SELECT pg_backend_pid(), 'public'")
    room = Database(url, pool_size=1)
    with pytest.raises(UnfitServerError, match="the schema workspace_t0acorn and uses public"), room.read() as one:
        one.connection()
    room.close()
    with opened(postgresql) as other, other.read() as session:
        assert session.scalar(text("SELECT 1")) == 1


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_in_which_not_every_name_can_be_written_is_refused(
    postgresql: Database, beside: Engine, encoding: str,
) -> None:
    name = f"odd_{encoding.lower()}"
    with beside.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0"))
    database = Database(postgresql.url.set(database=name).render_as_string(hide_password=False), pool_size=1)
    with pytest.raises(UnfitServerError, match=f"the encoding {encoding}"):
        schema.upgrade(database)
    database.close()
    with beside.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def test_times_and_names_are_read_whatever_the_server_is_set_to(
    postgresql: Database, beside: Engine, now: datetime,
) -> None:
    with beside.connect() as connection:
        for setting in ("datestyle TO 'SQL, DMY'", "client_encoding TO 'LATIN1'", "timezone TO 'Asia/Kolkata'"):
            connection.execute(text(f"ALTER DATABASE {postgresql.url.database} SET {setting}"))
    with opened(postgresql) as other:
        with other.write() as session:
            stored.save(session, "routes", [{"name": "日本語"}], now, "U01ANN")
        with other.read() as session:
            assert stored.read(session) == {"routes": [{"name": "日本語"}]}
            assert session.scalar(text("SELECT CAST('2026-11-30 12:00+00' AS timestamptz)")) == datetime.fromisoformat(
                "2026-11-30T12:00Z",
            )


def process(session: Session) -> object:
    return session.scalar(text("SELECT pg_backend_pid()"))


def test_after_a_failover_nothing_stays_with_a_server_that_writes_no_more(
    postgresql: Database, beside: Engine, now: datetime,
) -> None:
    name = postgresql.url.database
    with beside.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only TO on"))
    with opened(postgresql) as other:
        with other.glance() as session:
            looked = process(session)
        with other.read() as session:
            assert servers.takes_no_writes(session)
        with pytest.raises(InternalError), other.write() as session:
            stored.save(session, "routes", [], now, "U01ANN")
        # Only for new connections: those of before go on as they began, as to a server that is a standby now.
        with beside.connect() as connection:
            connection.execute(text(f"ALTER DATABASE {name} RESET default_transaction_read_only"))
        with other.write() as session:
            stored.save(session, "routes", [], now, "U01ANN")
        with other.glance() as session:
            assert process(session) != looked
        with other.read() as session:
            assert not servers.takes_no_writes(session)


def test_what_a_role_may_not_write_to_is_told(postgresql: Database, beside: Engine) -> None:
    with beside.connect() as connection:
        connection.execute(text("CREATE ROLE reader LOGIN"))
        connection.execute(text("GRANT ALL ON ALL TABLES IN SCHEMA public TO reader"))
        connection.execute(text("REVOKE DELETE ON sends FROM reader"))
    reader = Database(postgresql.url.set(username="reader").render_as_string(hide_password=False), pool_size=1)
    with reader.read() as session:
        assert servers.lacking(session, makes=False) == ["the table sends"]
        assert servers.lacking(session, makes=True) == ["the schema public", "the table sends"]
    reader.close()
    with postgresql.read() as session:
        assert servers.lacking(session, makes=True) == []
    with beside.connect() as connection:
        connection.execute(text("DROP OWNED BY reader"))
        connection.execute(text("DROP ROLE reader"))


def test_sqlite_has_no_such_troubles(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 's.db'}")
    with database.read() as session:
        assert not servers.takes_no_writes(session)
        assert servers.lacking(session, makes=True) == []
        assert servers.connections(session) is None
    database.close()


def test_what_somebody_has_removed_is_named(database: Database) -> None:
    with database.engine.connect() as connection:
        assert schema.missing(connection) == []
    engine = database.engine.execution_options(sendwatch_write=True)
    with engine.connect() as connection, connection.begin():
        connection.execute(text("DROP TABLE watches"))
        connection.execute(text("DROP INDEX ix_sends_due_at"))
    with database.engine.connect() as connection:
        assert schema.missing(connection) == ["watches", "ix_sends_due_at"]


def test_a_server_that_does_not_tell_how_it_is_set_is_refused(
    postgresql: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(servers, "_ASKED", b"SELECT nothing")
    with opened(postgresql) as other, pytest.raises(UnfitServerError, match=r"does not tell.*nothing"):
        other.engine.connect()


def test_how_many_connections_are_allowed_is_known_but_not_behind_a_pooler(
    postgresql: Database, beside: Engine, monkeypatch: pytest.MonkeyPatch,
) -> None:
    with postgresql.read() as session:
        allowed = servers.connections(session)
    assert allowed is not None
    assert allowed > 20
    with beside.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {postgresql.url.database} CONNECTION LIMIT 20"))
    with postgresql.read() as session:
        assert servers.connections(session) == 20
    monkeypatch.setattr(servers, "_ASKED", POOLED)
    with opened(postgresql) as behind, behind.read() as session:
        assert servers.connections(session) is None
