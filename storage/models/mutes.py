"""What people do not want to hear of for a while."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, BigInt, Id


class Mute(Base, kw_only=True):
    """No alert of this campaign, team, sender, rule, status or send is told until the end.

    Never rewritten, unless its send gets another gid: a change of the end makes a new row that names the one it
    replaces.
    """

    __tablename__ = "mutes"
    __table_args__ = (
        CheckConstraint("scope IN ('campaign', 'team', 'sender', 'rule', 'status', 'send')", name="scope"),
        Index("ix_mutes_ends_at", "ends_at"),
    )

    id: Mapped[Id] = mapped_column(init=False)
    scope: Mapped[str]
    value: Mapped[str]
    """The campaign's or team's name in lower case, the sender's e-mail, a rule id, a status id, or a send's gid."""
    label: Mapped[str] = mapped_column(default="")
    """What is muted, as people read it; from outside."""
    reason: Mapped[str] = mapped_column(default="")
    created_by: Mapped[str]
    """A Slack user id."""
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    """Set when somebody ends it before its time, or when a changed one takes its place."""
    ended_by: Mapped[str | None] = mapped_column(default=None)
    replaces: Mapped[int | None] = mapped_column(
        BigInt, ForeignKey("mutes.id"), default=None,
    )
    told_end_at: Mapped[datetime | None] = mapped_column(default=None)
    """When the alerts that it held were let go."""
