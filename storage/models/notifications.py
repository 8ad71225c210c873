"""Alerts on their way to the places where they are told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, BigInt, Id


class Notification(Base, kw_only=True):
    """One alert for one place: what has been told there, and when there is more to say."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("alert_id", "channel"),
        Index("ix_notifications_message_id", "message_id"),
        Index(
            "ix_notifications_next_at", "next_at",
            sqlite_where=text("next_at IS NOT NULL"), postgresql_where=text("next_at IS NOT NULL"),
        ),
    )

    id: Mapped[Id] = mapped_column(init=False)
    alert_id: Mapped[int] = mapped_column(BigInt, ForeignKey("alerts.id", ondelete="CASCADE"))
    channel: Mapped[str]
    """A channel id, a user id for a direct message, or "mail:" and an address whose Slack user is not known yet."""
    route: Mapped[str] = mapped_column(default="")
    """Name of the rule that led here."""
    policy: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    """How it is repeated, escalated and held, as it was when the alert was routed."""
    reason: Mapped[str] = mapped_column(default="")
    """Why it is shown here now, where that is not the alert's own reason: repeated, escalated, mute_ended, held."""
    held: Mapped[str] = mapped_column(default="")
    """Why nothing is told here now: quiet, muted, muted_owed, inhibited or baseline."""
    message_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("messages.id"), default=None)
    """The message that shows it here; NULL until it has been told."""
    next_at: Mapped[datetime | None] = mapped_column(default=None)
    """When something has to be decided: the first telling, a repeat, an escalation, the end of a hold."""
    told_at: Mapped[datetime | None] = mapped_column(default=None)
    """When it was told here first, or told again as if new."""
    last_told_at: Mapped[datetime | None] = mapped_column(default=None)
    repeats: Mapped[int] = mapped_column(default=0)
    escalations: Mapped[int] = mapped_column(default=0)
