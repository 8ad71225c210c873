from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from storage import due, waiting
from storage.engine import Database
from storage.models import Mute, Notification, SyncCursor
from storage.mutes import WALK
from tests.storage.test_alerts import a_send, an_alert

HOUR = timedelta(hours=1)


def anything(database: Database, now: datetime) -> bool:
    with database.read() as session:
        return waiting.anything(session, now)


@pytest.fixture
def calm(database: Database, now: datetime) -> Database:
    with database.write() as session:
        due.end_first_scan(session, now)
    return database


def test_a_new_database_has_its_first_scan_before_it(database: Database, now: datetime) -> None:
    assert anything(database, now)
    with database.write() as session:
        due.end_first_scan(session, now)
    assert not anything(database, now)


def test_a_send_that_falls_due(calm: Database, now: datetime) -> None:
    send = a_send(calm, now)
    with calm.write() as session:
        due.set_due(session, [(send, now + HOUR, "overdue")])
    assert [anything(calm, now + hours * HOUR) for hours in (0, 1)] == [False, True]


@pytest.mark.parametrize("values", [
    {"snoozed_until": "later", "state": "snoozed"}, {"follow_up_at": "later"},
])
def test_an_alert_that_has_a_date(calm: Database, now: datetime, values: dict[str, Any]) -> None:
    send = a_send(calm, now)
    an_alert(calm, now, "a", send_id=send, **{k: now + HOUR if v == "later" else v for k, v in values.items()})
    assert [anything(calm, now + hours * HOUR) for hours in (0, 1)] == [False, True]


def test_something_to_tell(calm: Database, now: datetime) -> None:
    alert = an_alert(calm, now, "a")
    with calm.write() as session:
        session.add(Notification(alert_id=alert, channel="C1", next_at=now + HOUR))
    assert [anything(calm, now + hours * HOUR) for hours in (0, 1)] == [False, True]


def test_a_mute_that_runs_out_or_is_under_way(calm: Database, now: datetime) -> None:
    with calm.write() as session:
        session.add(Mute(scope="rule", value="overdue", created_by="U1", created_at=now, ends_at=now + HOUR))
        session.add(Mute(
            scope="rule", value="expired", created_by="U1", created_at=now, ends_at=now, ended_at=now, told_end_at=now,
        ))
    assert [anything(calm, now + hours * HOUR) for hours in (0, 1)] == [False, True]
    with calm.write() as session:
        session.add(SyncCursor(source=f"{WALK}1", cursor={"after": 0}))
    assert anything(calm, now)
