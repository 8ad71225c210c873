"""How Sendoso spells statuses: in the Send Tracker, in the documented API, and as webhook events."""

from __future__ import annotations

from bot.statuses.kinds import kind_of
from bot.statuses.spelling import canonical

UI: dict[str, str] = {
    "initiated": "Initiated",
    "pending_approval": "Pending Approval",
    "pending_sendoso_approval": "Pending Sendoso Approval",
    "insufficient_funds": "Insufficient Funds",
    "suspicious_email": "Suspicious Email",
    "invalid_email": "Invalid Email Format",
    "blocked": "Blocked",
    "email_blacklist": "Email Blacklist",
    "out_of_stock": "Out of Stock",
    "sent": "Sent",
    "opened": "Opened",
    "clicked": "Clicked",
    "redeemed": "Used/Redeemed",
    "expired": "Expired",
    "refunded": "Refunded",
    "bounced": "Bounced",
    "confirming_address": "Confirming Address",
    "confirmation_canceled": "Confirmation Canceled",
    "order_received": "Order Received",
    "fulfilling": "Fulfilling",
    "fulfillment_issue": "Fulfillment Issue",
    "amazon_fulfilling": "Amazon Fulfilling",
    "amazon_shipped": "Amazon Shipped",
    "shipped": "Shipped",
    "delivered": "Delivered",
    "undeliverable": "Undeliverable",
    "canceled": "Canceled",
    "failed": "Failed",
}
"""Names as the Send Tracker shows them; where it shows none, the webhook's word in its style."""

API: dict[str, str] = UI | {
    "initiated": "pending",
    "redeemed": "Used",
    "confirmation_canceled": "Address Confirmation - Cancelled",
    "order_received": "Processing",
    "fulfilling": "Packed",
    "fulfillment_issue": "Paused",
    "canceled": "Cancelled",
}
"""Names as the API's documentation lists them, which are older than the Send Tracker's."""

EVENTS: dict[str, str] = {status: f"send.{status}" for status in UI} | {"invalid_email": "send.invalid_email_format"}
"""The 28 webhook events, by status."""


def spelt(raw: str, send_type: str, subtype: str, vocabulary: str) -> str:
    """A status as Sendoso would spell it, in the words of the "api" or of the "ui"; as it is if nobody named it."""
    names = API if vocabulary == "api" else UI
    return names.get(canonical(raw, kind=kind_of(send_type, subtype)), raw)


def event_of(raw: str, send_type: str, subtype: str) -> str:
    """The webhook event for entering a status; for one that nobody has named, its words with underscores."""
    status = canonical(raw, kind=kind_of(send_type, subtype))
    return EVENTS.get(status) or "send." + "_".join("".join(c if c.isalnum() else " " for c in raw.lower()).split())
