"""How long the program takes until it is of use, and how much memory it holds then: processes of their own."""

from __future__ import annotations

import os
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.stores import Store

Row = dict[str, Any]

HELP_MS, READY_MS, IDLE_MB = 400, 3_000, 120
"""The bars."""
ROUNDS = 5
PATIENCE = 60
SETTLED = 5
"""Seconds after which what a start needs has been let go of."""


def measure(store: Store, name: str) -> Iterator[Row]:
    """Rows about `--help`, and about `run` on a database that is filled: until it is ready, and its memory then."""
    if store.is_sqlite:
        taken = [_help() for _ in range(ROUNDS)]
        yield {"what": "sendwatch --help", "p50_ms": statistics.median(taken), "bar_ms": HELP_MS}
    started = [_run(store.url(name)) for _ in range(ROUNDS)]
    ready, memory = (statistics.median(one) for one in zip(*started, strict=True))
    yield {"what": f"{store.prefix}sendwatch run, until it is ready", "p50_ms": ready, "bar_ms": READY_MS}
    yield {"what": f"{store.prefix}memory of an idle bot", "rss_mb": memory, "bar_mb": IDLE_MB}


def _help() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "bot", "--help"], check=True, capture_output=True)
    return (time.perf_counter() - began) * 1_000


def _run(url: str) -> tuple[float, float]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {
        "SLACK_BOT_TOKEN": "xoxb-none", "SLACK_SIGNING_SECRET": "not-a-secret", "ALERT_CHANNEL": "C0123ABCD",
        "SLACK_API_URL": "http://127.0.0.1:9/api/", "DATABASE_URL": url, "HTTP_PORT": str(port),
        "LOG_LEVEL": "ERROR",
    }
    began = time.perf_counter()
    # There is no Slack, and it says so again and again.
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "run"], env=os.environ | settings, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as bot:
        try:
            while not _is_ready(port):
                if bot.poll() is not None or time.perf_counter() - began > PATIENCE:
                    raise SystemExit("sendwatch run did not become ready")
                time.sleep(0.02)
            took = (time.perf_counter() - began) * 1_000
            time.sleep(SETTLED)
            return took, _memory(bot.pid)
        finally:
            bot.send_signal(signal.SIGTERM)


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _memory(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1_000
