"""How long a look-up takes against the least that the database could be asked for: the same rows by the bare driver."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from bot.sends import lookup
from storage.engine import Database
from storage.models import Send
from tests.benchmarks.stores import Driver, Store

ROUNDS = 300
SHOWN = 10
NEWEST = f"ORDER BY created_at DESC LIMIT {SHOWN}"
SQL = {
    "gid": f"SELECT * FROM sends WHERE send_gid = ? {NEWEST}",  # noqa: S608 - texts of our own
    "e-mail": f"SELECT * FROM sends WHERE recipient_email = ? {NEWEST}",  # noqa: S608 - as above
}
IN_INDEX = (
    "SELECT * FROM sends WHERE id IN "  # noqa: S608 - as above
    f"(SELECT rowid FROM sends_search WHERE sends_search MATCH ?) {NEWEST}"
)
IN_ROWS = f"SELECT * FROM sends WHERE search_text LIKE ? {NEWEST}"  # noqa: S608 - as above
"""As PostgreSQL is asked, whether it has an index of trigrams or not."""

Row = dict[str, Any]


def measure(store: Store, name: str, database: Database, send: Send) -> Iterator[Row]:
    """A row for each way to name `send`: what the bot takes without Slack, and what the driver takes, in turns."""
    driver = store.driver(name)
    fragment = f"{str(send.recipient_email).partition('@')[0].rpartition('.')[2]}@"
    for by, typed in (("gid", send.send_gid), ("e-mail", send.recipient_email), ("fragment", fragment)):
        ours: list[float] = []
        bare: list[float] = []
        for _ in range(ROUNDS):
            ours.append(_milliseconds(lambda typed=typed: _find(database, typed)))  # type: ignore[misc]
            bare.append(_milliseconds(lambda by=by, typed=typed: _bare(store, driver, by, typed)))  # type: ignore[misc]
        found, floor = statistics.median(ours), statistics.median(bare)
        yield {
            "what": f"look-up by {by}", "p50_ms": found, "floor_ms": floor, "against": "the driver's bare SQL",
            "ratio": found / floor,
        }
    driver.close()


def _bare(store: Store, driver: Driver, by: str, typed: str) -> None:
    if by != "fragment":
        assert driver.ask(SQL[by], (typed,)).fetchall()
    elif store.is_sqlite:
        assert driver.ask(IN_INDEX, (f'"{typed}"',)).fetchall()
    else:
        assert driver.ask(IN_ROWS, (f"%{typed}%",)).fetchall()


def _find(database: Database, typed: str) -> None:
    with database.read() as session:
        assert lookup.find(session, typed).sends


def _milliseconds(what: Callable[[], object]) -> float:
    began = time.perf_counter()
    what()
    return (time.perf_counter() - began) * 1_000
