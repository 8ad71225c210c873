"""One soak: a real process of the bot for so long, with all that goes on around it, and what became of it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import quantiles

from sqlalchemy import select

from bot.clock import system_clock
from bot.playground.sendoso import SendosoState, routes
from bot.playground.server import Playground
from bot.selfcheck import look
from bot.settings import Settings
from storage.engine import Database
from storage.models import Message
from tests.soak.life import Life
from tests.soak.watch import Course, Sample, Watch, courses

ROOT = Path(__file__).parents[2]
WARM_UP = 0.25
REST = 240
"""Seconds in which all that waits must be in Slack: a post of unknown fate is looked for after a minute."""
LOCKED = ("database is locked", "database table is locked")


@dataclass(kw_only=True)
class Result:
    """What was measured, done, and found; `findings` is empty when all is well."""

    courses: list[Course]
    counts: Counter[str]
    p50: float
    p99: float
    failures: list[str] = field(default_factory=list)
    """What people did that came to nothing, as it may while Slack or the connection is disturbed."""
    findings: list[str] = field(default_factory=list)


def soak(
    minutes: float, folder: Path, seed: int, *, margin: float = 0.05, slack: int = 2,
    say: Callable[[Sample], None] = lambda _sample: None, url: str | None = None,
) -> Result:
    """Run it. Memory may grow by the share `margin` after the warm-up, threads and descriptors by `slack`.

    `url` is an empty PostgreSQL; without one it is a SQLite file in `folder`.
    """
    imports = url is not None
    url, log, port = url or f"sqlite:///{folder / 'soak.db'}", folder / "bot.log", _free_port()
    sendoso = SendosoState()
    sendoso.webhooks.url = f"http://127.0.0.1:{port}/sendoso/webhooks"
    with Playground(sendoso=sendoso, routes=routes(sendoso, "/sendoso")) as playground:
        environment = _environment(playground, sendoso, url, port)
        # A SQLite file serves one process, so that nobody imports while the bot runs.
        import_csv = partial(_import, folder, environment) if imports else None
        life = Life(playground, sendoso, seed, slack_url=f"http://127.0.0.1:{port}/slack/events", import_csv=import_csv)
        with _bot(environment, log) as bot:
            playground.wait_until_connected(60)
            watch = Watch(bot.pid, say)
            life.start()
            watch.start()
            _wait(bot, minutes * 60)
            watch.stop()
            life.stop()
            waiting = _come_to_rest(url)
            bot.send_signal(signal.SIGTERM)
            code = bot.wait(30)
        found = [*_lost(playground, url), *_logged(log)]
    sendoso.close()
    if waiting:
        found.append(f"{waiting} messages did not come to rest within {REST} seconds")
    if code:
        found.append(f"the bot ended with exit code {code}")
    course = courses(watch.samples, WARM_UP)
    found += [_grown(one, margin, slack) for one in course if _grown(one, margin, slack)]
    cuts = quantiles(life.seconds, n=100) if len(life.seconds) > 1 else [0.0] * 99
    return Result(
        courses=course, counts=life.counts, p50=cuts[49], p99=cuts[98], failures=life.failures, findings=found,
    )


def _environment(playground: Playground, sendoso: SendosoState, url: str, port: int) -> dict[str, str]:
    """Socket Mode, and requests over HTTP beside it."""
    ours = {name.upper() for name in Settings.model_fields}
    return {name: value for name, value in os.environ.items() if name not in ours} | {
        "PYTHONPATH": str(ROOT), "SLACK_BOT_TOKEN": playground.bot_token, "SLACK_APP_TOKEN": playground.app_token,
        "SLACK_SIGNING_SECRET": playground.signing_secret, "SLACK_API_URL": playground.api_url,
        "DATABASE_URL": url, "ALERT_CHANNEL": "C01GIFTING",
        "ADMIN_USERS": "U01ANN",
        "SENDOSO_API_URL": f"{playground.url}/sendoso", "SENDOSO_ACCESS_TOKEN": sendoso.access.access_token,
        "SENDOSO_WEBHOOK_SECRETS": sendoso.webhooks.secret,
        "SYNC_EVERY": "10s", "SCAN_EVERY": "5s", "HTTP_PORT": str(port), "LOG_FORMAT": "json",
    }


@contextmanager
def _bot(environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        bot = subprocess.Popen([sys.executable, "-m", "bot", "run"], cwd=log.parent, stderr=out, env=environment)
        try:
            yield bot
        finally:
            bot.kill()
            bot.wait()


def _import(folder: Path, environment: dict[str, str], csv: str) -> None:
    """Take a Send Tracker's export in by a process of its own, as somebody would on the command line."""
    file = folder / "tracker.csv"
    file.write_text(csv, encoding="utf-8")
    command = [sys.executable, "-m", "bot", "import", str(file)]
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, timeout=120)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(bot: subprocess.Popen[bytes], seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if bot.poll() is not None:
            raise RuntimeError(f"the bot ended by itself with exit code {bot.returncode}")
        time.sleep(0.5)


def _come_to_rest(url: str) -> int:
    end, left = time.monotonic() + REST, 1
    database = Database(url)
    try:
        while left and time.monotonic() < end:
            time.sleep(1)
            with database.read() as session:
                left = len(session.scalars(select(Message.id).where(Message.next_at.is_not(None))).all())
    finally:
        database.close()
    return left


def _lost(playground: Playground, url: str) -> list[str]:
    """What the database wants in Slack and is not there, or is there twice, and what the bot itself would find."""
    state = playground.slack.state
    keys = Counter(
        str(((post.metadata or {}).get("event_payload") or {}).get("key"))
        for channel in state.channels for post in state.messages(channel) if post.bot and post.metadata
    )
    database = Database(url)
    try:
        with database.read() as session:
            posted = session.scalars(select(Message.key).where(Message.ts.is_not(None))).all()
            troubles = look(session, system_clock()).troubles
    finally:
        database.close()
    return [
        *(f"message {key} is not in Slack" for key in posted if not keys[key]),
        *(f"message {key} stands {number} times in Slack" for key, number in keys.items() if number > 1),
        *troubles.values(),
    ]


def _logged(log: Path) -> list[str]:
    text = log.read_text(encoding="utf-8", errors="replace")
    return [f"the log says “{words}” {text.count(words)} times" for words in LOCKED if words in text]


def _grown(course: Course, margin: float, slack: int) -> str:
    if course.name == "memory":
        grown = course.growth >= margin
        return f"memory grew by {course.growth:.1%}, {margin:.0%} are allowed" if grown else ""
    grown = course.last - course.first > slack
    return f"{course.name} grew from {course.first:.0f} to {course.last:.0f}" if grown else ""
