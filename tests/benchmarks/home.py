"""How long the Home tab takes to build: queries and blocks, up to what Slack would be sent."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, text

from bot.slack import homes
from bot.slack.deps import Deps
from storage import people
from storage.engine import Database
from storage.models import Mute, Watch
from storage.models.base import UtcTime
from tests.benchmarks.stores import Store

OPEN = 2_000
"""Open alerts at the same time: more than anybody has a use for."""
REPS, TEAMS = 200, 10
ROUNDS = 100

Row = dict[str, Any]


BUILT_MS = 50
"""The bar: in this time 99 of 100 tabs are built."""


def measure(store: Store, database: Database, deps: Deps, now: datetime, trivial_ms: float) -> Iterator[Row]:
    """Rows about one who has sent everything there is, then about a rep and an admin among 200.

    Wants open alerts, and changes what is stored: to be measured last.
    """
    _person(database, "U0ALL", "ann@example.com", now)
    yield _row("App Home, all sends are one's own", database, deps, "U0ALL", trivial_ms)
    with database.write() as session:
        session.execute(text(
            "UPDATE sends SET sender_email = 'rep' || (id % :reps) || '@example.com', "
            "sender_name = 'Rep ' || (id % :reps), team = 'Team ' || (id % :reps % :teams)",
        ), {"reps": REPS, "teams": TEAMS})
    # All at once nobody ever changes them; in time PostgreSQL would have cleared up by itself.
    store.settle(database)
    for user, number in (("U0REP", 7), ("U0ADMIN", 8)):
        _person(database, user, f"rep{number}@example.com", now)
    yield _row(f"App Home of a rep among {REPS}", database, deps, "U0REP", trivial_ms)
    yield _row("App Home of an admin", database, deps, "U0ADMIN", trivial_ms)


def open_alerts(database: Database, now: datetime) -> None:
    """Open about 2,000 alerts, spread over all sends."""
    with database.write() as session:
        total = session.scalar(text("SELECT count(*) FROM sends")) or 0
        session.execute(text(
            "INSERT INTO alerts (key, send_id, rule, level, status, status_raw, status_since, status_seq, due_at, "
            "threshold, why, reason, state, version, opened_at) SELECT 'bench' || id, id, 'overdue', 'late', status, "
            "status_raw, status_since, status_seq, :now, '{}', 'Too long.', 'first', 'firing', 1, :now FROM sends "
            "WHERE id % :each = 0",
        ).bindparams(bindparam("now", type_=UtcTime())), {"now": now, "each": max(total // OPEN, 1)})
        # As after a scan: nothing more is due.
        session.execute(text("UPDATE sends SET due_at = NULL, due_rule = NULL"))


def _person(database: Database, user: str, email: str, now: datetime) -> None:
    with database.write() as session:
        people.keep(session, user_id=user, email=email, tz="America/New_York", name=user, now=now)
        for number in range(20):
            session.add(Watch(user_id=user, send_id=number + 1, created_at=now))
        session.add(Mute(
            scope="campaign", value="win-back", label="Win-back", created_by=user, created_at=now,
            ends_at=now + timedelta(days=30),
        ))


def _row(what: str, database: Database, deps: Deps, user: str, trivial_ms: float) -> Row:
    taken = []
    for _ in range(ROUNDS + 5):
        began = time.perf_counter()
        with database.read() as session:
            homes.build(session, deps, user)
        taken.append((time.perf_counter() - began) * 1_000)
    measured = sorted(taken[5:])
    p50 = statistics.median(measured)
    p99 = measured[int(ROUNDS * 0.99) - 1]
    return {"what": what, "p50_ms": p50, "p99_ms": p99, "ratio": p50 / trivial_ms, "against": "a trivial Bolt command",
            "bar_ms": BUILT_MS}
