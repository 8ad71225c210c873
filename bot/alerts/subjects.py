"""An alert and its send as the rules and the texts look at them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.alerts.grouping import Item
from bot.alerts.routing import Routing, Subject
from storage.models import Alert, Send


def subject_of(alert: Alert, send: Send | None) -> Subject:
    """What routes, mutes and inhibitions compare. The status is the alert's: the send may have moved on."""
    return about(alert.rule, alert.level, alert.status, send)


def about(rule: str, level: str, status: str, send: Send | None) -> Subject:
    """The same for an alert that is only about to be opened."""
    if send is None:
        return Subject(rule=rule, level=level, status=status)
    return Subject(
        rule=rule, level=level, status=status, team=send.team, campaign=send.campaign, sender_name=send.sender_name,
        sender_email=send.sender_email, type=send.type, subtype=send.subtype, send_gid=send.send_gid,
        amount_minor=send.cost_minor, currency=send.currency,
    )


def item_of(alert: Alert, send: Send | None, channel: str = "", ref: int | None = None) -> Item:
    """What grouping and the one-line texts need to know of an alert; `ref` for one that is not stored."""
    return Item(
        ref=alert.id if ref is None else ref, version=alert.version, channel=channel, rule=alert.rule,
        level=alert.level, status=alert.status, status_raw=alert.status_raw, since=alert.status_since,
        due_at=alert.due_at, why=alert.why,
        send_gid=send.send_gid if send else "",
        gift=(send.type or send.subtype) if send else "",
        recipient=(send.recipient_name or send.recipient_email or send.recipient_company) if send else "",
        campaign=send.campaign if send else "",
        campaign_id=send.campaign_id if send else None,
        subject=subject_of(alert, send),
    )


def places(alert_id: int, subject: Subject, routing: Routing, now: datetime) -> list[dict[str, Any]]:
    """Rows of notifications for an alert that is to be told: one for each place to which its route leads."""
    return [
        {
            "alert_id": alert_id, "channel": place.channel, "route": place.route, "policy": place.policy.as_json(),
            "next_at": now,
        }
        for place in routing.destinations(subject)
    ]
