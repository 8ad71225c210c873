"""`python3 run.py bench`: a table of what the bot takes, each line against the least that could be taken.

    python3 run.py bench [--sends 100000] [--json FILE]
    python3 run.py bench --alerts [--sends 1000000] [--json FILE]     scans, and presses during an import
    python3 run.py bench --reports [--sends 1000000] [--json FILE]    digests, on SQLite and on PostgreSQL
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from rich.console import Console
from rich.progress import track
from rich.table import Table
from slack_bolt import App, BoltRequest
from slack_sdk import WebClient

from bot import logs
from bot.alerts.routing import Routing
from bot.alerts.rulebook import Rulebook
from bot.clock import system_clock
from bot.config.current import in_force
from bot.slack.app import build_app
from bot.slack.deps import Deps
from bot.statuses.watch import us_watch
from storage import schema
from storage import sends as stored
from storage.engine import Database
from tests.benchmarks import alerts, bars, home, intake, reports, sends, slow_slack, startup, surfaces
from tests.benchmarks.asking import signed, timed

SECRET = "not-a-secret"
NOWHERE = "http://127.0.0.1:9/api/"
WARM_UP, ROUNDS = 50, 1_000


def main() -> None:
    asked = argparse.ArgumentParser(prog="run.py bench", description=__doc__)
    asked.add_argument("--sends", type=int, default=100_000)
    asked.add_argument("--alerts", action="store_true", help="scans and presses instead of commands")
    asked.add_argument("--reports", action="store_true", help="digests instead of commands")
    asked.add_argument("--json", type=Path, help="also keep the figures here")
    options = asked.parse_args()
    logs.configure("ERROR", "text")
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        if options.reports:
            rows = list(reports.measure(Path(folder), options.sends))
        else:
            rows = _about_alerts(Path(folder), options.sends) if options.alerts else _about_commands(
                Path(folder), options.sends, now,
            )
    _show(rows, options.sends)
    if options.json:
        options.json.write_text(json.dumps({"sends": options.sends, "rows": rows}, indent=2) + "\n")


def _about_commands(folder: Path, count: int, now: datetime) -> list[dict[str, Any]]:
    with _filled(folder, count, now) as database:
        rows = [*_measure(database, count), *slow_slack.measure(folder)]
    rows += startup.measure(folder / "bench.db")
    return [*rows, *intake.measure(folder, count, now)]


def _about_alerts(folder: Path, count: int) -> list[dict[str, Any]]:
    rules = Rulebook(watch=us_watch(), routing=Routing(alert_channel="C1"))
    return list(alerts.measure(folder, count, rules, _bot, SECRET))


@contextmanager
def _filled(folder: Path, count: int, now: datetime) -> Iterator[Database]:
    database = Database(f"sqlite:///{folder / 'bench.db'}")
    schema.upgrade(database)
    sys.stderr.write(f"Taking in {count:,} sends …\n")
    began = time.perf_counter()
    sends.fill(database, count, now)
    sys.stderr.write(f"{count / (time.perf_counter() - began):,.0f} sends a second.\n")
    yield database
    database.close()


def _measure(database: Database, count: int) -> Iterator[dict[str, Any]]:
    middle = count // 2
    found = next(s for n, s in enumerate(sends.snapshots(count, datetime.now(UTC))) if n == middle)
    trivial = _trivial_app()
    base = _time(trivial, "/trivial", lambda _: "x")
    yield {"what": "a trivial Bolt command", **base, "ratio": 1.0}
    with ThreadPoolExecutor(4) as executor:
        bot = _bot(database, executor)
        for what, command, text in (
            ("by e-mail", "/send-status", str(found.recipient_email)),
            ("by gid", "/send-status", str(found.send_gid)),
            ("by name, thousands of hits", "/send-status", "jane"),
            ("by several words", "/send-status", "jane acme renewal"),
            ("by a fragment of an e-mail", "/send-status", f"{middle}@"),
            ("nobody of that name", "/send-status", "zebediah quux"),
            ("a status's meaning", "/send-meaning", "fulfilment isues"),
            ("what is stuck", "/sends", "stuck"),
        ):
            taken = _time(bot, command, lambda _, text=text: text)  # type: ignore[misc]
            ratio = taken["p50_ms"] / base["p50_ms"]
            yield {"what": f"{command} {what}", **taken, "ratio": ratio, "bar_ms": surfaces.ACK_MS}
        deps, now = deps_of(database, executor), datetime.now(UTC)
        home.open_alerts(database, now)
        with database.read() as session:
            send = stored.by_gids(session, [str(found.send_gid)])[str(found.send_gid)]
        for row in surfaces.measure(deps, app_of, SECRET, send, now, ROUNDS // 25):
            yield {**row, "ratio": row["p50_ms"] / base["p50_ms"]}
        yield {"what": "a report of the last week, counted", **reports.last_week(database, now), "bar_ms": 2_000}
        yield from home.measure(database, deps, now, base["p50_ms"])
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield {"what": "most memory of this process, MB", "rss_mb": peak_kb / 1_000}


def _trivial_app() -> App:
    app = App(
        signing_secret=SECRET, token_verification_enabled=False, process_before_response=True,
        client=WebClient(token="xoxb-none", base_url=NOWHERE),
        authorize=build_authorize(),
    )

    @app.command("/trivial")
    def trivial(ack: Callable[..., Any]) -> None:
        ack("ok")

    return app


def build_authorize() -> Any:  # noqa: ANN401 - Bolt's own protocol
    """The same way of authorising that the bot uses, so that only the listener differs."""
    from bot.slack.app import Identity, StaticAuthorize  # noqa: PLC0415

    return StaticAuthorize("xoxb-none", Identity(bot_id="B1", bot_user_id="U1", team_id="T1"))


def _bot(database: Database, executor: ThreadPoolExecutor) -> App:
    return app_of(deps_of(database, executor))


def app_of(deps: Deps) -> App:
    """The bot, as far as Slack talks to it."""
    return build_app(deps, token="xoxb-none", signing_secret=SECRET, api_url=NOWHERE)


def deps_of(database: Database, executor: ThreadPoolExecutor) -> Deps:
    """What its listeners use, with a Slack that is nowhere."""
    rules = Rulebook(watch=us_watch(), routing=Routing(alert_channel="C1", admins=("U0ADMIN",)))
    client = WebClient(token="xoxb-none", base_url=NOWHERE)
    return Deps(
        database=database, clock=system_clock, rules=lambda _session: rules, executor=executor, client=client,
        configured=in_force, drafted=lambda _document: rules, quick=client, wake=lambda: None,
    )


def _time(app: App, command: str, text: Callable[[int], str]) -> dict[str, float]:
    taken = []
    for number in track(range(WARM_UP + ROUNDS), description=command, transient=True, console=Console(stderr=True)):
        request = _request(command, text(number))
        taken.append(timed(app, request, f"{command} {text(number)}"))
    measured = sorted(taken[WARM_UP:])
    return {"p50_ms": statistics.median(measured), "p99_ms": measured[int(len(measured) * 0.99)]}


def _request(command: str, text: str) -> BoltRequest:
    body = urlencode({
        "command": command, "text": text, "team_id": "T1", "user_id": "U01", "user_name": "ann", "channel_id": "C1",
        "channel_name": "gifts", "trigger_id": "1.2", "response_url": "http://127.0.0.1:9/response", "api_app_id": "A1",
    })
    return signed(SECRET, body)


def _show(rows: list[dict[str, Any]], count: int) -> None:
    table = Table(title=f"{count:,} sends, SQLite, {ROUNDS:,} rounds each, in process")
    for name in ("what", "p50 ms", "p99 ms", "ratio"):
        table.add_column(name, justify="left" if name == "what" else "right")
    for row in rows:
        if "share" in row:
            share = f"{row['share']:.0%} of the driver's speed ({row['floor_ms']:.0f} ms)"
            table.add_row(row["what"], f"{row['p50_ms']:.0f}", "", share)
        elif "first_ms" in row:
            others = f"{row['best_ms']:.0f} ms at best, {row['first_ms']:.0f} ms the first time"
            table.add_row(row["what"], f"{row['p50_ms']:.0f}", "", others)
        elif "ratio_to_few" in row or ("p50_ms" in row and "ratio" not in row and "p99_ms" not in row):
            ratio = f"{row['ratio_to_few']:.2f} times few stored" if "ratio_to_few" in row else ""
            table.add_row(row["what"], f"{row['p50_ms']:.2f}", "", ratio)
        elif "sends_a_second" in row:
            table.add_row(
                row["what"], f"{row['p50_ms']:.2f}", f"{row['p99_ms']:.2f}",
                f"{row['sends_a_second']:,.0f} sends/s, {row['presses']:,} presses",
            )
        elif "rss_mb" in row:
            table.add_row(row["what"], f"{row['rss_mb']:.0f}", "", "")
        elif "ratio" not in row:
            table.add_row(row["what"], f"{row['p50_ms']:.2f}", "", "")
        else:
            table.add_row(row["what"], f"{row['p50_ms']:.2f}", f"{row['p99_ms']:.2f}", f"{row['ratio']:.1f}")
    Console().print(table)
    Console().print(bars.verdict(rows))


if __name__ == "__main__":
    main()
