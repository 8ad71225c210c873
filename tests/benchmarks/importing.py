"""How much memory a bot holds at most while sends are imported: `python -m tests.benchmarks.importing URL COUNT`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.benchmarks.stores import Store

MOST_MB = 200
"""The bar."""


def measure(store: Store, count: int) -> Iterator[dict[str, Any]]:
    """A row about `count` sends taken into a new database by a process of its own."""
    store.open("importing").close()
    told = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.importing", store.url("importing"), str(count)],
        check=True, stdout=subprocess.PIPE, text=True,
    ).stdout
    what = f"{store.prefix}most memory while {count:,} sends are imported"
    yield {"what": what, "rss_mb": int(told) / 1_000, "bar_mb": MOST_MB}


def main() -> None:
    """Import, and print the most memory that was held, in kilobytes."""
    # With all that a running bot has loaded.
    import bot.app  # noqa: F401, PLC0415
    from storage.engine import Database  # noqa: PLC0415
    from tests.benchmarks import sends  # noqa: PLC0415

    database = Database(sys.argv[1])
    sends.fill(database, int(sys.argv[2]), datetime.now(UTC))
    database.close()
    # Not as `getrusage` has it, which counts what the process was before it became this one.
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    sys.stdout.write(next(line.split()[1] for line in lines if line.startswith("VmHWM:")))


if __name__ == "__main__":
    main()
