"""A database of each version that was released becomes one of this version, with all that it holds."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

from storage import schema
from storage.engine import Database
from storage.models import Alert, AlertEvent, Message, Mute, Notification
from tests.storage.released import FREEZE, dump_of, restore, sums, sums_now
from tests.storage.test_migrations import empty, start_together

REVISIONS = sorted(one.revision for one in ScriptDirectory(str(schema.MIGRATIONS)).walk_revisions())
FROZEN = [one for one in REVISIONS if dump_of(one, "sqlite").exists()]

__all__ = ["empty"]


@pytest.mark.parametrize("revision", FROZEN)
def test_a_released_database_is_brought_up_to_date(empty: Database, revision: str) -> None:
    restore(empty, revision)
    with empty.read() as session:
        assert session.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == revision
    schema.upgrade(empty)
    assert schema.is_current(empty)
    assert schema.differences(empty) == []
    with empty.read() as session:
        counts = [session.query(table).count() for table in (Alert, AlertEvent, Message, Notification)]
        assert counts == [5, 5, 4, 5]
        told = {(one.alert_id, one.channel) for one in session.query(Notification)}
    assert told == {(1, "C1"), (2, "C1"), (3, ""), (5, "U1"), (5, "U2")}


@pytest.mark.parametrize("revision", [FROZEN[0], FROZEN[-2]])
def test_processes_that_start_together_on_a_released_database_take_turns(empty: Database, revision: str) -> None:
    restore(empty, revision)
    start_together(empty)
    assert schema.is_current(empty)
    assert schema.differences(empty) == []
    with empty.read() as session:
        assert session.query(Notification).count() == 5


def test_every_migration_has_its_dumps() -> None:
    for revision in REVISIONS:
        for kind in ("sqlite", "postgresql"):
            assert dump_of(revision, kind).exists(), f"{revision} is not frozen for {kind}: {FREEZE}"


def test_a_released_migration_is_never_changed() -> None:
    now = sums_now()
    for name, was in sums().items():
        assert now.get(name) == was, f"{name} was changed after it was frozen. Write another migration instead."
    new = set(now) - set(sums())
    assert not new, f"not frozen yet: {', '.join(sorted(new))}: {FREEZE}"


def test_a_dump_is_of_its_revision_and_names_nobody_here() -> None:
    for path in Path(__file__).parent.glob("released/*/*.sql"):
        told = path.read_text(encoding="utf-8")
        assert f"VALUES('{path.stem}')" in told or f"VALUES ('{path.stem}')" in told
        assert "OWNER TO" not in told


@pytest.mark.parametrize("revision", [one for one in FROZEN if one >= "0002"])
def test_what_was_muted_in_a_released_version_stays_muted(empty: Database, revision: str, now: datetime) -> None:
    restore(empty, revision)
    scopes = ("campaign", "team", "sender", "rule", "status", "send")
    with empty.write() as session:
        for scope in scopes:
            session.add(Mute(
                scope=scope, value=f"a {scope}", label=scope, created_by="U1", created_at=now, ends_at=now,
            ))
    before = _mutes(empty)
    schema.upgrade(empty)
    assert _mutes(empty) == before
    assert len(before) == len(scopes)


def _mutes(database: Database) -> list[tuple[Any, ...]]:
    with database.read() as session:
        return [tuple(row) for row in session.execute(text("SELECT * FROM mutes ORDER BY id"))]
