from __future__ import annotations

import pytest

from storage import search
from storage.engine import Database
from storage.models import Send
from tests.conftest import NOW


def add(database: Database, *texts: str) -> None:
    with database.write() as session:
        session.add_all(
            Send(
                send_gid=found, status="sent", status_raw="Sent", status_since=NOW, first_seen_at=NOW, updated_at=NOW,
                search_text=found,
            )
            for found in texts
        )


def count(database: Database, *needles: search.Needle) -> int:
    with database.read() as session:
        return search.Search(session, needles).count()


def test_the_migration_makes_the_index(database: Database) -> None:
    with database.read() as session:
        made = search.is_indexed(session)
        assert made or not database.is_sqlite  # a PostgreSQL out of a wheel has no pg_trgm


def test_an_index_can_be_dropped_and_made_again_over_existing_rows(database: Database) -> None:
    with database.read() as session:
        had = search.is_indexed(session)
    add(database, "|jane|", "|john|")
    writes = database.engine.execution_options(sendwatch_write=True)
    with writes.connect() as connection, connection.begin():
        search.drop(connection)
    with database.read() as session:
        assert not search.is_indexed(session)
    assert count(database, ("jan",)) == 1
    with writes.connect() as connection, connection.begin():
        assert search.create(connection) == had
    assert count(database, ("jan",)) == 1


def test_a_database_without_trigrams_is_served_all_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search, "_SQLITE_FTS", ("CREATE VIRTUAL TABLE sends_search USING fts5(x, tokenize='none')",))
    monkeypatch.setattr(search, "_POSTGRES_TRIGRAMS", ("CREATE EXTENSION nowhere_to_be_found",))
    with database.engine.execution_options(sendwatch_write=True).connect() as connection, connection.begin():
        search.drop(connection)
        assert not search.create(connection)
    add(database, "|jane|")
    with database.read() as session:
        assert not search.is_indexed(session)
        assert list(search.samples(session, ["jan", "zzz"], 5).values()) == ["|jane|"]
        assert search.samples(session, [], 5) == {}
    assert count(database, ("jan",)) == 1


def test_common_needles_are_checked_and_rare_ones_looked_up(
    database: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search, "FIRST", 5)
    monkeypatch.setattr(search, "LOOKED_UP", 8)
    add(database, *(f"|everybody {number:03}|{'rare' if number % 20 == 0 else 'usual'}|" for number in range(100)))
    assert count(database, ("everybody",)) == 100
    assert count(database, ("everybody",), ("rare",)) == 5
    assert count(database, ("everybody",), ("usual",)) == 95
    assert count(database, (" 09", "|09"), ("everybody",)) == 10
    assert count(database, (" 0", "|0"), ("rare",)) == 5
    assert count(database, ("absent", "rare")) == 5
    with database.read() as session:
        some = search.Search(session, [("everybody",)])
        assert len(some.matches(7)) == 7
        assert len(some.newest(7)) == 7


def test_nothing_that_a_search_understands_has_to_be_spelt_with_care(database: Database) -> None:
    add(database, '|50% "off" a_b c\\d|', "|plain text|")
    for needle in ("50%", '"off"', "a_b", "c\\d", 'f" a'):
        assert count(database, (needle,)) == 1
    assert count(database, ("50_",)) == 0
