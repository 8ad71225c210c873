"""What "healthy" means: the process lives; it is ready when everything that it needs works and nothing stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot import disk
from bot.clock import Clock, Leaps
from bot.delivery import standing
from bot.delivery.pacing import Terms
from bot.doctor.database import FULL
from bot.jobs import Job
from bot.shared_look import Asked, SharedLook
from bot.tracing import traced
from storage import job_runs, outgoing, schema, servers
from storage.engine import Database
from storage.outgoing import WORKSPACE

log = structlog.get_logger()

PATIENCE = timedelta(seconds=60)
"""On top of three intervals, before a job counts as standing still."""
UNDELIVERED_FOR = timedelta(minutes=5)
"""How long a message may wait for no reason. When a process dies, another takes its message over after a lease and a
grace of a minute each, so that two minutes are nothing wrong; more than twice that is (our judgement)."""
SILENT_FOR = timedelta(seconds=30)
"""How long Slack may leave the socket's pings unanswered: fifteen of them. The SDK itself gives a connection up after
four and has a new one after six to twelve seconds (measured), so that after thirty it is the SDK that stands still."""
READ_ONLY = "the database takes no writes: the server is a standby, or set to read only"
REPLACED = "the database's file was deleted or replaced under the bot; what it writes now is lost when it stops"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that keeps the bot from doing its work; `name` is for programs, `reason` for people.

    `workspace` is whose it is, where that workspace's own bot tells of it as well.
    """

    name: str
    reason: str
    workspace: str = ""


class Health:
    """Looks at the database, its migrations, the jobs, Slack's token and, where there is one, Slack's socket.

    `connected` says whether Socket Mode has a live connection, and `silence` how long ago Slack last answered a ping
    on it; None where Slack comes over HTTP. `terms` are those of the delivery. `workspace` is whose bot it looks at,
    for the log.
    """

    def __init__(
        self, database: Database, clock: Clock, jobs: Iterable[Job], *, connected: Callable[[], bool] | None = None,
        silence: Callable[[], timedelta | None] = lambda: None, terms: Terms | None = None,
        looker: Executor | None = None, workspace: str = "", leaps: Leaps | None = None,
    ) -> None:
        self._database, self._clock, self._jobs = database, clock, tuple(jobs)
        self._connected, self._silence, self._started_at = connected, silence, clock()
        self._leaps = leaps or Leaps(clock)
        self._terms, self._workspace = terms or Terms(), workspace
        self._migrated = False
        self._looker = looker or ThreadPoolExecutor(1, thread_name_prefix="health")
        self._shared = SharedLook(self._look, self._looker)

    def problems(self) -> list[Problem]:
        """Everything that is wrong now; empty when the bot is ready."""
        return self.ask()()

    def ask(self) -> Callable[[], list[Problem]]:
        """Begin to look, and wait for nothing; what it gives waits, and gives the problems.

        For who asks several: whichever of them hang, all are waited for together.
        """
        asked = self._shared.ask()
        return lambda: [*self._of_database(asked), *self._of_socket()]

    def close(self) -> None:
        """Let go of what asks the database."""
        self._looker.shutdown(wait=False, cancel_futures=True)

    def _of_database(self, asked: Asked[list[Problem]]) -> list[Problem]:
        try:
            return asked.found()
        except TimeoutError:
            return [Problem(name="database", reason="the database does not answer within 3 seconds")]
        except Exception as error:  # noqa: BLE001 - any failure to look is the finding
            with traced(workspace=self._workspace):
                log.warning("database_unreachable", error=str(error))
            return [Problem(name="database", reason=f"the database cannot be read ({type(error).__name__})")]

    def _look(self) -> list[Problem]:
        if not self._database.is_in_place():
            return [Problem(name="file", reason=REPLACED)]
        self._migrated = self._migrated or schema.is_current(self._database)
        if not self._migrated:
            return [Problem(name="migrations", reason="the database is not up to date; run “sendwatch migrate”")]
        now = self._clock()
        # Where the clock was put back, what stands still would else be seen only once it is that late again; where it
        # leapt, all would seem to stand still that had no time to run.
        self._started_at = now if self._leaps.leapt() else min(self._started_at, now)
        with self._database.read() as session:
            if servers.takes_no_writes(session):
                return [Problem(name="database", reason=READ_ONLY)]
            runs = {name: (run.last_ok_at, run.last_error) for name, run in job_runs.every(session).items()}
            workspace = outgoing.paces(session).get(WORKSPACE)
            code = workspace.broken_code if workspace is not None else None
            waits_since = standing.oldest(session, now, self._terms)
        found = [self._of_disk(), *(self._of_job(job, *runs.get(job.name, (None, None)), now) for job in self._jobs)]
        if code is not None:
            found.append(Problem(name="slack", reason=f"Slack takes no messages: {code}"))
        if waits_since is not None:
            found.append(self._of_delivery(waits_since, now))
        return [problem for problem in found if problem is not None]

    def _of_disk(self) -> Problem | None:
        # Seen at once: that the jobs fail can be noted nowhere then. One disk of several workspaces is told of once.
        free = None if self._workspace else disk.free(self._database)
        if free is None or free >= FULL:
            return None
        return Problem(name="disk", reason=f"{free / 1_000_000:,.1f} MB are free beside the database: nothing is kept")

    def _of_job(self, job: Job, ok_at: datetime | None, error: str | None, now: datetime) -> Problem | None:
        # A process that has just started is given its time, however long the bot was switched off before.
        is_put_back = ok_at is not None and ok_at - now > job_runs.PUT_BACK
        since = self._started_at if ok_at is None or is_put_back else max(ok_at, self._started_at)
        age = now - since
        if age <= 3 * job.every + PATIENCE:
            return None
        last = f"{ok_at:%Y-%m-%d %H:%M:%S} UTC" if ok_at is not None else "never"
        reason = f"the job “{job.name}” stands still; last good run: {last}"
        # What follows the kind of an error may name people.
        return Problem(name=job.name, reason=f"{reason}; {error.partition(':')[0]}" if error else reason)

    def _of_delivery(self, waits_since: datetime, now: datetime) -> Problem | None:
        age = now - max(waits_since, self._started_at)
        if age <= UNDELIVERED_FOR:
            return None
        reason = f"a message has waited {age // timedelta(minutes=1)} minutes longer than Slack asks for"
        return Problem(name="undelivered", reason=reason)

    def _of_socket(self) -> list[Problem]:
        if self._connected is None:
            return []
        if not self._connected():
            return [Problem(name="socket", reason="Slack's Socket Mode is not connected")]
        silence = self._silence()
        if silence is None or silence <= SILENT_FOR:
            return []
        seconds = round(silence.total_seconds())
        return [Problem(name="pong", reason=f"Slack's Socket Mode has answered no ping for {seconds} seconds")]
