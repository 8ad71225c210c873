"""Where the sources stand: cursors, tokens, webhook deliveries, leases, job runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class SyncCursor(Base, kw_only=True):
    """How far a walk through a source has come, so that it resumes where it was stopped."""

    __tablename__ = "sync_cursors"

    source: Mapped[str] = mapped_column(primary_key=True)
    cursor: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    fencing: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    last_ok_at: Mapped[datetime | None] = mapped_column(default=None)
    last_error: Mapped[str | None] = mapped_column(default=None)


class OAuthToken(Base, kw_only=True):
    """A provider's token pair, encrypted. Refresh tokens are single use, so each new pair is kept at once."""

    __tablename__ = "oauth_tokens"

    provider: Mapped[str] = mapped_column(primary_key=True)
    secret: Mapped[str]
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]


class WebhookDelivery(Base, kw_only=True):
    """One webhook as it came in. A repeat of the same id is answered and otherwise passed over."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index(
            "ix_webhook_deliveries_pending_at", "pending_at",
            sqlite_where=text("pending_at IS NOT NULL"), postgresql_where=text("pending_at IS NOT NULL"),
        ),
        Index("ix_webhook_deliveries_received_at", "received_at"),
    )

    svix_id: Mapped[str] = mapped_column(primary_key=True)
    received_at: Mapped[datetime]
    event: Mapped[str | None] = mapped_column(default=None)
    """Event type from the path, such as send.shipped; NULL on the endpoint that serves every type."""
    send_gid: Mapped[str]
    status_changed_at: Mapped[datetime]
    pending_at: Mapped[datetime | None] = mapped_column(default=None)
    """Set until the delivery has been taken in."""
    error: Mapped[str | None] = mapped_column(default=None)


class Lease(Base, kw_only=True):
    """A right that one process holds for a while, such as walking Sendoso's pages."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until: Mapped[datetime]
    token: Mapped[int] = mapped_column(default=1)
    """Fencing number: raised each time the lease changes hands."""


class JobRun(Base, kw_only=True):
    """The last runs of a job, for health and for knowing whether a scan has ever finished."""

    __tablename__ = "job_runs"

    name: Mapped[str] = mapped_column(primary_key=True)
    last_started_at: Mapped[datetime | None] = mapped_column(default=None)
    last_ok_at: Mapped[datetime | None] = mapped_column(default=None)
    last_error: Mapped[str | None] = mapped_column(default=None)
    runs: Mapped[int] = mapped_column(default=0)
