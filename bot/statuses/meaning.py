"""The words of the catalogue: the statuses, where a statement comes from, and what a status means."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from bot.statuses.kinds import Kind


class Status(StrEnum):
    """Every status that Sendwatch tells apart, in the order in which a send may go through them."""

    UNKNOWN = "unknown"
    INITIATED = "initiated"
    PENDING_APPROVAL = "pending_approval"
    PENDING_SENDOSO_APPROVAL = "pending_sendoso_approval"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    SUSPICIOUS_EMAIL = "suspicious_email"
    INVALID_EMAIL = "invalid_email"
    OUT_OF_STOCK = "out_of_stock"
    CONFIRMING_ADDRESS = "confirming_address"
    SENT = "sent"
    OPENED = "opened"
    CLICKED = "clicked"
    BLOCKED = "blocked"
    EMAIL_BLACKLIST = "email_blacklist"
    REDEEMED = "redeemed"
    AMAZON_FULFILLING = "amazon_fulfilling"
    AMAZON_SHIPPED = "amazon_shipped"
    ORDER_RECEIVED = "order_received"
    FULFILLING = "fulfilling"
    FULFILLMENT_ISSUE = "fulfillment_issue"
    SHIPPED = "shipped"
    UNDELIVERABLE = "undeliverable"
    DELIVERED = "delivered"
    CONFIRMATION_CANCELED = "confirmation_canceled"
    BOUNCED = "bounced"
    EXPIRED = "expired"
    FAILED = "failed"
    CANCELED = "canceled"
    REFUNDED = "refunded"


class Source(StrEnum):
    """Where a statement comes from. Pages of Sendoso, or nobody but us."""

    TRACKER = "Send Tracker article"
    SLA = "SLA article"
    EGIFTS = "eGift article"
    ADDRESSES = "address confirmation article"
    AMAZON = "Amazon article"
    ISSUES = "Issues article"
    CANCELING = "cancellation article"
    RETURNS = "returns article"
    API = "API documentation"
    WEBHOOKS = "webhook documentation"
    OURS = "our judgement"

    @property
    def link(self) -> str | None:
        """The page itself; None for our own judgement."""
        return _LINKS.get(self)


_ARTICLES = "https://support.sendoso.com/hc/en-us/articles/"
_LINKS: dict[Source, str] = {
    Source.TRACKER: _ARTICLES + "5744694093851",
    Source.SLA: _ARTICLES + "19673365028763",
    Source.EGIFTS: "https://sendoso.zendesk.com/hc/en-us/articles/360046122972",
    Source.ADDRESSES: _ARTICLES + "360040657752",
    Source.AMAZON: _ARTICLES + "360037079972",
    Source.ISSUES: _ARTICLES + "7686047543963",
    Source.CANCELING: _ARTICLES + "8859534985371",
    Source.RETURNS: _ARTICLES + "9580262939547",
    Source.API: "https://developer.sendoso.com/rest-api/reference/sends/get-sends",
    Source.WEBHOOKS: "https://developer.sendoso.com/webhooks/events",
}


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What a status says about a send of one kind ("any" where the kind makes no difference).

    Each statement names its own source, since an article may give a status its sense and leave to us
    when to worry. `threshold` tells in words what `bot.statuses.thresholds` does.
    """

    status: Status
    kind: Kind | Literal["any"]
    title: str
    emoji: str
    meaning: str
    next_actor: str
    advice: str
    final: bool = False
    needs_action: bool = False
    threshold: str = "No deadline: nothing is awaited."
    meaning_source: str
    next_actor_source: str = Source.OURS
    advice_source: str = Source.OURS
    final_source: str = Source.OURS
    threshold_source: str = Source.OURS

    @property
    def source(self) -> str:
        """Where each statement comes from, in one readable line; what shares a source stands together."""
        parts: dict[str, list[str]] = {}
        for name, origin in (
            ("meaning", self.meaning_source),
            ("next actor", self.next_actor_source),
            ("advice", self.advice_source),
            ("final or not", self.final_source),
            ("threshold", self.threshold_source),
        ):
            parts.setdefault(str(origin), []).append(name)
        line = "; ".join(f"{', '.join(names)}: {origin}" for origin, names in parts.items())
        return line[0].upper() + line[1:] + "."
