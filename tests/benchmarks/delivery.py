"""How fast messages go out, against the pace that Slack allows: one a second and channel."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from bot.clock import system_clock
from bot.delivery.deliver import Deliver
from bot.delivery.payload import Payload
from bot.delivery.slack_web import SlackWeb
from bot.playground.server import Playground
from bot.playground.slack_app import BOT_USER
from bot.playground.workspace import Channel
from storage import messages, schema
from storage.engine import Database
from storage.models import Message

CHANNELS, EACH = 20, 5
PATIENCE = 300

Row = dict[str, Any]


def measure(folder: Path) -> Iterator[Row]:
    """A row about messages for many channels at once, posted to the playground's Slack with its limits."""
    database = Database(f"sqlite:///{folder / 'delivery.db'}")
    schema.upgrade(database)
    with Playground(transport="http") as playground:
        state = playground.slack.state
        for name in _channels():
            state.channels[name] = Channel(id=name, name=name.lower(), members={BOT_USER})
        _want(database)
        deliver = Deliver(database, SlackWeb(playground.bot_token, playground.api_url), _draw, system_clock)
        began = time.perf_counter()
        posted = _until_done(deliver, began)
        took = time.perf_counter() - began
    database.close()
    # The first of a channel goes at once, each further one a second later.
    allowed = EACH - 1
    yield {
        "what": f"{posted} messages to {CHANNELS} channels", "p50_ms": took * 1_000, "floor_ms": allowed * 1_000,
        "against": "one a second and channel", "share": allowed / took,
    }


def _channels() -> list[str]:
    return [f"C7ROOM{number:02}" for number in range(CHANNELS)]


def _want(database: Database) -> None:
    now = datetime.now(UTC)
    with database.write() as session:
        for number in range(EACH):
            for name in _channels():
                messages.want(
                    session, key=f"{name}:{number}", kind="notice", channel=name, now=now,
                    body={"text": f"Message {number}"},
                )


def _draw(_session: Session, message: Message, _now: datetime) -> Payload:
    return Payload(text=message.body["text"], blocks=[{"type": "divider"}])


def _until_done(deliver: Deliver, began: float) -> int:
    posted = 0
    while posted < CHANNELS * EACH:
        report = deliver.run()
        posted += report.posted
        if time.perf_counter() - began > PATIENCE:
            raise SystemExit(f"after {PATIENCE} s only {posted} messages had been posted")
        if report.next_at is not None:
            time.sleep(max(0.0, (report.next_at - system_clock()).total_seconds()))
    return posted
