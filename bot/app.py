"""The only wiring: settings in, a Runtime out. Nothing happens on import, and nothing here asks Slack to start."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog
from pydantic import SecretStr
from slack_bolt import App
from slack_sdk import WebClient

from bot.alerts import scan, stale
from bot.alerts.routing import Route
from bot.alerts.scan import ScanReport
from bot.clock import Clock, system_clock
from bot.delivery.deliver import Deliver, DeliveryReport
from bot.delivery.slack_web import SlackWeb
from bot.sends import sync
from bot.sends.sources import sendoso_api, sendoso_webhook
from bot.settings import Settings
from bot.slack.app import Identity, build_app
from bot.slack.deps import Deps
from bot.slack.render import render
from bot.statuses.working_time import WorkCalendar, us_calendar
from storage import sync as standing
from storage.engine import Database

log = structlog.get_logger(__name__)

STALE_AFTER = 4
"""Syncs that may fail in a row before the admins hear of it (our judgement: one bad hour by default)."""


def calendar_of(settings: Settings) -> WorkCalendar:
    """The business calendar by which lateness is counted."""
    return us_calendar(settings.zone)


def route_of(settings: Settings) -> Route:
    """Where alerts go."""
    return Route(alert_channel=settings.alert_channel or "", admins=settings.admin_users)


def sendoso_client(settings: Settings, database: Database, clock: Clock = system_clock) -> sendoso_api.SendosoClient:
    """A client for Sendoso's API with the access that the settings give. ValueError where they give none."""
    return sendoso_api.connect(
        database,
        url=settings.sendoso_api_url,
        access_token=_plain(settings.sendoso_access_token),
        client_id=settings.sendoso_client_id,
        client_secret=_plain(settings.sendoso_client_secret),
        refresh_token=_plain(settings.sendoso_refresh_token),
        encryption_keys=[key.get_secret_value() for key in settings.encryption_keys],
        clock=clock,
    )


def delivery_of(settings: Settings, database: Database, clock: Clock = system_clock) -> Deliver:
    """What brings Slack to what the database wants it to show."""
    slack = SlackWeb(_plain(settings.slack_bot_token) or "", settings.slack_api_url)
    return Deliver(
        database, slack, render, clock, admins=settings.admin_users, fallback=settings.alert_channel,
    )


@dataclass
class Bell:
    """Rung when a press has changed what a message shows. Until the jobs run, nobody hears it."""

    heard: Callable[[], None] = lambda: None

    def ring(self) -> None:
        self.heard()


@dataclass(kw_only=True)
class Runtime:
    """The whole bot, put together and not yet started: what each tick of its clock does, and its Slack app."""

    settings: Settings
    clock: Clock
    database: Database
    app: App
    identity: Identity
    calendar: WorkCalendar
    route: Route
    delivery: Deliver
    executor: ThreadPoolExecutor
    bell: Bell

    def sync(self) -> sync.SyncReport | None:
        """One walk through Sendoso's sends; None where no access is set up."""
        if not self.settings.has_sendoso:
            return None
        client = sendoso_client(self.settings, self.database, self.clock)
        try:
            return sync.run(self.database, client, clock=self.clock, calendar=self.calendar)
        finally:
            client.close()

    def take_webhooks(self) -> int:
        """Take in what Sendoso's webhooks brought; gives how many there were."""
        with self.database.write() as session:
            return sendoso_webhook.process(session, self.clock(), self.calendar)

    def scan(self) -> ScanReport:
        """Open, raise and settle alerts by what is due now."""
        report = scan.everything(self.database, self.clock(), self.calendar, self.route)
        if self.settings.has_sendoso:
            self._watch_the_source()
        return report

    def deliver(self) -> DeliveryReport:
        """Tell Slack what it does not show yet."""
        return self.delivery.run()

    def _watch_the_source(self) -> None:
        with self.database.write() as session:
            cursor = standing.cursor(session, sync.SOURCE)
            if cursor is None or cursor.last_ok_at is None:
                return
            limit = self.settings.sync_every * STALE_AFTER
            stale.check(session, self.clock(), cursor.last_ok_at, limit, self.route)


def build(settings: Settings, *, clock: Clock = system_clock, exclusive: bool = True) -> Runtime:
    """The bot for these settings. Opens the database (`DatabaseBusyError`), asks nobody anything."""
    database = Database(settings.database_url.get_secret_value(), exclusive=exclusive)
    token, route, calendar = _plain(settings.slack_bot_token) or "", route_of(settings), calendar_of(settings)
    executor = ThreadPoolExecutor(8, thread_name_prefix="later")
    identity, bell = Identity(), Bell()
    delivery = delivery_of(settings, database, clock)
    deps = Deps(
        database=database, clock=clock, calendar=calendar, route=route, executor=executor,
        # The SDK would send a request again after a dropped connection, and answer somebody twice.
        client=WebClient(token=token, base_url=settings.slack_api_url, timeout=10, retry_handlers=[]),
        wake=bell.ring,
    )
    app = build_app(
        deps, token=token, signing_secret=_plain(settings.slack_signing_secret), identity=identity,
        api_url=settings.slack_api_url,
    )
    return Runtime(
        settings=settings, clock=clock, database=database, app=app, identity=identity, calendar=calendar,
        route=route, delivery=delivery, executor=executor, bell=bell,
    )


def _plain(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
