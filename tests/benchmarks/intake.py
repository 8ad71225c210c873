"""What it takes to take sends in, with history and due times, against the driver that is only given the rows."""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from bot.sends import intake
from bot.statuses.watch import us_watch
from tests.benchmarks import sends
from tests.benchmarks.stores import Driver, Store

Row = dict[str, Any]

SHARE = 0.6
"""The bar: so much of the driver's own speed is left."""
TABLES = ("sends", "send_history")


def measure(store: Store, count: int, now: datetime) -> Iterator[Row]:
    """A row about `count` sends taken into an empty database in turns with the driver, a batch each.

    The driver writes what the bot has written, into a database of the same schema with the same settings. On SQLite
    both are measured in processor time, which other work on the machine changes least.
    """
    database, reader = store.open("ours"), store.driver("ours")
    store.open("drivers").close()
    driver = store.driver("drivers")
    took: list[tuple[float, float]] = []
    told, watch = sends.snapshots(count, now), us_watch()
    gc.collect()
    gc.freeze()
    last = dict.fromkeys(TABLES, 0)
    while batch := list(islice(told, sends.BATCH)):

        def take(some: list[Any] = batch) -> None:
            with database.write() as session:
                intake.take(session, some, now, watch)

        ours = _seconds(store, take)
        rows = {name: _since(reader, name, last) for name in TABLES}
        took.append((ours, _seconds(store, lambda rows=rows: _give(driver, rows))))  # type: ignore[misc]
    gc.unfreeze()
    reader.close()
    driver.close()
    database.close()
    yield {
        "what": f"{store.prefix}intake of {sends.BATCH:,} sends, their history and due times",
        "p50_ms": statistics.median(ours for ours, _ in took) * 1_000,
        "floor_ms": statistics.median(floor for _, floor in took) * 1_000,
        "against": "the driver's executemany",
        "share": sum(floor for _, floor in took) / sum(ours for ours, _ in took), "bar_share": SHARE,
    }


def _since(reader: Driver, table: str, last: dict[str, int]) -> tuple[str, list[tuple[Any, ...]]]:
    """The rows that have come since the last look, and how they are inserted."""
    found = reader.ask(f"SELECT * FROM {table} WHERE id > ? ORDER BY id", (last[table],))  # noqa: S608 - our own names
    names = [column[0] for column in found.description]
    rows = found.fetchall()
    last[table] = max((row[names.index("id")] for row in rows), default=last[table])
    places = ", ".join("?" * len(names))
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", rows  # noqa: S608 - as above


def _give(driver: Driver, rows: dict[str, tuple[str, list[tuple[Any, ...]]]]) -> None:
    driver.ask("BEGIN")
    for statement, some in rows.values():
        driver.give(statement, some)
    driver.ask("COMMIT")


def _seconds(store: Store, what: Callable[[], None]) -> float:
    began = store.clock()
    what()
    return store.clock() - began
