"""`/sends audit`: for admins only, as a file in their direct messages, and itself on record."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import select

from bot.delivery.payload import File
from bot.slack.render import render
from storage.models import AlertEvent, Message
from tests.bot.slack.conftest import World
from tests.bot.slack.harness import Slack
from tests.conftest import NOW


def files(slack: Slack) -> list[Message]:
    with slack.database.read() as session:
        return list(session.scalars(select(Message).where(Message.kind == "file").order_by(Message.id)))


def recorded(slack: Slack, action: str) -> list[AlertEvent]:
    with slack.database.read() as session:
        return list(session.scalars(select(AlertEvent).where(AlertEvent.action == action)))


def test_an_admin_gets_the_file(slack: Slack, world: World) -> None:
    slack.press("alert_acknowledge", {"alert": world.alert, "v": 1})
    slack.now = NOW.replace(hour=18)
    told = slack.command("/sends", "audit")
    assert "The audit log since 2026-10-24" in told["text"]
    assert "1 row, comes to you as a file in a direct message" in told["text"]
    (message,) = files(slack)
    assert (message.channel, message.thread_of) == ("U01ANN", None)
    assert message.body["filename"] == "sendwatch-audit-2026-11-23.csv"
    with slack.database.read() as session:
        found = render(session, session.get_one(Message, message.id), NOW)
    assert isinstance(found, File)
    assert (found.name, found.title) == ("sendwatch-audit-2026-11-23.csv", "Audit log of Sendwatch")
    assert "for you alone" in found.comment
    heading, row = list(csv.reader(io.StringIO(found.content.decode("utf-8-sig"), newline="")))
    assert (heading[1], row[1]) == ("action", "acknowledge")
    assert slack.woken == 2
    (event,) = recorded(slack, "audit")
    assert (event.actor, event.detail["rows"]) == ("U01ANN", 1)


def test_the_same_command_twice_is_one_file(slack: Slack) -> None:
    for _ in range(2):
        slack.command("/sends", "audit all")
    assert len(files(slack)) == 1
    slack.command("/sends", "audit all", trigger_id="9.9")
    assert len(files(slack)) == 2


@pytest.mark.parametrize(("words", "since"), [
    ("", "2026-10-24T15:00:00+00:00"), ("7 days", "2026-11-16T15:00:00+00:00"),
    ("all", "1970-01-01T00:00:00+00:00"), ("2026-11-01", "2026-11-01T07:00:00+00:00"),
])
def test_since_when(slack: Slack, words: str, since: str) -> None:
    slack.command("/sends", f"audit {words}")
    (message,) = files(slack)
    assert (message.body["since"], message.body["until"]) == (since, NOW.isoformat())


@pytest.mark.parametrize("words", ["soon", "2030-01-01", "9999-12-31", "&lt;!channel&gt;"])
def test_what_is_not_understood(slack: Slack, words: str) -> None:
    told = slack.command("/sends", f"audit {words}")
    assert "I do not know since when" in told["text"]
    assert "7 days" in told["text"]
    assert files(slack) == []


def test_others_are_refused_and_that_is_on_record(slack: Slack) -> None:
    told = slack.command("/sends", "audit", user_id="U02BEN", user_name="ben")
    assert "It is for the admins of Sendwatch" in told["text"]
    assert files(slack) == []
    (event,) = recorded(slack, "refused")
    assert (event.actor, event.detail) == ("U02BEN", {"wanted": "audit", "who": ["admins"]})


def test_of_too_many_rows_the_latest_are_sent_and_that_is_said(
    slack: Slack, world: World, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.audit.MOST_IN_SLACK", 1)
    for action in ("alert_acknowledge", "alert_meaning", "alert_resolve"):
        slack.press(action, {"alert": world.alert, "v": 1})
    slack.now = NOW.replace(hour=18)
    assert "the latest 1 of 3 rows" in slack.command("/sends", "audit")["text"]


def test_a_file_of_another_version_is_left_alone(slack: Slack) -> None:
    with slack.database.write() as session:
        message = Message(key="x", kind="file", channel="U01ANN", created_at=NOW, body={"file": "poem"})
        session.add(message)
        session.flush()
        assert render(session, message, NOW) is None
