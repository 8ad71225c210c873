from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from typing import Any

import pytest
import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.schedulers.background import BackgroundScheduler

from bot.clock import system_clock
from bot.crew import scheduler
from bot.jobs import DoneElsewhereError, Job, Jobs, _Runner
from storage import job_runs
from storage.engine import Database
from storage.models import JobRun

HOUR = timedelta(hours=1)
PATIENCE = 10


class Tally:
    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    def job(self, name: str, result: str) -> None:
        self.said.append((name, result))


class Work:
    """A job that can be watched: counts its runs, and waits inside for `free` when told to."""

    def __init__(self, gives: Callable[[], datetime | None] = lambda: None, *, waits: bool = False) -> None:
        self.gives, self.runs = gives, threading.Semaphore(0)
        self.free = threading.Event()
        if not waits:
            self.free.set()

    def __call__(self) -> datetime | None:
        self.runs.release()
        assert self.free.wait(PATIENCE)
        return self.gives()

    def ran(self, timeout: float = PATIENCE) -> bool:
        return self.runs.acquire(timeout=timeout)


@contextmanager
def working(database: Database, *jobs: Job, tally: Tally | None = None) -> Iterator[Jobs]:
    running = Jobs(jobs, database, system_clock, tally)
    running.start()
    try:
        yield running
    finally:
        running.stop(timedelta(seconds=PATIENCE))


def job(name: str, run: Callable[[], Any], every: timedelta = HOUR) -> Job:
    return Job(name=name, every=every, run=run)


def noted(database: Database, name: str) -> tuple[bool, str | None, int]:
    with database.read() as session:
        run = session.get(JobRun, name)
        return (run is not None and run.last_ok_at is not None, run.last_error if run else None, run.runs if run else 0)


def test_a_job_runs_at_start_and_at_its_interval(sqlite: Database) -> None:
    often = Work()
    with working(sqlite, job("scan", often, timedelta(milliseconds=30))):
        assert all(often.ran() for _ in range(3))


def test_a_job_is_run_at_once_when_somebody_waits(sqlite: Database) -> None:
    work = Work()
    with working(sqlite, job("deliver", work)) as jobs:
        assert work.ran()
        jobs.run_now("deliver")
        assert work.ran()
        with pytest.raises(KeyError):
            jobs.run_now("nonsense")


def test_wishes_during_a_run_become_one_more_run(sqlite: Database) -> None:
    work = Work(waits=True)
    with working(sqlite, job("deliver", work)) as jobs:
        assert work.ran()
        for _ in range(5):
            jobs.run_now("deliver")
        assert not work.ran(0.05)
        work.free.set()
        assert work.ran()
        assert not work.ran(0.3)


def test_a_job_that_fails_goes_on_and_stops_no_other(sqlite: Database) -> None:
    tally, fine = Tally(), Work()

    def fails() -> None:
        raise RuntimeError("Sendoso does not know jane@acme.com")

    with working(sqlite, job("sync", fails), job("scan", fine), tally=tally) as jobs:
        assert fine.ran()
        jobs.run_now("scan")
        assert fine.ran()
    assert ("sync", "failed") in tally.said
    assert ("scan", "ok") in tally.said
    assert noted(sqlite, "sync") == (False, "RuntimeError", 1), "its words may name people"
    assert noted(sqlite, "scan")[:2] == (True, None)


def test_what_another_process_is_at_is_neither_a_good_run_nor_a_bad_one(sqlite: Database) -> None:
    tally, ran = Tally(), threading.Event()

    def elsewhere() -> None:
        ran.set()
        raise DoneElsewhereError

    with sqlite.write() as session:
        job_runs.ended(session, "sync", started_at=system_clock(), ended_at=system_clock(), error="SendosoError")
    with working(sqlite, job("sync", elsewhere), tally=tally):
        assert ran.wait(PATIENCE)
    assert tally.said == [("sync", "elsewhere")]
    assert noted(sqlite, "sync") == (False, "SendosoError", 1)


def test_a_job_that_names_its_next_instant_is_run_then(sqlite: Database) -> None:
    work = Work(lambda: system_clock() + timedelta(milliseconds=20))
    with working(sqlite, job("deliver", work)):
        assert all(work.ran() for _ in range(3))


def test_an_instant_after_the_next_tick_changes_nothing(sqlite: Database) -> None:
    work = Work(lambda: system_clock() + 2 * HOUR)
    with working(sqlite, job("deliver", work)):
        assert work.ran()
        assert not work.ran(0.3)


def test_a_job_under_way_may_end_before_everything_stops(sqlite: Database) -> None:
    work = Work(waits=True)
    jobs = Jobs([job("sync", work)], sqlite, system_clock)
    jobs.start()
    assert work.ran()
    assert not jobs.stop(timedelta(milliseconds=20))
    work.free.set()
    assert jobs.stop(timedelta(seconds=PATIENCE))
    jobs.run_now("sync")
    assert not work.ran(0.1)


def test_jobs_that_never_started_stop(sqlite: Database) -> None:
    assert Jobs([job("sync", Work())], sqlite, system_clock).stop()


def test_good_runs_are_written_down_now_and_then(sqlite: Database) -> None:
    work = Work()
    with working(sqlite, job("deliver", work)) as jobs:
        for _ in range(3):
            assert work.ran()
            jobs.run_now("deliver")
        assert work.ran()
    assert noted(sqlite, "deliver") == (True, None, 1)


def test_a_database_that_is_away_stops_no_job(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(job_runs, "ended", away)
    work = Work()
    with working(sqlite, job("deliver", work)) as jobs:
        assert work.ran()
        jobs.run_now("deliver")
        assert work.ran()


def test_ticks_that_did_not_run_are_counted(sqlite: Database) -> None:
    tally = Tally()
    jobs = Jobs([], sqlite, system_clock, tally)
    for code in (EVENT_JOB_MISSED, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_ERROR):
        jobs._noticed(JobEvent(code, "scan", "default"))  # noqa: SLF001 - what APScheduler calls
    Jobs([], sqlite, system_clock)._noticed(JobEvent(EVENT_JOB_MISSED, "scan", "default"))  # noqa: SLF001 - as above
    assert tally.said == [("scan", "missed"), ("scan", "skipped"), ("scan", "failed")]


class Machine(datetime):
    """The machine's clock, which can be put back."""

    by = timedelta(0)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override] # one of another day will do
        return datetime.now(tz) - cls.by


def test_jobs_go_on_when_the_clock_of_the_machine_is_put_back(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in ("bot.crew", "apscheduler.schedulers.base"):
        monkeypatch.setattr(f"{module}.datetime", Machine)
    often, seldom = Work(), Work()
    with working(
        sqlite, job("deliver", often, timedelta(milliseconds=30)), job("sync", seldom, timedelta(seconds=2)),
    ):
        assert often.ran()
        assert seldom.ran()
        monkeypatch.setattr(Machine, "by", HOUR)
        assert all(often.ran() for _ in range(100))
        assert seldom.ran()


def test_a_clock_that_is_put_back_while_ticks_are_planned_has_them_planned_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def plans(_self: object) -> float:
        monkeypatch.setattr(Machine, "by", HOUR)
        return HOUR.total_seconds()

    monkeypatch.setattr("bot.crew.datetime", Machine)
    monkeypatch.setattr(BackgroundScheduler, "_process_jobs", plans)
    ticks = scheduler()
    assert [ticks._process_jobs() for _ in range(2)] == [0, HOUR.total_seconds()]  # noqa: SLF001 - APScheduler's own


def test_good_runs_are_written_down_after_the_clock_was_put_back(sqlite: Database) -> None:
    later, work = [HOUR], Work()
    running = Jobs([job("deliver", work, timedelta(milliseconds=30))], sqlite, lambda: system_clock() + later[0])
    running.start()
    try:
        assert work.ran()
        later[0] = timedelta(0)
        assert all(work.ran() for _ in range(5))
    finally:
        running.stop(timedelta(seconds=PATIENCE))
    with sqlite.read() as session:
        run = session.get_one(JobRun, "deliver")
        assert run.last_ok_at is not None
        assert run.last_ok_at <= system_clock()


def test_a_slow_job_is_never_run_twice_at_once(sqlite: Database) -> None:
    work = Work(waits=True)
    with working(sqlite, job("sync", work, timedelta(milliseconds=30))):
        assert work.ran()
        assert not work.ran(0.2)
        work.free.set()
        assert work.ran()


def test_what_fails_again_and_again_is_logged_in_full_once_an_hour(sqlite: Database, now: datetime) -> None:
    """A job that failed each second on a full disk wrote five kilobytes each time."""
    at, ends = now, iter([OSError, OSError, KeyError, OSError, OSError, None, OSError])

    def run() -> None:
        if (failure := next(ends)) is not None:
            raise failure("disk full")

    runner = _Runner(job("scan", run), sqlite, lambda: at, None, lambda *_: None, "")
    with structlog.testing.capture_logs() as said:
        for minutes in (0, 1, 2, 3, 64, 65, 66):
            at = now + timedelta(minutes=minutes)
            runner.tick()
    told = [(one["error"], one["times"], one["exc_info"]) for one in said if one["event"] == "job_failed"]
    assert told == [
        ("OSError", 1, True), ("OSError", 2, False), ("KeyError", 3, True), ("OSError", 4, True), ("OSError", 5, True),
        ("OSError", 1, True),
    ]
