"""Statements are worked out once for the databases of all workspaces, and each still answers for itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select, text

from storage import rooms, schema, statements, workspaces
from storage.engine import Database
from storage.models import InstallState


def test_two_databases_share_what_is_worked_out_and_nothing_else(
    database: Database, tmp_path: Path, now: datetime,
) -> None:
    main = database.url.render_as_string(hide_password=False)
    if database.is_sqlite:
        main = f"sqlite:///{tmp_path / 'main.db'}"
    ends_at = now + timedelta(minutes=10)
    rooms_of = [Database(rooms.make(main, team)) for team in ("T0ACORN", "T0BEECH")]
    try:
        for number, room in enumerate(rooms_of):
            schema.upgrade(room)
            with room.write() as session:
                assert workspaces.use_up(session, f"state {number}", ends_at, now)
        question = select(InstallState.mark, InstallState.ends_at).where(InstallState.ends_at > now)
        found, sizes = [], []
        for room in rooms_of:
            with room.read() as session:
                found.append(session.execute(question).all())
            sizes.append(len(statements.KEPT))
        assert [len(rows) for rows in found] == [1, 1]
        assert found[0][0].mark != found[1][0].mark
        # The second one has worked out nothing of its own.
        assert sizes[0] == sizes[1]
        with rooms_of[1].write() as session:
            assert workspaces.is_used(session, "state 1")
            assert not workspaces.is_used(session, "state 0")
        with rooms_of[0].read() as session:
            assert session.scalar(text("SELECT count(*) FROM install_states")) == 1
    finally:
        for room, team in zip(rooms_of, ("T0ACORN", "T0BEECH"), strict=True):
            room.close()
            rooms.remove(main, team)


def test_servers_that_differ_share_nothing() -> None:
    one, other = (statements.AlikePostgreSQL() for _ in "ab")  # type: ignore[no-untyped-call] # SQLAlchemy's
    assert one == other
    assert hash(one) == hash(other)
    other.server_version_info = (13, 1)
    assert one != other
    assert statements.AlikeSQLite() != one
    assert statements.AlikeSQLite() == statements.AlikeSQLite()


def test_many_rows_come_from_a_database_piece_by_piece(database: Database) -> None:
    """On PostgreSQL by a cursor of the server's, which takes nothing that only others know."""
    numbers = text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT i FROM n")
    for planned in (False, True):
        asked = numbers.execution_options(yield_per=3, **{statements.PLANNED_ANEW: planned})
        with database.read() as session:
            parts = [[*part] for part in session.scalars(asked).partitions(3)]
        assert parts == [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10]]
