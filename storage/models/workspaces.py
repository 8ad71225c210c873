"""The workspaces that have installed the app, and installations under way; rows are only in the main database."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Id


class Workspace(Base, kw_only=True):
    """One workspace, or a whole organisation that has installed the app for all of its workspaces.

    An organisation's row has no `team_id`; each of its workspaces gets a row of its own, without a token, once
    somebody uses the app there. A `team_id` is one of all Slack's, and one row, whatever the organisation: the
    constraint is older than that rule, and only `storage.workspaces` sees to it.
    """

    __tablename__ = "workspaces"
    __table_args__ = (UniqueConstraint("enterprise_id", "team_id"),)

    id: Mapped[Id] = mapped_column(init=False)
    enterprise_id: Mapped[str] = mapped_column(default="")
    team_id: Mapped[str] = mapped_column(default="")
    name: Mapped[str] = mapped_column(default="")
    token: Mapped[str | None] = mapped_column(default=None)
    """The bot token, encrypted; NULL where it is the organisation's, or the app was uninstalled."""
    bot_id: Mapped[str] = mapped_column(default="")
    bot_user_id: Mapped[str] = mapped_column(default="")
    scopes: Mapped[str] = mapped_column(default="")
    installed_by: Mapped[str] = mapped_column(default="")
    installed_at: Mapped[datetime]
    uninstalled_at: Mapped[datetime | None] = mapped_column(default=None)
    alert_channel: Mapped[str] = mapped_column(default="")
    """Where alerts go that no route takes; empty until the bot has been invited to a channel."""
    admins: Mapped[list[Any]] = mapped_column(default_factory=list)
    sendoso: Mapped[str | None] = mapped_column(default=None)
    """Access to the workspace's own Sendoso account, encrypted."""


class InstallState(Base, kw_only=True):
    """An installation that was ended, for as long as its state would else be good; what is only begun is not stored."""

    __tablename__ = "install_states"

    mark: Mapped[str] = mapped_column(primary_key=True)
    """The hash of the state, which itself only the browser and Slack know."""
    ends_at: Mapped[datetime]
