"""Sends that somebody wants to hear of at each step."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, BigInt, Id


class Watch(Base, kw_only=True):
    """One person follows one send, until it has arrived or they no longer want to."""

    __tablename__ = "watches"
    __table_args__ = (
        UniqueConstraint("user_id", "send_id"),
        Index("ix_watches_ended_at", "ended_at", "send_id"),
    )

    id: Mapped[Id] = mapped_column(init=False)
    user_id: Mapped[str]
    """A Slack user id; told by direct message."""
    send_id: Mapped[int] = mapped_column(BigInt, ForeignKey("sends.id", ondelete="CASCADE"))
    told_seq: Mapped[int] = mapped_column(default=0)
    """The send's `status_seq` that was told last."""
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    """NULL while the send is followed."""
    ended_why: Mapped[str] = mapped_column(default="")
    """final, stopped, or empty while it goes on."""
