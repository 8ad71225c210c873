"""For which workspace a command works, where one bot serves several: its database, channel, admins and tokens."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.invocation import FailedError, WrongUseError, load_settings, opened
from bot.settings import Settings, SettingsError
from storage import rooms, workspaces
from storage.engine import normalise
from storage.models import Send, Workspace
from storage.secrets import UnreadableSecretError, Vault

if TYPE_CHECKING:
    from bot.workspaces.registry import Access

Needs = Literal["", "bot", "sendoso"]
"""What a command cannot do without: nothing secret, the workspace's installation, or its access to Sendoso as well."""
ONE = (
    "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET are missing, or SLACK_BOT_TOKEN is set: this Sendwatch serves one "
    "workspace. docs/workspaces.md says how to serve several."
)
GONE = (
    "The database of {team} is gone: {place} was there, and was moved or deleted. Put it back, from a back-up if need "
    "be; the bot, where it runs, begins an empty one."
)
NO_KEYS = "ENCRYPTION_KEYS is missing: tokens are only stored encrypted."


def settings_of(workspace: str, needs: Needs = "") -> Settings:
    """The settings by which a command works that is about sends: where one bot serves several, those of one.

    Raises `SettingsError`, and `WrongUseError` where it is not known which workspace is meant.
    """
    settings = load_settings()
    return settings if not workspace and not settings.serves_many else chosen(settings, workspace, needs)


def chosen(settings: Settings, workspace: str, needs: Needs = "") -> Settings:
    """The settings of the workspace that is named, of the one whose database DATABASE_URL names, or of the only one.

    Raises `WrongUseError` naming the workspaces where none of these is the case. Where the bot serves one workspace,
    the settings stay as they are.
    """
    if not settings.serves_many:
        if not workspace:
            return settings
        if settings.slack_bot_token:
            raise WrongUseError(f"--workspace names one of several. {ONE}")
    url = settings.database_url.get_secret_value()
    main, team_id = rooms.whose(url) or (url, workspace)
    if workspace.strip().upper() not in {"", team_id.strip().upper()}:
        raise WrongUseError(f"DATABASE_URL names the database of {team_id}; --workspace goes with the main database.")
    see_that_it_is_there(main)
    settings = settings.model_copy(update={"database_url": SecretStr(main)})
    with opened(settings) as database, database.read() as session:
        row = _row(session, team_id)
        if row is None:
            return settings
        token, access = _opened(settings, session, row) if needs else (None, {})
        if rooms.is_gone(session, main, row.team_id):
            raise FailedError(GONE.format(team=row.team_id, place=rooms.place(main, row.team_id)))
    if not rooms.exists(main, row.team_id):
        raise WrongUseError(
            f"{row.team_id} has no database yet: the bot makes it, within half a minute after it was installed, while "
            "“sendwatch run” is at work.",
        )
    if needs and token is None:
        raise WrongUseError(f"{row.team_id} has taken the app out: it must install it again first.")
    # Only now: Slack's libraries, which it needs, are a third of the time that a command of one workspace takes.
    from bot.workspaces.registry import own_settings  # noqa: PLC0415

    own = own_settings(settings, row, token, access)
    if needs == "sendoso" and not own.has_sendoso:
        raise WrongUseError(
            f"{row.team_id} has no access to Sendoso's API: “sendwatch workspaces sendoso {row.team_id} FILE” gives "
            "it, or /sends settings sendoso in Slack.",
        )
    return own


def id_of(typed: str, known: Sequence[Workspace]) -> str:
    """The id of the workspace that is meant, typed in any case. Raises `WrongUseError` naming all where it is none."""
    team_id = typed.strip().upper()
    if team_id not in {row.team_id for row in known}:
        some = f"known are {_named(known)}" if known else "no workspace has installed this app by itself"
        raise WrongUseError(f"{typed!r} is no workspace that this bot serves; {some}.")
    return team_id


def see_that_it_is_there(main: str) -> None:
    """A SQLite file that is not there would be made, and nothing would be held in it. Raises `FailedError`."""
    url = normalise(main)
    if url.get_backend_name() != "sqlite":
        return
    path = Path(str(url.database)).absolute()
    if not path.is_file():
        raise FailedError(
            f"There is no database at {path}; run it with the settings of the bot, see “Run a command beside it” in "
            "docs/operating.md.",
        )


def _row(session: Session, team_id: str) -> Workspace | None:
    """The workspace that is meant; None where no registry is, and the sends are in this very database."""
    known = [row for row in workspaces.every(session) if row.team_id]
    if team_id:
        return workspaces.by_team(session, id_of(team_id, known))
    installed = workspaces.installed(session)
    if len(installed) == 1:
        return installed[0]
    if known:
        raise WrongUseError(
            "This bot serves several workspaces. Each has a database of its own with its sends, and the main one holds "
            f"none of them: name one with --workspace ID. They are {_named(known)}.",
        )
    # A copy of a workspace's database, or that of a bot which served one workspace until now.
    if session.scalar(select(Send.id).limit(1)) is None:
        raise WrongUseError(
            "This bot is set up for several workspaces, and nobody has installed the app yet. PUBLIC_URL/slack/install "
            "is where it is done.",
        )
    return None


def _opened(settings: Settings, session: Session, row: Workspace) -> tuple[str | None, Access]:
    if not settings.encryption_keys:
        raise SettingsError([NO_KEYS])
    vault = Vault([key.get_secret_value() for key in settings.encryption_keys])
    try:
        return workspaces.token_of(session, vault, row), workspaces.sendoso_of(vault, row)
    except UnreadableSecretError as error:
        raise SettingsError([f"ENCRYPTION_KEYS: {error}"]) from None


def _named(known: Sequence[Workspace]) -> str:
    names = {row.team_id: "".join(sign for sign in row.name if sign.isprintable()) for row in known}
    return ", ".join(f"{team_id} ({name})" if name else team_id for team_id, name in names.items())
