"""What a source says about a send at one moment; the one shape in which every source speaks to intake."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

API, CSV, WEBHOOK = "api", "csv", "webhook"
"""The sources."""

DETAILS = (
    "sendoso_id", "type", "subtype", "created_at", "recipient_name", "recipient_email", "recipient_company",
    "sender_name", "sender_email", "team_id", "team", "campaign_id", "campaign", "cost_minor", "currency",
    "sent_via", "expires_at",
)
"""What a snapshot says of a send besides its status and its tracking link."""

said_of = attrgetter(*DETAILS)
"""Gives these of a snapshot, in their order."""


@dataclass(frozen=True, kw_only=True)
class StatusUpdate:
    """A status that the source says was entered at an instant (aware)."""

    status_raw: str
    occurred_at: datetime


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One send as one source told it.

    None means "the source does not say": what is stored stays. `send_gid` is None only where a CSV
    has no such column; intake then finds the send by its other marks. `former_gid` is one that was made up for it
    here, where that is known. `line` is the CSV line, for reports.
    Times are aware.
    """

    source: str
    observed_at: datetime
    send_gid: str | None = None
    status_raw: str | None = None
    updates: tuple[StatusUpdate, ...] = ()
    sendoso_id: int | None = None
    type: str | None = None
    subtype: str | None = None
    created_at: datetime | None = None
    recipient_name: str | None = None
    recipient_email: str | None = None
    recipient_company: str | None = None
    sender_name: str | None = None
    sender_email: str | None = None
    team_id: int | None = None
    team: str | None = None
    campaign_id: int | None = None
    campaign: str | None = None
    cost_minor: int | None = None
    currency: str | None = None
    sent_via: str | None = None
    tracking_url: str | None = None
    expires_at: datetime | None = None
    former_gid: str | None = None
    line: int | None = None


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """A line or item that could not be read: where it stood, and why in words for a person."""

    line: int
    reason: str
