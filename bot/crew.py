"""Threads and one scheduler that the bots of many workspaces use together; no bot gets more than its share of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from threading import Condition, Lock
from typing import Any

from apscheduler.executors.pool import BasePoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

JOBS, SYNCS, LATER, LOOKS = 32, 8, 32, 32
"""Threads in all, at most: for jobs, for walks through Sendoso's sends, which may take minutes, for what is said to
Slack after an answer, and for looks at databases."""
JOBS_OF_ONE, LATER_OF_ONE = 4, 8
"""How many of them one workspace may have at a time: whatever hangs there, the others have all the rest."""


class Ticks(BackgroundScheduler):  # type: ignore[misc] # APScheduler has no types
    """APScheduler's, which plans each tick by the machine's clock: when that is put back, no tick is left far off.

    By itself nothing would be done for as long as the clock was put back by.
    """

    _looked_at = datetime.min.replace(tzinfo=UTC)

    def _process_jobs(self) -> float | None:
        now = datetime.now(UTC)
        if now < self._looked_at:
            self._bring_forward(now)
        self._looked_at = now
        wait: float | None = super()._process_jobs()
        # Put back just now: what was planned by the one time is not to be waited for by the other.
        return 0 if datetime.now(UTC) < now else wait

    def _bring_forward(self, now: datetime) -> None:
        # No tick is ever planned further ahead than one interval.
        for job in self.get_jobs():
            latest = now + job.trigger.interval
            with suppress(JobLookupError):  # stopping
                if job.next_run_time > latest:
                    job.modify(next_run_time=latest)


def scheduler() -> BackgroundScheduler:
    """A clock that only ticks; without its defaults, which leave a late tick out silently."""
    return Ticks(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )


class Pool(BasePoolExecutor):  # type: ignore[misc] # APScheduler has no types
    """APScheduler's way to run jobs, in threads that it is given."""

    def __init__(self, threads: Executor) -> None:
        super().__init__(_Runs(threads))


class _Runs(Executor):
    """Threads in which what was called off is never over: APScheduler would ask it for its error, and raise that."""

    def __init__(self, threads: Executor) -> None:
        self._threads = threads

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401 - its base's
        run = Future[Any]()

        def over(done: Future[Any]) -> None:
            if done.cancelled():
                return
            error = done.exception()
            if error is not None:
                run.set_exception(error)
            else:
                run.set_result(done.result())

        self._threads.submit(fn, *args, **kwargs).add_done_callback(over)
        return run

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - its base's
        self._threads.shutdown(wait, cancel_futures=cancel_futures)


class Share(Executor):
    """At most so many threads of a pool at a time; what comes beyond that waits, and holds up nobody else.

    After each task the thread goes to whoever has waited longest, whichever workspace's that is.
    """

    def __init__(self, pool: Executor, most: int) -> None:
        self._pool, self._most = pool, most
        self._waiting = deque[tuple[Future[Any], Callable[[], Any]]]()
        self._state = Condition()
        self._busy, self._closed = 0, False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401 - its base's
        """Do it in a thread, sooner or later. RuntimeError after `shutdown`."""
        future = Future[Any]()
        with self._state:
            if self._closed:
                raise RuntimeError("no new tasks after shutdown")
            self._waiting.append((future, partial(fn, *args, **kwargs)))
            if self._busy >= self._most:
                return future
            self._busy += 1
        self._next()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - its base's
        """Take nothing more; the threads go on to serve the others."""
        with self._state:
            self._closed = True
            while cancel_futures and self._waiting:
                self._waiting.pop()[0].cancel()
            if wait:
                self._state.wait_for(lambda: not self._busy)

    def _next(self) -> None:
        try:
            self._pool.submit(self._turn)
        except RuntimeError:
            # The pool is gone, and with it whoever could have done what waits.
            with self._state:
                self._leave()
                while self._waiting:
                    self._waiting.pop()[0].cancel()

    def _turn(self) -> None:
        with self._state:
            if not self._waiting:
                self._leave()
                return
            future, task = self._waiting.popleft()
        if future.set_running_or_notify_cancel():
            try:
                future.set_result(task())
            except BaseException as error:  # noqa: BLE001 - whoever waits for the future is told
                future.set_exception(error)
        with self._state:
            if not self._waiting:
                self._leave()
                return
        self._next()

    def _leave(self) -> None:
        self._busy -= 1
        self._state.notify_all()


class Crew:
    """What the bots share. It begins with the first bot's jobs, and ends with `close`."""

    def __init__(self) -> None:
        self.scheduler = scheduler()
        self._beginning, self._has_begun = Lock(), False
        self._jobs, self._syncs, self._later, self._looks = (
            ThreadPoolExecutor(number, thread_name_prefix=name)
            for number, name in ((JOBS, "jobs"), (SYNCS, "syncs"), (LATER, "later"), (LOOKS, "looks"))
        )

    def begin(self) -> None:
        """Let the scheduler tick; whoever comes while another begins it waits for that. Only the first time counts."""
        # APScheduler minds no threads here: what is added within its start is never run, and a second start can stop
        # the first one's clock.
        with self._beginning:
            if not self._has_begun:
                self._has_begun = True
                self.scheduler.start()

    def jobs(self) -> Executor:
        """For one bot's jobs."""
        return Share(self._jobs, JOBS_OF_ONE)

    def syncs(self) -> Executor:
        """For one bot's walks through Sendoso's sends."""
        return Share(self._syncs, 1)

    def later(self) -> Executor:
        """For what one bot says to Slack after an answer."""
        return Share(self._later, LATER_OF_ONE)

    def looks(self) -> Executor:
        """For looks of one kind at one bot's database."""
        return Share(self._looks, 1)

    def close(self) -> None:
        """Let go of all threads; what is still under way in one ends by itself."""
        with self._beginning:
            self._has_begun = True
            if self.scheduler.running:
                self.scheduler.shutdown(wait=False)
        for pool in (self._jobs, self._syncs, self._later, self._looks):
            pool.shutdown(wait=False, cancel_futures=True)
