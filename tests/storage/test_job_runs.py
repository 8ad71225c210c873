from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from storage import job_runs
from storage.engine import Database
from tests.postgres import until_somebody_waits

SECOND = timedelta(seconds=1)


def test_runs_are_counted_and_the_last_good_one_is_kept(database: Database, now: datetime) -> None:
    with database.write() as session:
        assert job_runs.every(session) == {}
        job_runs.ended(session, "scan", started_at=now, ended_at=now + SECOND)
    with database.write() as session:
        job_runs.ended(session, "scan", started_at=now + 5 * SECOND, ended_at=now + 6 * SECOND, error="away", runs=3)
        job_runs.ended(session, "sync", started_at=now, ended_at=now, error="away")
    with database.read() as session:
        scan, sync = (job_runs.every(session)[name] for name in ("scan", "sync"))
        assert (scan.last_started_at, scan.last_ok_at) == (now + 5 * SECOND, now + SECOND)
        assert (scan.last_error, scan.runs) == ("away", 4)
        assert (sync.last_ok_at, sync.runs) == (None, 1)


def test_a_good_run_clears_the_error_and_never_goes_back_in_time(database: Database, now: datetime) -> None:
    with database.write() as session:
        job_runs.ended(session, "scan", started_at=now, ended_at=now, error="away")
        job_runs.ended(session, "scan", started_at=now, ended_at=now + SECOND)
        job_runs.ended(session, "scan", started_at=now - SECOND, ended_at=now)
        run = job_runs.every(session)["scan"]
        assert (run.last_error, run.last_ok_at) == (None, now + SECOND)


def test_after_a_clock_was_put_back_the_last_good_run_is_by_the_new_time(database: Database, now: datetime) -> None:
    with database.write() as session:
        job_runs.ended(session, "scan", started_at=now, ended_at=now)
        job_runs.ended(session, "scan", started_at=now - 3600 * SECOND, ended_at=now - 3599 * SECOND)
        assert job_runs.every(session)["scan"].last_ok_at == now - 3599 * SECOND


def test_two_processes_note_their_first_runs_at_once(postgresql: Database, now: datetime) -> None:
    def note(ended_at: datetime) -> None:
        with postgresql.write() as session:
            job_runs.ended(session, "groups", started_at=now, ended_at=ended_at)

    with ThreadPoolExecutor(1) as pool:
        with postgresql.write() as first:
            job_runs.ended(first, "groups", started_at=now, ended_at=now)
            first.flush()
            other = pool.submit(note, now + SECOND)
            until_somebody_waits(postgresql)
        other.result(timeout=20)
    with postgresql.read() as session:
        run = job_runs.every(session)["groups"]
        assert (run.runs, run.last_ok_at) == (2, now + SECOND)
