from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from bot import disk, shared_look
from bot.clock import Leaps
from bot.doctor.database import FULL
from bot.health import Health, Problem
from bot.jobs import Job
from storage import job_runs, messages, outgoing, schema
from storage.engine import Database
from storage.outgoing import WORKSPACE

MINUTE = timedelta(minutes=1)
SCAN = Job(name="scan", every=MINUTE, run=lambda: None)


class Moving:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock(now: datetime) -> Moving:
    return Moving(now)


@pytest.fixture
def checked(database: Database, clock: Moving) -> Iterator[Health]:
    looking = Health(database, clock, [SCAN])
    yield looking
    looking.close()


def test_a_bot_that_has_just_started_is_ready(checked: Health) -> None:
    assert checked.problems() == []


def test_a_job_that_stands_still_is_named_with_its_error(
    checked: Health, database: Database, clock: Moving, now: datetime,
) -> None:
    clock.at = now + 4 * MINUTE
    assert checked.problems() == []
    clock.at += timedelta(seconds=1)
    assert checked.problems() == [
        Problem(name="scan", reason="the job “scan” stands still; last good run: never"),
    ]
    with database.write() as session:
        job_runs.ended(session, "scan", started_at=now, ended_at=clock.at)
    assert checked.problems() == []
    with database.write() as session:
        job_runs.ended(session, "scan", started_at=now, ended_at=clock.at, error="disk full")
    clock.at += 5 * MINUTE
    assert checked.problems() == [Problem(
        name="scan", reason="the job “scan” stands still; last good run: 2026-11-23 15:04:01 UTC; disk full",
    )]


def test_a_restart_after_a_long_rest_is_given_its_time(database: Database, clock: Moving, now: datetime) -> None:
    with database.write() as session:
        job_runs.ended(session, "scan", started_at=now - 99 * MINUTE, ended_at=now - 99 * MINUTE)
    looking = Health(database, clock, [SCAN])
    assert looking.problems() == []
    clock.at += 5 * MINUTE
    assert [problem.name for problem in looking.problems()] == ["scan"]
    looking.close()


def test_a_disk_that_is_full_is_named_once_for_all_workspaces(
    checked: Health, database: Database, clock: Moving, monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = SimpleNamespace(free=FULL - 4_600_000)
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: left)  # type: ignore[attr-defined]
    full = Problem(name="disk", reason="5.4 MB are free beside the database: nothing is kept")
    assert checked.problems() == ([full] if database.is_sqlite else [])
    of_one = Health(database, clock, [SCAN], workspace="T1")
    assert of_one.problems() == []
    of_one.close()
    left.free = FULL
    assert checked.problems() == []


def test_a_token_that_slack_refuses_is_named(checked: Health, database: Database, now: datetime) -> None:
    with database.write() as session:
        outgoing.broke(session, WORKSPACE, "token_revoked", now)
    assert checked.problems() == [Problem(name="slack", reason="Slack takes no messages: token_revoked")]


def test_what_stands_still_is_seen_after_the_clock_was_put_back(
    checked: Health, clock: Moving, now: datetime,
) -> None:
    clock.at = now - 60 * MINUTE
    assert checked.problems() == []
    clock.at += 5 * MINUTE
    assert [problem.name for problem in checked.problems()] == ["scan"]


def test_what_was_noted_before_the_clock_was_put_back_is_no_good_run(
    database: Database, clock: Moving, now: datetime,
) -> None:
    with database.write() as session:
        job_runs.ended(session, "scan", started_at=now, ended_at=now + timedelta(hours=9))
    looking = Health(database, clock, [SCAN])
    clock.at = now + 4 * MINUTE
    assert looking.problems() == []
    clock.at += timedelta(seconds=1)
    assert [problem.name for problem in looking.problems()] == ["scan"]
    looking.close()


def test_nothing_stands_still_because_the_clock_leapt(database: Database, clock: Moving, now: datetime) -> None:
    steady = [0.0]
    looking = Health(database, clock, [SCAN], leaps=Leaps(clock, lambda: steady[0]))
    for hours in (1, 2, -2):
        clock.at += timedelta(hours=hours)
        assert looking.problems() == []
    clock.at, steady[0] = clock.at + 5 * MINUTE, 300.0
    assert [problem.name for problem in looking.problems()] == ["scan"]
    looking.close()


def test_a_broken_socket_is_named(sqlite: Database, clock: Moving) -> None:
    up = [True]
    looking = Health(sqlite, clock, [], connected=lambda: up[0])
    assert looking.problems() == []
    up[0] = False
    assert looking.problems() == [Problem(name="socket", reason="Slack's Socket Mode is not connected")]
    looking.close()


def test_a_message_that_waits_for_nothing_is_named(checked: Health, database: Database, clock: Moving) -> None:
    with database.write() as session:
        messages.want(session, key="m", kind="notice", channel="C1", now=clock.at - 99 * MINUTE)
        job_runs.ended(session, "scan", started_at=clock.at, ended_at=clock.at + 5 * MINUTE)
    clock.at += 5 * MINUTE
    assert checked.problems() == [], "a bot that has just started is given its time"
    clock.at += MINUTE
    assert checked.problems() == [Problem(
        name="undelivered", reason="a message has waited 6 minutes longer than Slack asks for",
    )]
    with database.write() as session:
        outgoing.hold(session, "C1", clock.at + MINUTE)
    assert checked.problems() == [], "Slack has asked to wait"


def test_a_socket_that_answers_no_ping_is_named(sqlite: Database, clock: Moving) -> None:
    quiet = [timedelta(seconds=30)]
    looking = Health(sqlite, clock, [], connected=lambda: True, silence=lambda: quiet[0])
    assert looking.problems() == []
    quiet[0] += timedelta(seconds=1)
    assert looking.problems() == [Problem(
        name="pong", reason="Slack's Socket Mode has answered no ping for 31 seconds",
    )]
    looking.close()


def test_missing_migrations_are_named(tmp_path: Path, clock: Moving) -> None:
    database = Database(f"sqlite:///{tmp_path}/empty.db")
    looking = Health(database, clock, [SCAN])
    assert [problem.name for problem in looking.problems()] == ["migrations"]
    looking.close()
    database.close()


def test_a_database_that_is_away_is_named_without_its_address(clock: Moving) -> None:
    database = Database("postgresql://user:secret@127.0.0.1:1/none")
    looking = Health(database, clock, [])
    problem, = looking.problems()
    assert problem.name == "database"
    assert "secret" not in problem.reason
    looking.close()
    database.close()


def test_a_database_that_does_not_answer_is_named_in_time(
    sqlite: Database, clock: Moving, monkeypatch: pytest.MonkeyPatch,
) -> None:
    free = threading.Event()
    monkeypatch.setattr(shared_look, "ANSWERS_WITHIN", timedelta(milliseconds=20))
    monkeypatch.setattr(schema, "is_current", lambda _: free.wait(10))
    looking = Health(sqlite, clock, [])
    assert [problem.name for problem in looking.problems()] == ["database"]
    free.set()
    looking.close()


def test_tables_that_vanish_are_a_problem_of_the_database(sqlite: Database, clock: Moving) -> None:
    looking = Health(sqlite, clock, [])
    assert looking.problems() == []
    with sqlite.write() as session:
        session.execute(text("DROP TABLE job_runs"))
    assert [problem.name for problem in looking.problems()] == ["database"]
    looking.close()


@pytest.mark.parametrize("is_replaced", [False, True])
def test_a_database_file_that_is_deleted_or_replaced_under_the_bot_is_named(
    tmp_path: Path, clock: Moving, *, is_replaced: bool,
) -> None:
    file = tmp_path / "one.db"
    database = Database(f"sqlite:///{file}")
    schema.upgrade(database)
    looking = Health(database, clock, [])
    assert looking.problems() == []
    moved = file.rename(tmp_path / "elsewhere.db")
    if is_replaced:
        shutil.copy(moved, file)
    # The connections that there are write on as if nothing had happened, into a file that nobody finds any more.
    assert [problem.name for problem in looking.problems()] == ["file"]
    file.unlink(missing_ok=True)
    moved.rename(file)
    assert looking.problems() == []
    looking.close()
    database.close()


def test_a_server_that_takes_no_writes_is_named_at_once(
    postgresql: Database, clock: Moving, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("storage.servers.takes_no_writes", lambda _session: True)
    looking = Health(postgresql, clock, [SCAN])
    assert looking.problems() == [Problem(
        name="database", reason="the database takes no writes: the server is a standby, or set to read only",
    )]
    looking.close()
