"""What an operator does with the registry from the command line, also while the bot runs."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import typer
from dotenv import dotenv_values
from dotenv.parser import parse_stream

from bot.clock import system_clock
from bot.invocation import FailedError, WrongUseError
from bot.settings import Settings, SettingsError, load
from bot.workspaces.choice import NO_KEYS, ONE, see_that_it_is_there
from bot.workspaces.registry import UNUSABLE, Registry, see_that_it_is_main, why
from storage import schema, workspaces
from storage.engine import Database
from storage.models import Workspace
from storage.workspaces import Unreadable

GIVEN = (
    "sendoso_access_token", "sendoso_client_id", "sendoso_client_secret", "sendoso_refresh_token",
    "sendoso_webhook_secrets", "sendoso_api_url",
)
"""What a workspace's access to Sendoso may consist of, by the names of settings."""
SOON = "The bot takes it up within half a minute."
ONCE_BACK = "The workspace has taken the app out: it counts once the app is installed there again."


def show_all(*, as_json: bool) -> None:
    """Print every workspace and organisation, without a secret."""
    with _registry() as registry:
        rows = [_told(row) for row in registry.every()]
    keep = load().keep_uninstalled
    if as_json:
        typer.echo(json.dumps({"workspaces": rows}, ensure_ascii=False, indent=2))
        return
    if not rows:
        typer.echo("Nobody has installed the app yet. PUBLIC_URL/slack/install is where it is done.")
    for row in rows:
        typer.echo(_line(row, keep))


def connect(typed: str, file: Path | None, *, off: bool) -> None:
    """Store the access to Sendoso that a file gives, or forget it; a workspace's id may be typed in lower case."""
    team_id = typed.strip().upper()
    if off == (file is not None):
        raise WrongUseError("Name either the file with the access to Sendoso (- reads what is piped in), or --off.")
    access = {} if file is None else _read(file)
    with _registry() as registry:
        if not registry.connect(team_id, access):
            known = ", ".join(row.team_id for row in registry.every() if row.team_id) or "none yet"
            raise WrongUseError(f"{typed!r} is not a workspace that has installed the app; those are: {known}.")
        done = "forgotten" if off else f"stored, encrypted ({', '.join(access)})"
        is_out = any(row.uninstalled_at for row in registry.every() if row.team_id == team_id)
        typer.echo(f"{team_id}: access to Sendoso {done}. {ONCE_BACK if is_out else SOON}")
        try:
            registry.put_on_record(team_id)
        except UNUSABLE as error:
            raise FailedError(
                f"{team_id}: its own database does not work ({why(error)}), so its audit log does not have this change "
                "yet. Its bot puts it there when it begins with a database that works.",
            ) from None


def rekey_all() -> None:
    """Encrypt everything anew with the first key, whether one workspace is served or several."""
    with _registry(of_one=True) as registry:
        done = registry.rekey()
    typer.echo(f"{done.number:,} secret{'' if done.number == 1 else 's'} encrypted with the first key.")
    for one in done.unreadable:
        what, mend = _anew(one)
        typer.echo(
            f"{one.whose or 'Not read'}: {what}, encrypted with a key that is not in ENCRYPTION_KEYS. Add it and run "
            f"this again, or {mend}.",
        )
    for team_id, reason in done.unusable.items():
        typer.echo(
            f"{team_id}: its database does not work ({reason}), and nothing in it was encrypted anew. Restore it, and "
            "run this again.",
        )
    if done.unreadable or done.unusable:
        raise typer.Exit(1)
    typer.echo("All but the first of ENCRYPTION_KEYS can be taken out.")


def _anew(lost: Unreadable) -> tuple[str, str]:
    """What it is that no key opens, and how something else takes its place."""
    if lost.what == workspaces.TOKEN:
        return "its token in Slack", "have the app installed again at PUBLIC_URL/slack/install"
    store = f"store the access with “sendwatch workspaces sendoso {lost.whose} FILE”"
    if lost.what == workspaces.ACCESS:
        return "its access to Sendoso", store
    return "rotating tokens of Sendoso's OAuth", "authorise anew and " + (
        store if lost.whose else "set the new SENDOSO_REFRESH_TOKEN"
    )


@contextmanager
def _registry(*, of_one: bool = False) -> Iterator[Registry]:
    """The registry in the main database; `of_one`: also where the bot serves one workspace, and it is empty."""
    settings = load()
    problems = [] if settings.serves_many or of_one else [ONE]
    if not problems and not settings.encryption_keys:
        problems.append(NO_KEYS)
    if problems:
        raise SettingsError(problems)
    see_that_it_is_main(settings.database_url.get_secret_value())
    # Without the lock of the file: these are single small changes, which SQLite lets in beside the bot's.
    url = settings.database_url.get_secret_value()
    see_that_it_is_there(url)
    database = Database(url, pool_size=1)
    try:
        if not schema.is_current(database):
            raise FailedError("DATABASE_URL names a database that is not up to date: run “sendwatch migrate”.")
        yield Registry(settings, database, system_clock)
    finally:
        database.close()


def _read(file: Path) -> dict[str, Any]:
    """What the lines give, by the names of settings. SettingsError says what is wrong with them."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except OSError as error:
        raise WrongUseError(f"{file} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise WrongUseError(f"{file} cannot be read (it is not text in UTF-8).") from None
    broken = [one.original.line for one in parse_stream(io.StringIO(text)) if one.error]
    if broken:
        # Its reader would skip the line, with a warning for each.
        raise WrongUseError(f"Line {broken[0]:,} of {file} is not NAME=value.")
    found = {name.lower(): value for name, value in dotenv_values(stream=io.StringIO(text)).items() if value}
    strange = sorted(set(found) - set(GIVEN))
    if strange:
        raise SettingsError([f"{name.upper()} says nothing about access to Sendoso." for name in strange])
    # Only what the lines say counts, whatever the bot's own settings say, but for its keys: OAuth is refused without.
    blank = {name: Settings.model_fields[name].default for name in GIVEN}
    checked = load(_env_file=None, **(blank | {"encryption_keys": load().encryption_keys} | found))
    if not checked.has_sendoso and not checked.sendoso_webhook_secrets:
        raise SettingsError(["SENDOSO_ACCESS_TOKEN is missing (or OAuth's three, or SENDOSO_WEBHOOK_SECRETS)."])
    secrets = [one.get_secret_value() for one in checked.sendoso_webhook_secrets]
    return found | ({"sendoso_webhook_secrets": secrets} if secrets else {})


def _told(row: Workspace) -> dict[str, Any]:
    return {
        "team_id": row.team_id, "enterprise_id": row.enterprise_id, "name": row.name,
        "installed_at": row.installed_at.isoformat(), "installed_by": row.installed_by,
        "uninstalled_at": row.uninstalled_at.isoformat() if row.uninstalled_at else None,
        "alert_channel": row.alert_channel, "admins": row.admins, "sendoso": row.sendoso is not None,
    }


def _line(row: dict[str, Any], keep: timedelta) -> str:
    what = f"{row['team_id'] or row['enterprise_id'] + ' (organisation)'}  {_clean(row['name'])}"
    if row["uninstalled_at"]:
        gone = datetime.fromisoformat(row["uninstalled_at"])
        return f"{what}  uninstalled {gone:%Y-%m-%d}; what is kept of it is deleted on {gone + keep:%Y-%m-%d}"
    since = f"installed {row['installed_at'][:10]} by {row['installed_by']}"
    place, sendoso = row["alert_channel"] or row["installed_by"], "connected" if row["sendoso"] else "not connected"
    more = f"; alerts to {place}; Sendoso {sendoso}" if row["team_id"] else ""
    return f"{what}  {since}{more}"


def _clean(name: str) -> str:
    """A name from Slack, without what could steer a terminal."""
    return "".join(sign for sign in name if sign.isprintable())
