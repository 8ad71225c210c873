"""Asks settings, database, Slack and Sendoso whether everything is set up; changes nothing, waits for nobody."""

from __future__ import annotations

import errno
import os
import re
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx2
from pydantic import SecretStr
from sqlalchemy import Connection, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import disk, manifest, probe
from bot.clock import Clock
from bot.config import places
from bot.config.current import in_force
from bot.config.document import Document
from bot.config.reading import reviewed
from bot.doctor.finding import Report
from bot.doctor.report import report
from bot.doctor.told import DatabaseTold, JobTold, Machine, SendosoTold, SettingsTold, Told
from bot.sends import sync as walk
from bot.sends.sources import oauth
from bot.sends.sources.sendoso_http import SendosoError, SendosoHttp
from bot.settings import Settings
from bot.slack import setup_questions
from storage import job_runs, outgoing, retention, schema, search_index, secrets, servers, sync
from storage.engine import Database, DatabaseFileError, is_in_memory, normalise
from storage.models import JobRun
from storage.secrets import TokenPair, UnreadableSecretError, Vault
from storage.servers import UnfitServerError

APP_TOKEN = re.compile(r"xapp-\d+-(A[A-Z0-9]+)-.+")
PATIENCE = httpx2.Timeout(5.0)
SECONDS = 5
AT_WORK = timedelta(minutes=2)
"""A bot that has delivered so lately is at work, where no lock of a file tells."""


def examine(
    settings: Settings, clock: Clock, database: Database | None = None, *,
    is_connected: Callable[[], bool | None] = lambda: None, workspace: str = "",
) -> Report:
    """Everything that can be found out.

    `database` is that of the bot which runs here; without one it is opened for reading, while a bot may work on it.
    `is_connected` says whether the bot has its Socket Mode connection, None where that is not known;
    `workspace` is its id, where it is one of several.
    """
    seen = _read(settings, clock(), database)
    if workspace:
        # A disk and a server that several workspaces share are no affair of their admins'.
        seen = replace(seen, free=None, connections=None)
    slack = None
    token = _plain(settings.slack_bot_token)
    if token:
        slack = setup_questions.ask(
            setup_questions.client(token, settings.slack_api_url), seen.channels,
            [*dict.fromkeys([*settings.admin_users, *seen.people])], seen.groups, is_connected=is_connected(),
            team_id=workspace,
        )
    return report(Told(
        now=clock(), settings=_settings(settings), database=seen, slack=slack,
        sendoso=_sendoso(settings, clock(), seen, database), scopes=manifest.scopes(manifest.text()),
        machine=Machine(python=sys.version_info[:3], sqlite=sqlite3.sqlite_version_info),
    ))


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def _settings(settings: Settings) -> SettingsTold:
    app = APP_TOKEN.fullmatch(_plain(settings.slack_app_token))
    return SettingsTold(
        has_bot_token=bool(settings.slack_bot_token), has_app_token=bool(settings.slack_app_token),
        app_id=app[1] if app else "", has_signing_secret=bool(settings.slack_signing_secret),
        alert_channel=settings.alert_channel or "", admins=settings.admin_users,
        sendoso="oauth" if settings.sendoso_refresh_token else "token" if settings.sendoso_access_token else "",
        has_webhooks=bool(settings.sendoso_webhook_secrets), sync_every=settings.sync_every,
        scan_every=settings.scan_every, deliver_every=settings.deliver_every,
        keep_sends=settings.keep_sends,
    )


# --- the database -------------------------------------------------------------------------------------


def _read(settings: Settings, now: datetime, database: Database | None) -> DatabaseTold:
    url = normalise(settings.database_url.get_secret_value())
    kind = "SQLite" if url.get_backend_name() == "sqlite" else "PostgreSQL"
    try:
        if database is None and is_new(url):
            # Opened, it would be made.
            return DatabaseTold(kind=kind, is_new=True, channels=_only_alert_channel(settings))
    except DatabaseFileError as error:
        return DatabaseTold(kind=kind, error=str(error), channels=_only_alert_channel(settings))
    found = database or opened(settings)
    try:
        seen = _look(found, settings, kind, now)
        return replace(seen, locked=[*_locked(url), *seen.locked], free=disk.free(found))
    except (SQLAlchemyError, OSError, UnfitServerError) as error:
        return DatabaseTold(
            kind=kind, error=_reason(error), locked=_locked(url), free=disk.free(found),
            channels=_only_alert_channel(settings),
        )
    finally:
        if database is None:
            found.close()


def is_new(url: URL) -> bool:
    """Whether it names a SQLite file that is not there yet; raises `DatabaseFileError` where none can be made."""
    if url.get_backend_name() != "sqlite" or is_in_memory(url):
        return False
    path = Path(str(url.database))
    try:
        if path.exists():
            return False
        folder = next(one for one in path.absolute().parents if one.exists())
    except OSError as error:
        raise DatabaseFileError(path, error) from None
    if not folder.is_dir():
        raise DatabaseFileError(path, NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)))
    if not os.access(folder, os.W_OK | os.X_OK):
        raise DatabaseFileError(path, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))
    return True


def _locked(url: URL) -> list[str]:
    """What of a SQLite database's files, or of the folder in which they are to be made, this user cannot write to."""
    if url.get_backend_name() != "sqlite" or is_in_memory(url):
        return []
    path = Path(str(url.database)).resolve()
    # Who has looked into a file that could not be written to leaves a log beside it that cannot either.
    files = [path.with_name(f"{path.name}{end}") for end in ("", "-wal", "-shm", ".lock")]
    # Of the folder nothing is asked where all of these are there already.
    needed = [one if one.exists() else path.parent for one in files]
    return [str(one) for one in dict.fromkeys(needed) if not os.access(one, os.W_OK)]


def opened(settings: Settings) -> Database:
    """For reading; a PostgreSQL that does not answer is given up soon."""
    url = normalise(settings.database_url.get_secret_value())
    if url.get_backend_name() == "postgresql":
        url = url.update_query_dict({"connect_timeout": str(SECONDS)} | dict(url.query))
    database = Database(url.render_as_string(hide_password=False))
    if not database.is_sqlite:
        event.listen(database.engine, "begin", _hurry)
    return database


def _hurry(connection: Connection) -> None:
    # For this transaction alone: a pooler takes no options, and gives the connection to others afterwards.
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {SECONDS * 1000}")


def _only_alert_channel(settings: Settings) -> dict[str, list[str]]:
    # One of several workspaces may have whoever installed the app in a channel's place.
    return places.channels(Document(), settings.alert_channel or "")


def _reason(error: BaseException) -> str:
    told = str(getattr(error, "orig", None) or error).strip().splitlines()
    return told[0][:200] if told else type(error).__name__


def _look(database: Database, settings: Settings, kind: str, now: datetime) -> DatabaseTold:
    is_current = schema.is_current(database)
    with database.read() as session:
        is_read_only, locked = servers.takes_no_writes(session), servers.lacking(session, makes=not is_current)
        missing = schema.missing(session.connection()) if is_current else []
        allowed = servers.connections(session)
    if not is_current:
        # SQLite's file is there then, whatever it is.
        return DatabaseTold(
            kind=kind, is_current=False, is_new=not database.is_sqlite and schema.is_empty(database),
            is_read_only=is_read_only, locked=locked, channels=_only_alert_channel(settings),
        )
    with database.read() as session:
        runs, (waiting, oldest) = job_runs.every(session), outgoing.backlog(session)
        found = in_force(session)
        review, cursor = reviewed(found.document, has_admins=bool(settings.admin_users)), sync.cursor(
            session, walk.SOURCE,
        )
        wrong = {section: str(some[0]) for section, some in found.broken.items()}
        return DatabaseTold(
            kind=kind, version=_version(database), is_read_only=is_read_only, locked=locked,
            missing=missing, connections=allowed, is_indexed=search_index.is_indexed(session),
            is_running=_is_running(database, runs, now), jobs={name: _job(run) for name, run in runs.items()},
            synced_at=cursor.last_ok_at if cursor else None, sync_said=(cursor.last_error if cursor else None) or "",
            webhook_at=sync.last_delivery_at(session),
            held_since=retention.held_since(session),
            waiting=waiting, oldest=oldest, broken={
                pace.channel: (pace.broken_code, pace.broken_since)
                for pace in outgoing.paces(session).values() if pace.broken_code is not None
            },
            channels=places.channels(found.document, settings.alert_channel or ""),
            people=places.people(found.document), groups=places.groups(found.document),
            wrong_sections=wrong | {one.place: one.sentence for one in review.problems},
            odd=[str(one) for one in review.warnings], secrets=_secrets(session, settings),
        )


def _version(database: Database) -> str:
    told = database.engine.dialect.server_version_info or ()
    return ".".join(map(str, told))


def _is_running(database: Database, runs: dict[str, JobRun], now: datetime) -> bool | None:
    held = database.is_in_use()
    if held is not None:
        return held
    delivered = runs.get("deliver")
    at = delivered.last_ok_at if delivered is not None else None
    return at is not None and now - at < AT_WORK


def _job(run: JobRun) -> JobTold:
    # What follows the kind of an error may name people.
    return JobTold(last_ok_at=run.last_ok_at, error=(run.last_error or "").partition(":")[0])


def _secrets(session: Session, settings: Settings) -> str:
    try:
        return "readable" if _pair(session, settings) is not None else ""
    except UnreadableSecretError:
        return "unreadable"


def _pair(session: Session, settings: Settings) -> TokenPair | None:
    if not settings.sendoso_refresh_token:
        return None
    vault = Vault([key.get_secret_value() for key in settings.encryption_keys])
    return secrets.pair(session, vault, oauth.PROVIDER, _plain(settings.sendoso_refresh_token))


# --- Sendoso ------------------------------------------------------------------------------------------


def _sendoso(
    settings: Settings, now: datetime, seen: DatabaseTold, database: Database | None,
) -> SendosoTold | None:
    if not settings.has_sendoso:
        return None
    token = _plain(settings.sendoso_access_token)
    if settings.sendoso_refresh_token:
        if seen.error or seen.is_new or not seen.is_current:
            return SendosoTold(unasked="not asked, since the database does not tell the token")
        pair = _stored(settings, database)
        if pair is None:
            return SendosoTold(unasked="not asked: the first token is bought when the bot runs")
        if pair.expires_at <= now:
            return SendosoTold(unasked="not asked: the token has run out, and only the bot that runs renews it")
        token = pair.access
    http = SendosoHttp(settings.sendoso_api_url, attempts=1, timeout=PATIENCE)
    try:
        http.get("/api/v3/send", {"page": 1, "per_page": 1}, token)
    except SendosoError as error:
        return SendosoTold(error=str(error))
    finally:
        http.close()
    return SendosoTold()


def _stored(settings: Settings, database: Database | None) -> TokenPair | None:
    found = database or opened(settings)
    try:
        with found.read() as session:
            return _pair(session, settings)
    except (UnreadableSecretError, SQLAlchemyError, OSError):
        return None
    finally:
        if database is None:
            found.close()


# --- the bot that runs --------------------------------------------------------------------------------


def connected(settings: Settings) -> bool | None:
    """Whether the bot that runs on this machine is connected to Slack's Socket Mode, as its /readyz says.

    None where no bot answers there.
    """
    told = probe.ask(settings.http_host, settings.http_port)
    names = {name for name, _ in told.problems}
    return "socket" not in names if told.answers and probe.STRANGE not in names else None
