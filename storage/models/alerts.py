"""Alerts, and the append-only record of everything that happened to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, BigInt, Id


class Alert(Base, kw_only=True):
    """One finding about one send, for one stay in one status, at one level."""

    __tablename__ = "alerts"
    __table_args__ = (
        UniqueConstraint("send_id", "rule", "status_seq", "level"),
        CheckConstraint("state IN ('firing', 'acknowledged', 'snoozed', 'resolved')", name="state"),
        Index("ix_alerts_state", "state", "opened_at"),
        Index("ix_alerts_assignee", "assignee", "state"),
        Index(
            "ix_alerts_resolved_at", "resolved_at",
            sqlite_where=text("resolved_at IS NOT NULL"), postgresql_where=text("resolved_at IS NOT NULL"),
        ),
        Index(
            "ix_alerts_snoozed_until", "snoozed_until",
            sqlite_where=text("snoozed_until IS NOT NULL"),
            postgresql_where=text("snoozed_until IS NOT NULL"),
        ),
        Index(
            "ix_alerts_follow_up_at", "follow_up_at",
            sqlite_where=text("follow_up_at IS NOT NULL"),
            postgresql_where=text("follow_up_at IS NOT NULL"),
        ),
    )

    id: Mapped[Id] = mapped_column(init=False)
    key: Mapped[str] = mapped_column(unique=True)
    """What the alert is about, for ever: rule, subject, episode and level."""
    send_id: Mapped[int | None] = mapped_column(
        BigInt, ForeignKey("sends.id", ondelete="CASCADE"), default=None,
    )
    """NULL for an alert about the bot itself, such as stale data."""
    rule: Mapped[str]
    level: Mapped[str]
    status: Mapped[str] = mapped_column(default="")
    status_raw: Mapped[str] = mapped_column(default="")
    status_since: Mapped[datetime | None] = mapped_column(default=None)
    status_seq: Mapped[int] = mapped_column(default=1)
    due_at: Mapped[datetime]
    threshold: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    """The threshold as it was used: amount, unit, source, words."""
    why: Mapped[str] = mapped_column(default="")
    """One sentence that says why the alert was opened."""
    reason: Mapped[str] = mapped_column(default="first")
    """Why it is shown now: first, raised, snooze_ended, reopened or baseline."""
    state: Mapped[str] = mapped_column(default="firing")
    version: Mapped[int] = mapped_column(default=1)
    """Raised by every change; a writer that saw another version has lost the race."""
    opened_at: Mapped[datetime]
    assignee: Mapped[str | None] = mapped_column(default=None)
    acknowledged_by: Mapped[str | None] = mapped_column(default=None)
    acknowledged_at: Mapped[datetime | None] = mapped_column(default=None)
    snoozed_until: Mapped[datetime | None] = mapped_column(default=None)
    snoozed_by: Mapped[str | None] = mapped_column(default=None)
    support_by: Mapped[str | None] = mapped_column(default=None)
    support_at: Mapped[datetime | None] = mapped_column(default=None)
    follow_up_at: Mapped[datetime | None] = mapped_column(default=None)
    """When whoever told Support wants to be reminded of it."""
    resolved_by: Mapped[str | None] = mapped_column(default=None)
    """A Slack user id, or "scan" when the send moved on by itself."""
    resolved_at: Mapped[datetime | None] = mapped_column(default=None)
    resolved_reason: Mapped[str | None] = mapped_column(default=None)


class AlertEvent(Base, kw_only=True):
    """The audit record: who did what to an alert, when, and what it was before and after."""

    __tablename__ = "alert_events"
    __table_args__ = (Index("ix_alert_events_alert_id", "alert_id", "id"),)

    id: Mapped[Id] = mapped_column(init=False)
    alert_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("alerts.id"), default=None)
    action: Mapped[str]
    actor: Mapped[str]
    """A Slack user id, or "scan"."""
    actor_name: Mapped[str] = mapped_column(default="")
    team_id: Mapped[str] = mapped_column(default="")
    channel: Mapped[str] = mapped_column(default="")
    occurred_at: Mapped[datetime]
    before: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    after: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    detail: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    """One press, one row: Slack's message ts, action ts, user, action and the alert."""
