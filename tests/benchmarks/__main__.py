"""`python3 run.py bench`: a table of what the bot takes, each line against the least that could be taken.

    python3 run.py bench                               everything but digests
    python3 run.py bench --only scans presses          some groups of rows (--help names them)
    python3 run.py bench --sends 1000000 --json FILE   more sends; the figures kept
    python3 run.py bench --on postgresql               a PostgreSQL of its own instead of SQLite
    python3 run.py bench --only reports                digests, on SQLite and on PostgreSQL

Ends with exit code 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import sqlite3
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import track
from slack_bolt import App, BoltRequest
from slack_sdk import WebClient

from bot import logs
from bot.alerts.routing import Routing
from bot.alerts.rulebook import Rulebook
from bot.app import answer_first
from bot.clock import system_clock
from bot.config.current import Rules
from bot.slack.app import build_app
from bot.slack.deps import Deps
from bot.statuses.watch import us_watch
from storage import sends as stored
from storage.engine import Database
from tests.benchmarks import (
    alerts,
    bars,
    delivery,
    home,
    importing,
    intake,
    lookups,
    reports,
    sends,
    slow_slack,
    startup,
    stores,
    surfaces,
    table,
)
from tests.benchmarks.asking import signed, timed
from tests.benchmarks.stores import Store

SECRET = "not-a-secret"
NOWHERE = "http://127.0.0.1:9/api/"
WARM_UP, ROUNDS = 50, 500
WIDE = 180
"""Columns of a table that goes into a file."""
TRIVIAL = "a trivial Bolt command"
TIMES = 12
"""The bar for asking about one send by its gid or its recipient's e-mail address: so many trivial commands."""
LEAST = 1_000
"""Among fewer sends nobody is found by what is looked for."""
USUAL = ("startup", "commands", "slow-slack", "intake", "memory", "scans", "presses", "delivery")
GROUPS = (*USUAL, "reports")
WITHOUT_DATABASE = {"slow-slack", "delivery", "reports"}
"""Groups that say the same whatever the bot keeps its sends in, or measure both."""
RELEASED = Path(__file__).with_name("released.json")
"""The figures of the last release; docs/testing.md says how to renew them."""


def main() -> None:
    options = _asked(sys.argv[1:])
    # An app that is uninstalled, which is measured too, tells of errors that are none here.
    logs.configure("CRITICAL", "text")
    with tempfile.TemporaryDirectory() as folder:
        rows = [row for name in options.on for row in _on(name, Path(folder), options)]
    console = Console(width=None if sys.stdout.isatty() else WIDE)
    console.print(table.drawn(rows, options.then, _title(options, options.then)))
    console.print(bars.verdict(rows))
    if options.json:
        kept = {"release": options.release, "machine": _machine(), "sends": options.sends, "many": options.many}
        options.json.write_text(json.dumps({**kept, "rows": rows}, indent=2) + "\n")
    raise SystemExit(1 if any(map(bars.missed, rows)) else 0)


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    """What is to be measured; what cannot be is refused before anything is."""
    asked = argparse.ArgumentParser(
        prog="run.py bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    asked.add_argument("--sends", type=_number, default=100_000, help="stored for commands, look-ups and intake")
    asked.add_argument("--many", type=_number, default=1_000_000, help="stored for scans and presses")
    asked.add_argument("--only", nargs="+", choices=GROUPS, metavar="GROUP", help=", ".join(GROUPS))
    asked.add_argument("--on", nargs="+", choices=stores.NAMES, default=["sqlite"], help="which database, or both")
    asked.add_argument("--json", type=_new_file, help="also keep the figures here")
    asked.add_argument("--release", default="these figures", help="what to call them when they are compared with")
    asked.add_argument("--then", type=_figures, default=str(RELEASED), help="the figures to compare with")
    return asked.parse_args(arguments)


def _number(text: str) -> int:
    if not (text.isdecimal() and int(text) >= LEAST):
        raise argparse.ArgumentTypeError(f"{text} is not a number of at least {LEAST:,}")
    return int(text)


def _new_file(text: str) -> Path:
    path = Path(text)
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"{text} cannot be written")
    return path


def _figures(text: str) -> dict[str, Any]:
    try:
        figures = json.loads(Path(text).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{text} cannot be read: {error}") from None
    if not isinstance(figures, dict) or "rows" not in figures:
        raise argparse.ArgumentTypeError(f"{text} holds no figures that --json has kept")
    return figures


def _title(options: argparse.Namespace, released: dict[str, Any]) -> str:
    return f"{options.sends:,} sends, {options.many:,} for scans and presses; {_machine()}. Then: {_name(released)}"


def _name(released: dict[str, Any]) -> str:
    return f"{released['release']}, {released['sends']:,} and {released['many']:,} sends, {released['machine']}"


def _machine() -> str:
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"


def _on(name: str, folder: Path, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    groups = options.only or USUAL
    with stores.running(name, folder) as store:
        # In one order: the last command that is measured uninstalls the app, which then does not become ready.
        some = [group for group in GROUPS if group in groups]
        if not store.is_sqlite and len(options.on) > 1:
            # What has to do with Slack alone is measured once.
            some = [group for group in some if group not in WITHOUT_DATABASE]
        yield from _rows(store, folder, some, options.sends, options.many)


def _rows(store: Store, folder: Path, groups: Sequence[str], count: int, many: int) -> Iterator[dict[str, Any]]:
    now, rules = system_clock(), Rulebook(watch=us_watch(), routing=Routing(alert_channel="C1"))
    ways: dict[str, Callable[[], Iterable[dict[str, Any]]]] = {
        "commands": lambda: _about_commands(store, count, now),
        "slow-slack": lambda: slow_slack.measure(folder),
        "startup": lambda: startup.measure(store, _stored(store, count, now)),
        "intake": lambda: intake.measure(store, count, now),
        "memory": lambda: importing.measure(store, count),
        "scans": lambda: alerts.scans(store, many, rules),
        "presses": lambda: alerts.presses(store, many, rules, _bot, SECRET),
        "delivery": lambda: delivery.measure(folder),
        "reports": lambda: reports.measure(folder, count),
    }
    for group in groups:
        sys.stderr.write(f"Measuring {group} …\n")
        yield from ways[group]()


def _stored(store: Store, count: int, now: datetime) -> str:
    """The name of a database of so many sends with 2,000 open alerts; made once."""
    if not store.has("bench"):
        sys.stderr.write(f"Taking in {count:,} sends …\n")
        database = store.open("bench")
        sends.fill(database, count, now)
        home.open_alerts(database, now)
        store.settle(database)
        database.close()
    return "bench"


def _about_commands(store: Store, count: int, now: datetime) -> Iterator[dict[str, Any]]:
    database = store.open(_stored(store, count, now))
    for row in _measure(store, database, count):
        yield row if row["what"] == TRIVIAL else {**row, "what": f"{store.prefix}{row['what']}"}
    database.close()


def _measure(store: Store, database: Database, count: int) -> Iterator[dict[str, Any]]:
    asked = list(islice(sends.snapshots(count, datetime.now(UTC)), count // 2, count // 2 + WARM_UP + ROUNDS))
    found = asked[0]
    # Slack is nowhere: what is to be told to it after the answer would be tried again and again.
    deps, now = deps_of(database, surfaces.Unheard()), datetime.now(UTC)
    bot = app_of(deps)
    # As the bot does before it answers anybody; what is loaded here besides would be gone through in its answers.
    answer_first()
    # Another send each time, so that nothing is known already.
    base, *named = _in_turns(
        (_trivial_app(), "/trivial", ["x"]),
        (bot, "/send-status", [str(one.recipient_email) for one in asked]),
        (bot, "/send-status", [str(one.send_gid) for one in asked]),
    )
    yield {"what": TRIVIAL, **base}
    for what, taken in zip(("by e-mail", "by gid"), named, strict=True):
        ratio = taken["p50_ms"] / base["p50_ms"]
        yield {"what": f"/send-status {what}", **taken, "ratio": ratio, "against": TRIVIAL, "bar_ratio": TIMES}
    for what, command, text in (
        ("by name, thousands of hits", "/send-status", "jane"),
        ("by several words", "/send-status", "jane acme renewal"),
        ("by a fragment of an e-mail", "/send-status", f"{count // 2}@"),
        ("nobody of that name", "/send-status", "zebediah quux"),
        ("a status's meaning", "/send-meaning", "fulfilment isues"),
        ("what is stuck", "/sends", "stuck"),
    ):
        taken, = _in_turns((bot, command, [text]))
        ratio = taken["p50_ms"] / base["p50_ms"]
        yield {"what": f"{command} {what}", **taken, "ratio": ratio, "against": TRIVIAL, "bar_ms": surfaces.ACK_MS}
    with database.read() as session:
        send = stored.by_gids(session, [str(found.send_gid)])[str(found.send_gid)]
    yield from lookups.measure(store, "bench", database, send)
    for row in surfaces.measure(deps, app_of, SECRET, send, now, ROUNDS // 25):
        yield {**row, "ratio": row["p50_ms"] / base["p50_ms"], "against": TRIVIAL}
    yield {"what": "a report of the last week, counted", **reports.last_week(database, now), "bar_ms": 2_000}
    yield from home.measure(store, database, deps, now, base["p50_ms"])
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield {"what": "most memory of this process", "rss_mb": peak_kb / 1_000}


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
    from bot.slack.app import StaticAuthorize  # noqa: PLC0415
    from bot.slack.deps import Identity  # noqa: PLC0415

    return StaticAuthorize("xoxb-none", Identity(bot_id="B1", bot_user_id="U1", team_id="T1"))


def _bot(database: Database, executor: ThreadPoolExecutor) -> App:
    return app_of(deps_of(database, executor))


def app_of(deps: Deps) -> App:
    """The bot, as far as Slack talks to it."""
    return build_app(deps, token="xoxb-none", signing_secret=SECRET, api_url=NOWHERE)


def deps_of(database: Database, executor: Executor) -> Deps:
    """What its listeners use, with a Slack that is nowhere."""
    rules = Rules(ZoneInfo("UTC"), "C1", ("U0ADMIN",))
    client = WebClient(token="xoxb-none", base_url=NOWHERE)
    return Deps(
        database=database, clock=system_clock, rules=rules.current, executor=executor, client=client,
        configured=rules.in_force, drafted=rules.of, quick=client, wake=lambda: None,
    )


def _in_turns(*asked: tuple[App, str, Sequence[str]]) -> list[dict[str, float]]:
    """How long each app takes for its command, by turns with the others; each turn with the next of its texts.

    By turns, because a command that comes five hundred times in a row finds all that it needs in the processor's
    caches: nobody's commands come like that, and the trivial one then takes half of what it takes among others.
    """
    taken: list[list[float]] = [[] for _ in asked]
    said = " and ".join(dict.fromkeys(command for _, command, _ in asked))
    for turn in track(range(WARM_UP + ROUNDS), description=said, transient=True, console=Console(stderr=True)):
        for times, (app, command, texts) in zip(taken, asked, strict=True):
            text = texts[turn % len(texts)]
            times.append(timed(app, _request(command, text), f"{command} {text}"))
    measured = [sorted(times[WARM_UP:]) for times in taken]
    return [{"p50_ms": statistics.median(one), "p99_ms": one[int(len(one) * 0.99)]} for one in measured]


def _request(command: str, text: str) -> BoltRequest:
    body = urlencode({
        "command": command, "text": text, "team_id": "T1", "user_id": "U01", "user_name": "ann", "channel_id": "C1",
        "channel_name": "gifts", "trigger_id": "1.2", "response_url": "http://127.0.0.1:9/response", "api_app_id": "A1",
    })
    return signed(SECRET, body)


if __name__ == "__main__":
    main()
