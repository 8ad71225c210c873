"""A database with a send and its alert, and the app on top of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

import pytest

from bot.health import Health
from bot.sends.record import SEARCHED
from bot.sends.text import searchable
from storage.engine import Database
from storage.models import Alert, Message, Notification, Send, SendHistory
from tests.bot.slack import rows
from tests.bot.slack.harness import Slack, response_urls
from tests.bot.slack.knocking import EMAIL, LINK, Door
from tests.conftest import NOW


@pytest.fixture(scope="session")
def _response_url() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    with response_urls() as pair:
        yield pair


@pytest.fixture
def slack(sqlite: Database, _response_url: tuple[str, list[dict[str, Any]]]) -> Slack:
    url, said = _response_url
    said.clear()
    return Slack(sqlite, url, said)


@dataclass
class World:
    """What stands in the database: a send, its open alert, the alert's message."""

    send: int
    alert: int
    message: int


def add_send(database: Database, number: int = 1, **changes: Any) -> int:  # noqa: ANN401 - one value per column
    row = rows.send(**{"send_gid": f"Z2lk{number:012}", "sendoso_id": number, **changes})
    row.search_text = searchable(getattr(row, name) for name in SEARCHED)
    with database.write() as session:
        del row.id
        session.add(row)
        session.flush()
        session.add(SendHistory(
            send_id=row.id, status=row.status, status_key=row.status, status_raw=row.status_raw,
            occurred_at=row.status_since, observed_at=NOW, source="api",
        ))
        return row.id


def add_alert(database: Database, send_id: int | None, message_id: int | None, **changes: Any) -> int:  # noqa: ANN401 - as above
    row = rows.alert(**{"key": f"k{send_id}{changes}", "send_id": send_id, **changes})
    with database.write() as session:
        del row.id
        session.add(row)
        session.flush()
        if message_id is not None:
            session.add(Notification(
                alert_id=row.id, channel="C01GIFTING", message_id=message_id, told_at=NOW, last_told_at=NOW,
            ))
        return row.id


_posts = count(1)


def add_message(database: Database, kind: str = "alert", **changes: Any) -> int:  # noqa: ANN401 - as above
    """One that Slack shows, unless `changes` say otherwise."""
    known = {
        "ts": f"1795446000.{next(_posts):06d}", "key": f"{kind}{changes}", "kind": kind, "channel": "C01GIFTING",
        "created_at": NOW, **changes,
    }
    row = Message(**known)
    with database.write() as session:
        session.add(row)
        session.flush()
        return row.id


@pytest.fixture
def world(sqlite: Database) -> World:
    send = add_send(sqlite)
    message = add_message(sqlite)
    return World(send=send, alert=add_alert(sqlite, send, message), message=message)


def alert_of(database: Database, alert_id: int) -> Alert:
    with database.read() as session:
        return session.get_one(Alert, alert_id)


def send_of(database: Database, send_id: int) -> Send:
    with database.read() as session:
        return session.get_one(Send, send_id)


@pytest.fixture
def door(slack: Slack, world: World, sqlite: Database, now: datetime) -> Iterator[Door]:
    add_send(sqlite, 2, tracking_url=LINK, recipient_email=EMAIL)
    health = Health(sqlite, lambda: now, [])
    made = Door(slack, health, sqlite)
    yield made
    made.close()
    health.close()
