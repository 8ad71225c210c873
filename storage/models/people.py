"""People in Slack, as far as the bot must know them: whose sends are "mine", and their time zone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class Person(Base, kw_only=True):
    """A Slack user. The e-mail is what joins a person to the sender of a send."""

    __tablename__ = "people"

    user_id: Mapped[str] = mapped_column(primary_key=True)
    team_id: Mapped[str] = mapped_column(default="")
    name: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="", index=True)
    tz: Mapped[str] = mapped_column(default="")
    locale: Mapped[str] = mapped_column(default="", server_default="")
    """Such as de-DE, as Slack tells it: how numbers and amounts are written for this person."""
    fetched_at: Mapped[datetime]


class UserGroup(Base, kw_only=True):
    """A Slack user group that the configuration names, and who is in it."""

    __tablename__ = "user_groups"

    group_id: Mapped[str] = mapped_column(primary_key=True)
    members: Mapped[list[Any]] = mapped_column(default_factory=list)
    """Slack user ids."""
    fetched_at: Mapped[datetime]
