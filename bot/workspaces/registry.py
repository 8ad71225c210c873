"""The registry as the bot asks it: rows in the main database, what is secret in them opened with ENCRYPTION_KEYS."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any

import structlog
from pydantic import SecretStr
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.origin import Origin
from bot.sends import connecting
from bot.sends.connecting import Standing
from bot.settings import Settings, SettingsError
from bot.workspaces.addresses import Address
from storage import access_record, rooms, schema, secrets, workspaces
from storage.config import COMMAND_LINE
from storage.engine import Database
from storage.models import Workspace
from storage.secrets import UnreadableSecretError, Vault
from storage.workspaces import Grant, Unreadable

Access = dict[str, Any]
"""What opens a workspace's Sendoso account, by the names of settings."""
PAIR = "pair"
"""The rotating tokens of Sendoso's OAuth, beside `workspaces.TOKEN` and `workspaces.ACCESS`."""


log = structlog.get_logger(__name__)
UNUSABLE = (SQLAlchemyError, sqlite3.Error)
"""What is raised by the database of a workspace that is damaged or cannot be reached."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A workspace that has the app: by which settings its bot works, and as whom it is known."""

    team_id: str
    settings: Settings
    bot_id: str
    bot_user_id: str
    has_channel: bool
    """Whether a channel for alerts is set; until then they go to who installed the app."""
    shares_bot: bool = False
    """Whether the token is the organisation's, and with it the bot in Slack that of its other workspaces, too."""
    connected: str = ""
    """Which change of its access to Sendoso was the last one: another one has its bot begin anew."""
    unreadable: str = ""
    """Why its bot works without the access to Sendoso that is stored; empty where nothing is wrong with that."""

    @property
    def origin(self) -> Origin:
        """For which workspace its bot speaks."""
        return Origin(workspace=self.team_id, shares_bot=self.shares_bot)


@dataclass(frozen=True, kw_only=True)
class Rekeyed:
    """How many secrets were encrypted anew, and which ones no key opens.

    An empty id stands for the main database, which holds the pair of a bot that serves one workspace. `unusable` says
    of each workspace whose own database does not work why, by its id.
    """

    number: int
    unreadable: tuple[Unreadable, ...]
    unusable: Mapping[str, str]


class Registry:
    """Which workspaces have the app, and with what each works. `database` is the main one."""

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self._settings, self.database, self._clock = settings, database, clock
        self._vault = Vault(self.keys)

    @property
    def usual_address(self) -> str:
        """Where the API of those is asked that name no address of their own."""
        return self._settings.sendoso_api_url

    @property
    def keys(self) -> list[str]:
        """ENCRYPTION_KEYS."""
        return [key.get_secret_value() for key in self._settings.encryption_keys]

    @property
    def main(self) -> str:
        """The URL of the main database."""
        return self._settings.database_url.get_secret_value()

    def installed(self) -> tuple[dict[str, Kept], dict[str, str]]:
        """The workspaces that have the app, and why some of them cannot be served, a sentence each."""
        kept, broken = dict[str, Kept](), dict[str, str]()
        with self.database.read() as session:
            changes = access_record.latest(session)
            for row in workspaces.installed(session):
                try:
                    token = workspaces.token_of(session, self._vault, row)
                except UnreadableSecretError as error:
                    broken[row.team_id] = str(error)
                    continue
                if token is not None:
                    kept[row.team_id] = self._kept(row, token, changes.get(row.team_id, ""))
        return kept, broken

    def team_of(self, address: Address, at: datetime) -> str:
        """The workspace that a request of `at` that time is for; empty where the app is not installed.

        An organisation's workspace gets its row with the first request that comes from it.
        """
        with self.database.read() as session:
            found = workspaces.by_team(session, address.team_id)
            if found is not None and found.uninstalled_at is None:
                return found.team_id
            org = workspaces.organisation(session, address.enterprise_id)
        if org is None or not address.team_id:
            return ""
        if found is not None and found.uninstalled_at is not None and at < found.uninstalled_at:
            # Slack tells events late, too: this one is no sign that the app is back.
            return ""
        with self.database.write() as session:
            return workspaces.join(session, org, address.team_id, self._clock()).team_id

    def install(self, grant: Grant, state: str = "", ends_at: datetime | None = None) -> bool:
        """Keep what Slack granted, and that this state, good until `ends_at`, is used; False where it was before."""
        now = self._clock()
        with self.database.write() as session:
            if ends_at is not None and not workspaces.use_up(session, state, ends_at, now):
                return False
            workspaces.install(session, self._vault, grant, now)
            return True

    def is_used(self, state: str) -> bool:
        """Whether the app was installed with that state."""
        with self.database.read() as session:
            return workspaces.is_used(session, state)

    def uninstall(self, address: Address, at: datetime) -> list[str]:
        """Delete the token that Slack has made void `at` that time; gives the workspaces that it served."""
        with self.database.write() as session:
            whole = address.is_enterprise_install or not address.team_id
            return workspaces.uninstall(
                session, address.enterprise_id if whole else "", "" if whole else address.team_id, self._clock(), at,
            )

    def revoke(self, enterprise_id: str, team_ids: Collection[str], at: datetime) -> list[str]:
        """Serve workspaces no more out of which an organisation took the app `at` that time; gives those."""
        with self.database.write() as session:
            return workspaces.revoke(session, enterprise_id, team_ids, self._clock(), at)

    def given_up(self, team_id: str, at: datetime) -> bool:
        """Serve a workspace no more whose token Slack has called withdrawn since `at`; False where it has another now.

        Of an organisation's token only this workspace is taken to be concerned: each of the others finds out by itself.
        """
        with self.database.write() as session:
            row = workspaces.by_team(session, team_id)
            if row is None:
                return False
            if row.token:
                return bool(workspaces.uninstall(session, "", team_id, self._clock(), at))
            return bool(workspaces.revoke(session, row.enterprise_id, {team_id}, self._clock(), at))

    def settle_in(self, team_id: str, channel: str) -> bool:
        """Let alerts go to the first channel that the bot is invited to; False where one is set."""
        with self.database.write() as session:
            row = workspaces.by_team(session, team_id)
            if row is None or row.alert_channel:
                return False
            row.alert_channel = channel
            return True

    def move_channel(self, team_id: str, old: str, new: str) -> bool:
        """Let alerts go where Slack has moved their channel to; False where they go elsewhere."""
        with self.database.write() as session:
            row = workspaces.by_team(session, team_id)
            if row is None or row.alert_channel != old:
                return False
            row.alert_channel = new
            return True

    def forget(self, before: datetime) -> list[str]:
        """Delete for good what is kept of workspaces that were uninstalled before; gives their ids."""
        with self.database.write() as session:
            # A fresh look at each: nothing brings back the data of a workspace that is served.
            gone = [one for one in workspaces.forget(session, before) if workspaces.by_team(session, one) is None]
            access_record.forget(session, gone)
            # Before this is committed: whoever dies in between does it again.
            for team_id in gone:
                rooms.remove(self.main, team_id)
                rooms.forget(session, team_id)
        return gone

    def make_room(self, team_id: str) -> None:
        """See to it that there is a place for the workspace's tables, and remember that there was one."""
        with self.database.read() as session:
            if rooms.is_gone(session, self.main, team_id):
                log.warning("workspace_database_gone", team=team_id, begun_anew=rooms.place(self.main, team_id))
        rooms.make(self.main, team_id)

    def note_room(self, team_id: str) -> None:
        """Its bot has made its database, or found it."""
        with self.database.read() as session:
            if rooms.is_noted(session, team_id):
                return
        with self.database.write() as session:
            rooms.note(session, team_id, self._clock())

    def rekey(self) -> Rekeyed:
        """Encrypt everything anew with the first key, in each workspace's database, too.

        One that does not work keeps no other from it.
        """
        with self.database.write() as session:
            number, unreadable = workspaces.rekey(session, self._vault)
            done, lost = secrets.reseal(session, self._vault)
        number += done
        # Without a refresh token the pair is of a former set-up, and nobody needs it.
        unreadable += [Unreadable(whose="", what=PAIR)] if lost and self._settings.sendoso_refresh_token else []
        with self.database.read() as session:
            own = rooms.every(session, self.main)
        unusable = dict[str, str]()
        for team_id, url in own.items():
            # Beside the bot that may be at work on it: this is one small change.
            database = Database(url, pool_size=1)
            try:
                with database.write() as session:
                    done, lost = secrets.reseal(session, self._vault)
            except UNUSABLE as error:
                unusable[team_id] = why(error)
                continue
            finally:
                database.close()
            number += done
            unreadable += [Unreadable(whose=team_id, what=PAIR)] if lost else []
        return Rekeyed(number=number, unreadable=tuple(unreadable), unusable=unusable)

    def connect(
        self, team_id: str, access: Access | Callable[[Access], Access], *, by: str = COMMAND_LINE, key: str = "",
    ) -> bool:
        """Keep a workspace's access to Sendoso, by the names of settings; False for one that is not known.

        `access` may make it from what it was before. It is put on record: `by` whom, and under which `key`.
        """
        with self.database.write() as session:
            row = workspaces.by_team(session, team_id)
            if row is None:
                return False
            before = self._before(row)
            after = access(before) if callable(access) else access
            row.sendoso = self._vault.seal(after) if after else None
            if before or after:
                access_record.note(
                    session, team_id, by, self._clock(), key=key or token_hex(8),
                    before=connecting.told(before), after=connecting.told(after),
                )
            return True

    def _before(self, row: Workspace) -> Access:
        try:
            return workspaces.sendoso_of(self._vault, row)
        except UnreadableSecretError:
            # With a key that is gone it opens nothing any more; another takes its place.
            return {}

    def access(self, team_id: str) -> Access:
        """A workspace's access to Sendoso as it is; empty where it has none."""
        with self.database.read() as session:
            row = workspaces.by_team(session, team_id)
            return self._before(row) if row is not None else {}

    def standing(self, team_id: str) -> Standing:
        """What may be told of a workspace's access, without anything secret."""
        with self.database.read() as session:
            row = workspaces.by_team(session, team_id)
            access, last = self._before(row) if row is not None else {}, access_record.last(session, team_id)
        return Standing(
            how=connecting.how(access), webhooks=len(access.get(connecting.WEBHOOKS, ())),
            address=str(access.get(connecting.ADDRESS) or ""), usual=self.usual_address,
            by=last.actor if last is not None else "", at=last.occurred_at if last is not None else None,
        )

    def recorded(self, team_id: str) -> list[dict[str, Any]]:
        """Who changed the workspace's access and when, as `access_record.take_over` takes it."""
        with self.database.read() as session:
            return access_record.rows(session, team_id)

    def put_on_record(self, team_id: str) -> None:
        """Take the changes of its access over into the workspace's own audit log, where there is one already.

        Its bot does the same when it begins; this is for who changes something while none runs. Raises what `UNUSABLE`
        names where that database does not work.
        """
        if not rooms.exists(self.main, team_id):
            return
        database = Database(rooms.url_of(self.main, team_id), pool_size=1)
        try:
            if schema.is_current(database):
                with database.write() as session:
                    access_record.take_over(session, self.recorded(team_id))
        finally:
            database.close()

    def every(self) -> list[Workspace]:
        """All rows, what was uninstalled included."""
        with self.database.read() as session:
            return workspaces.every(session)

    def _kept(self, row: Workspace, token: str, connected: str) -> Kept:
        access, unreadable = Access(), ""
        try:
            access = workspaces.sendoso_of(self._vault, row)
        except UnreadableSecretError as error:
            # Its admins can only store it anew where the bot answers them.
            unreadable = f"its access to Sendoso cannot be read. {error}"
        return Kept(
            team_id=row.team_id, settings=own_settings(self._settings, row, token, access), bot_id=row.bot_id,
            bot_user_id=row.bot_user_id, has_channel=bool(row.alert_channel), connected=connected,
            unreadable=unreadable, shares_bot=not row.token,
        )


def see_that_it_is_main(url: str) -> None:
    """Nobody has installed the app in the database of one workspace. Raises `SettingsError` where the URL is of one."""
    own = rooms.whose(url)
    if own is not None:
        raise SettingsError([f"DATABASE_URL names the database of {own[1]}; the workspaces stand in the main one."])


def why(error: Exception) -> str:
    """What the driver says, in a line, without the statement."""
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0]


def own_settings(settings: Settings, row: Workspace, token: str | None, access: Access) -> Settings:
    """By which settings a workspace's bot works, made from those of the server. `token` is None where it has none."""
    given = {name: _opened(name, value) for name, value in access.items()}
    return settings.model_copy(update={
        "slack_bot_token": SecretStr(token) if token else None, "slack_app_token": None, "slack_client_id": None,
        "slack_client_secret": None,
        "database_url": SecretStr(rooms.url_of(settings.database_url.get_secret_value(), row.team_id)),
        "alert_channel": row.alert_channel or row.installed_by, "admin_users": tuple(row.admins),
        "sendoso_access_token": None, "sendoso_client_id": None, "sendoso_client_secret": None,
        "sendoso_refresh_token": None, "sendoso_webhook_secrets": (), **given,
    })


def _opened(name: str, value: object) -> object:
    if name in {"sendoso_client_id", "sendoso_api_url"}:
        return str(value)
    if isinstance(value, list):
        return tuple(SecretStr(str(one)) for one in value)
    return SecretStr(str(value))
