"""The playground's page in a real Chromium, in front of the real server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from bot.playground.clock import PlayClock
from bot.playground.server import Playground
from tests.bot.playground.static.looking import CHANNEL, HOSTILE, Opener
from tests.chromium import chromium

COMMANDS = [
    {"command": "/send-status", "description": "Where is this send?", "usage_hint": "<who or what>"},
    {"command": "/sends", "description": "Sends that need you", "usage_hint": "[stuck | mine | help]"},
]
MANIFEST = {
    "features": {
        "slash_commands": COMMANDS,
        "shortcuts": [
            {"name": "Make a wish", "type": "global", "callback_id": "wish", "description": "A window opens"},
            {"name": "Which is it?", "type": "message", "callback_id": "which", "description": "Reads the message"},
        ],
        "unfurl_domains": ["acorn.example"],
        "bot_user": {"display_name": "Sendwatch"},
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
    },
    "oauth_config": {"scopes": {"bot": ["chat:write", "commands", "im:history", "links:read", "links:write"]}},
    "settings": {"event_subscriptions": {"bot_events": ["app_home_opened", "link_shared", "message.im"]}},
}


class Warehouse:
    """A Sendoso of one send."""

    def __init__(self) -> None:
        self.status = "Shipped"

    def find(self, query: str) -> list[dict[str, Any]]:
        send = {"send_gid": "g1", "type": "eGift", "recipient": HOSTILE, "campaign": "Fall", "status": self.status}
        return [send] if query in "fall" else []

    def move(self, send_gid: str, status: str) -> None:
        self.status = status if send_gid == "g1" else "?"

    def statuses(self) -> list[str]:
        return ["Shipped", "Delivered"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def playground(clock: PlayClock) -> Iterator[Playground]:
    with Playground(clock, manifest=MANIFEST, sendoso=Warehouse(), ack_timeout=20.0) as running:
        yield running


@pytest.fixture
def visit(browser: Browser, playground: Playground) -> Iterator[Opener]:
    """Opens the page; when the test ends, nothing may have gone wrong in any of them, nor left the machine."""
    trouble: list[str] = []
    contexts: list[BrowserContext] = []

    def said(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            trouble.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith(playground.url):
            trouble.append(request.url)

    def visit(query: str = f"user=U01ANN&channel={CHANNEL}", *, path: str = "/", **options: object) -> Page:
        context = browser.new_context(**{"reduced_motion": "reduce", **cast("dict[str, Any]", options)})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(8000)
        page.on("console", said)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("request", asked)
        page.goto(f"{playground.url}{path}?{query}")
        page.wait_for_selector("body[data-ready]")
        return page

    yield visit
    for context in contexts:
        context.close()
    assert trouble == []
