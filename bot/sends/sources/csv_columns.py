"""Which column of an export means what, told by its heading; nobody has published the Send Tracker's own. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

from bot.sends.sources.csv_dates import zone_named
from bot.sends.text import clean, folded

NAMES: dict[str, str] = {
    "gid": "gid|send gid|sendgid|global id|send global id|sendoso gid",
    "sendoso_id": "id|send id|sendoso id|sendoso send id|send number|send no|order id|order number|order no|order",
    "status": "status|send status|current status|tracker status|gift status|latest status|order status|delivery status",
    "status_at": "status date|status updated|status updated at|status changed|status changed at|status change date"
    "|last status update|last status date|last status change|last updated|last updated at|last update"
    "|updated|updated at|updated on|date updated|status since|status time|status timestamp|last modified",
    "type": "type|send type|gift type|category|send category|product type",
    "subtype": "subtype|sub type|send subtype|send sub type|gift subtype",
    "created_at": "created|created at|created on|created date|creation date|date created|send created"
    "|sent date|send date|date sent|sent at|sent on|sent time|order date|initiated|initiated at|initiated on"
    "|initiated date|date initiated|date|timestamp",
    "recipient_first": "recipient first name|recipient first|first name|contact first name|to first name",
    "recipient_last": "recipient last name|recipient last|last name|contact last name|to last name|surname",
    "recipient_name": "recipient|recipient name|recipient full name|name|full name|contact|contact name|sent to|to"
    "|receiver|gift recipient",
    "recipient_email": "recipient email|recipient email address|email|email address|contact email|to email|mail",
    "recipient_company": "recipient company|recipient company name|company|company name|account|account name"
    "|organization|organisation|recipient organization|contact company",
    "sender_first": "sender first name|sender first|from first name",
    "sender_last": "sender last name|sender last|from last name",
    "sender_name": "sender|sender name|sender full name|sent by|from|from name|user|user name|sent from|send as",
    "sender_email": "sender email|sender email address|sent by email|from email|user email",
    "team_id": "team id|group id|sender team id",
    "team": "team|team name|group|group name|sender team|sender team name|sender group|department",
    "campaign_id": "campaign id|touch id",
    "campaign": "campaign|campaign name|touch|touch name|touch title|campaign title",
    "cost": "cost|total cost|amount|total amount|price|total price|total|spend|total spend|current total cost"
    "|send cost",
    "currency": "currency|currency code|cost currency",
    "tracking_link": "tracking link|tracking url|track link|tracking page|shipment link|carrier link|carrier url",
    "tracking_code": "tracking|tracking number|tracking no|tracking code|tracking id|carrier tracking number"
    "|shipment tracking|shipment tracking number|carrier tracking",
    "expires_at": "expires|expires at|expires on|expiry|expiry date|expiration|expiration date|offer expires"
    "|offer end|offer ends|offer end date|offer expiration|offer expiration date|egift expiration date"
    "|valid until|link expiration|link expires|expired at",
    "sent_via": "sent via|send via|via|source|channel|sent through",
}
"""For each field the headings that name it: folded, separators as spaces, "e-mail" as email."""

_MEANING = {name: meaning for meaning, names in NAMES.items() for name in names.split("|")}
_SENDER = frozenset({"sender", "from", "user", "owner", "by"})
_MOMENT = frozenset({"date", "time", "at", "on", "updated", "changed", "since"})
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BRACKET = re.compile(r"[(\[]([^)\]]*)[)\]]")
_CURRENCY = re.compile(r"\b(USD|EUR|GBP|CAD|AUD|INR|JPY|SGD|MXN|BRL|NZD|CHF|SEK|NOK|DKK|PLN)\b")


@dataclass(frozen=True)
class Columns:
    """Where each field stands in a row; `zones` and `currency` are what headings such as "Cost (USD)" add."""

    places: dict[str, int]
    width: int
    headings: tuple[str, ...]
    zones: dict[str, tzinfo] = field(default_factory=dict)
    currency: str | None = None

    @property
    def problem(self) -> str | None:
        """Why a table with these columns cannot be taken in; None where it can."""
        missing = []
        if "status" not in self.places:
            missing.append("no column for the status")
        if not self.identifies:
            missing.append("none that tells one send from another")
        if not missing:
            return None
        # It goes to a terminal, which a heading could otherwise command.
        found = ", ".join(f'"{clean(heading, 40)}"' for heading in self.headings[:40])
        return (
            f"{' and '.join(missing)} was found. Columns found: {found or 'none'}. Needed: a column such as "
            '"Status", and "Send GID", "Send ID", "Tracking Link" or "Recipient Email" with "Sent Date".'
        )

    @property
    def identifies(self) -> bool:
        """Whether a row can name its send."""
        return bool(self.places.keys() & {"gid", "sendoso_id", "tracking_link", "tracking_code"}) or (
            self.places.keys() >= {"recipient_email", "created_at"}
        )


def recognised(headings: Sequence[str]) -> Columns:
    """The columns with these headings, each field at the heading that names it best (the first of equals)."""
    places: dict[str, int] = {}
    zones: dict[str, tzinfo] = {}
    words = [_words(heading) for heading in headings]
    for meaning_of in (_MEANING.get, _by_words):
        for place, name in enumerate(words):
            meaning = meaning_of(name)
            if meaning and meaning not in places and place not in places.values():
                places[meaning] = place
                zone = _zone_in(headings[place])
                if zone:
                    zones[meaning] = zone
    cost = _CURRENCY.search(headings[places["cost"]].upper()) if "cost" in places else None
    return Columns(
        places=places, width=len(headings), headings=tuple(heading.strip() for heading in headings if heading.strip()),
        zones=zones, currency=cost[1] if cost else None,
    )


def _words(heading: str) -> str:
    text = folded(_CAMEL.sub(" ", _CURRENCY.sub(" ", _BRACKET.sub(" ", heading[:200]))))
    text = re.sub(r"[^\w]+|_", " ", text.replace("e-mail", "email").replace("#", " number ")).strip()
    return re.sub(r"\be mail\b", "email", text)


def _zone_in(heading: str) -> tzinfo | None:
    bracket = _BRACKET.search(heading)
    return zone_named(bracket[1].strip()) if bracket else None


def _by_words(name: str) -> str | None:  # noqa: PLR0911 - a table of rules, the first that fits
    """A meaning for headings that are not in the list, from single words that leave little doubt."""
    words = set(name.split())
    if "email" in words and not words & {"status", "id", "type", "date", "sent"}:
        return "sender_email" if words & _SENDER else "recipient_email"
    if "status" in words:
        return "status_at" if words & _MOMENT else "status"
    if "tracking" in words:
        return "tracking_link" if words & {"link", "url"} else "tracking_code"
    if words & {"expires", "expiration", "expiry"}:
        return "expires_at"
    if "gid" in words:
        return "gid"
    if words & {"campaign", "touch"} and not words & {"id", "type", "date", "status"}:
        return "campaign"
    if "date" in words and words & {"created", "sent", "send", "initiated"}:
        return "created_at"
    if words & {"company", "account"} and not words & {"id", "sender", "owner", "type"}:
        return "recipient_company"
    return None
