"""The demo: the real bot on its own small Slack and small Sendoso, with sample sends and a page to use it in."""

from __future__ import annotations

import contextlib
import sys
import tempfile
import webbrowser
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from bot import app as bot_app
from bot import logs
from bot.ending import StopWish
from bot.playground.clock import PlayClock
from bot.playground.sendoso import SendosoState, routes
from bot.playground.server import Playground
from bot.runtime import Runtime
from bot.sends.sources import sample
from bot.settings import Settings, load

MANIFESTS = Path(__file__).parents[2] / "manifest.yml", Path(__file__).parents[1] / "manifest.yml"
"""Where the app's manifest lies: in a checkout, and in an installed package."""
ALERTS = "C01GIFTING"
ADMIN = "U01ANN"


def run(*, port: int, open_browser: bool) -> None:
    """Serve the demo on `port` of this machine until it is interrupted."""
    logs.configure("ERROR", "text")
    stopped = StopWish()
    stopped.listen()
    try:
        with demo(port) as playground:
            _say(
                f"\n  The playground: {playground.url}\n\n"
                "  Everything runs on this machine and is forgotten at the end. Ctrl+C stops it.\n",
            )
            if open_browser:
                webbrowser.open(playground.url)
            stopped.wait()
    except OSError as error:
        _say(f"Port {port} cannot be used ({error.strerror}). Choose another: run.py demo --port 0\n")
        raise SystemExit(1) from None


@contextlib.contextmanager
def demo(port: int = 0) -> Iterator[Playground]:
    """The whole demo, running. Its messages are posted at Slack's pace while the page is already there."""
    clock = PlayClock()
    sendoso = SendosoState(clock)
    for snapshot in sample.backlog(clock()):
        sendoso.add(snapshot)
    manifest = yaml.safe_load(next(path for path in MANIFESTS if path.exists()).read_text(encoding="utf-8"))
    playground = Playground(
        clock, port, manifest=manifest, sendoso=sendoso, routes=routes(sendoso, "/sendoso"),
    )
    with tempfile.TemporaryDirectory(prefix="sendwatch-demo-") as folder, playground:
        bot = bot_app.build(_settings(playground, sendoso, Path(folder)), clock=clock)
        _fill(bot, sendoso, clock)
        bot.start()
        sendoso.webhooks.url = f"{bot.url}/sendoso/webhooks"
        clock.on_advance(lambda _now: bot.catch_up())
        try:
            yield playground
        finally:
            bot.stop()
            sendoso.webhooks.close()


def _fill(bot: Runtime, sendoso: SendosoState, clock: PlayClock) -> None:
    # The backlog comes first, so that the first scan tells of it in one summary; today's sends come after.
    bot.catch_up()
    for snapshot in sample.today(clock()):
        sendoso.add(snapshot)
    bot.catch_up()


def _settings(playground: Playground, sendoso: SendosoState, folder: Path) -> Settings:
    # Every field is given, so that nobody's real tokens are used from the environment.
    values: dict[str, Any] = {name: field.default for name, field in Settings.model_fields.items()} | {
        "slack_bot_token": playground.bot_token,
        "slack_app_token": playground.app_token,
        "slack_signing_secret": playground.signing_secret,
        "slack_api_url": playground.api_url,
        "database_url": f"sqlite:///{folder / 'demo.db'}",
        "alert_channel": ALERTS,
        "admin_users": (ADMIN,),
        "sendoso_api_url": f"{playground.url}/sendoso",
        "sendoso_access_token": sendoso.access.access_token,
        "sendoso_webhook_secrets": (sendoso.webhooks.secret,),
        "sync_every": timedelta(minutes=1),
        "scan_every": timedelta(seconds=10),
        "deliver_every": timedelta(seconds=1),
        "http_port": 0,
        "log_level": "ERROR",
    }
    return load(_env_file=None, **values)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
