"""`python3 run.py soak`: the whole bot for an hour, and whether anything grows, locks or gets lost.

    python3 run.py soak [--minutes 60] [--seed N] [--margin 0.05] [--database sqlite|postgresql]

Exit code 1 when memory grew by the margin or more after the warm-up, threads or file descriptors did not stay, the
database was locked, or a message was lost or doubled.
"""

from __future__ import annotations

import argparse
import secrets
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.chaos.server import OwnPostgres
from tests.soak.run import Result, soak
from tests.soak.watch import Sample

LEAST = 0.5
"""Minutes: from fewer it cannot be told whether anything grows."""
MOST = 7 * 24 * 60


def main() -> None:
    options = _asked(sys.argv[1:])
    console = Console(stderr=True)
    folder = Path(tempfile.mkdtemp(prefix=f"sendwatch-soak-{options.seed}-"))
    with console.status("Soaking …") as status:

        def say(now: Sample) -> None:
            status.update(f"{now.memory:.0f} MB, {now.threads} threads, {now.descriptors} descriptors")

        server = OwnPostgres(folder) if options.database == "postgresql" else None
        try:
            url = server.url if server is not None else None
            result = soak(options.minutes, folder, options.seed, margin=options.margin, say=say, url=url)
        finally:
            if server is not None:
                server.close()
    _show(result, options.seed)
    if result.findings:
        console.print(f"The database and the log are kept in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(bool(result.findings))


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    """What is to be soaked and how long; what cannot be is refused before anything is started."""
    asked = argparse.ArgumentParser(
        prog="run.py soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    asked.add_argument("--minutes", type=_minutes, default=60.0)
    asked.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    asked.add_argument("--margin", type=float, default=0.05, help="share by which memory may grow after the warm-up")
    asked.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    return asked.parse_args(arguments)


def _minutes(text: str) -> float:
    minutes = float(text)
    if not LEAST <= minutes <= MOST:
        raise argparse.ArgumentTypeError(f"{text} is not between {LEAST} and {MOST:,}")
    return minutes


def _show(result: Result, seed: int) -> None:
    table = Table("what", "after the warm-up", "at the end", "growth", title=f"Soak, seed {seed}")
    for one in result.courses:
        table.add_row(one.name, f"{one.first:,.1f}", f"{one.last:,.1f}", f"{one.growth:+.1%}")
    console = Console()
    console.print(table)
    console.print(", ".join(f"{number:,} {what}" for what, number in sorted(result.counts.items())))
    console.print(f"answers to commands: p50 {result.p50 * 1000:.0f} ms, p99 {result.p99 * 1000:.0f} ms")
    console.print(f"{len(result.failures):,} of these came to nothing while Slack or the connection was disturbed")
    console.print("\n".join(result.findings) if result.findings else "Nothing grew, locked or was lost.")


if __name__ == "__main__":
    main()
