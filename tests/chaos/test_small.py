"""A small run of the chaos on each database: seconds, for every test run. The large one is `python3 run.py chaos`."""

from __future__ import annotations

from pathlib import Path

from storage.engine import Database
from tests.chaos.performance import Result, perform
from tests.chaos.plan import small
from tests.chaos.server import SharedPostgres, SqliteFile

SEED = 1


def silent(_words: str) -> None: ...


def assert_good(result: Result) -> None:
    assert result.is_good, f"{result.findings}\n{result.as_json()}"
    assert result.counts["kills"] >= result.plan.kills
    assert result.counts["presses recorded"] > 0


def test_nothing_is_lost_or_doubled_on_sqlite(tmp_path: Path) -> None:
    assert_good(perform(small("sqlite", SEED), tmp_path, SqliteFile(tmp_path), silent))


def test_nothing_is_lost_or_doubled_by_replicas_on_postgresql(tmp_path: Path, postgresql: Database) -> None:
    server = SharedPostgres(postgresql.url.render_as_string(hide_password=False))
    try:
        result = perform(small("postgresql", SEED), tmp_path, server, silent)
    finally:
        server.close()
    assert_good(result)
    assert result.counts["stops"] >= result.plan.stops
