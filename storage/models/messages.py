"""Messages as they should stand in Slack, and how far Slack has been told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Id


class Message(Base, kw_only=True):
    """One message in one channel. A change only raises `wanted_rev`; the text is made when it is sent."""

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint("phase IN ('idle', 'posting', 'updating', 'unclear')", name="phase"),
        Index(
            "ix_messages_next_at", "next_at",
            sqlite_where=text("next_at IS NOT NULL"), postgresql_where=text("next_at IS NOT NULL"),
        ),
        Index("ix_messages_channel_ts", "channel", "ts"),
        # For the day's budget of posts in a channel, and for the sweep that looks for doubles.
        Index("ix_messages_channel_created_at", "channel", "created_at"),
    )

    id: Mapped[Id] = mapped_column(init=False)
    key: Mapped[str] = mapped_column(unique=True)
    """Names the message for ever; travels as metadata, so that a post can be found again in the channel."""
    kind: Mapped[str]
    """alert, group, summary, baseline, notice, answer, digest or file."""
    channel: Mapped[str]
    """A channel id, a user id for a direct message, or "mail:" and an address whose Slack user is not known yet."""
    thread_of: Mapped[str | None] = mapped_column(default=None)
    """Key of the message under which this one is a thread reply, or "ts:" and Slack's id of somebody else's."""
    ts: Mapped[str | None] = mapped_column(default=None)
    """Slack's id of the message once it is known to be there."""
    posted_channel: Mapped[str | None] = mapped_column(default=None)
    """The channel id that Slack answered with; for a direct message it differs from `channel`."""
    body: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    """What a notice, a digest or a file is about; alerts and groups are read from their own rows."""
    wanted_rev: Mapped[int] = mapped_column(default=1)
    posted_rev: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None] = mapped_column(default=None)
    """When the next try is allowed; NULL when Slack shows what is wanted."""
    priority: Mapped[int] = mapped_column(default=0)
    """Higher goes first: a press before a flood of posts."""
    phase: Mapped[str] = mapped_column(default="idle")
    attempt: Mapped[str | None] = mapped_column(default=None)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    first_attempt_at: Mapped[datetime | None] = mapped_column(default=None)
    last_error: Mapped[str | None] = mapped_column(default=None)
    created_at: Mapped[datetime]
    posted_at: Mapped[datetime | None] = mapped_column(default=None)
    """When it was posted last; kept where somebody has deleted it in Slack."""


class ChannelPace(Base, kw_only=True):
    """What every process must know about a channel before it posts there."""

    __tablename__ = "channel_pace"

    channel: Mapped[str] = mapped_column(primary_key=True)
    not_before: Mapped[datetime]
    """No call for this channel before then: the last post plus one second, or Slack's Retry-After."""
    broken_code: Mapped[str | None] = mapped_column(default=None)
    """Slack's error while the channel cannot be written to; NULL when it works."""
    broken_since: Mapped[datetime | None] = mapped_column(default=None)
