"""A whole small world for a story: the bot, its Slack, its Sendoso, and a clock that moves when told to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import yaml

from bot import app as bot_app
from bot.config.changes import apply
from bot.config.current import in_force
from bot.config.reading import read
from bot.playground.clock import PlayClock
from bot.playground.person import Person
from bot.playground.seen import SeenChannel, SeenMessage
from bot.playground.sendoso import routes
from bot.playground.sendoso.state import SendosoState
from bot.playground.server import Playground
from bot.runtime import Runtime
from bot.settings import load

MANIFEST = Path(__file__).parents[2] / "manifest.yml"
ALERTS = "C01GIFTING"
BUSY_MACHINE = 20.0
"""Seconds that Slack waits here, not three: a story asks what is answered; how soon is measured by the benchmarks."""
A_WHILE = 400
"""Rounds in which everything that is due must have been told; more would be a message that never comes to rest."""


class World:
    """What a story speaks about."""

    def __init__(self, clock: PlayClock, sendoso: SendosoState, playground: Playground, bot: Runtime) -> None:
        self.clock, self.sendoso, self.playground, self.bot = clock, sendoso, playground, bot

    @property
    def alerts(self) -> SeenChannel:
        return self.playground.channel("#gifting-alerts")

    def person(self, name: str) -> Person:
        return self.playground.person(name)

    def ago(self, **length: float) -> datetime:
        """The instant so long before now."""
        return self.clock() - timedelta(**length)

    def later(self, **length: float) -> None:
        """Time passes; nothing else happens."""
        self.clock.advance(timedelta(**length))

    def tick(self) -> None:
        """Everything the bot does by its clock, once, and then until Slack shows all that is wanted."""
        self.bot.sync()
        self.bot.take_webhooks()
        self.bot.scan()
        self.bot.make_digests()
        self.deliver()

    def deliver(self) -> None:
        """Deliver until nothing is left, moving the clock on as Slack's pace asks for."""
        for _ in range(A_WHILE):
            next_at = self.bot.deliver().next_at
            if next_at is None:
                return
            wait = next_at - self.clock()
            self.clock.advance(max(wait, timedelta(milliseconds=100)))
        raise AssertionError(f"messages do not come to rest: next at {next_at}")

    def configure(self, text: str) -> None:
        """Put a configuration file into force, as an admin would; it must be without a fault."""
        reading = read(text)
        assert reading.problems == ()
        with self.bot.database.write() as session:
            apply(session, in_force(session), reading.document, self.clock(), "cli")

    def replies(self, message: SeenMessage) -> list[str]:
        """What is said below a message."""
        return [reply.visible_text for reply in message.latest().replies]

    def only_alert(self) -> SeenMessage:
        [message] = self.alerts.messages
        return message


@contextmanager
def world(
    folder: Path, now: datetime, *, url: str | None = None, transport: Literal["socket", "http"] = "socket",
    **settings: Any,  # noqa: ANN401 - fields of Settings
) -> Iterator[World]:
    """A world in which it is `now`. `url` names the database; without one it is a new SQLite file in `folder`."""
    clock = PlayClock(frozen_at=now)
    sendoso = SendosoState(clock, monotonic=lambda: clock().timestamp())
    manifest = yaml.safe_load(MANIFEST.read_text())
    with Playground(
        clock, transport=transport, manifest=manifest, sendoso=sendoso, routes=routes(sendoso, "/sendoso"),
        ack_timeout=BUSY_MACHINE,
    ) as playground:
        chosen = {
            "slack_bot_token": playground.bot_token,
            "slack_app_token": playground.app_token if transport == "socket" else None,
            "slack_signing_secret": playground.signing_secret,
            "slack_api_url": playground.api_url,
            "database_url": url or f"sqlite:///{folder / 'story.db'}",
            "alert_channel": ALERTS,
            "admin_users": ("U01ANN",),
            "sendoso_api_url": f"{playground.url}/sendoso",
            "sendoso_access_token": sendoso.access.access_token,
            "sendoso_webhook_secrets": (sendoso.webhooks.secret,),
        } | settings
        bot = bot_app.build(load(_env_file=None, **chosen), clock=clock)
        if bot.socket is not None:
            bot.socket.start()
            playground.wait_until_connected()
        port = bot.web.start("127.0.0.1", 0)
        playground.request_url = f"http://127.0.0.1:{port}/slack/events"
        try:
            yield World(clock, sendoso, playground, bot)
        finally:
            bot.stop()
            sendoso.webhooks.close()
