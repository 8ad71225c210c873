"""How much memory a bot holds at most while sends are imported: `python -m tests.benchmarks.importing FILE COUNT`."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

MOST_MB = 200
"""The bar."""


def measure(folder: Path, count: int) -> Iterator[dict[str, Any]]:
    """A row about `count` sends taken into a new database by a process of its own."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.importing", folder / "importing.db", str(count)],
        check=True, stdout=subprocess.PIPE, text=True,
    ).stdout
    yield {"what": f"most memory while {count:,} sends are imported", "rss_mb": int(told) / 1_000, "bar_mb": MOST_MB}


def main() -> None:
    """Import, and print the most memory that was held, in kilobytes."""
    # With all that a running bot has loaded.
    import bot.app  # noqa: F401, PLC0415
    from storage import schema  # noqa: PLC0415
    from storage.engine import Database  # noqa: PLC0415
    from tests.benchmarks import sends  # noqa: PLC0415

    database = Database(f"sqlite:///{sys.argv[1]}")
    schema.upgrade(database)
    sends.fill(database, int(sys.argv[2]), datetime.now(UTC))
    database.close()
    sys.stdout.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))


if __name__ == "__main__":
    main()
