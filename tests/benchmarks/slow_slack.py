"""How long people wait for an answer while Slack's Web API takes 2.5 seconds for everything."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2

from bot import app as bot_app
from bot.playground.server import Playground
from bot.settings import load
from tests.benchmarks import sends

DELAY = 2.5
FORM = "application/x-www-form-urlencoded"
AT_ONCE = 20


def measure(folder: Path) -> list[dict[str, Any]]:
    """Milliseconds until the answer to one command, and until the last of twenty sent at once, over signed HTTP."""
    with Playground(transport="http") as playground:
        settings = load(
            _env_file=None, slack_bot_token=playground.bot_token, slack_signing_secret=playground.signing_secret,
            slack_app_token=None, slack_api_url=playground.api_url, alert_channel="C01GIFTING", http_port=0,
            database_url=f"sqlite:///{folder / 'slow.db'}",
        )
        bot = bot_app.build(settings)
        sends.fill(bot.database, 1_000, datetime.now(UTC))
        playground.faults.delay(DELAY)
        bot.start()
        try:
            ask = _asker(playground, f"{bot.url}/slack/events")
            ask("/sends", "help")
            # `mine` asks Slack who is asking, and must not wait for what it says.
            one = max(ask("/send-status", "jane"), ask("/sends", "mine"), ask("/send-meaning", "sent"))
            with ThreadPoolExecutor(AT_ONCE) as pool:
                began = time.perf_counter()
                list(pool.map(lambda number: ask("/sends", "mine" if number % 2 else "stuck"), range(AT_ONCE)))
                twenty = time.perf_counter() - began
        finally:
            playground.faults.clear()
            bot.stop()
    return [
        {"what": f"slowest of 3 commands, Slack's API taking {DELAY} s", "p50_ms": one * 1_000},
        {"what": f"the last of {AT_ONCE} at once, Slack's API taking {DELAY} s", "p50_ms": twenty * 1_000},
    ]


def _asker(playground: Playground, url: str) -> Callable[[str, str], float]:
    client = httpx2.Client(limits=httpx2.Limits(max_connections=AT_ONCE))

    def ask(command: str, text: str) -> float:
        body = urlencode({
            "command": command, "text": text, "team_id": "T0DEMO", "user_id": "U02BEN", "user_name": "ben",
            "channel_id": "C01GIFTING", "channel_name": "gifting-alerts", "trigger_id": "1.2.3",
            "response_url": f"{playground.url}/response/none", "api_app_id": "A0SENDWATCH",
        }).encode()
        began = time.perf_counter()
        answer = client.post(url, content=body, headers=playground.sign(body, FORM))
        answer.raise_for_status()
        return time.perf_counter() - began

    return ask
