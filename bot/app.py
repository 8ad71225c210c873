"""The only wiring: settings in, a Runtime out. Nothing happens on import, and nothing here asks Slack to start."""

from __future__ import annotations

import ctypes
import gc
import sqlite3
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog
from pydantic import SecretStr
from slack_sdk import WebClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot import checkup
from bot.alerts import recompute
from bot.alerts.rulebook import Rulebook
from bot.clock import Clock, system_clock
from bot.config.current import Rules
from bot.crew import Crew
from bot.delivery.deliver import Deliver
from bot.delivery.pacing import Terms
from bot.delivery.slack_web import SlackWeb
from bot.delivery.sweep import Sweep
from bot.doctor.finding import Report
from bot.ending import StopWish, doing, leave_once_said
from bot.metrics import Metrics
from bot.origin import ALONE, Origin
from bot.origin_client import OriginClient
from bot.privacy import retention
from bot.privacy.looked_up import Recorder
from bot.redirects import staying
from bot.runtime import Bell, Runtime
from bot.sends.sources import sendoso_api
from bot.settings import Settings
from bot.slack import buttons, conversations, question_answers
from bot.slack.app import build_app
from bot.slack.deps import Deps, Identity
from bot.slack.homes import Keeper
from bot.slack.render import render
from bot.slack.socket import Socket
from bot.workspaces.hosting import Hosting
from bot.workspaces.registry import see_that_it_is_main
from bot.workspaces.running import DeskOf
from storage import schema, startup
from storage.engine import Database

log = structlog.get_logger(__name__)

Bot = TypeVar("Bot", bound=Runtime | Hosting)

TURN = timedelta(milliseconds=0.5)
M_ARENA_MAX, STORES = -8, 2
"""glibc's name for how many stores of memory there may be (malloc.h), and ours: one more than the program's own."""
WAITS = (1, 2, 4, 8, 15, 30)
"""Seconds between tries to reach a PostgreSQL that is not there when the bot starts: a minute in all."""
POOL_OF_ONE = 4
"""Connections to PostgreSQL that are kept for one of several workspaces; eight more when it is busy."""
LATER_WORKERS = 8
"""Threads for what waits for Slack: windows, answers to response URLs, people's e-mail addresses."""


def config_of(settings: Settings) -> Rules:
    """The configuration in force, and as which rules it or another counts."""
    return Rules(settings.zone, settings.alert_channel or "", settings.admin_users)


def rules_of(settings: Settings) -> Callable[[Session], Rulebook]:
    """What gives the calendar, thresholds, routes and permissions in force."""
    return config_of(settings).current


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


def delivery_of(
    settings: Settings, database: Database, clock: Clock = system_clock, metrics: Metrics | None = None, *,
    recorder: Recorder, terms: Terms | None = None, timeout: timedelta | None = None, origin: Origin = ALONE,
) -> Deliver:
    """What brings Slack to what the database wants it to show. What questions look up goes to the `recorder`.

    `timeout` is how long a call is waited for by a wall clock, where `clock` runs faster than that; `origin` says for
    which of several workspaces it speaks.
    """
    terms = terms or Terms()
    slack = _slack_web(settings, metrics or Metrics(database, clock), timeout or terms.timeout, origin)
    drawn = question_answers.recorded(render, recorder, rules_of(settings))
    return Deliver(
        database, slack, drawn, clock, admins=settings.admin_users, fallback=settings.alert_channel, terms=terms,
    )


def _slack_web(settings: Settings, counting: Metrics, timeout: timedelta, origin: Origin) -> SlackWeb:
    return SlackWeb(
        _plain(settings.slack_bot_token) or "", settings.slack_api_url, timeout=timeout, count=counting.slack_call,
        origin=origin,
    )


def _web_client(settings: Settings, timeout: int, origin: Origin) -> WebClient:
    # The SDK would send a request again after a dropped connection, and answer somebody twice.
    return staying(OriginClient(
        origin, token=_plain(settings.slack_bot_token) or "", base_url=settings.slack_api_url, timeout=timeout,
        retry_handlers=[],
    ))


def prepare(database: Database, now: datetime) -> None:
    """The database ready to work with. To upgrade it takes a while where there is very much in it, and is told."""
    if schema.is_current(database):
        startup.prepare(database, now)
        return
    log.info("upgrade_begun", to=schema.newest())
    with doing("an upgrade of the database, which is undone as a whole; the next start does it"):
        startup.prepare(database, now)
    log.info("upgraded", to=schema.newest())


def build(
    settings: Settings, *, clock: Clock = system_clock, terms: Terms | None = None, timeout: timedelta | None = None,
    pool_size: int = 48, crew: Crew | None = None, desk: DeskOf | None = None, origin: Origin = ALONE,
) -> Runtime:
    """The bot for these settings, its database up to date. Asks nobody outside anything.

    `terms` and `timeout` are those of the delivery, for a `clock` that is not a wall clock. `pool_size` is how many
    connections to PostgreSQL are kept.
    `crew` are the threads to work with, where several bots share them; `desk` gives where the workspace's access to
    Sendoso is changed, where that is not the environment's; `origin` says for which of several workspaces it works.
    Raises `DatabaseBusyError` where another process has the SQLite file.
    """
    database = Database(settings.database_url.get_secret_value(), exclusive=True, pool_size=pool_size)
    try:
        prepare(database, clock())
        config = config_of(settings)
        rules = config.current
        with database.write() as session:
            recompute.look_at_edition(session, rules(session).watch, clock())
            # Before the first sync: what is too old is then not taken in at all.
            retention.keep(session, settings.keep_sends, clock())
    except BaseException:
        database.close()
        raise
    token = _plain(settings.slack_bot_token) or ""
    metrics = Metrics(database, clock, crew.looks() if crew else None, origin.workspace)
    bell, identity, recorder = Bell(), Identity(), Recorder(database)
    executor = crew.later() if crew else ThreadPoolExecutor(LATER_WORKERS, thread_name_prefix="later")

    def check_setup() -> Report:
        socket = runtime.socket
        return checkup.examine(
            settings, clock, database, is_connected=lambda: socket.connected if socket else None,
            workspace=origin.workspace,
        )

    deps = Deps(
        database=database, clock=clock, rules=rules, executor=executor,
        configured=config.in_force, drafted=config.of,
        client=_web_client(settings, 10, origin),
        # Slack gives three seconds for an answer; nothing that one waits for may take them all.
        quick=_web_client(settings, 1, origin),
        wake=bell.ring, count_press=metrics.press, count_refused=metrics.refused,
        check_setup=check_setup, offered=frozenset(buttons.HANDLERS),
        sendoso=desk(database) if desk else None, record=recorder.note, origin=origin,
        identity=identity,
    )
    app = build_app(
        deps, token=token, signing_secret=_plain(settings.slack_signing_secret), api_url=settings.slack_api_url,
    )
    runtime = Runtime(
        settings=settings, clock=clock, database=database, app=app, identity=identity, rules=rules,
        delivery=delivery_of(
            settings, database, clock, metrics, recorder=recorder, terms=terms, timeout=timeout, origin=origin,
        ),
        metrics=metrics, look_ups=recorder,
        sweep=Sweep(
            database, _slack_web(settings, metrics, timeout or (terms or Terms()).timeout, origin), clock, terms,
        ),
        executor=executor, bell=bell, homes=Keeper(deps),
        connect_sendoso=(lambda: sendoso_client(settings, database, clock)) if settings.has_sendoso else None,
        socket=Socket(app, settings.slack_app_token.get_secret_value()) if settings.slack_app_token else None,
        crew=crew, origin=origin, go_on=partial(conversations.go_on, deps),
    )
    return runtime


def build_many(settings: Settings, *, clock: Clock = system_clock, at_work: bool = True) -> Hosting:
    """The bot for several workspaces, its main database up to date. Asks nobody outside anything.

    With `at_work=False` the jobs of the workspaces' bots are left to whoever calls them.
    Raises `DatabaseBusyError` where another process has the main SQLite file, `SettingsError` where it is the database
    of one workspace.
    """
    url = settings.database_url.get_secret_value()
    see_that_it_is_main(url)
    database = Database(url, exclusive=True, pool_size=POOL_OF_ONE)
    try:
        prepare(database, clock())
    except BaseException:
        database.close()
        raise

    crew = Crew()

    def make(own: Settings, origin: Origin, desk: DeskOf) -> Runtime:
        return build(own, clock=clock, pool_size=POOL_OF_ONE, crew=crew, desk=desk, origin=origin)

    return Hosting(settings, database, clock, make, crew, at_work=at_work)


def when_up(
    build_it: Callable[[], Bot], stopping: StopWish, waits: Iterable[float] = WAITS,
) -> Bot | None:
    """What `build_it` builds, once PostgreSQL is there; None when told to stop meanwhile.

    A server that is started together with the bot, or just again, needs a moment: without this, whoever watches over
    the process would start it in vain, again and again. Raises OperationalError if it does not come.
    """
    for wait in waits:
        try:
            return build_it()
        except OperationalError as error:
            if isinstance(error.orig, sqlite3.Error):
                raise
            log.warning("database_not_reached", reason=str(error.orig).strip(), again_in=wait)
            if stopping.wait(wait):
                return None
    return build_it()


def answer_first() -> None:
    """Tune this process for people who wait for an answer while it is busy with much else.

    Threads take turns at shorter intervals than usual, so that a press need not wait for a sync; and the collection
    of garbage leaves out all that is loaded by now, through which it would go for 0.2 s now and then (measured).
    """
    sys.setswitchinterval(TURN.total_seconds())
    gc.collect()
    gc.freeze()


def share_memory() -> None:
    """Have all threads take their memory from the same few stores; to be called before there are any.

    glibc gives nearly each thread a store of its own, and none gives back what another could use: a bot of 40 threads
    that works grows by tens of megabytes through that alone (measured). With another C library nothing is changed.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, STORES)


def serve(settings: Settings) -> None:
    """Run the bot until SIGTERM or SIGINT, then stop it gracefully. OSError where the port is taken."""
    share_memory()
    stopping = StopWish()
    stopping.listen()
    leave_once_said(stopping)
    try:
        _run_until(stopping, settings)
    finally:
        stopping.end()


def _run_until(stopping: StopWish, settings: Settings) -> None:
    runtime = when_up(lambda: build_many(settings) if settings.serves_many else build(settings), stopping)
    if runtime is None:
        return
    try:
        runtime.start()
        answer_first()
        # Of several workspaces each has an access of its own.
        sendoso = {} if settings.serves_many else {"sendoso": "API" if settings.has_sendoso else "no API access"}
        log.info("running", http=runtime.url, slack="Socket Mode" if runtime.socket else "HTTP", **sendoso)
        stopping.wait()
        log.info("stopping")
    finally:
        runtime.stop()


def _plain(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
