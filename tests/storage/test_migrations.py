"""What a database of an earlier version holds is carried over, on both kinds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, select, text
from sqlalchemy.engine import make_url

from bot.settings import Settings
from storage import schema
from storage.engine import Database
from storage.models import Alert, AlertEvent, Message, Notification, Send, UtcTime
from storage.sends import BLANK

DAY = timedelta(days=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without a single table."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'old.db'}")
        yield database
        database.close()
        return
    server, name = request.getfixturevalue("_postgres_server"), f"test_{uuid.uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    database = Database(make_url(server).set(database=name).render_as_string(hide_password=False), pool_size=4)
    yield database
    database.close()
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def fill(database: Database, now: datetime) -> None:
    """What the first version left behind: a group, one not told yet, one settled, a notice for two admins."""
    with database.write() as session:
        connection = session.connection()
        at = UtcTime().process_bind_param(now, connection.dialect)

        def insert(table: str, **values: object) -> None:
            names = ", ".join(values)
            marks = ", ".join(f":{name}" for name in values)
            connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), values)  # noqa: S608 - names of ours

        for number, (kind, channel, body) in enumerate((
            ("group", "C1", {}), ("notice", "U1", {"alert": 5, "copies": [3]}), ("notice", "U2", {"alert": 5}),
            ("notice", "C1", {"alert": 1}),
        ), start=1):
            insert(
                "messages", id=number, key=f"m{number}", kind=kind, channel=channel, body=json.dumps(body),
                thread_of="m1" if number == 4 else None, wanted_rev=1, posted_rev=1, priority=0, phase="idle",
                attempts=0, created_at=at, ts=f"{number}.0",
            )
        for number, (state, message) in enumerate((
            ("firing", 1), ("acknowledged", 1), ("firing", None), ("resolved", None), ("firing", 2),
        ), start=1):
            insert(
                "alerts", id=number, key=f"a{number}", rule="overdue", level="late", status="shipped", status_raw="x",
                status_seq=1, due_at=at, threshold="{}", why="", reason="first", state=state, version=1,
                opened_at=at, message_id=message,
            )
            insert(
                "alert_events", alert_id=number, action="opened", actor="scan", actor_name="", team_id="", channel="",
                occurred_at=at, before="{}", after="{}", detail="{}", dedupe_key=f"e{number}",
            )


def test_what_the_first_version_told_stays_told(empty: Database, now: datetime) -> None:
    schema.upgrade(empty, "0001")
    fill(empty, now)
    schema.upgrade(empty)
    assert schema.differences(empty) == []
    assert schema.is_current(empty)
    with empty.read() as session:
        found = session.query(Notification).order_by(Notification.alert_id, Notification.channel).all()
        told = [(one.alert_id, one.channel, one.message_id, one.next_at, one.told_at) for one in found]
        kept = (session.query(Alert).count(), session.query(AlertEvent).count(), session.query(Message).count())
    assert told == [
        (1, "C1", 1, None, now), (2, "C1", 1, None, now), (3, "", None, now, None),
        (5, "U1", 2, None, now), (5, "U2", 3, None, now),
    ]
    assert kept == (5, 5, 4)


def test_only_the_newest_revision_is_current(empty: Database) -> None:
    head = ScriptDirectory(str(schema.MIGRATIONS)).get_current_head()
    assert schema.newest() == head
    assert not schema.is_current(empty)
    schema.upgrade(empty, "0003")
    assert not schema.is_current(empty)
    schema.upgrade(empty)
    assert schema.is_current(empty)
    with empty.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert not schema.is_current(empty)


def test_a_bot_with_nothing_to_upgrade_does_not_load_what_upgrades(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'ready.db'}")
    schema.upgrade(database)
    database.close()
    asked = (
        "import sys; from storage import schema; from storage.engine import Database; "
        f"schema.upgrade(Database('sqlite:///{tmp_path / 'ready.db'}')); "
        "sys.exit(', '.join(one for one in ('alembic', 'cryptography') if one in sys.modules) or 0)"
    )
    subprocess.run([sys.executable, "-c", asked], check=True)


def test_upgrading_twice_changes_nothing(empty: Database, now: datetime) -> None:
    schema.upgrade(empty)
    with empty.write() as session:
        session.add(Alert(key="a", rule="r", level="l", due_at=now, opened_at=now + DAY))
    schema.upgrade(empty)
    with empty.read() as session:
        assert session.query(Alert).one().opened_at == now + DAY
    with empty.write() as session, pytest.raises(Exception, match=r"(?i)foreign key"):
        # Foreign keys are on again after an upgrade.
        session.add(Notification(alert_id=4711, channel="C1"))
        session.flush()


@pytest.mark.parametrize("revision", ["0001", "0002", "0003", "0004", "0005"])
def test_each_released_schema_is_brought_up_to_date_with_its_rows(
    empty: Database, now: datetime, revision: str,
) -> None:
    schema.upgrade(empty, "0001")
    fill(empty, now)
    schema.upgrade(empty, revision)
    assert not schema.is_current(empty)
    schema.upgrade(empty)
    assert schema.is_current(empty)
    assert schema.differences(empty) == []
    with empty.read() as session:
        assert (session.query(Alert).count(), session.query(AlertEvent).count()) == (5, 5)
        assert session.query(Message).count() == 4
        assert session.query(Notification).count() == 5


@pytest.mark.parametrize("forgotten", [True, False])
def test_sends_that_were_emptied_before_say_so(empty: Database, now: datetime, forgotten: bool) -> None:
    schema.upgrade(empty, "0014")
    with empty.write() as session:
        at = UtcTime().process_bind_param(now, session.connection().dialect)
        row = BLANK | {
            "status": "shipped", "status_raw": "Shipped", "status_since": at, "first_seen_at": at, "updated_at": at,
            "complete": True, "sender_email": "ben@x.example",
        }
        row = {name: value for name, value in row.items() if not name.endswith("_forgotten")}
        names = ["send_gid", *row]
        statement = f"INSERT INTO sends ({', '.join(names)}) VALUES ({', '.join(f':{one}' for one in names)})"  # noqa: S608 - names of ours
        for gid, email in (("emptied", ""), ("other", "max@moll.example")):
            session.execute(text(statement), row | {"send_gid": gid, "recipient_email": email})
        if forgotten:
            session.execute(text("INSERT INTO forgotten (mark, forgotten_at) VALUES ('a', :at)"), {"at": at})
    schema.upgrade(empty)
    with empty.read() as session:
        sends = session.scalars(select(Send)).all()
        told = {send.send_gid: (send.recipient_forgotten, send.sender_forgotten) for send in sends}
    assert told == {"emptied": (forgotten, False), "other": (False, False)}


def start_together(database: Database) -> None:
    """Four processes bring it up to date at once: each says that it is done, or why it could not."""
    ours = {name.upper() for name in Settings.model_fields}
    environment = {name: value for name, value in os.environ.items() if name not in ours} | {
        "DATABASE_URL": database.url.render_as_string(hide_password=False),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    replicas = [
        subprocess.Popen(
            [sys.executable, "-m", "bot", "migrate"], env=environment, stderr=subprocess.PIPE, text=True,
            stdout=subprocess.DEVNULL,
        )
        for _ in range(4)
    ]
    told = [replica.communicate(timeout=120)[1] for replica in replicas]
    codes = [replica.returncode for replica in replicas]
    if database.is_sqlite:
        # A file serves one process: the others say so, and whoever comes later finds it done.
        assert set(codes) <= {0, 1}
        assert 0 in codes
        refused = [said for said, code in zip(told, codes, strict=True) if code]
        assert all("in use by another Sendwatch process" in said for said in refused)
    else:
        assert codes == [0, 0, 0, 0], told


@pytest.mark.parametrize("before", [None, "0001"])
def test_replicas_that_start_together_take_turns(empty: Database, now: datetime, before: str | None) -> None:
    if before is not None:
        schema.upgrade(empty, before)
        fill(empty, now)
    start_together(empty)
    assert schema.is_current(empty)
    assert schema.differences(empty) == []
    with empty.read() as session:
        assert session.query(Alert).count() == (5 if before else 0)
