"""Digests over a million sends with five million steps, on SQLite and on PostgreSQL."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from bot.alerts.routing import Match
from bot.reports import asked, counting, picture, schedule
from bot.reports.counting import Limits, of_match
from bot.reports.period import Period
from bot.reports.schedule import Digest
from bot.reports.summary import Summary
from storage.engine import Database
from tests.benchmarks import stores
from tests.benchmarks.stores import Store

ROUNDS = 5
MOMENT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")
WAYS: tuple[tuple[str, str, tuple[tuple[str, float], ...]], ...] = (
    ("Inventoried Sends", "physical", (
        ("initiated", 0), ("order_received", 0.1), ("fulfilling", 2), ("shipped", 4), ("delivered", 9),
    )),
    ("eGifts USA", "egift", (("initiated", 0), ("sent", 0.1), ("opened", 3), ("clicked", 4), ("redeemed", 5))),
    ("eGifts USA", "egift", (("initiated", 0), ("sent", 0.1), ("opened", 20), ("expired", 60), ("refunded", 61))),
)
"""What a send goes through, and after how many days; the last few weeks' are still on their way."""
DAY_MS = 86_400_000
ALERTS = 25_000

COUNTED_MS = 2_000
"""The bar for a digest, and for a report that is answered at once."""

Row = dict[str, Any]


def measure(folder: Path, count: int) -> Iterator[Row]:
    """Rows about reports over `count` sends with five steps each, on both databases."""
    for kind, name in zip(stores.NAMES, ("SQLite", "PostgreSQL"), strict=True):
        with stores.running(kind, folder) as store:
            yield from _on(name, store, count)
    yield {"what": "its picture, in a process of its own", **_time(lambda: picture.png(_summary()))}


def _on(name: str, store: Store, count: int) -> Iterator[Row]:
    database = store.open("reports")
    sys.stderr.write(f"Storing {count:,} sends with five steps each in {name} …\n")
    _fill(database, count)
    store.settle(database)
    for what, period, limits in _reports():
        taken = _time(lambda period=period, limits=limits: _count(database, period, limits))
        yield {"what": f"{name}: {what}", **taken, **({} if what.endswith("month") else {"bar_ms": COUNTED_MS})}
    database.close()


def _reports() -> Iterator[tuple[str, Period, Limits]]:
    for every, on in ((schedule.DAY, schedule.WORKDAYS), (schedule.WEEK, schedule.MONDAY)):
        due = schedule.latest(Digest(channel="C1", zone="UTC", every=every, on=on), MOMENT)
        assert due is not None
        yield f"digest of a {every}, {due.period.name}", due.period, Limits()
    week = asked.understood("last week", MOMENT, UTC_ZONE)
    month = asked.understood("last month", MOMENT, UTC_ZONE)
    assert week is not None
    assert month is not None
    route = of_match(Match(team=("Team 1*",), sender=("*@example.com",), amount_from=1000, currency="USD"))
    yield "digest of a week, of a route by team, sender and amount", week, route
    yield "report of a month", month, Limits()


def last_week(database: Database, now: datetime) -> dict[str, float]:
    """How long the report of the last week takes, whatever has happened in it."""
    period = asked.usual(now, UTC_ZONE)

    def ask() -> None:
        with database.read() as session:
            counting.count(session, period, now, Limits())

    return _time(ask)


def _count(database: Database, period: Period, limits: Limits) -> None:
    with database.read() as session:
        found = counting.count(session, period, MOMENT, limits)
    assert found.now.sent, found.now


def _summary() -> Summary:
    period = asked.usual(MOMENT, UTC_ZONE)
    zero = {"now": {"sent": 120}, "before": {"sent": 100}, "stages": [], "campaigns": [], "ages": []}
    return Summary.from_json({"period": period.as_json(), "about": "", **zero})


def _time(what: Any) -> dict[str, float]:  # noqa: ANN401 - anything that can be called
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        what()
        taken.append((time.perf_counter() - began) * 1_000)
    # The first finds nothing in memory yet; the best is what it takes where nobody else wants the processor.
    return {"p50_ms": statistics.median(taken), "first_ms": taken[0], "best_ms": min(taken)}


def _fill(database: Database, count: int) -> None:
    """Sends of a year, spread evenly, with their steps and some alerts: by the database itself, for speed."""
    year = timedelta(days=365)
    first = int((MOMENT - year).timestamp() * 1_000)
    step = max(1, int(year.total_seconds() * 1_000) // count)
    # A number that shares no factor with the count scatters the times over the row ids.
    made = f"({first} + ((n * 7919) % {count}) * {step})"
    with database.write() as session:
        session.execute(text(_sends(database, count, made)))
        for place, (_, _, steps) in enumerate(WAYS):
            for status, days in steps:
                session.execute(text(_steps(database, count, made, place, status, days)))
        session.execute(text(_standing(database)))
        session.execute(text(_alerts(database)))


def _numbers(database: Database, count: int) -> str:
    if database.is_sqlite:
        up_to = f"SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {count}"  # noqa: S608 - as above
        return f"(WITH RECURSIVE c(n) AS ({up_to}) SELECT n FROM c)"  # noqa: S608 - as above
    return f"(SELECT n FROM generate_series(1::bigint, {count}) AS n)"  # noqa: S608 - as above


def _at(database: Database, milliseconds: str) -> str:
    return milliseconds if database.is_sqlite else f"to_timestamp(({milliseconds}) / 1000.0)"


def _sends(database: Database, count: int, made: str) -> str:
    now = _at(database, str(int(MOMENT.timestamp() * 1_000)))
    kinds = "CASE n % 3 " + " ".join(f"WHEN {place} THEN '{kind}'" for place, (_, kind, _) in enumerate(WAYS)) + " END"
    types = "CASE n % 3 " + " ".join(f"WHEN {place} THEN '{name}'" for place, (name, _, _) in enumerate(WAYS)) + " END"
    return (
        "INSERT INTO sends (id, send_gid, kind, type, subtype, status, status_raw, "  # noqa: S608 - texts of our own
        "status_since, status_seq, created_at, recipient_name, recipient_email, recipient_company, sender_name, "
        "sender_email, team, campaign, cost_minor, "
        "currency, sent_via, search_text, complete, fingerprint, first_seen_at, updated_at) "
        f"SELECT n, 'gid-' || n, {kinds}, {types}, '', 'initiated', 'Initiated', {_at(database, made)}, 1, "
        f"{_at(database, made)}, 'Person ' || n, 'person.' || n || '@acme.example', 'Acme', 'Ann Lopez', "
        "'ann' || (n % 40) || '@example.com', 'Team ' || (n % 12), 'Campaign ' || (n % 200), 500 + n % 9000, "
        "'USD', '', "
        f"'| person ' || n || ' |', true, '', {_at(database, made)}, {now} "
        f"FROM {_numbers(database, count)} AS numbers"
    )


def _steps(database: Database, count: int, made: str, place: int, status: str, days: float) -> str:
    now = int(MOMENT.timestamp() * 1_000)
    # Every send takes its own time: from half of it to one and a half times as long.
    when = f"({made} + CAST({int(days * DAY_MS)} * (0.5 + (n % 101) / 100.0) AS BIGINT))"
    return (
        "INSERT INTO send_history "  # noqa: S608 - as above
        "(send_id, status, status_key, status_raw, occurred_at, observed_at, source, late) "
        f"SELECT n, '{status}', '{status}', '{status}', {_at(database, when)}, {_at(database, str(now))}, 'api', false "
        f"FROM {_numbers(database, count)} AS numbers WHERE n % 3 = {place}"
    )


def _standing(database: Database) -> str:
    """Each send stands in the last step that has come, and one of the last weeks is still open."""
    now = _at(database, str(int(MOMENT.timestamp() * 1_000)))
    latest = (
        f"(SELECT h.{{}} FROM send_history h WHERE h.send_id = sends.id AND h.occurred_at <= {now} "  # noqa: S608 - as above
        "ORDER BY h.occurred_at DESC LIMIT 1)"
    )
    return (
        f"UPDATE sends SET status = COALESCE({latest.format('status')}, status), "  # noqa: S608 - as above
        f"status_since = COALESCE({latest.format('occurred_at')}, status_since)"
    )


def _alerts(database: Database) -> str:
    """A fifth of them still open; the others resolved a day after they were opened."""
    day = str(DAY_MS) if database.is_sqlite else "interval '1 day'"
    return (
        "INSERT INTO alerts (key, send_id, rule, level, status, status_raw, status_since, "  # noqa: S608 - as above
        "status_seq, due_at, threshold, why, reason, state, version, opened_at, resolved_at) "
        "SELECT 'alert-' || id, id, 'overdue', 'late', status, status_raw, status_since, 1, status_since, '{}', '', "
        "'first', CASE WHEN id % 5 = 0 THEN 'firing' ELSE 'resolved' END, 1, status_since, "
        f"CASE WHEN id % 5 = 0 THEN NULL ELSE status_since + {day} END FROM sends WHERE id <= {ALERTS}"
    )
