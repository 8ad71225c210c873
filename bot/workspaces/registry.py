"""The registry as the bot asks it: rows in the main database, what is secret in them opened with ENCRYPTION_KEYS."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import SecretStr

from bot.clock import Clock
from bot.settings import Settings
from bot.workspaces.addresses import Address
from storage import rooms, secrets, workspaces
from storage.engine import Database
from storage.models import Workspace
from storage.secrets import UnreadableSecretError, Vault
from storage.workspaces import Grant


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A workspace that has the app: by which settings its bot works, and as whom it is known."""

    team_id: str
    settings: Settings
    bot_id: str
    bot_user_id: str
    has_channel: bool
    """Whether a channel for alerts is set; until then they go to who installed the app."""


@dataclass(frozen=True, kw_only=True)
class Rekeyed:
    """How many secrets were encrypted anew, and which workspaces hold a pair of Sendoso's that no key opens."""

    number: int
    unreadable: tuple[str, ...]


class Registry:
    """Which workspaces have the app, and with what each works. `database` is the main one."""

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self._settings, self.database, self._clock = settings, database, clock
        self._vault = Vault([key.get_secret_value() for key in settings.encryption_keys])

    @property
    def main(self) -> str:
        """The URL of the main database."""
        return self._settings.database_url.get_secret_value()

    def installed(self) -> tuple[dict[str, Kept], dict[str, str]]:
        """The workspaces that have the app, and why some of them cannot be served, a sentence each."""
        kept, broken = dict[str, Kept](), dict[str, str]()
        with self.database.read() as session:
            for row in workspaces.installed(session):
                try:
                    token = workspaces.token_of(session, self._vault, row)
                    access = workspaces.sendoso_of(self._vault, row)
                except UnreadableSecretError as error:
                    broken[row.team_id] = str(error)
                    continue
                if token is not None:
                    kept[row.team_id] = self._kept(row, token, access)
        return kept, broken

    def team_of(self, address: Address) -> str:
        """The workspace that a request is for; empty where the app is not installed.

        An organisation's workspace gets its row with the first request that comes from it.
        """
        with self.database.read() as session:
            found = workspaces.by_team(session, address.team_id)
            if found is not None and found.uninstalled_at is None:
                return found.team_id
            org = workspaces.organisation(session, address.enterprise_id)
        if org is None or not address.team_id:
            return ""
        with self.database.write() as session:
            return workspaces.join(session, org, address.team_id, self._clock()).team_id

    def install(self, grant: Grant) -> None:
        """Keep what Slack granted."""
        with self.database.write() as session:
            workspaces.install(session, self._vault, grant, self._clock())

    def uninstall(self, address: Address) -> list[str]:
        """Delete the token that Slack has made void; gives the workspaces that it served."""
        with self.database.write() as session:
            row = workspaces.by_team(session, address.team_id)
            whole = address.is_enterprise_install or row is None
            return workspaces.uninstall(
                session, address.enterprise_id if whole else "", "" if whole else address.team_id, self._clock(),
            )

    def settle_in(self, team_id: str, channel: str) -> bool:
        """Let alerts go to the first channel that the bot is invited to; False where one is set."""
        with self.database.write() as session:
            row = workspaces.by_team(session, team_id)
            if row is None or row.alert_channel:
                return False
            row.alert_channel = channel
            return True

    def forget(self, before: datetime) -> list[str]:
        """Delete for good what is kept of workspaces that were uninstalled before; gives their ids."""
        with self.database.write() as session:
            gone = workspaces.forget(session, before)
            # Before this is committed: whoever dies in between does it again.
            for team_id in gone:
                rooms.remove(self.main, team_id)
        return gone

    def rekey(self) -> Rekeyed:
        """Encrypt everything anew with the first key, in each workspace's database, too.

        Raises `UnreadableSecretError` where no key opens what the main database holds.
        """
        with self.database.write() as session:
            number = workspaces.rekey(session, self._vault)
        unreadable = list[str]()
        for team_id in [row.team_id for row in self.every() if row.team_id and rooms.exists(self.main, row.team_id)]:
            # Beside the bot that may be at work on it: this is one small change.
            database = Database(rooms.url_of(self.main, team_id), pool_size=1)
            try:
                with database.write() as session:
                    done, lost = secrets.reseal(session, self._vault)
            finally:
                database.close()
            number += done
            unreadable += [team_id] if lost else []
        return Rekeyed(number=number, unreadable=tuple(unreadable))

    def connect(self, team_id: str, access: dict[str, Any]) -> bool:
        """Keep a workspace's access to Sendoso, by the names of settings; False for one that is not known."""
        with self.database.write() as session:
            row = workspaces.by_team(session, team_id)
            if row is None:
                return False
            row.sendoso = self._vault.seal(access) if access else None
            return True

    def every(self) -> list[Workspace]:
        """All rows, what was uninstalled included."""
        with self.database.read() as session:
            return workspaces.every(session)

    def begin(self) -> str:
        """A state for an installation that somebody begins."""
        with self.database.write() as session:
            return workspaces.begin(session, self._clock())

    def finish(self, state: str) -> bool:
        """Use a state up; False where it is not good."""
        with self.database.write() as session:
            return workspaces.finish(session, state, self._clock())

    def _kept(self, row: Workspace, token: str, access: dict[str, Any]) -> Kept:
        given = {name: _opened(name, value) for name, value in access.items()}
        own = self._settings.model_copy(update={
            "slack_bot_token": SecretStr(token), "slack_app_token": None, "slack_client_id": None,
            "slack_client_secret": None,
            "database_url": SecretStr(rooms.url_of(self.main, row.team_id)),
            "alert_channel": row.alert_channel or row.installed_by, "admin_users": tuple(row.admins),
            "sendoso_access_token": None, "sendoso_client_id": None, "sendoso_client_secret": None,
            "sendoso_refresh_token": None, "sendoso_webhook_secrets": (), **given,
        })
        return Kept(
            team_id=row.team_id, settings=own, bot_id=row.bot_id, bot_user_id=row.bot_user_id,
            has_channel=bool(row.alert_channel),
        )


def _opened(name: str, value: object) -> object:
    if name in {"sendoso_client_id", "sendoso_api_url"}:
        return str(value)
    if isinstance(value, list):
        return tuple(SecretStr(str(one)) for one in value)
    return SecretStr(str(value))
