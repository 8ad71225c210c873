"""Numbers for Prometheus: counters of this process, and the state of the database at each look."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import datetime
from functools import partial

import structlog
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot import disk
from bot.clock import Clock
from bot.delivery import standing
from bot.delivery.pacing import Terms
from bot.shared_look import Asked, SharedLook
from bot.tracing import traced
from storage import job_runs, outgoing
from storage.engine import Database
from storage.models import Alert, Send, WebhookDelivery
from storage.outgoing import WORKSPACE

log = structlog.get_logger()

CONTENT_TYPE = CONTENT_TYPE_LATEST
CODE = re.compile(r"[a-z0-9_.]{1,60}", re.ASCII)
CODES = 60
"""Different codes of Slack's that are told apart; a stand-in that makes up its own must not fill Prometheus."""
OTHER = "other"


class Metrics:
    """Counters with the names of their labels, and gauges read from the database when they are asked for.

    No label is called `job` or `instance`: these are Prometheus' own, which it puts in the place of ours.

    The database is read in threads of the `looker`. `registry` has all that is told without it. `workspace` is whose
    bot it counts for, for the log.
    """

    def __init__(
        self, database: Database, clock: Clock, looker: Executor | None = None, workspace: str = "",
    ) -> None:
        self._workspace = workspace
        self.registry, self._everything = CollectorRegistry(), CollectorRegistry()
        self._looker = looker or ThreadPoolExecutor(1, thread_name_prefix="metrics")
        self._state = SharedLook(partial(_state, database, clock), self._looker)
        self._slack = self._counter("slack_calls", "Calls to Slack's Web API by how they ended", "method", "result")
        self._jobs = self._counter("job_runs", "Runs of jobs by how they ended", "name", "result")
        self._http = self._counter("http_requests", "Requests answered, by route and status", "route", "status")
        self._deliveries = self._counter("deliveries", "Turns of channels by how they ended", "outcome")
        self._intake = self._counter("sends_read", "Sends read from a source, by what they were", "source", "verdict")
        self._presses = self._counter("presses", "Presses on alerts by what became of them", "action", "outcome")
        self._refused = self._counter("requests_refused", "Requests refused for where somebody is at home", "reason")
        self._found = Gauge(
            "sendwatch_self_check", "What the self-check found, by finding", ["finding"], registry=self.registry,
        )
        self._codes: set[str] = set()
        ProcessCollector(registry=self.registry)
        self._everything.register(_Everything(self))

    def slack_call(self, method: str, result: str) -> None:
        """One call to Slack; `result` is ok, Slack's error code or what became of the connection."""
        if result not in self._codes:
            if not CODE.fullmatch(result) or len(self._codes) >= CODES:
                result = OTHER
            self._codes.add(result)
        self._slack.labels(method, result).inc()

    def job(self, name: str, result: str) -> None:
        """One run of a job: ok, failed, elsewhere (another process was at it), missed or skipped."""
        self._jobs.labels(name, result).inc()

    def http(self, route: str, status: str) -> None:
        """One HTTP request; `route` is the path's pattern, never the path itself."""
        self._http.labels(route, status).inc()

    def delivered(self, endings: Mapping[str, int]) -> None:
        """A run of the delivery: how many turns of channels ended in which way."""
        for outcome, number in endings.items():
            self._deliveries.labels(outcome).inc(number)

    def read(self, source: str, **verdicts: int) -> None:
        """Sends read from a source: how many were new, changed, unchanged or rejected."""
        for verdict, number in verdicts.items():
            self._intake.labels(source, verdict).inc(number)

    def press(self, action: str, outcome: str) -> None:
        """One press; `outcome` is done, or the code of the refusal."""
        self._presses.labels(action, outcome).inc()

    def refused(self, reason: str) -> None:
        """A request that was refused: of an outsider, or undecided where Slack did not say whether of one."""
        self._refused.labels(reason).inc()

    def found(self, finding: str, number: int) -> None:
        """What the latest self-check found of one kind."""
        self._found.labels(finding).set(number)

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self._everything)

    def ask(self) -> Asked[list[Metric]]:
        """Begin to read the database, and wait for nothing."""
        return self._state.ask()

    def collect(self, asked: Asked[list[Metric]]) -> Iterator[Metric]:
        """Everything, with what the database says to what it was asked; a database that hangs leaves the rest."""
        yield from self.registry.collect()
        try:
            found = asked.found()
        except Exception as error:
            # Whatever kept it from looking is the finding.
            with traced(workspace=self._workspace):
                log.warning("metrics_without_database", exc_info=not isinstance(error, TimeoutError))
            found = []
        yield _gauge("database_up", "Whether the database answers", float(bool(found)))
        yield from found

    def close(self) -> None:
        """Let go of what reads the database."""
        self._looker.shutdown(wait=False, cancel_futures=True)

    def _counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(f"sendwatch_{name}", words, labels, registry=self.registry)


class _Everything(Collector):
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def describe(self) -> list[Metric]:
        # Nothing is read from the database when the collector is registered.
        return []

    def collect(self) -> Iterator[Metric]:
        # The database is asked first, so that it is waited for beside all else that is.
        return self._metrics.collect(self._metrics.ask())


def _state(database: Database, clock: Clock) -> list[Metric]:
    with database.read() as session:
        return [*_gauges(session, clock()), *_of_disk(database, session)]


def _gauges(session: Session, now: datetime) -> Iterator[Metric]:
    waiting = outgoing.waiting(session, now)
    yield _gauge("messages_waiting", "Messages that Slack does not show yet", sum(group.count for group in waiting))
    oldest = standing.oldest(session, now, Terms()) or now
    yield _gauge("messages_overdue_seconds", "How long the first of them could have gone", _seconds(oldest, now))
    broken = [name for name, pace in outgoing.paces(session).items() if pace.broken_code]
    yield _gauge("channels_broken", "Channels that Slack lets nothing into", len(broken))
    yield _gauge("slack_refuses", "Whether Slack refuses the token or cannot be reached", int(WORKSPACE in broken))
    due, first = session.execute(select(func.count(), func.min(Send.due_at)).where(Send.due_at <= now)).one()
    yield _gauge("sends_due", "Sends that the next scan looks at", due)
    yield _gauge("sends_due_seconds", "How long the first of them has been due", _seconds(first or now, now))
    pending = session.scalar(select(func.count()).where(WebhookDelivery.pending_at.is_not(None)))
    yield _gauge("webhooks_pending", "Webhooks not taken in yet", pending or 0)
    alerts = GaugeMetricFamily("sendwatch_alerts", "Alerts by state", labels=["state"])
    for state, count in session.execute(select(Alert.state, func.count()).group_by(Alert.state)):
        alerts.add_metric([state], count)
    yield alerts
    ages = GaugeMetricFamily("sendwatch_job_ok_seconds", "Age of the last good run", labels=["name"])
    for name, run in job_runs.every(session).items():
        if run.last_ok_at is not None:
            ages.add_metric([name], _seconds(run.last_ok_at, now))
    yield ages


def _of_disk(database: Database, session: Session) -> Iterator[Metric]:
    size = disk.size(database, session)
    if size is not None:
        yield _gauge("database_bytes", "Size of the database, its log included", size)
    free = disk.free(database)
    if free is not None:
        yield _gauge("database_free_bytes", "Bytes that are free beside the SQLite file", free)


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"sendwatch_{name}", words, value=value)


def _seconds(since: datetime, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds())
