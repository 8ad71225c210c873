"""Sends as Sendoso tells of them, and every status that each has had."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, BigInt, Id

REPORTED = (
    "status IN ('opened', 'shipped', 'amazon_shipped', 'redeemed', 'delivered', 'expired', 'confirmation_canceled', "
    "'refunded')"
)
"""The steps that reports count, as they stand in the index: a query has to say it in the same words to use it."""


class Send(Base, kw_only=True):
    """One gift on its way. Keyed by Sendoso's gid, the only name that webhooks carry."""

    __tablename__ = "sends"
    __table_args__ = (
        CheckConstraint("status_seq >= 1", name="status_seq"),
        # Partial on NOT NULL: SQLite uses such an index for `due_at <= ?`, so that a scan costs what is due.
        Index(
            "ix_sends_due_at", "due_at",
            sqlite_where=text("due_at IS NOT NULL"), postgresql_where=text("due_at IS NOT NULL"),
        ),
        Index(
            "ix_sends_refresh_wanted_at", "refresh_wanted_at",
            sqlite_where=text("refresh_wanted_at IS NOT NULL"),
            postgresql_where=text("refresh_wanted_at IS NOT NULL"),
        ),
        Index("ix_sends_recipient_email", "recipient_email"),
        # With the status, so that somebody's weeks are counted without a look at the sends themselves.
        Index("ix_sends_sender_email", "sender_email", "created_at", "status"),
        # For those who may see the sends of their team only.
        Index("ix_sends_team", "team"),
        Index("ix_sends_status", "status", "status_since"),
        Index("ix_sends_sendoso_id", "sendoso_id"),
        Index("ix_sends_tracking_url", "tracking_url"),
        Index("ix_sends_created_at", "created_at"),
    )

    id: Mapped[Id] = mapped_column(init=False)
    send_gid: Mapped[str] = mapped_column(unique=True)
    sendoso_id: Mapped[int | None] = mapped_column(BigInt, default=None)
    kind: Mapped[str] = mapped_column(default="unknown")
    """Family of the send: egift, physical, choice or unknown (`bot.statuses.kinds`)."""
    type: Mapped[str] = mapped_column(default="")
    subtype: Mapped[str] = mapped_column(default="")
    status: Mapped[str]
    """Canonical id, or "unknown"."""
    status_raw: Mapped[str]
    """The status to the letter, as the source that gave it spelt it."""
    status_since: Mapped[datetime]
    status_seq: Mapped[int] = mapped_column(default=1)
    """Raised when the stored status changes its value; one alert episode per number."""
    warehouse_since: Mapped[datetime | None] = mapped_column(default=None)
    """When the send entered Order Received in its current stretch: Support's 7 days include Fulfilling."""
    created_at: Mapped[datetime | None] = mapped_column(default=None)
    recipient_name: Mapped[str] = mapped_column(default="")
    recipient_email: Mapped[str] = mapped_column(default="")
    """Lower case."""
    recipient_company: Mapped[str] = mapped_column(default="")
    sender_name: Mapped[str] = mapped_column(default="")
    sender_email: Mapped[str] = mapped_column(default="")
    """Lower case."""
    team_id: Mapped[int | None] = mapped_column(BigInt, default=None)
    team: Mapped[str] = mapped_column(default="")
    campaign_id: Mapped[int | None] = mapped_column(BigInt, default=None)
    campaign: Mapped[str] = mapped_column(default="")
    cost_minor: Mapped[int | None] = mapped_column(BigInt, default=None)
    currency: Mapped[str] = mapped_column(default="")
    sent_via: Mapped[str] = mapped_column(default="")
    tracking_url: Mapped[str | None] = mapped_column(default=None)
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    search_text: Mapped[str] = mapped_column(default="")
    """Folded name, e-mail, company, campaign and sender, for look-ups by fragment."""
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    """When the next scan has something to say about this send; NULL when there is nothing left to say."""
    due_rule: Mapped[str | None] = mapped_column(default=None)
    refresh_wanted_at: Mapped[datetime | None] = mapped_column(default=None)
    """Set by a webhook that told only that something changed; cleared by the next sync that sees the send."""
    complete: Mapped[bool] = mapped_column(default=True)
    """False while only a webhook has named this gid and no sync has brought its details."""
    recipient_forgotten: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whoever it was sent to was forgotten: what is told of it without an address may name them."""
    sender_forgotten: Mapped[bool] = mapped_column(default=False, server_default=false())
    fingerprint: Mapped[str] = mapped_column(default="")
    """Hash of the last snapshot per source, to pass over what has not changed."""
    first_seen_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class SendHistory(Base, kw_only=True):
    """One status that a send was seen to enter. Rows are only ever added."""

    __tablename__ = "send_history"
    __table_args__ = (
        UniqueConstraint("send_id", "status_key", "occurred_at"),
        # What reports count, and they alone read it: the other half of the rows would only cost time at intake.
        Index(
            "ix_send_history_reported", "occurred_at", "status", "send_id", "source",
            sqlite_where=text(REPORTED), postgresql_where=text(REPORTED),
        ),
    )

    id: Mapped[Id] = mapped_column(init=False)
    send_id: Mapped[int] = mapped_column(BigInt, ForeignKey("sends.id", ondelete="CASCADE"))
    status: Mapped[str]
    status_key: Mapped[str]
    """The canonical id, or for a status that nobody has named "unknown:" and its folded spelling."""
    status_raw: Mapped[str]
    occurred_at: Mapped[datetime]
    observed_at: Mapped[datetime]
    source: Mapped[str]
    """api, webhook, csv, sample or observed (the source gave no time; this is when it was first seen)."""
    late: Mapped[bool] = mapped_column(default=False)
    """Arrived after something newer was known, so it did not move the send."""
