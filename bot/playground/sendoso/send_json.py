"""A send in the shape that Sendoso's documentation shows."""

from __future__ import annotations

import base64
from datetime import datetime
from decimal import Decimal
from typing import Any

from bot.playground.sendoso.vocabulary import spelt
from bot.sends.money import decimals
from bot.sends.snapshots import Snapshot, StatusUpdate
from bot.statuses.working_time import PACIFIC

Json = dict[str, Any]


def written(moment: datetime) -> str:
    """An instant as Sendoso writes it: to the second, with the offset of Pacific time."""
    return moment.astimezone(PACIFIC).isoformat(timespec="seconds")


def gid_of(number: int) -> str:
    """The global id of a send: base64 without padding."""
    return base64.b64encode(f"gid://sendoso/Send/{number}".encode()).decode().rstrip("=")


def send_of(told: Snapshot, number: int, now: datetime) -> Json:
    """A send from a snapshot, statuses as the snapshot spells them. `number` stands in for ids it lacks."""
    status = told.status_raw or (told.updates[-1].status_raw if told.updates else "Initiated")
    created_at = told.created_at or (told.updates[0].occurred_at if told.updates else now)
    return {
        "id": told.sendoso_id or number,
        # The documentation's own example shows that the number inside is not the id.
        "send_gid": told.send_gid or gid_of(number + 1000),
        "type": told.type or "Inventoried Sends",
        "subtype": told.subtype or "Custom",
        "currency": told.currency or "USD",
        "current_total_cost": amount(told.cost_minor or 0, told.currency or "USD"),
        "status": status,
        "created_at": written(created_at),
        "touch": {"id": told.campaign_id or number, "name": told.campaign or ""},
        "recipient": {
            "name": told.recipient_name or "", "email": told.recipient_email or "",
            "company_name": told.recipient_company or "",
        },
        "sender": {
            "id": number, "name": told.sender_name or "", "email": told.sender_email or "",
            "team_id": told.team_id or 1, "team_name": told.team or "",
        },
        "sent_via": told.sent_via or "Sendoso.com",
        "status_updates": [update_of(update) for update in told.updates],
    }


def update_of(update: StatusUpdate) -> Json:
    """One entry of `status_updates`."""
    return {"status": update.status_raw, "occurred_at": written(update.occurred_at)}


def amount(minor: int, currency: str) -> str:
    """Whole smallest units as the API's decimal text, such as "2.0"."""
    text = f"{Decimal(minor).scaleb(-decimals(currency)).normalize():f}"
    return text if "." in text else f"{text}.0"


def shown(send: Json, vocabulary: str) -> Json:
    """The send as the API gives it out, its statuses spelt in that vocabulary; "verbatim" changes nothing."""
    if vocabulary == "verbatim":
        return send

    def say(raw: str) -> str:
        return spelt(raw, send["type"], send["subtype"], vocabulary)

    return send | {
        "status": say(send["status"]),
        "status_updates": [update | {"status": say(update["status"])} for update in send["status_updates"]],
    }
