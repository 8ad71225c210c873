"""What it takes to take sends in, with history and due times, against the driver that is only given the rows."""

from __future__ import annotations

import gc
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from bot.sends import intake
from bot.statuses.watch import us_watch
from storage import schema
from storage.engine import PRAGMAS, Database
from tests.benchmarks import sends

Row = dict[str, Any]

SHARE = 0.6
"""The bar: so much of the driver's own speed is left."""
TABLES = ("sends", "send_history")


def measure(folder: Path, count: int, now: datetime) -> Iterator[Row]:
    """A row about `count` sends taken into an empty database in turns with the driver, a batch each.

    The driver writes what the bot has written, into a database of the same schema with the same settings. Both are
    measured in processor time, which other work on the machine changes least.
    """
    database, driver = _ours(folder / "ours.db"), _drivers(folder / "drivers.db")
    took: list[tuple[float, float]] = []
    told, watch = sends.snapshots(count, now), us_watch()
    gc.collect()
    gc.freeze()
    last = dict.fromkeys(TABLES, 0)
    while batch := list(islice(told, sends.BATCH)):

        def take(some: list[Any] = batch) -> None:
            with database.write() as session:
                intake.take(session, some, now, watch)

        ours = _seconds(take)
        rows = {name: _since(folder / "ours.db", name, last) for name in TABLES}
        took.append((ours, _seconds(lambda rows=rows: _give(driver, rows))))  # type: ignore[misc]
    gc.unfreeze()
    driver.close()
    database.close()
    yield {
        "what": f"intake of {sends.BATCH:,} sends, their history and due times",
        "p50_ms": statistics.median(ours for ours, _ in took) * 1_000,
        "floor_ms": statistics.median(floor for _, floor in took) * 1_000,
        "against": "the driver's executemany",
        "share": sum(floor for _, floor in took) / sum(ours for ours, _ in took), "bar_share": SHARE,
    }


def _ours(path: Path) -> Database:
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database)
    return database


def _drivers(path: Path) -> sqlite3.Connection:
    _ours(path).close()
    driver = sqlite3.connect(path, isolation_level=None)
    for pragma in PRAGMAS:
        driver.execute(f"PRAGMA {pragma}")
    return driver


def _since(path: Path, table: str, last: dict[str, int]) -> tuple[str, list[tuple[Any, ...]]]:
    """The rows that have come since the last look, and how they are inserted."""
    with sqlite3.connect(path) as reader:
        found = reader.execute(f"SELECT * FROM {table} WHERE id > ? ORDER BY id", (last[table],))  # noqa: S608 - our own names
        names = [column[0] for column in found.description]
        rows = found.fetchall()
    reader.close()
    last[table] = max((row[names.index("id")] for row in rows), default=last[table])
    places = ", ".join("?" * len(names))
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", rows  # noqa: S608 - as above


def _give(driver: sqlite3.Connection, rows: dict[str, tuple[str, list[tuple[Any, ...]]]]) -> None:
    driver.execute("BEGIN IMMEDIATE")
    for statement, some in rows.values():
        driver.executemany(statement, some)
    driver.execute("COMMIT")


def _seconds(what: Callable[[], None]) -> float:
    began = time.thread_time()
    what()
    return time.thread_time() - began
