"""People in Slack, as far as the bot must know them: whose sends are "mine", and their time zone."""

from __future__ import annotations

from datetime import datetime

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
    fetched_at: Mapped[datetime]
