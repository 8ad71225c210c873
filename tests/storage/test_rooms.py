from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, select, text

from storage import advisory, backup, restore, rooms, schema, search_index
from storage.engine import Database
from storage.models import Person, Workspace
from tests.conftest import NOW


def main_url(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


@pytest.fixture
def two(database: Database) -> Iterator[tuple[Database, Database]]:
    """The databases of two workspaces beside a main one."""
    made = [Database(rooms.make(main_url(database), team), pool_size=4) for team in ("T0ONE", "T0TWO")]
    for one in made:
        schema.upgrade(one)
    yield made[0], made[1]
    for one in made:
        one.close()


def test_each_has_the_whole_schema_and_its_index(database: Database, two: tuple[Database, Database]) -> None:
    for one in (database, *two):
        assert schema.is_current(one)
        assert schema.differences(one) == []
        with one.read() as session:
            assert search_index.is_indexed(session)


def test_what_one_writes_no_other_sees(database: Database, two: tuple[Database, Database]) -> None:
    one, other = two
    with one.write() as session:
        session.add(Person(user_id="U0SECRET", fetched_at=NOW))
    for place, expected in ((one, ["U0SECRET"]), (other, []), (database, [])):
        with place.read() as session:
            assert list(session.scalars(select(Person.user_id))) == expected


def test_replicas_that_make_the_same_one_at_the_same_time_do_not_collide(postgresql: Database) -> None:
    main, made = main_url(postgresql), list[str]()
    other = threading.Thread(target=lambda: made.append(rooms.make(main, "T0ONE")))

    def hold(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("CREATE SCHEMA") and other.ident is None:
            other.start()
            # It waits for the end of this; should it not, it has the time to go wrong.
            other.join(0.5)

    event.listen(Engine, "after_cursor_execute", hold)
    try:
        assert rooms.make(main, "T0ONE") == rooms.url_of(main, "T0ONE")
    finally:
        event.remove(Engine, "after_cursor_execute", hold)
    other.join(60)
    assert made == [rooms.url_of(main, "T0ONE")]


def test_removing_one_leaves_the_others(database: Database, two: tuple[Database, Database]) -> None:
    one, other = two
    with other.write() as session:
        session.add(Person(user_id="U0STAYS", fetched_at=NOW))
    one.close()
    rooms.remove(main_url(database), "T0ONE")
    rooms.remove(main_url(database), "T0ONE")
    with other.read() as session:
        assert list(session.scalars(select(Person.user_id))) == ["U0STAYS"]
    anew = Database(rooms.make(main_url(database), "T0ONE"))
    schema.upgrade(anew)
    with anew.read() as session:
        assert list(session.scalars(select(Person.user_id))) == []
    anew.close()


def test_search_keeps_its_index_when_the_workspace_goes_that_was_the_first_to_have_one(postgresql: Database) -> None:
    main = main_url(postgresql)
    with postgresql.engine.begin() as connection:
        # The server had none when the main database was made.
        connection.exec_driver_sql("DROP EXTENSION pg_trgm CASCADE")
    for team in ("T0ONE", "T0TWO"):
        room = Database(rooms.make(main, team))
        schema.upgrade(room)
        room.close()
    rooms.remove(main, "T0ONE")
    other = Database(rooms.url_of(main, "T0TWO"))
    with other.read() as session:
        assert search_index.is_indexed(session)
    other.close()


def test_search_keeps_its_index_where_an_older_version_put_the_extension_into_a_workspace(
    postgresql: Database,
) -> None:
    main = main_url(postgresql)
    for team in ("T0ONE", "T0TWO"):
        room = Database(rooms.make(main, team))
        schema.upgrade(room)
        room.close()
    with postgresql.engine.begin() as connection:
        connection.exec_driver_sql("ALTER EXTENSION pg_trgm SET SCHEMA workspace_t0one")
        assert search_index.goes_with(connection) == "workspace_t0one"
    rooms.remove(main, "T0ONE")
    other = Database(rooms.url_of(main, "T0TWO"))
    for database in (postgresql, other):
        with database.read() as session:
            assert search_index.is_indexed(session)
    other.close()
    with postgresql.engine.begin() as connection:
        assert search_index.goes_with(connection) == ""


def test_a_database_that_was_there_is_gone(database: Database, tmp_path: Path, now: datetime) -> None:
    main = main_url(database) if not database.is_sqlite else f"sqlite:///{tmp_path / 'main.db'}"
    with database.write() as session:
        assert not rooms.is_gone(session, main, "T0ONE")
        rooms.note(session, "T0ONE", now)
        assert rooms.is_gone(session, main, "T0ONE")
        assert not rooms.is_gone(session, main, "T0TWO")
        rooms.forget(session, "T0ONE")
        assert not rooms.is_gone(session, main, "T0ONE")


def test_what_restores_have_kept_of_one_goes_with_it(sqlite: Database, tmp_path: Path) -> None:
    kept: dict[str, list[Path]] = {}
    for team in ("T0ONE", "T0ONEMORE"):
        room = Database(rooms.make(main_url(sqlite), team))
        schema.upgrade(room)
        room.close()
        path, saved = Path(str(room.url.database)), tmp_path / f"saved-{team}"
        backup.save(path, saved)
        for now in (NOW, NOW + timedelta(days=1)):
            before = restore.restore([(saved, path)], now)[0].former
            assert before is not None
            # A damaged one is kept with its log.
            log = before.with_name(f"{before.name}-wal")
            log.touch()
            kept.setdefault(team, [path]).extend([before, log])
    own = kept["T0ONE"][0].with_name(f"{kept['T0ONE'][0].name}.before-the-move")
    own.touch()
    rooms.remove(main_url(sqlite), "T0ONE")
    assert [one for one in kept["T0ONE"] if one.exists()] == []
    assert [one for one in (own, *kept["T0ONEMORE"]) if not one.exists()] == []


@pytest.mark.parametrize("name", ["", "T1", "t0abc", "T0'; DROP SCHEMA public", "../T0ABC", "U0ABC", "T0ABC\n"])
def test_only_ids_become_names(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not the id of a workspace"):
        rooms.make(f"sqlite:///{tmp_path / 'main.db'}", name)


def test_a_database_in_memory_has_no_place_beside_it() -> None:
    with pytest.raises(ValueError, match="a SQLite file"):
        rooms.url_of("sqlite://", "T0ABC")


def test_options_that_were_given_stay() -> None:
    url = rooms.url_of("postgresql://u:p@h/db?options=-cwork_mem%3D8MB", "T0ABC")
    assert "work_mem" in url
    assert "search_path%3Dworkspace_t0abc" in url


def test_a_url_tells_whose_database_it_names(database: Database, two: tuple[Database, Database]) -> None:
    main = main_url(database)
    urls = {team: rooms.url_of(main, team) for team in ("T0ONE", "T0TWO")}
    # By its name alone it may be anybody's: there are main databases called prod-EU1.db.
    assert [rooms.whose(url) for url in (main, *urls.values())] == [None, None, None]
    with database.write() as session:
        for team in urls:
            session.add(Workspace(team_id=team, name="", installed_at=NOW))
    found = {team: rooms.whose(url) for team, url in urls.items()}
    assert rooms.whose(main) is None
    for team, told in found.items():
        assert told is not None
        assert told[1] == team
        assert rooms.url_of(told[0], team) == urls[team]
    assert rooms.whose(rooms.url_of(main, "T0THREE")) is None


@pytest.mark.parametrize("url", [
    "sqlite://", "sqlite:////nowhere/main-T0ONE.db", "sqlite:////nowhere/-T0ONE.db", "sqlite:////nowhere/main.db",
    "postgresql://u:p@127.0.0.1:1/db", "postgresql://u:p@127.0.0.1:1/db?options=-csearch_path%3Dworkspace_t0one",
    "postgresql://u:p@127.0.0.1:1/db?options=-cwork_mem%3D8MB%20-csearch_path%3Dworkspace_t0one",
])
def test_where_no_main_database_answers_a_url_is_nobodys(url: str) -> None:
    assert rooms.whose(url) is None


def test_locks_are_those_of_one_workspace(postgresql: Database) -> None:
    one, other = (Database(rooms.make(main_url(postgresql), team), pool_size=4) for team in ("T0ONE", "T0TWO"))
    try:
        with one.write() as holder, other.write() as stranger, one.write() as rival, postgresql.write() as old:
            advisory.wait_for(holder, 0x5E4D_1274)
            assert advisory.is_free(stranger, 0x5E4D_1274)
            assert not advisory.is_free(rival, 0x5E4D_1274)
            # The main database goes by the plain key, as versions before this one do.
            assert old.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": 0x5E4D_1274})
            with postgresql.write() as late:
                assert not advisory.is_free(late, 0x5E4D_1274)
    finally:
        one.close()
        other.close()
