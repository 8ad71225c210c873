"""The clock of the bot: a table of jobs, each run at its interval, and at once when somebody waits for it.

APScheduler only ticks. Every job claims its work from the database, so that a tick more or less, or the same
tick in several processes, changes nothing.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.jobstores.base import JobLookupError

from bot.clock import Clock
from bot.crew import Crew, Pool, scheduler
from bot.tracing import traced
from storage import job_runs
from storage.engine import Database

log = structlog.get_logger()

SOONEST = timedelta(milliseconds=200)
"""A job that asks to be run again at once is still run at most this often."""
NOTED_EVERY = timedelta(seconds=10)
"""Good runs of a job are written down at most this often: the delivery ticks every other second."""
TOLD_EVERY = timedelta(hours=1)
"""What fails in the same way again and again is logged in full at most this often."""
LONGEST_KIND = 100
"""Letters of the kind of an error that are written down."""
EVENTS = {EVENT_JOB_ERROR: "failed", EVENT_JOB_MISSED: "missed", EVENT_JOB_MAX_INSTANCES: "skipped"}


@dataclass(frozen=True, kw_only=True)
class Job:
    """Something done every `every`, the first time at start.

    `run` may give the instant of its next work, by the bot's clock, and is then run at that instant if it
    comes before the next tick.
    """

    name: str
    every: timedelta
    run: Callable[[], datetime | None]
    is_long: bool = False
    """Whether a run may take minutes: with many workspaces those wait for one another, and nothing else for them."""


class DoneElsewhereError(Exception):
    """Raised by a run that leaves the work to another process, which is at it: it says nothing of how that goes."""


class Counter(Protocol):
    """Counts how runs of jobs end: ok, failed, elsewhere, missed, skipped."""

    def job(self, name: str, result: str) -> None: ...


class Jobs:
    """Runs a table of jobs in threads. One job that fails stops neither itself nor another.

    Threads and scheduler are its own, or those of a `crew`. `workspace` is whose jobs these are, for the log.
    """

    def __init__(
        self, jobs: Iterable[Job], database: Database, clock: Clock, counter: Counter | None = None,
        crew: Crew | None = None, workspace: str = "",
    ) -> None:
        self.table = tuple(jobs)
        self._runners = {
            job.name: _Runner(job, database, clock, counter, self._soon, workspace) for job in self.table
        }
        self._counter, self._workspace, self._has_started = counter, workspace, False
        self._crew, self._scheduler = crew, crew.scheduler if crew else scheduler()
        # On a scheduler that serves others, too, nobody else's names begin like these.
        self._mark = f"{uuid.uuid4().hex}/" if crew else ""
        threads = crew.jobs() if crew else ThreadPoolExecutor(max(4, len(self.table)))
        self._pools = {True: crew.syncs() if crew else threads, False: threads}

    def start(self) -> None:
        """Begin; each job runs for the first time at once."""
        if self._crew is not None:
            self._crew.begin()
        self._scheduler.add_listener(self._noticed, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
        for is_long, threads in self._pools.items():
            self._scheduler.add_executor(Pool(threads), self._place(is_long=is_long))
        for job in self.table:
            self._scheduler.add_job(
                self._runners[job.name].tick, "interval", seconds=job.every.total_seconds(), id=self._mark + job.name,
                name=job.name, next_run_time=datetime.now(UTC), executor=self._place(is_long=job.is_long),
            )
        self._has_started = True
        if self._crew is None:
            self._scheduler.start()

    def run_now(self, name: str) -> None:
        """Run a job without waiting for its tick, nor here for its end. Several wishes at once become one run.

        A job under way runs once more after it, so that nothing that was committed before the wish is missed.
        KeyError for a job that is not in the table.
        """
        runner = self._runners[name]
        if not runner.again_if_running():
            self._soon(name, timedelta(0))

    def stop(self, timeout: timedelta = timedelta(seconds=15)) -> bool:
        """Begin no further run and wait for those under way; False if one did not end within `timeout`."""
        self._leave()
        deadline = time.monotonic() + timeout.total_seconds()
        ended = [runner.stop(deadline) for runner in self._runners.values()]
        if not all(ended):
            late = [job.name for job, over in zip(self.table, ended, strict=True) if not over]
            with traced(workspace=self._workspace):
                log.warning("jobs_still_running", jobs=late)
        return all(ended)

    def _place(self, *, is_long: bool) -> str:
        return f"{self._mark}{'long' if is_long else 'short'}"

    def _leave(self) -> None:
        if not self._has_started:
            return
        self._has_started = False
        self._scheduler.remove_listener(self._noticed)
        if self._crew is None:
            self._scheduler.shutdown(wait=False)
            return
        for job in self.table:
            self._scheduler.remove_job(self._mark + job.name)
        for is_long, threads in self._pools.items():
            self._scheduler.remove_executor(self._place(is_long=is_long), shutdown=False)
            threads.shutdown(wait=False, cancel_futures=True)

    def _soon(self, name: str, delay: timedelta) -> None:
        at = datetime.now(UTC) + delay
        try:
            planned = self._scheduler.get_job(self._mark + name)
            if planned is not None and (planned.next_run_time is None or planned.next_run_time > at):
                self._scheduler.modify_job(self._mark + name, next_run_time=at)
        except JobLookupError:
            log.debug("job_gone", job=name)  # stopping

    def _noticed(self, event: JobEvent) -> None:
        if not event.job_id.startswith(self._mark):
            return
        name, result = event.job_id.removeprefix(self._mark), EVENTS.get(event.code, "failed")
        with traced(name, self._workspace):
            log.warning("job_not_run", job=name, result=result)
        if self._counter is not None:
            self._counter.job(name, result)


class _Runner:
    """One job: never twice at once in this process; its ends are logged, counted and written down."""

    def __init__(
        self, job: Job, database: Database, clock: Clock, counter: Counter | None,
        soon: Callable[[str, timedelta], None], workspace: str,
    ) -> None:
        self._job, self._database, self._clock = job, database, clock
        self._counter, self._soon, self._workspace = counter, soon, workspace
        self._state = threading.Condition()
        self._running = self._again = self._stopped = False
        self._noted_at: datetime | None = None
        self._unnoted = 0
        self._failing: tuple[str, datetime, int] | None = None
        """The kind of its last failure, when that was logged in full, and how often it has failed in a row."""

    def again_if_running(self) -> bool:
        with self._state:
            self._again = self._running
            return self._running

    def stop(self, deadline: float) -> bool:
        with self._state:
            self._stopped = True
            return self._state.wait_for(lambda: not self._running, max(0.0, deadline - time.monotonic()))

    def tick(self) -> None:
        if not self._begin():
            return
        try:
            at = self._traced()
            while self._wanted_again():
                at = self._traced()
        finally:
            with self._state:
                self._running = False
                self._state.notify_all()
        if at is not None:
            self._soon(self._job.name, max(at - self._clock(), SOONEST))

    def _begin(self) -> bool:
        with self._state:
            if self._running or self._stopped:
                return False
            self._running, self._again = True, False
            return True

    def _wanted_again(self) -> bool:
        with self._state:
            again, self._again = self._again and not self._stopped, False
            # Said under the same lock as `again_if_running` asks: no wish falls between the two.
            self._running = again
            return again

    def _traced(self) -> datetime | None:
        with traced(self._job.name, self._workspace):
            return self._once()

    def _once(self) -> datetime | None:
        started_at, at, error = self._clock(), None, None
        try:
            at = self._job.run()
        except DoneElsewhereError:
            # Neither good nor bad: a job that fails in the one process must not look well because of the others.
            log.debug("job_done_elsewhere", job=self._job.name)
            if self._counter is not None:
                self._counter.job(self._job.name, "elsewhere")
            return None
        except Exception as failure:  # noqa: BLE001 - whatever fails, the next tick tries again
            # Its words may name people; they stand in the log only, which takes that out.
            error = type(failure).__name__[:LONGEST_KIND]
            self._log_failure(error, started_at)
        else:
            self._failing = None
        if self._counter is not None:
            self._counter.job(self._job.name, "failed" if error else "ok")
        self._note(started_at, error)
        return at

    def _log_failure(self, error: str, at: datetime) -> None:
        """In full the first time, and else in a line: what fails each second would fill a disk by telling so."""
        kind, told_at, times = self._failing or ("", at, 0)
        is_new = kind != error or abs(at - told_at) >= TOLD_EVERY
        self._failing = (error, at if is_new else told_at, times + 1)
        log.error("job_failed", job=self._job.name, error=error, times=times + 1, exc_info=is_new)

    def _note(self, started_at: datetime, error: str | None) -> None:
        now = self._clock()
        self._unnoted += 1
        # In either direction: a clock that was put back leaves the last note in the future.
        if error is None and self._noted_at is not None and abs(now - self._noted_at) < NOTED_EVERY:
            return
        try:
            with self._database.write() as session:
                job_runs.ended(
                    session, self._job.name, started_at=started_at, ended_at=now, error=error, runs=self._unnoted,
                )
        except Exception:
            # Where the job has failed as well, that is the same trouble most of the time.
            log.exception("job_not_noted", job=self._job.name, exc_info=error is None)
            return
        self._noted_at, self._unnoted = (now if error is None else None), 0
