"""A page of `GET /api/v3/send` as snapshots. Pure: parsed JSON in, one snapshot or one refusal per send out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeGuard

from bot.sends.money import minor_units
from bot.sends.snapshots import Rejected, Snapshot, StatusUpdate
from bot.sends.sources.sendoso_http import SendosoError, said
from bot.sends.text import clean

PER_PAGE = 100
"""The most that Sendoso gives in a page."""

LARGEST = 2**63 - 1
_CODE = 3


@dataclass(frozen=True, kw_only=True)
class Item:
    """One send of a page. `key` is the same wherever the send turns up again, also where it is unreadable."""

    key: str
    told: Snapshot | Rejected


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page: its number, how many sends a page holds, Sendoso's count of all sends, and the sends."""

    number: int
    size: int
    total: int | None
    items: tuple[Item, ...]

    @property
    def reaches(self) -> int:
        """How many sends the pages up to this one hold if all are full."""
        return self.number * self.size

    def explained(self, refusal: Rejected) -> Rejected:
        """The refusal with the place of its send in words."""
        index = refusal.line - (self.number - 1) * PER_PAGE
        return Rejected(line=refusal.line, reason=f"page {self.number}, item {index}: {refusal.reason}")


class _UnreadableError(ValueError):
    """An item lacks what every send has, or has it in a form that means nothing."""


def read(body: Any, number: int, now: datetime) -> Page:  # noqa: ANN401 - JSON
    """The page `number` as it was at `now`. Raises `SendosoError` for JSON that is no page of sends.

    A send is refused, with its position as `line`, for what decides where it stands: its gid, its status,
    its times. Anything else in a form not understood counts as "Sendoso does not say".
    """
    sends = body.get("sends") if isinstance(body, dict) else None
    if not isinstance(sends, list):
        raise SendosoError(f"Sendoso's answer for page {number} holds no list of sends{said(body)}.")
    size, total = body.get("per_page"), body.get("total_count")
    first = (number - 1) * PER_PAGE + 1
    return Page(
        number=number,
        size=max(len(sends), min(size, PER_PAGE) if _is_whole(size) else PER_PAGE, 1),
        total=total if _is_whole(total) and total >= 0 else None,
        items=tuple(_item(send, line, now) for line, send in enumerate(sends, start=first)),
    )


def _item(send: object, line: int, now: datetime) -> Item:
    try:
        snapshot = _snapshot(send, line, now)
    except _UnreadableError as error:
        return Item(key=_key_of(send), told=Rejected(line=line, reason=str(error)))
    return Item(key=snapshot.send_gid or "", told=snapshot)


def _key_of(send: object) -> str:
    gid = send.get("send_gid") if isinstance(send, dict) else None
    if isinstance(gid, str) and clean(gid):
        return clean(gid)
    return "unreadable:" + hashlib.sha256(json.dumps(send, sort_keys=True).encode()).hexdigest()


def _snapshot(send: object, line: int, now: datetime) -> Snapshot:
    if not isinstance(send, dict):
        raise _UnreadableError(f"a send was expected, not {_kind_of(send)}")
    gid = _required(send, "send_gid")
    if not gid:
        raise _UnreadableError("send_gid is missing")
    status, updates = _required(send, "status"), _updates(send.get("status_updates"))
    if not status and not updates:
        raise _UnreadableError("status is missing")
    touch, recipient, sender = (_part(send, name) for name in ("touch", "recipient", "sender"))
    currency = _currency(send)
    return Snapshot(
        source="api", observed_at=now, line=line, send_gid=gid, status_raw=status or None, updates=updates,
        sendoso_id=_number(send, "id"), type=_text(send, "type"), subtype=_text(send, "subtype"),
        created_at=None if send.get("created_at") is None else _instant("created_at", send["created_at"]),
        recipient_name=_text(recipient, "name"), recipient_email=_text(recipient, "email"),
        recipient_company=_text(recipient, "company_name"), sender_name=_text(sender, "name"),
        sender_email=_text(sender, "email"), team_id=_number(sender, "team_id"), team=_text(sender, "team_name"),
        campaign_id=_number(touch, "id"), campaign=_text(touch, "name"),
        cost_minor=minor_units(_amount(send.get("current_total_cost")), currency), currency=currency,
        sent_via=_text(send, "sent_via"),
    )


def _required(send: dict[str, Any], name: str) -> str:
    value = send.get(name)
    if value is not None and not isinstance(value, str):
        raise _UnreadableError(f"{name} is {_kind_of(value)}, not a text")
    return clean(value or "")


def _updates(given: object) -> tuple[StatusUpdate, ...]:
    if given is None:
        return ()
    if not isinstance(given, list):
        raise _UnreadableError(f"status_updates is {_kind_of(given)}, not a list")
    read_ones = (_update(place, one) for place, one in enumerate(given, start=1))
    return tuple(one for one in read_ones if one is not None)


def _update(place: int, given: object) -> StatusUpdate | None:
    """None for one that is blank: it says nothing, and nothing is lost without it."""
    if given is None:
        return None
    if not isinstance(given, dict):
        raise _UnreadableError(f"status update {place} is {_kind_of(given)}")
    status, occurred_at = given.get("status"), given.get("occurred_at")
    if status is None or occurred_at is None:
        return None
    if not isinstance(status, str):
        raise _UnreadableError(f"the status of status update {place} is {_kind_of(status)}, not a text")
    return StatusUpdate(status_raw=status, occurred_at=_instant(f"occurred_at of status update {place}", occurred_at))


def _instant(what: str, given: object) -> datetime:
    if not isinstance(given, str):
        raise _UnreadableError(f"{what} is {_kind_of(given)}, not a time")
    try:
        moment = datetime.fromisoformat(given.strip())
    except ValueError:
        raise _UnreadableError(f"{what} is not a time: {clean(given, 40)!r}") from None
    if moment.tzinfo is None:
        raise _UnreadableError(f"{what} has no time zone: {clean(given, 40)!r}")
    return moment


def _part(send: dict[str, Any], name: str) -> dict[str, Any]:
    part = send.get(name)
    return part if isinstance(part, dict) else {}


def _text(part: dict[str, Any], name: str) -> str | None:
    value = part.get(name)
    return value if isinstance(value, str) else None


def _currency(send: dict[str, Any]) -> str | None:
    # A text of any other form says no currency, and may say who somebody is.
    code = (_text(send, "currency") or "").strip()
    return code if len(code) == _CODE and code.isascii() and code.isalpha() else None


def _amount(given: object) -> str | None:
    # Documented as a text; a number means the same.
    return str(given) if isinstance(given, str | float) or _is_whole(given) else None


def _number(part: dict[str, Any], name: str) -> int | None:
    value = part.get(name)
    return value if _is_whole(value) and -LARGEST <= value <= LARGEST else None


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _kind_of(value: object) -> str:
    kinds: dict[type, str] = {dict: "an object", list: "a list", bool: "true or false", str: "a text"}
    return "missing" if value is None else kinds.get(type(value), "a number")
