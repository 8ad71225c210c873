"""The benchmark of what Slack waits for leaves nothing out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from bot.slack import grammar
from storage import sends as stored
from storage.engine import Database
from tests.benchmarks import bars, home, sends, surfaces
from tests.benchmarks.__main__ import SECRET, app_of, deps_of

MANIFEST = Path(__file__).parents[3] / "manifest.yml"


def measured(database: Database, now: datetime) -> list[dict[str, Any]]:
    sends.fill(database, 30, now)
    home.open_alerts(database, now)
    with database.read() as session:
        send = stored.newest(session, 1)[0]
    with ThreadPoolExecutor(1) as executor:
        return list(surfaces.measure(deps_of(database, executor), app_of, SECRET, send, now, 1))


def test_every_word_event_and_shortcut_is_measured(sqlite: Database, now: datetime) -> None:
    rows = measured(sqlite, now)
    told = " ".join(row["what"] for row in rows)
    assert all(word.name in told for word in grammar.SENDS.words)
    assert all(name in told for name in grammar.COMMANDS)
    manifest = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    listened = manifest["settings"]["event_subscriptions"]["bot_events"]
    assert {event.split(".")[0] for event in listened} == {event["type"] for event in surfaces.events().values()}
    assert all(one["callback_id"] in told for one in manifest["features"]["shortcuts"])
    assert all(0 < row["p50_ms"] <= row["p99_ms"] and row["bar_ms"] == surfaces.ACK_MS for row in rows)


def test_what_is_over_its_bar_is_named() -> None:
    kept = {"what": "kept", "p50_ms": 1.0, "p99_ms": 25.0, "bar_ms": 25}
    assert bars.verdict([kept, {"what": "none", "p50_ms": 99.0}]) == "All 1 bars are kept."
    slow = {"what": "report", "p50_ms": 2_100.0, "bar_ms": 2_000}
    assert bars.verdict([kept, slow]) == "1 of 2 bars are missed:\n  report: 2,100 ms, at most 2,000 ms"
    slower = {"what": "intake", "p50_ms": 9.0, "share": 0.451, "against": "the driver", "bar_share": 0.6}
    larger = {"what": "idle", "rss_mb": 147.2, "bar_mb": 120}
    assert bars.verdict([slower, larger]).splitlines() == [
        "2 of 2 bars are missed:",
        "  intake: 45% of the driver, at least 60%",
        "  idle: 147 MB, at most 120 MB",
    ]
    assert bars.verdict([slower | {"share": 0.6}, larger | {"rss_mb": 120.0}]) == "All 2 bars are kept."
