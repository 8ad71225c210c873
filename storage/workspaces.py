"""The registry of workspaces: who has installed the app, with tokens and access to Sendoso encrypted.

A workspace keeps its `team_id` when it moves into Enterprise Grid, or out of it, and with it its row. Databases of
former versions may hold two rows for one: the newest that is installed counts, until the next installation joins them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage import access_record, advisory
from storage.dialect import insert_of
from storage.models import InstallState, Workspace
from storage.secrets import UnreadableSecretError, Vault

INSTALL_LOCK = 0x5E4D_1457
"""Names the advisory lock under which replicas take turns at making a workspace's row."""
TOKEN, ACCESS = "token", "sendoso"
"""What a row holds that is secret: Slack's token, and the access to Sendoso."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What Slack grants when the app is installed: for one workspace, or (no `team_id`) for an organisation."""

    enterprise_id: str
    team_id: str
    name: str
    token: str = field(repr=False)
    bot_id: str
    bot_user_id: str
    scopes: str
    installed_by: str


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """A secret that no key opens: the id of whose it is, a workspace's or an organisation's, and what."""

    whose: str
    what: str


def install(session: Session, vault: Vault, grant: Grant, now: datetime) -> Workspace:
    """Keep what was granted; a workspace that is there already gets the new token and keeps all of its own.

    With an organisation come back the workspaces that were taken out together with it.
    """
    _one_at_a_time(session)
    if grant.team_id:
        row = _only_row(session, grant.team_id)
    else:
        row = _organisation(session, grant.enterprise_id, to_change=True)
    if row is None:
        row = Workspace(enterprise_id=grant.enterprise_id, team_id=grant.team_id, installed_at=now)
        session.add(row)
    back = _taken_out_with(session, row)
    row.enterprise_id = grant.enterprise_id
    row.name, row.token = grant.name, vault.seal({"token": grant.token})
    row.bot_id, row.bot_user_id, row.scopes = grant.bot_id, grant.bot_user_id, grant.scopes
    row.installed_by, row.installed_at, row.uninstalled_at = grant.installed_by, now, None
    # Who installs it is the first admin; whoever was named before stays one.
    row.admins = list(dict.fromkeys([*row.admins, grant.installed_by]))
    session.flush()
    for team_id in back:
        join(session, row, team_id, now)
    return row


def by_team(session: Session, team_id: str) -> Workspace | None:
    """The workspace with that id, installed or not."""
    return next(iter(_rows(session, team_id)), None)


def organisation(session: Session, enterprise_id: str) -> Workspace | None:
    """The installation for a whole organisation, if its app is installed."""
    row = _organisation(session, enterprise_id)
    return row if row is not None and row.token else None


def join(session: Session, of: Workspace, team_id: str, now: datetime) -> Workspace:
    """The row of a workspace in which the organisation's installation is used for the first time, or again.

    One that has the app already stays as it is, by whatever installation.
    """
    _one_at_a_time(session)
    row = _only_row(session, team_id)
    if row is None:
        row = Workspace(enterprise_id=of.enterprise_id, team_id=team_id, name=of.name, installed_at=now)
        session.add(row)
    elif row.uninstalled_at is None:
        return row
    # The bot of a former installation was another one.
    row.enterprise_id, row.token, row.bot_id, row.bot_user_id, row.scopes = of.enterprise_id, None, "", "", ""
    row.installed_by, row.installed_at, row.uninstalled_at = of.installed_by, now, None
    row.admins = list(dict.fromkeys([*row.admins, *of.admins]))
    session.flush()
    return row


def every(session: Session) -> list[Workspace]:
    """All rows, organisations and what was uninstalled included, the oldest first."""
    return list(session.scalars(select(Workspace).order_by(Workspace.id)))


def installed(session: Session) -> list[Workspace]:
    """The workspaces in which the app is installed, by themselves or by their organisation."""
    live = [row for row in every(session) if row.team_id and row.uninstalled_at is None]
    return list({row.team_id: row for row in live}.values())


def token_of(session: Session, vault: Vault, row: Workspace) -> str | None:
    """The bot token that serves a workspace. Raises `UnreadableSecretError`."""
    whose = row if row.token else organisation(session, row.enterprise_id)
    return str(vault.unseal(whose.token)["token"]) if whose is not None and whose.token else None


def sendoso_of(vault: Vault, row: Workspace) -> dict[str, Any]:
    """The workspace's access to Sendoso, by the names of settings; empty where none was given."""
    return vault.unseal(row.sendoso) if row.sendoso else {}


def uninstall(
    session: Session, enterprise_id: str, team_id: str, now: datetime, at: datetime | None = None,
) -> list[str]:
    """Delete the token of a workspace, or of an organisation (no `team_id`); gives the workspaces it served.

    `at` is when it was uninstalled (None: now): what has been installed since is left alone.
    """
    if team_id:
        served = [row for row in _rows(session, team_id) if not _is_since(row, at)]
    else:
        org = _organisation(session, enterprise_id)
        if org is None or org.uninstalled_at is not None or _is_since(org, at):
            return []
        family = [one for one in every(session) if one.enterprise_id == enterprise_id and one.team_id]
        served = [org, *(one for one in family if not one.token)]
    return _taken_out(session, served, now)


def revoke(
    session: Session, enterprise_id: str, team_ids: Collection[str], now: datetime, at: datetime | None = None,
) -> list[str]:
    """The organisation's token opens these workspaces no more; gives those that it served.

    One that has the app by itself keeps it. `at` is as for `uninstall`.
    """
    family = [one for one in every(session) if enterprise_id and one.enterprise_id == enterprise_id and not one.token]
    return _taken_out(session, [one for one in family if one.team_id in team_ids and not _is_since(one, at)], now)


def _taken_out(session: Session, rows: Sequence[Workspace], now: datetime) -> list[str]:
    served = [one for one in rows if one.uninstalled_at is None]
    for one in served:
        one.token, one.uninstalled_at = None, now
    session.flush()
    return list(dict.fromkeys(one.team_id for one in served if one.team_id))


def _taken_out_with(session: Session, org: Workspace) -> list[str]:
    """The workspaces that an organisation's uninstall ended, not those out of which it was taken before."""
    if org.team_id or org.uninstalled_at is None:
        return []
    asked = select(Workspace.team_id).where(
        Workspace.enterprise_id == org.enterprise_id, Workspace.team_id != "",
        Workspace.uninstalled_at == org.uninstalled_at,
    )
    return list(session.scalars(asked.order_by(Workspace.id)))


def _is_since(row: Workspace, at: datetime | None) -> bool:
    # Slack tells whole seconds.
    return at is not None and row.installed_at.replace(microsecond=0) > at


def forget(session: Session, before: datetime) -> list[str]:
    """Take out what was uninstalled before; gives the workspaces whose data are to be deleted.

    Those are not the ones of which another row stays: their data are in use, or may be once more.
    """
    gone = select(Workspace).where(Workspace.uninstalled_at.is_not(None), Workspace.uninstalled_at <= before)
    # Locked, for a workspace may be installed again at this moment, by another process.
    rows = list(session.scalars(gone.order_by(Workspace.id).with_for_update()))
    for row in rows:
        session.delete(row)
    session.flush()
    teams = dict.fromkeys(row.team_id for row in rows if row.team_id)
    return [team_id for team_id in teams if not _rows(session, team_id)]


def named(session: Session, users: Collection[str]) -> list[Workspace]:
    """The rows that name one of these as who installed the app, or as an admin."""
    return [row for row in every(session) if {row.installed_by, *row.admins} & {*users}] if users else []


def leave(session: Session, users: Collection[str], *, dry_run: bool = False) -> list[str]:
    """Take these out of the admins; gives the ids of those rows that would have none left, which stay as they are.

    Whoever else became an admin last stands for who installed it: the app asks somebody who is there.
    """
    alone = list[str]()
    for row in named(session, users):
        others = [one for one in row.admins if one not in users]
        if not others:
            alone.append(row.team_id or row.enterprise_id)
        elif not dry_run:
            row.admins = others
            row.installed_by = others[-1] if row.installed_by in users else row.installed_by
    session.flush()
    return alone


def rekey(session: Session, vault: Vault) -> tuple[int, list[Unreadable]]:
    """Encrypt everything anew with the first key; gives how many secrets were, and those that no key opens."""
    number, unreadable = 0, list[Unreadable]()
    for row in every(session):
        for what in (TOKEN, ACCESS):
            sealed = getattr(row, what)
            if not sealed:
                continue
            try:
                setattr(row, what, vault.seal(vault.unseal(sealed)))
            except UnreadableSecretError:
                unreadable.append(Unreadable(whose=row.team_id or row.enterprise_id, what=what))
            else:
                number += 1
    session.flush()
    return number, unreadable


# --- installations that have ended --------------------------------------------------------------------


def is_used(session: Session, state: str) -> bool:
    """Whether an installation was ended with that state."""
    return session.get(InstallState, _mark(state)) is not None


def use_up(session: Session, state: str, ends_at: datetime, now: datetime) -> bool:
    """End an installation with a state, which is good until `ends_at`; False where that was done before.

    Those that are good no longer are forgotten.
    """
    session.execute(delete(InstallState).where(InstallState.ends_at <= now))
    used = insert_of(session)(InstallState).values(mark=_mark(state), ends_at=ends_at)
    return session.scalar(used.on_conflict_do_nothing().returning(InstallState.mark)) is not None


def _mark(state: str) -> str:
    return hashlib.sha256(state.encode(errors="replace")).hexdigest()


def _one_at_a_time(session: Session) -> None:
    """Let one transaction at a time install or join: a row that is not there yet cannot be locked.

    On SQLite the writer gate does that already.
    """
    if session.get_bind().dialect.name != "sqlite":
        advisory.wait_for(session, INSTALL_LOCK)


def _organisation(session: Session, enterprise_id: str, *, to_change: bool = False) -> Workspace | None:
    asked = select(Workspace).where(Workspace.enterprise_id == enterprise_id, Workspace.team_id == "")
    return session.scalar(asked.with_for_update() if to_change else asked) if enterprise_id else None


def _rows(session: Session, team_id: str, *, to_change: bool = False) -> list[Workspace]:
    """What is kept of a workspace, whatever organisation it is or was in; first the row that counts."""
    if not team_id:
        return []
    asked = select(Workspace).where(Workspace.team_id == team_id).order_by(Workspace.id)
    found = session.scalars(asked.with_for_update() if to_change else asked)
    return sorted(found, key=lambda row: (row.uninstalled_at is None, row.id), reverse=True)


def _only_row(session: Session, team_id: str) -> Workspace | None:
    """The row of a workspace, to be changed. Where there are more, it takes over what only those have."""
    rows = _rows(session, team_id, to_change=True)
    row, others = next(iter(rows), None), rows[1:]
    if row is None or not others:
        return row
    last = access_record.last(session, team_id)
    was_removed = last is not None and not last.after
    for other in others:
        row.alert_channel = row.alert_channel or other.alert_channel
        if not was_removed:
            row.sendoso = row.sendoso or other.sendoso
        row.admins = list(dict.fromkeys([*other.admins, *row.admins]))
        session.delete(other)
    # Before the row is given the organisation that one of the others had: no two rows may have both ids alike.
    session.flush()
    return row
