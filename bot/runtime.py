"""The bot at work: what each tick of its clock does, and how it starts and stops."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog
from slack_bolt import App
from sqlalchemy.orm import Session

from bot import disk
from bot.alerts import recompute, scan, stale
from bot.alerts.rulebook import Rulebook
from bot.alerts.scan import ScanReport
from bot.clock import Clock
from bot.crew import Crew
from bot.delivery.deliver import Deliver, DeliveryReport
from bot.delivery.settling import Ending
from bot.delivery.slack_codes import WITHDRAWN
from bot.delivery.sweep import Sweep
from bot.ending import WITHIN, Deadline
from bot.health import Health
from bot.jobs import Jobs
from bot.metrics import Metrics
from bot.origin import ALONE, Origin
from bot.privacy import looked_up, retention
from bot.privacy.looked_up import Recorder
from bot.reports import digest
from bot.rota import Rota
from bot.selfcheck import SelfCheck
from bot.sends import sync
from bot.sends.sources import sendoso_webhook
from bot.sends.sources.sendoso_api import SendosoClient
from bot.sends.sources.sendoso_http import SendosoError
from bot.sends.sync import SyncReport, UnreadPagesError
from bot.settings import Settings
from bot.slack import groups, introduction, question_answers, reading, unfurls
from bot.slack.deps import Identity
from bot.slack.homes import Keeper
from bot.slack.socket import Socket
from bot.tracing import carried, traced
from bot.vitals import Vitals
from bot.web import Web
from storage import answered, due, outgoing
from storage import sync as standing
from storage.engine import Database
from storage.outgoing import WORKSPACE

log = structlog.get_logger(__name__)

FORGOTTEN = frozenset({question_answers.ANSWER, unfurls.UNFURL})
"""Kinds of messages that nobody needs a week later: the record of what was done to alerts is none of them."""
TAKEN_OUT_AFTER = timedelta(days=1)
"""How long Slack has to say of a token that it was withdrawn before that counts as the word that the app was taken out.
Of that word itself nothing is known after a back-up was restored (our judgement)."""
ANSWERED_WITHIN = timedelta(seconds=3)
"""How long requests over HTTP may still take when the bot stops: Slack waits no longer for an answer."""


@dataclass
class Bell:
    """Rung when a press has changed what a message shows. Until the jobs run, nobody hears it."""

    heard: Callable[[], None] = lambda: None

    def ring(self) -> None:
        self.heard()


@dataclass(kw_only=True)
class Runtime:
    """The whole bot, put together by `bot.app.build`. It does nothing until `start`; each tick may be called alone."""

    settings: Settings
    clock: Clock
    database: Database
    app: App
    identity: Identity
    rules: Callable[[Session], Rulebook]
    delivery: Deliver
    sweep: Sweep
    metrics: Metrics
    executor: Executor
    bell: Bell
    homes: Keeper
    connect_sendoso: Callable[[], SendosoClient] | None
    socket: Socket | None
    look_ups: Recorder
    go_on: Callable[[], None] = lambda: None
    """Takes up what a process that was killed had begun for somebody."""
    crew: Crew | None = None
    """Whose threads it works with; without one it has its own."""
    origin: Origin = ALONE
    """For which of several workspaces it works."""
    taken_out: Callable[[datetime], None] = lambda _since: None
    """Told since when Slack has said of the token that it was withdrawn, where that has lasted."""
    jobs: Jobs = field(init=False)
    health: Health = field(init=False)
    selfcheck: SelfCheck = field(init=False)
    web: Web = field(init=False)
    _up_since: datetime = field(init=False)
    _stopping: threading.Event = field(init=False, default_factory=threading.Event)
    _catching_up: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._up_since = self.clock()
        workspace = self.origin.workspace
        self.jobs = Jobs(Rota(self).table(), self.database, self.clock, self.metrics, self.crew, workspace)
        socket = self.socket
        self.health = Health(
            self.database, self.clock, self.jobs.table, connected=(lambda: socket.connected) if socket else None,
            silence=(lambda: socket.silence) if socket else lambda: None,
            looker=self.crew.looks() if self.crew else None, workspace=workspace,
        )
        self.metrics.registry.register(Vitals(self.database, self.health.problems, socket))
        self.selfcheck = SelfCheck(
            self.database, self.clock, self.health.problems, count=self.metrics.found,
            admins=self.settings.admin_users, fallback=self.settings.alert_channel,
            # A disk that several workspaces share is no affair of their admins': the numbers tell of it.
            free=(lambda: None) if self.crew else partial(disk.free, self.database),
        )
        self.web = Web(
            health=self.health, metrics=self.metrics,
            slack_dispatch=self.app.dispatch if self.settings.slack_signing_secret else None,
            receive_webhook=self.receive_webhook if self.settings.sendoso_webhook_secrets else None,
        )

    # -- what the clock does

    def sync(self) -> SyncReport | None:
        """One walk through Sendoso's sends; None where no access is set up. Raises `SendosoError`."""
        if self.connect_sendoso is None:
            return None
        client = self.connect_sendoso()
        try:
            report = sync.run(
                self.database, client, clock=self.clock, watch=lambda session: self.rules(session).watch,
                is_stopping=self._stopping.is_set,
            )
        except UnreadPagesError as error:
            self._count_read(error.report)
            raise
        finally:
            client.close()
        self._count_read(report)
        return report

    def _count_read(self, report: SyncReport) -> None:
        self.metrics.read(
            "api", new=report.new, changed=report.changed, unchanged=report.unchanged, rejected=len(report.rejected),
        )

    def take_webhooks(self) -> int:
        """Take in what Sendoso's webhooks brought; gives how many there were."""
        taken = 0
        while True:
            with self.database.write() as session:
                due.hold_limits(session)
                some = sendoso_webhook.process(session, self.clock(), self.rules(session).watch)
            taken += some
            self.metrics.read("webhook", taken=some)
            if not some:
                return taken

    def scan(self) -> ScanReport:
        """Open, raise and settle alerts by what is due now, and look whether the sends are fresh at all."""
        report = scan.everything(self.database, self.clock(), self.rules)
        if self.connect_sendoso is not None:
            self._watch_the_source()
        return report

    def recompute(self) -> int:
        """Give sends their due times anew after a change of the limits; gives how many were looked at."""
        looked = 0
        while some := recompute.step(self.database, self.clock(), lambda session: self.rules(session).watch):
            looked += some
        return looked

    def refresh_groups(self) -> None:
        """Ask Slack who is in the user groups that the permissions name."""
        groups.refresh(self.database, self.app.client, self.rules, self.clock(), self.origin.workspace)

    def make_digests(self) -> int:
        """Count the digests whose time has come; gives how many messages are to be posted."""
        return digest.run(self.database, self.clock(), self.rules)

    def tidy(self) -> int:
        """Delete what nobody needs any more; gives how many questions that were answered and links that were unfolded.

        Finished sends go only where a setting says after how long.
        """
        gone = retention.run(self.database, self.settings.keep_sends, self.clock(), self._stopping.is_set)
        with self.database.read() as session:
            keep = self.rules(session).look_ups.keep
        if look_ups := looked_up.tidy(self.database, keep, self.clock(), self._stopping.is_set):
            gone["look_ups"] = look_ups
        if gone:
            log.info("old_deleted", **gone)
        number = 0
        while True:
            with self.database.write() as session:
                some = answered.forget(session, FORGOTTEN, self.clock() - question_answers.KEPT)
            number += some
            if some < answered.LIMIT:
                return number

    def record_look_ups(self) -> int:
        """Write down who has looked up what since the last time; gives how many look-ups that were."""
        return self.look_ups.write()

    def draw_homes(self) -> int:
        """Draw the Home tabs that somebody may be looking at and that are not true any more; gives how many."""
        return self.homes.run()

    def deliver(self) -> DeliveryReport:
        """Tell Slack what it does not show yet. What was meant for somebody who is not there is told anew at once."""
        report = self.delivery.run()
        self.metrics.delivered(report.as_json())
        if report[Ending.TOLD_ANEW]:
            scan.step(self.database, self.clock(), self.rules)
            report.next_at = self.clock()
        if report[Ending.BROKEN]:
            self._look_at_the_token()
        return report

    def _look_at_the_token(self) -> None:
        with self.database.read() as session:
            pace = outgoing.paces(session).get(WORKSPACE)
            code, since = (pace.broken_code, pace.broken_since) if pace is not None else (None, None)
        if code in WITHDRAWN and since is not None and self.clock() - since >= TAKEN_OUT_AFTER:
            self.taken_out(since)

    def receive_webhook(self, headers: Mapping[str, str], body: bytes, event: str | None) -> bool:
        """Keep a webhook; False for one that came before. Raises `WebhookRefused`."""
        secrets = [secret.get_secret_value() for secret in self.settings.sendoso_webhook_secrets]
        now = self.clock()
        delivery = sendoso_webhook.verify(headers, body, secrets, now)
        name = sendoso_webhook.event_of(event) if event is not None else None
        with self.database.write() as session:
            return sendoso_webhook.receive(session, delivery, name, now)

    def catch_up(self) -> None:
        """All of it once, in order, and now: for somebody who moved the clock and is watching."""
        with self._catching_up:
            try:
                self.sync()
            except SendosoError as error:
                log.warning("sync_failed", reason=str(error))
            self.take_webhooks()
            self.scan()
            self.make_digests()
        self.bell.ring()

    # -- its life

    @property
    def url(self) -> str:
        """Where webhooks, health and metrics are served."""
        return f"http://{self.settings.http_host}:{self.web.port}"

    def start(self) -> None:
        """Serve and work in threads until `stop`. OSError where the port is taken."""
        self.web.start(self.settings.http_host, self.settings.http_port)
        self.begin()

    def begin(self) -> None:
        """Work in threads until `stop`, without serving anything."""
        self.bell.heard = lambda: self.jobs.run_now("deliver")
        self.jobs.start()
        with traced(workspace=self.origin.workspace):
            self.executor.submit(carried(self._introduce))
            self.executor.submit(carried(reading.prepare), self.database)
            self.executor.submit(carried(self.go_on))
        if self.socket is not None:
            self.socket.start()

    def stop(self, within: timedelta = WITHIN) -> None:
        """Finish what is under way and let go of everything; safe to call whatever had been started.

        What has not ended `within` that time is handed back: nobody waits for the leases of a process that is gone.
        """
        deadline = Deadline(within)
        self._stopping.set()
        self.delivery.stop()
        if self.socket is not None:
            deadline.wait_for(self.socket.stop, "socket")
        self.bell.heard = lambda: None
        self.web.stop(deadline.left(ANSWERED_WITHIN))
        if not self.jobs.stop(deadline.left()):
            self.delivery.hand_back()
        deadline.wait_for(self._let_go, "executors")
        deadline.wait_for(self._record_the_last, "look-ups")
        self.database.close()

    def close(self) -> None:
        """Let go of threads and database; enough for a runtime that was never started."""
        self._let_go()
        self.database.close()

    def _let_go(self) -> None:
        self.executor.shutdown(cancel_futures=True)
        self.health.close()
        self.metrics.close()
        self.app.listener_runner.listener_executor.shutdown()

    def _record_the_last(self) -> None:
        try:
            self.record_look_ups()
        except Exception:
            log.exception("look_ups_not_recorded", number=self.look_ups.waiting)

    def _watch_the_source(self) -> None:
        with self.database.write() as session:
            now = self.clock()
            standing.follow_the_clock(session, sync.SOURCE, now)
            cursor = standing.cursor(session, sync.SOURCE)
            # Where no sync has ever worked, such as with a wrong token, it counts from when the bot came up.
            self._up_since = min(self._up_since, now)
            found = stale.freshness(cursor, self.settings.sync_every, self._up_since)
            stale.check(session, now, found, self.rules(session))

    def _introduce(self) -> None:
        # Bolt wants to know the bot's own ids; nothing waits for them.
        if introduction.introduce(self.app.client, self.database, self.clock, self.rules, self.identity):
            self.bell.ring()
