"""All of a run in one place: Slack and Sendoso in this process, the database, and the bot's processes."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from bot.playground.calls import Call, Calls
from bot.playground.clock import PlayClock
from bot.playground.http_mode import HttpMode
from bot.playground.outcome import Transport
from bot.playground.sendoso import routes
from bot.playground.sendoso.state import SendosoState
from bot.playground.server import Playground
from bot.playground.slack_errors import Json
from bot.playground.workspace import Message
from storage import schema
from storage.engine import Database
from tests.chaos.fleet import ROOT, Fleet
from tests.chaos.places import ADMIN, ALERTS, configure, furnish
from tests.chaos.plan import START, TIMEOUT, Plan
from tests.chaos.server import Server

EVERY = {"sync_every": "2m", "scan_every": "1m", "deliver_every": "2s"}
"""By the play clock."""
SWEEP_EVERY = 240
"""Seconds by the play clock, where what processes do that stood still is waited for."""


class AllCalls(Calls):
    """Every call of the run; the playground itself keeps only the latest."""

    def __init__(self) -> None:
        super().__init__()
        self.all = deque[Call]()

    def add(self, method: str, args: Json, at: datetime) -> Call:
        call = super().add(method, args, at)
        self.all.append(call)
        return call


@dataclass(kw_only=True)
class Stage:
    """What the acts of a run work with. Only `fleet` and `server` are other processes."""

    plan: Plan
    folder: Path
    clock: PlayClock
    playground: Playground
    sendoso: SendosoState
    calls: AllCalls
    server: Server
    fleet: Fleet
    way: Transport
    """How Slack reaches the bot."""
    gids: dict[int, str] = field(default_factory=dict)
    """The gid of each gift that is at Sendoso, by its number."""
    moved: set[str] = field(default_factory=set)
    """Gids of those that were delivered after all."""

    outages: list[tuple[datetime, datetime]] = field(default_factory=list)
    """From when to when, by the play clock, the database was away."""

    @property
    def is_reached(self) -> bool:
        """Whether Slack finds a process of the bot to talk to."""
        if self.plan.transport == "socket":
            return bool(self.playground.sockets.count)
        return any(_answers(port) for port in self.fleet.ports)

    @property
    def channels(self) -> list[str]:
        """Ids of all channels, direct messages among them."""
        return list(self.playground.slack.state.channels)

    def posts(self) -> list[Message]:
        """What the bot has written and everybody can see, replies among it."""
        state = self.playground.slack.state
        return [
            message for channel in self.channels for message in state.messages(channel)
            if message.bot and message.ephemeral_for is None
        ]

    @contextmanager
    def database(self) -> Iterator[Database]:
        """The bot's database, to look at."""
        database = Database(self.server.url, pool_size=2)
        try:
            yield database
        finally:
            database.close()


@contextmanager
def staged(plan: Plan, folder: Path, server: Server) -> Iterator[Stage]:
    """Everything ready, no process of the bot started yet; afterwards nothing runs any more."""
    clock = PlayClock(start=START, speed=plan.speed)
    sendoso = SendosoState(clock)
    calls = AllCalls()
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text())
    playground = Playground(clock, manifest=manifest, sendoso=sendoso, routes=routes(sendoso, "/sendoso"))
    playground.slack.calls = calls
    playground.slack.limits.tiers = True
    furnish(playground, plan)
    with ExitStack() as stack:
        stack.enter_context(playground)
        stack.callback(sendoso.close)
        _prepare(server.url, plan)
        ports = [_free_port() if plan.transport == "http" else 0 for _ in range(plan.workers)]
        fleet = Fleet(orders=_orders(playground, sendoso, clock, server.url, plan), folder=folder, ports=ports)
        stack.callback(fleet.close)
        http = HttpMode(playground.slack, [f"http://127.0.0.1:{port}/slack/events" for port in ports])
        stack.callback(lambda: playground.run(http.close()))
        yield Stage(
            plan=plan, folder=folder, clock=clock, playground=playground, sendoso=sendoso, calls=calls,
            server=server, fleet=fleet, way=http if plan.transport == "http" else playground.sockets,
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _prepare(url: str, plan: Plan) -> None:
    database = Database(url)
    try:
        schema.upgrade(database)
        with database.write() as session:
            configure(session, plan)
    finally:
        database.close()


def _orders(
    playground: Playground, sendoso: SendosoState, clock: PlayClock, url: str, plan: Plan,
) -> dict[str, Any]:
    return {
        "clock": clock.words,
        "more": {"sweep": SWEEP_EVERY} if plan.freezes else {},
        "timeout": TIMEOUT.total_seconds(),
        "settings": EVERY | {
            "slack_bot_token": playground.bot_token,
            "slack_app_token": playground.app_token if plan.transport == "socket" else None,
            "slack_signing_secret": playground.signing_secret,
            "slack_api_url": playground.api_url, "database_url": url, "alert_channel": ALERTS,
            "admin_users": [ADMIN], "sendoso_api_url": f"{playground.url}/sendoso",
            "sendoso_access_token": sendoso.access.access_token,
        },
    }
