"""Two workspaces that have the same Sendwatch, each with its own Slack and its own Sendoso, for stories about both."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any, Literal
from unittest.mock import patch

import httpx2
import yaml
from cryptography.fernet import Fernet

from bot import app as bot_app
from bot.playground.clock import PlayClock
from bot.playground.sendoso import routes
from bot.playground.sendoso.state import SendosoState
from bot.playground.server import Playground
from bot.playground.slack_app import Team
from bot.settings import load
from bot.workspaces import running
from bot.workspaces.hosting import Hosting
from storage import workspaces
from storage.secrets import Vault
from tests.stories.world import BUSY_MACHINE, MANIFEST, World

KEY = Fernet.generate_key().decode()
ACORN, BEECH = Team(), Team(id="T0BEECH", name="Beech", domain="beech")


@dataclass
class House:
    """What a story speaks about."""

    clock: PlayClock
    hosting: Hosting
    slacks: dict[str, Playground]
    sendosos: dict[str, SendosoState]

    def slack(self, team: Team = ACORN) -> Playground:
        return self.slacks[team.id]

    def world(self, team: Team = ACORN) -> World:
        """One workspace as a story of its own; its bot must run."""
        return World(self.clock, self.sendosos[team.id], self.slack(team), self.hosting.workspaces.running()[team.id])

    def browser(self) -> httpx2.Client:
        """Somebody's browser, at the door of the bot."""
        return httpx2.Client(base_url=self.hosting.url, trust_env=False, timeout=BUSY_MACHINE)

    def link(self, page: str) -> str:
        """Where "Add to Slack" leads."""
        found = re.search(r'class="button" href="([^"]+)"', page)
        assert found is not None, page
        return unescape(found[1])

    def allow(self, link: str, team: Team = ACORN) -> str:
        """Press Allow at Slack; gives the path to which Slack sends the browser back."""
        asked = httpx2.get(link, trust_env=False)
        assert asked.status_code == 200
        href = next(unescape(one) for one in re.findall(r'href="([^"]+)"', asked.text) if f"team={team.id}" in one)
        sent = httpx2.get(f"{next(iter(self.slacks.values())).url}{href}", trust_env=False)
        assert sent.status_code == 302
        back = str(sent.headers["location"])
        assert back.startswith("https://gifts.example.com/slack/oauth_redirect?")
        return back.removeprefix("https://gifts.example.com")

    def install(self, team: Team = ACORN) -> httpx2.Response:
        """From the first page to the last, as a browser goes."""
        with self.browser() as browser:
            page = browser.get("/slack/install")
            cookie = page.headers["set-cookie"].partition(";")[0]
            return browser.get(self.allow(self.link(page.text), team), headers={"Cookie": cookie})

    def connect(self, team: Team) -> None:
        """Give a workspace access to its own Sendoso account."""
        state = self.sendosos[team.id]
        assert self.hosting.registry.connect(team.id, {
            "sendoso_access_token": state.access.access_token, "sendoso_webhook_secrets": [state.webhooks.secret],
            "sendoso_api_url": f"{self.slack(team).url}/sendoso",
        })
        self.hosting.workspaces.reconcile()


@contextmanager
def house(
    folder: Path, now: datetime, *, url: str | None = None, transport: Literal["socket", "http"] = "http",
    teams: tuple[Team, ...] = (ACORN, BEECH), **settings: Any,  # noqa: ANN401 - fields of Settings
) -> Iterator[House]:
    """A bot for several workspaces, none of which has it yet, and Slack as each of them sees it."""
    clock, manifest = PlayClock(frozen_at=now), yaml.safe_load(MANIFEST.read_text())
    with ExitStack() as stack:
        # How long a request waits for its workspace's bot is made for Slack's three seconds, and not for tests beside
        # each other.
        stack.enter_context(patch.object(running, "PATIENCE", timedelta(seconds=BUSY_MACHINE)))
        slacks, sendosos = dict[str, Playground](), dict[str, SendosoState]()
        for team in teams:
            sendoso = SendosoState(clock, monotonic=lambda: clock().timestamp())
            first = next(iter(slacks.values()), None)
            sendoso.webhooks.secret = "whsec_" + b64encode(team.id.encode() * 5).decode()
            sendosos[team.id] = sendoso
            slacks[team.id] = stack.enter_context(Playground(
                clock, transport=transport, manifest=manifest, team=team, beside=first,
                routes=routes(sendoso, "/sendoso"), ack_timeout=BUSY_MACHINE,
            ))
            stack.callback(sendoso.webhooks.close)
        first = slacks[teams[0].id]
        chosen: dict[str, Any] = {
            "slack_client_id": first.slack.installs.client_id,
            "slack_client_secret": first.slack.installs.client_secret,
            "slack_signing_secret": first.signing_secret, "slack_api_url": first.api_url,
            "slack_app_token": first.app_token if transport == "socket" else None,
            "public_url": "https://gifts.example.com", "encryption_keys": KEY, "http_port": 0,
            "database_url": url or f"sqlite:///{folder / 'house.db'}", "sendoso_api_url": f"{first.url}/sendoso",
        }
        loaded = load(_env_file=None, **(chosen | settings))
        assert loaded.missing_for_slack() == []
        hosting = bot_app.build_many(loaded, clock=clock, at_work=False)
        stack.callback(hosting.stop)
        port = hosting.web.start("127.0.0.1", 0)
        hosting.workspaces.reconcile()
        if hosting.socket is not None:
            hosting.socket.start()
            first.wait_until_connected()
        for slack in slacks.values():
            slack.request_url = f"http://127.0.0.1:{port}/slack/events"
        yield House(clock, hosting, slacks, sendosos)


def lose_access(found: House, team: Team) -> None:
    """A workspace's access to Sendoso is encrypted with a key that nobody has any more."""
    with found.hosting.database.write() as session:
        row = workspaces.by_team(session, team.id)
        assert row is not None
        row.sendoso = Vault([Fernet.generate_key().decode()]).seal({"sendoso_access_token": "lost"})
    found.hosting.workspaces.tend()
