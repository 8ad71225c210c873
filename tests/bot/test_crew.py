"""Threads that many bots share: each gets its share, whatever the others do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from datetime import timedelta

import pytest
from apscheduler.jobstores.memory import MemoryJobStore

from bot.clock import system_clock
from bot.crew import JOBS, JOBS_OF_ONE, Crew, Share
from bot.jobs import Job, Jobs
from storage.engine import Database

LONG = 30


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as made:
        yield made


@pytest.fixture
def crew() -> Iterator[Crew]:
    made = Crew()
    yield made
    made.close()


def test_who_hangs_takes_no_more_than_its_share(pool: ThreadPoolExecutor) -> None:
    slow, other, go_on = Share(pool, 3), Share(pool, 3), threading.Event()
    begun = [threading.Event() for _ in range(9)]

    def hang(number: int) -> int:
        begun[number].set()
        go_on.wait(LONG)
        return number

    hanging = [slow.submit(hang, number) for number in range(9)]
    assert all(one.wait(LONG) for one in begun[:3])
    # Six more of its tasks wait, and none of them before anybody else's.
    assert [other.submit(str, number).result(LONG) for number in range(20)] == [str(number) for number in range(20)]
    assert not any(one.is_set() for one in begun[3:])
    go_on.set()
    assert [one.result(LONG) for one in hanging] == list(range(9))


def test_what_fails_is_told_and_the_next_is_done(pool: ThreadPoolExecutor) -> None:
    share = Share(pool, 1)
    failing, fine = share.submit(int, "no number"), share.submit(int, "7")
    with pytest.raises(ValueError, match="no number"):
        failing.result(LONG)
    assert fine.result(LONG) == 7


def test_shut_down_it_takes_nothing_and_the_threads_serve_others(pool: ThreadPoolExecutor) -> None:
    share, go_on, begun = Share(pool, 1), threading.Event(), threading.Event()

    def hang() -> str:
        begun.set()
        go_on.wait(LONG)
        return "done"

    running, waiting = share.submit(hang), share.submit(str)
    assert begun.wait(LONG)
    share.shutdown(wait=False, cancel_futures=True)
    with pytest.raises(RuntimeError):
        share.submit(str)
    with pytest.raises(CancelledError):
        waiting.result(LONG)
    go_on.set()
    share.shutdown()
    assert running.result(LONG) == "done"
    assert Share(pool, 1).submit(str, 3).result(LONG) == "3"


def test_a_pool_that_is_gone_leaves_nobody_waiting() -> None:
    pool = ThreadPoolExecutor(1)
    share, go_on = Share(pool, 1), threading.Event()
    running, waiting = share.submit(go_on.wait, LONG), share.submit(str)
    pool.shutdown(wait=False)
    go_on.set()
    assert running.result(LONG) is True
    with pytest.raises(CancelledError):
        waiting.result(LONG)
    share.shutdown()


def test_bots_on_one_scheduler_know_only_their_own_jobs(crew: Crew, sqlite: Database) -> None:
    ran = {"one": threading.Event(), "other": threading.Event()}
    bots = {name: Jobs(_table(event), sqlite, system_clock, crew=crew) for name, event in ran.items()}
    for bot in bots.values():
        bot.start()
    assert all(event.wait(LONG) for event in ran.values())
    assert bots["one"].stop()
    # The other one goes on, and is asked by the same name.
    for name in ("scan", "sync"):
        ran["other"].clear()
        bots["other"].run_now(name)
        assert ran["other"].wait(LONG)
    assert bots["one"].stop()
    assert bots["other"].stop()
    assert crew.scheduler.get_jobs() == []


class _SlowStore(MemoryJobStore):  # type: ignore[misc] # APScheduler has no types
    """Does something within the scheduler's start: after that of the executors, before it says that it runs."""

    def __init__(self, within: Callable[[], None]) -> None:
        super().__init__()
        self._within = within

    def start(self, scheduler: object, alias: str) -> None:
        self._within()
        super().start(scheduler, alias)


def test_bots_that_start_side_by_side_are_all_run(crew: Crew, sqlite: Database) -> None:
    ran = {"one": threading.Event(), "other": threading.Event()}
    bots = {name: Jobs(_table(event), sqlite, system_clock, crew=crew) for name, event in ran.items()}
    other = threading.Thread(target=bots["other"].start)

    def start_the_other() -> None:
        other.start()
        other.join(0.2)

    crew.scheduler.add_jobstore(_SlowStore(start_the_other), "slow")
    bots["one"].start()
    other.join(LONG)
    assert all(event.wait(LONG) for event in ran.values())
    assert all(bot.stop() for bot in bots.values())


def test_a_crew_that_is_closed_ticks_no_more(crew: Crew, sqlite: Database) -> None:
    crew.close()
    Jobs(_table(threading.Event()), sqlite, system_clock, crew=crew).start()
    assert not crew.scheduler.running


def _table(ran: threading.Event) -> list[Job]:
    def run() -> None:
        ran.set()

    return [Job(name=name, every=timedelta(days=1), run=run, is_long=name == "sync") for name in ("scan", "sync")]


def test_runs_that_are_called_off_are_no_errors(
    crew: Crew, sqlite: Database, caplog: pytest.LogCaptureFixture,
) -> None:
    go_on, begun = threading.Event(), threading.Semaphore(0)

    def hang() -> None:
        begun.release()
        go_on.wait(LONG)

    table = [Job(name=f"job {number}", every=timedelta(days=1), run=hang) for number in range(JOBS_OF_ONE + 2)]
    jobs = Jobs(table, sqlite, system_clock, crew=crew)
    jobs.start()
    assert all(begun.acquire(timeout=LONG) for _ in range(JOBS_OF_ONE))
    assert not jobs.stop(timedelta(0))
    go_on.set()
    assert jobs.stop(timedelta(seconds=LONG))
    # Those that waited for a thread never began.
    assert not begun.acquire(blocking=False)
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_bot_whose_jobs_hang_holds_up_no_other(crew: Crew, sqlite: Database) -> None:
    go_on, ran, before = threading.Event(), threading.Event(), set(threading.enumerate())

    def hang() -> None:
        go_on.wait(LONG)

    table = [Job(name=f"job {number}", every=timedelta(days=1), run=hang) for number in range(JOBS)]
    slow = Jobs(table, sqlite, system_clock, crew=crew)
    slow.start()
    quick = Jobs(_table(ran), sqlite, system_clock, crew=crew)
    quick.start()
    assert ran.wait(LONG)
    # Those of a test before may still be ending.
    assert sum(one.name.startswith("jobs_") for one in {*threading.enumerate()} - before) <= JOBS_OF_ONE + 1
    assert not slow.stop(timedelta(0))
    go_on.set()
    assert slow.stop(timedelta(seconds=LONG))
    assert quick.stop()
