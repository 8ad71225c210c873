"""What looks at a run finds what is wrong: each kind of mistake is made on purpose, with a bot that works."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from bot import app
from bot.playground.workspace import Message as Post
from bot.settings import load
from storage.models import Alert, AlertEvent, Message
from tests.chaos import gifts, pace_audit
from tests.chaos.findings import DOUBLED, LOST, WRONG, Findings
from tests.chaos.gifts_audit import GiftsAudit
from tests.chaos.load import put
from tests.chaos.messages_audit import MessagesAudit
from tests.chaos.places import ALERTS
from tests.chaos.plan import small
from tests.chaos.presses_audit import PressesAudit
from tests.chaos.pressing import Pressed, press, wishes
from tests.chaos.record import Record
from tests.chaos.rest import look
from tests.chaos.server import SqliteFile
from tests.chaos.stage import Stage, staged

ANN = "U01ANN"


@dataclass
class Ran:
    """A stage on which three gifts were told and one of them acknowledged, by no process but this one."""

    stage: Stage
    pressed: list[Pressed]


@pytest.fixture
def ran(tmp_path: Path) -> Iterator[Ran]:
    with staged(small("sqlite"), tmp_path, SqliteFile(tmp_path)) as made:
        put(made, gifts.first())
        settings = load(_env_file=None, **made.fleet.orders["settings"])
        bot = app.build(settings, clock=made.clock)
        try:
            bot.sync()
            bot.scan()
            assert bot.socket is not None
            bot.socket.start()
            made.playground.wait_until_connected()
            while bot.deliver().next_at is not None:
                pass
            pressed = acknowledged(made)
            while bot.deliver().next_at is not None:
                pass
        finally:
            bot.stop()
        yield Ran(made, [pressed])


def acknowledged(stage: Stage) -> Pressed:
    post = stage.posts()[0]
    wish = next(one for one in wishes(post) if one.name == "alert_acknowledge")
    pressed = press(stage, ANN, post, wish)
    assert pressed is not None
    assert pressed.acked
    return pressed


def found(ran: Ran) -> Findings:
    stage, findings = ran.stage, Findings()
    with stage.database() as database, database.read() as session:
        messages = MessagesAudit(stage, session, findings)
        messages.go()
        GiftsAudit(stage, session, messages, findings).go(gifts.first())
        record = Record(session)
        record.check(findings)
        PressesAudit(stage, session, record, findings).go(ran.pressed)
    pace_audit.check(stage, findings)
    return findings


def change(stage: Stage, statement: object) -> None:
    with stage.database() as database, database.write() as session:
        session.execute(statement)  # type: ignore[call-overload]


def post_again(stage: Stage, post: Post) -> None:
    stage.playground.slack.state.post(
        post.channel, post.user, post.text, bot=True, blocks=post.blocks, metadata=post.metadata,
    )


def test_a_bot_that_works_leaves_nothing_to_find(ran: Ran) -> None:
    assert str(found(ran)) == ""
    assert not look(ran.stage)


MISTAKES: tuple[tuple[str, str, Callable[[Stage], object]], ...] = (
    (LOST, "is not there", lambda stage: stage.playground.slack.state.delete(stage.posts()[2])),
    (LOST, "was acknowledged, but had no effect", lambda stage: change(
        stage, delete(AlertEvent).where(AlertEvent.actor == ANN),
    )),
    (LOST, "has no alert", lambda stage: change(
        stage, update(Alert).where(Alert.id == 2).values(send_id=1, level="other"),
    )),
    (DOUBLED, "has 2 alerts", lambda _stage: None),
    (DOUBLED, "stands 2 times", lambda stage: post_again(stage, stage.posts()[1])),
    (DOUBLED, "was taken away", lambda stage: stage.calls.add(
        "chat.delete", {"ts": "1.0", "channel": ALERTS}, stage.clock(),
    )),
    (WRONG, "shows", lambda stage: stage.playground.slack.state.update(stage.posts()[0], text="All is well.")),
    (WRONG, "of which the database knows nothing", lambda stage: stage.playground.slack.state.post(
        ALERTS, "U0SENDWATCH", "Who am I?", bot=True, metadata={"event_payload": {"key": "nobody's"}},
    )),
    (WRONG, "is not at rest", lambda stage: change(
        stage, update(Message).where(Message.id == 1).values(wanted_rev=Message.wanted_rev + 1),
    )),
    (WRONG, "stored as", lambda stage: change(stage, update(Alert).where(Alert.id == 3).values(assignee=ANN))),
    (WRONG, "came within a second", lambda stage: [
        stage.calls.add("chat.postMessage", {"channel": "C02SALES"}, stage.clock() + timedelta(seconds=after))
        for after in (0, 0.9)
    ]),
)
"""The kind of finding, some of its words, and what is done to deserve it. All are made on one stage."""


def test_what_is_wrong_is_found(ran: Ran) -> None:
    for _, _, make in MISTAKES:
        make(ran.stage)
    told = found(ran).found
    for kind, words, _ in MISTAKES:
        assert any(kind == one and words in what for one, what in told), (words, told)


def test_a_press_that_nobody_made_is_found(ran: Ran) -> None:
    ran.pressed.clear()
    assert [kind for kind, _ in found(ran).found] == [WRONG]
