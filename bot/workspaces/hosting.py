"""The bot for several workspaces: one door for Slack, one clock that looks after the bots, health and numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from bot.clock import Clock
from bot.crew import Crew
from bot.ending import WITHIN, Deadline
from bot.health import Health, Problem
from bot.jobs import Job, Jobs
from bot.metrics import Metrics
from bot.runtime import ANSWERED_WITHIN
from bot.settings import Settings
from bot.slack.socket import Socket
from bot.vitals import Vitals
from bot.web import Web
from bot.workspaces.front import Front, which
from bot.workspaces.install import INSTALL, Install
from bot.workspaces.registry import Registry
from bot.workspaces.routes import routes
from bot.workspaces.running import Make, Workspaces
from storage.engine import Database

TEND_EVERY = timedelta(seconds=30)
"""How soon a workspace is served that was installed by another process, or whose access to Sendoso was changed."""
WORKERS = 2
OF_THE_PROCESS = re.compile("process_|sendwatch_(threads|build)")
"""Numbers that are the same whichever workspace's bot is asked."""


class Hosting:
    """Everything that serves several workspaces. It does nothing until `start`; `database` is the main one.

    `crew` are the threads that the bots of `make` share.
    """

    def __init__(
        self, settings: Settings, database: Database, clock: Clock, make: Make, crew: Crew, *, at_work: bool = True,
    ) -> None:
        self.settings, self.database, self._crew = settings, database, crew
        self.registry = Registry(settings, database, clock)
        self.workspaces = Workspaces(self.registry, make, clock, settings.keep_uninstalled, at_work=at_work)
        self.executor = ThreadPoolExecutor(WORKERS, thread_name_prefix="workspaces")
        signing = settings.slack_signing_secret
        self.front = Front(
            self.workspaces, self.registry, self.executor, api_url=settings.slack_api_url,
            signing_secret=signing.get_secret_value() if signing else "", install_url=f"{settings.public_url}{INSTALL}",
        )
        token = settings.slack_app_token
        self.socket = Socket(self.front, token.get_secret_value()) if token else None
        self.metrics = _AllMetrics(database, clock, self.workspaces)
        self.jobs = Jobs(
            [Job(name="workspaces", every=TEND_EVERY, run=self.workspaces.tend)], database, clock, self.metrics,
        )
        self.health = _AllHealth(database, clock, self.jobs, self.workspaces, self.socket)
        self.metrics.registry.register(Vitals(database, self.health.problems, self.socket))
        self.web = Web(
            health=self.health, metrics=self.metrics, slack_dispatch=self.front.dispatch, receive_webhook=which,
            more=routes(Install(settings, self.registry, self.workspaces, clock), self.front),
        )

    @property
    def url(self) -> str:
        """Where everything is served."""
        return f"http://{self.settings.http_host}:{self.web.port}"

    def start(self) -> None:
        """Begin every workspace's bot and serve, in threads, until `stop`. OSError where the port is taken."""
        self.web.start(self.settings.http_host, self.settings.http_port)
        self.workspaces.bell.heard = lambda: self.jobs.run_now("workspaces")
        self.jobs.start()
        if self.socket is not None:
            self.socket.start()

    def stop(self, within: timedelta = WITHIN) -> None:
        """Finish what is under way and let go of everything; safe to call whatever had been started."""
        deadline = Deadline(within)
        self.workspaces.begin_no_more()
        if self.socket is not None:
            deadline.wait_for(self.socket.stop, "socket")
        self.workspaces.bell.heard = lambda: None
        self.web.stop(deadline.left(ANSWERED_WITHIN))
        self.jobs.stop(deadline.left(ANSWERED_WITHIN))
        self.executor.shutdown(wait=False, cancel_futures=True)
        self.workspaces.stop(deadline.left())
        self._crew.close()
        self.health.close()
        self.metrics.close()
        self.database.close()


class _AllHealth(Health):
    """The main database and its job, and each workspace's; a token that one workspace withdrew is its own affair."""

    def __init__(
        self, database: Database, clock: Clock, jobs: Jobs, workspaces: Workspaces, socket: Socket | None,
    ) -> None:
        super().__init__(
            database, clock, jobs.table, connected=(lambda: socket.connected) if socket else None,
            silence=(lambda: socket.silence) if socket else lambda: None,
        )
        self._workspaces = workspaces

    def problems(self) -> list[Problem]:
        """Everything that is wrong now; empty when the bot is ready."""
        own = self.ask()
        each = {team_id: runtime.health.ask() for team_id, runtime in self._workspaces.running().items()}
        found = own()
        if any(problem.name == "database" for problem in found):
            return found
        found += self._workspaces.problems()
        for team_id, told in each.items():
            found += [
                Problem(name=f"workspace {team_id}: {one.name}", reason=one.reason, workspace=team_id)
                for one in told() if one.name != "slack"
            ]
        return found


class _AllMetrics(Metrics):
    """The numbers of all workspaces, each with its id as a label; of what concerns all, the label is empty."""

    def __init__(self, database: Database, clock: Clock, workspaces: Workspaces) -> None:
        super().__init__(database, clock)
        self._all = CollectorRegistry()
        self._all.register(_Merged(self, workspaces))

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self._all)


class _Merged(Collector):
    def __init__(self, own: Metrics, workspaces: Workspaces) -> None:
        self._own, self._workspaces = own, workspaces

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        found = dict[str, Metric]()
        sources = {"": self._own} | {team: one.metrics for team, one in self._workspaces.running().items()}
        # All databases are asked before the first is waited for: those that hang are waited for together.
        asked = {team_id: metrics.ask() for team_id, metrics in sources.items()}
        for team_id, metrics in sources.items():
            for family in metrics.collect(asked[team_id]):
                if team_id and OF_THE_PROCESS.match(family.name):
                    continue
                into = found.setdefault(family.name, Metric(family.name, family.documentation, family.type))
                into.samples += [one._replace(labels={**one.labels, "workspace": team_id}) for one in family.samples]
        yield from found.values()
