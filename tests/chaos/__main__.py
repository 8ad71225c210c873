"""`python3 run.py chaos`: the whole bot under violence, on SQLite and on PostgreSQL.

    python3 run.py chaos [--database sqlite|postgresql|both] [--seed N] [--runs 3] [--alerts 1500] [--presses 1000]
                         [--replicas 3] [--freeze] [--json FILE]

Exit code 1 when anything was lost, doubled or wrong.
"""

from __future__ import annotations

import argparse
import json
import secrets
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tests.chaos import report
from tests.chaos.performance import Result, perform
from tests.chaos.plan import Kind, Plan
from tests.chaos.server import OwnPostgres, Server, SqliteFile


def main() -> None:
    options = _asked(sys.argv[1:])
    # What was started is stopped, too, when somebody ends this.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    console = Console(stderr=True)
    databases: list[Kind] = ["sqlite", "postgresql"] if options.database == "both" else [options.database]
    results = []
    for database in databases:
        for run in range(options.runs):
            plan = Plan(
                database=database, seed=options.seed + run, alerts=options.alerts, presses=options.presses,
                replicas=options.replicas, freezes=8 if options.freeze else 0, speed=options.speed,
                kills=options.kills, transport=options.transport, waves=max(3, min(15, options.alerts // 100)),
            )
            results.append(_run(plan, console))
            report.findings(results[-1], console)
    report.table(results, Console(width=None if sys.stdout.isatty() else 40 + 13 * len(results)))
    if options.json:
        options.json.write_text(json.dumps([result.as_json() for result in results], indent=2) + "\n")
    sys.exit(not all(result.is_good for result in results))


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    """What is to be run; what cannot be is refused before anything is started."""
    asked = argparse.ArgumentParser(
        prog="run.py chaos", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    asked.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    asked.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000), help="of the first run, +1 for each")
    asked.add_argument("--runs", type=_number, default=3, help="on each database")
    asked.add_argument("--alerts", type=_number, default=1500)
    asked.add_argument("--presses", type=_number, default=1000)
    asked.add_argument("--replicas", type=_number, default=3, help="processes on PostgreSQL; SQLite serves one")
    asked.add_argument("--kills", type=int, default=15, help="at least so many in each run")
    asked.add_argument("--freeze", action="store_true", help="also let processes stand still beyond their lease")
    asked.add_argument("--transport", choices=["socket", "http"], default="socket", help="how Slack reaches the bot")
    asked.add_argument("--speed", type=float, default=20.0, help="by how much the clock is faster than a wall clock")
    asked.add_argument("--json", type=Path, help="also keep everything here")
    return asked.parse_args(arguments)


def _number(text: str) -> int:
    if not (text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"{text} is not a number of at least 1")
    return int(text)


def _run(plan: Plan, console: Console) -> Result:
    folder = Path(tempfile.mkdtemp(prefix=f"sendwatch-chaos-{plan.database}-{plan.seed}-"))
    server: Server = SqliteFile(folder) if plan.database == "sqlite" else OwnPostgres(folder)
    title = f"{plan.database}, seed {plan.seed}"
    try:
        with report.progress(title, console) as say:
            result = perform(plan, folder, server, say)
    finally:
        server.close()
    if result.is_good:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        console.print(f"The database and the logs of this run are kept in {folder}")
    return result


if __name__ == "__main__":
    main()
