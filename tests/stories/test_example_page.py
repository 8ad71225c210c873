"""The example page of Sendoso's own documentation, from the API to a pressed button."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from storage.engine import Database
from storage.models import Alert, AlertEvent, Send, SendHistory
from tests.stories.world import World, world

PAGE = json.loads(Path(__file__).with_name("example_page.json").read_text())


@pytest.fixture
def story(database: Database, tmp_path: Path, now: datetime) -> Iterator[World]:
    """A world on each kind of database."""
    with world(tmp_path, now, url=database.url.render_as_string(hide_password=False)) as made:
        yield made


@pytest.fixture
def synced(story: World) -> World:
    story.sendoso.load(PAGE)
    report = story.bot.sync()
    assert report is not None
    assert (report.read, report.new, report.rejected) == (2, 2, [])
    return story


def test_both_sends_are_taken_in_as_documented(synced: World) -> None:
    with synced.bot.database.read() as session:
        expired, canceled = session.scalars(select(Send).order_by(Send.sendoso_id)).all()
        events = session.scalars(select(SendHistory).where(SendHistory.send_id == expired.id).order_by(
            SendHistory.occurred_at, SendHistory.id)).all()
    assert (expired.status, expired.kind, expired.cost_minor) == ("expired", "egift", 200)
    assert expired.status_since.isoformat() == "2022-12-11T08:00:02+00:00"
    assert (canceled.status, canceled.kind) == ("confirmation_canceled", "physical")
    assert [event.status for event in events] == ["sent", "opened", "clicked", "expired"]


def test_it_can_be_looked_up(synced: World) -> None:
    reply = synced.person("ann").command("/send-status johndoe@acme.com")
    assert "John Doe" in reply.visible_text
    assert "Expired" in reply.visible_text


def test_it_is_alerted_pressed_and_recorded(synced: World) -> None:
    synced.bot.scan()
    synced.deliver()
    messages = synced.alerts.messages
    assert len(messages) == 2
    alert = next(m for m in messages if "Confirmation" in m.visible_text)
    assert {"Acknowledge", "Assign to me", "Snooze", "Resolve", "Contact Support", "What does this mean?"} <= set(
        alert.buttons)

    synced.person("ben").press(alert, "Acknowledge")
    synced.deliver()

    redrawn = alert.expect_update("Acknowledged")
    assert "Ben Okafor" in redrawn.visible_text
    with synced.bot.database.read() as session:
        row = session.scalars(select(Alert).where(Alert.rule == "expired", Alert.state == "acknowledged")).one()
        event = session.scalars(select(AlertEvent).where(AlertEvent.action == "acknowledge")).one()
    assert (event.alert_id, event.actor) == (row.id, "U02BEN")
    assert (event.before["state"], event.after["state"]) == ("firing", "acknowledged")
    assert len(synced.alerts.messages) == 2
