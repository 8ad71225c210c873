"""Scans over few and many sends, against a look at all of them, and presses while an import runs."""

from __future__ import annotations

import json
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from slack_bolt import App
from sqlalchemy import TextClause, bindparam, select, text

from bot.alerts import scan
from bot.alerts.rulebook import Rulebook
from bot.app import answer_first
from bot.sends import sync
from bot.sends.snapshots import Snapshot
from bot.sends.sources.sendoso_http import SendosoError
from bot.sends.sources.sendoso_page import PER_PAGE, Item, Page
from storage import due
from storage.engine import Database
from storage.models import Send
from storage.models.base import UtcTime
from tests.benchmarks import sends
from tests.benchmarks.asking import signed, timed
from tests.benchmarks.stores import Store

FEW = 10_000
DUE = (0, 100, 10_000)
SCANS, LOOKS = {0: 200, 100: 5, 10_000: 1}, 3
"""How often each scan is measured: what finds much takes long enough to be measured once."""
NONE_DUE_MS = 1
"""The bar for a scan that finds nothing due, however many are stored."""
IN_OBJECTS = 10_000
"""So many are gone through in objects; for more the time is reckoned from theirs."""
ALERTS = 400
PRESSES_A_SECOND = 20
PRESSING = timedelta(minutes=1)
"""For so long at most: the last of a million sends comes in no other way than the first hundred thousand."""
PRESS_MS = 50
"""The bar for a press while an import runs."""
GROWTH = 1.5
"""The bar for a scan with as many due among many stored, against one among few: what is stored must not be felt."""
MOMENT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)

Row = dict[str, Any]


def scans(store: Store, many: int, rules: Rulebook) -> Iterator[Row]:
    """Rows about scans at 10,000 and `many` stored, each with none, some and many due."""
    among_few: dict[int, float] = {}
    for stored in (FEW, many):
        database = stored_in(store, stored)
        reading = {"a full SQL scan": _in_sql(database), "a scan in objects": _in_objects(database, stored)}
        for number in (number for number in DUE if number <= stored):
            taken = _scans(database, rules, number)
            if stored == FEW:
                among_few[number] = taken
            if stored > FEW:
                yield {
                    "what": f"{store.prefix}scan, {number:,} due of {stored:,} stored, against as many of fewer",
                    "p50_ms": taken, "floor_ms": among_few[number], "against": f"of {FEW:,} stored",
                    "ratio": taken / among_few[number], "bar_ratio": GROWTH,
                }
            for against, floor in reading.items():
                yield {
                    "what": f"{store.prefix}scan, {number:,} due of {stored:,} stored, against {against}",
                    "p50_ms": taken, "floor_ms": floor, "against": against, "ratio": taken / floor,
                    **({"bar_ms": NONE_DUE_MS} if number == 0 else {}),
                }
        database.close()


def presses(
    store: Store, many: int, rules: Rulebook, build: Callable[[Database, ThreadPoolExecutor], App], secret: str,
) -> Iterator[Row]:
    """A row about presses while `many` more sends are synced into as many."""
    database = stored_in(store, many)
    row = _presses(database, many, rules, build, secret)
    yield {**row, "what": f"{store.prefix}{row['what']}"}
    database.close()


def stored_in(store: Store, count: int) -> Database:
    """A database of so many sends, none of them due; made once."""
    name = f"stored-{count}"
    return store.open(name) if store.has(name) else _stored(store, name, count)


def _in_sql(database: Database) -> float:
    """Milliseconds in which the database itself looks at every send."""
    unhelped = "NOT INDEXED" if database.is_sqlite else ""
    asked = _at(
        f"SELECT count(*) FROM sends {unhelped} "  # noqa: S608 - a text of our own
        "WHERE status = 'order_received' AND status_since <= :moment",
    )

    def look() -> None:
        with database.read() as session:
            if not database.is_sqlite:
                for way in ("indexscan", "indexonlyscan", "bitmapscan"):
                    session.execute(text(f"SET LOCAL enable_{way} = off"))
            assert session.scalar(asked, {"moment": MOMENT})

    return _middle(look)


def _in_objects(database: Database, stored: int) -> float:
    """Milliseconds in which every send is loaded and looked at in Python."""

    def look() -> None:
        with database.read() as session:
            some = session.scalars(select(Send).order_by(Send.id).limit(IN_OBJECTS)).all()
            assert sum(send.status_since <= MOMENT for send in some) == len(some)

    return _middle(look) * max(1, stored / IN_OBJECTS)


def _middle(look: Callable[[], None]) -> float:
    taken = []
    for _ in range(LOOKS):
        began = time.perf_counter()
        look()
        taken.append((time.perf_counter() - began) * 1_000)
    return statistics.median(taken)


def _at(statement: str) -> TextClause:
    """A statement with a `:moment` in it."""
    return text(statement).bindparams(bindparam("moment", type_=UtcTime()))


def _stored(store: Store, name: str, count: int) -> Database:
    """A database of so many sends, none of them due: a tenth by intake, and the rest copied from those."""
    sys.stderr.write(f"Storing {count:,} sends …\n")
    database = store.open(name)
    part = min(count, FEW)
    sends.fill(database, part, MOMENT)
    with database.write() as session:
        # All alike, so that as many can be due as are to be.
        session.execute(text(
            "UPDATE sends SET due_at = NULL, due_rule = NULL, kind = 'physical', type = 'Inventoried Sends', "
            "status = 'order_received', status_raw = 'Processing'",
        ))
    columns = [column.name for column in Send.__table__.columns if column.name not in {"id", "send_gid", "due_at"}]
    names = ", ".join(columns)
    for first in range(part, count, part):
        with database.write() as session:
            session.execute(text(
                f"INSERT INTO sends (send_gid, {names}) SELECT send_gid || '-{first}', {names} FROM sends "  # noqa: S608 - columns of our own
                f"WHERE id <= {min(part, count - first)}",
            ))
    store.settle(database)
    with database.write() as session:
        due.end_first_scan(session, MOMENT)
    return database


def _scans(database: Database, rules: Rulebook, number: int) -> float:
    """Milliseconds of a scan with so many sends due: the middle of its runs."""
    runs = []
    for turn in range(SCANS[number]):
        now = MOMENT + timedelta(minutes=turn)
        if number:
            _make_due(database, number, now)
        began = time.perf_counter()
        scan.everything(database, now, lambda _session: rules)
        runs.append((time.perf_counter() - began) * 1_000)
        if number:
            _forget(database)
    return statistics.median(runs)


def _make_due(database: Database, number: int, now: datetime) -> None:
    with database.write() as session:
        session.execute(
            _at("UPDATE sends SET due_at = :moment WHERE id IN (SELECT id FROM sends WHERE status = 'order_received' "
                "ORDER BY id LIMIT :number)"),
            {"moment": now, "number": number},
        )


def _forget(database: Database) -> None:
    with database.write() as session:
        for table in ("notifications", "alert_events", "alerts", "messages"):
            session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - tables of our own
        session.execute(text("UPDATE sends SET due_at = NULL WHERE due_at IS NOT NULL"))


class _Pages:
    """Sendoso's pages, as many as asked for, without the time that a network takes; until it is told to stop."""

    def __init__(self, count: int) -> None:
        self._count, self._stock = count, sends.snapshots(count, MOMENT)
        self.done = 0
        self.is_over = False

    def page(self, number: int, _before_each: object = None) -> Page:
        if self.is_over:
            raise SendosoError("enough was measured")
        items = []
        for place, snapshot in zip(range(PER_PAGE), self._stock, strict=False):
            items.append(_item(snapshot, (number - 1) * PER_PAGE + place + 1))
        self.done += len(items)
        return Page(number=number, size=PER_PAGE, total=self._count, items=tuple(items))

    def close(self) -> None: ...


def _item(snapshot: Snapshot, _line: int) -> Item:
    return Item(key=str(snapshot.send_gid), told=snapshot)


def _presses(
    database: Database, many: int, rules: Rulebook, build: Callable[[Database, ThreadPoolExecutor], App], secret: str,
) -> Row:
    _make_due(database, ALERTS, MOMENT)
    scan.everything(database, MOMENT, lambda _session: rules)
    with database.read() as session:
        alerts = [row.id for row in session.execute(text("SELECT id FROM alerts ORDER BY id"))]
    pages = _Pages(many)
    # As the bot does when it serves.
    answer_first()

    def walk() -> None:
        with suppress(SendosoError):
            sync.run(database, pages, clock=lambda: MOMENT)

    importing = threading.Thread(target=walk, daemon=True)
    taken: list[float] = []
    with ThreadPoolExecutor(4) as executor:
        app = build(database, executor)
        for turn in range(20):
            _press(app, secret, alerts[turn % len(alerts)], turn)
        importing.start()
        began, turn = time.perf_counter(), 20
        while importing.is_alive():
            taken.append(_press(app, secret, alerts[turn % len(alerts)], turn))
            turn += 1
            pages.is_over = time.perf_counter() - began > PRESSING.total_seconds()
            time.sleep(1 / PRESSES_A_SECOND)
        lasted = time.perf_counter() - began
    measured = sorted(taken)
    return {
        "what": f"a press while {many:,} sends are synced", "p50_ms": statistics.median(measured),
        "p99_ms": measured[int(len(measured) * 0.99)], "worst_ms": measured[-1], "presses": len(measured),
        "sends_a_second": pages.done / lasted,
        "bar_ms": PRESS_MS,
    }


def _press(app: App, secret: str, alert: int, turn: int) -> float:
    action = ("alert_acknowledge", "alert_undo", "alert_assign", "alert_undo")[turn // 400 % 4]
    payload = {
        "type": "block_actions", "user": {"id": "U01", "username": "ann", "team_id": "T1"}, "team": {"id": "T1"},
        "api_app_id": "A1", "trigger_id": f"{turn}.1", "response_url": "",
        "channel": {"id": "C1"}, "container": {"type": "message", "message_ts": "1.1", "channel_id": "C1"},
        "actions": [{
            "type": "button", "action_id": action, "block_id": "b", "action_ts": f"{turn}.0",
            "value": json.dumps({"alert": alert, "v": 1}),
        }],
    }
    return timed(app, signed(secret, urlencode({"payload": json.dumps(payload)})), "a press")


