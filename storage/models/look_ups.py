"""Who has looked up which sends, where that is put on record."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, BigInt, Id


class LookUp(Base, kw_only=True):
    """One person's look at some sends, with one request or with what is offered to them while they type."""

    __tablename__ = "look_ups"
    __table_args__ = (Index("ix_look_ups_looked_at", "looked_at"),)

    id: Mapped[Id] = mapped_column(init=False)
    key: Mapped[str] = mapped_column(unique=True)
    """The same for one request, however often Slack tells of it."""
    user_id: Mapped[str] = mapped_column(default="")
    """A Slack user id; empty where Slack did not say whose it is."""
    looked_at: Mapped[datetime]
    surface: Mapped[str]
    """What it was: a command, a button, a window and the like."""
    name: Mapped[str] = mapped_column(default="")
    """Which of these: the command, or the bot's own name of the button or window."""
    number: Mapped[int] = mapped_column(default=0)
    """Sends that were read for it, those included that are not kept any more."""


class LookUpSend(Base, kw_only=True):
    """One of the sends of a look-up; it goes with the send."""

    __tablename__ = "look_up_sends"
    __table_args__ = (
        UniqueConstraint("look_up_id", "send_id"),
        Index("ix_look_up_sends_send_id", "send_id"),
    )

    id: Mapped[Id] = mapped_column(init=False)
    look_up_id: Mapped[int] = mapped_column(BigInt, ForeignKey("look_ups.id", ondelete="CASCADE"))
    send_id: Mapped[int] = mapped_column(BigInt, ForeignKey("sends.id", ondelete="CASCADE"))
