"""Sendoso's webhooks: checked, kept at once, taken in a moment later.

Sendoso sends through Svix. The body names a send and a time but neither the event nor the status, so each
event type gets its own address, and what comes without one only says that the send must be read again.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import structlog
from sqlalchemy.orm import Session
from standardwebhooks import Webhook

from bot.sends import intake
from bot.sends.checks import EARLIEST, LONGEST_GID
from bot.sends.salvage import is_of_database, where
from bot.sends.snapshots import Snapshot, StatusUpdate
from bot.sends.text import clean
from bot.statuses.watch import Watch
from storage import sync as standing
from storage.models import WebhookDelivery

log = structlog.get_logger()

TOLERANCE = timedelta(minutes=5)
"""How far a sender's clock may be off, as Svix's own libraries have it."""

LARGEST_BODY = 16 * 1024
LONGEST_ID = 255
MOST_AT_ONCE = 200
"""Deliveries a transaction, so that people's presses get in between."""

CONTRADICTED = ""
"""Stands in the place of an event once two addresses named different ones for the same message."""

_EVENT = re.compile(r"[a-z][a-z0-9_.-]{0,63}")
_DIGITS = re.compile(r"[0-9]{1,11}")


class WebhookRefused(Exception):  # noqa: N818 - the sender is told no; nothing went wrong here
    """A webhook that is not taken. `status` is the HTTP status to answer with, `reason` says why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A webhook whose signature was right: Svix's id of it, the send, and when its status changed."""

    svix_id: str
    send_gid: str
    status_changed_at: datetime


def verify(headers: Mapping[str, str], raw_body: bytes, secrets: Sequence[str], now: datetime) -> Delivery:
    """The delivery in a request, if one of `secrets` (`whsec_…`) signed these very bytes.

    `headers` in any case, under Svix's names or those of the Standard Webhooks. Raises `WebhookRefused`: 401
    for what cannot be trusted, 400 for a body that is no webhook of Sendoso's, 413 for one too large.
    """
    if len(raw_body) > LARGEST_BODY:
        raise WebhookRefused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is far larger than any webhook.")
    svix_id, sent_at, signatures = _signed_headers(headers)
    if abs(now - sent_at) > TOLERANCE:
        raise _untrusted("The timestamp is more than five minutes away from this clock.")
    try:
        text = raw_body.decode()
    except UnicodeDecodeError:
        raise WebhookRefused(HTTPStatus.BAD_REQUEST, "The body is not UTF-8.") from None
    expected = _expected(svix_id, sent_at, text, secrets)
    given = [signature.encode("utf-8", "replace") for signature in signatures.split(" ")]
    # Every pair is compared, so that the time taken tells nothing about which one came close.
    if not sum(hmac.compare_digest(one, other) for one in expected for other in given):
        raise _untrusted("No signature matches.")
    return _read(svix_id, text)


def event_of(segment: str) -> str:
    """The event that a path names, as Sendoso spells it: `shipped` and `send.shipped` are `send.shipped`.

    Events nobody has named are taken, too. Raises `WebhookRefused` for what cannot be an event's name.
    """
    name = segment.strip().lower().removeprefix("send.")
    if not _EVENT.fullmatch(name):
        raise WebhookRefused(HTTPStatus.BAD_REQUEST, "The path names no event; one looks like send.shipped.")
    return f"send.{name}"


def receive(session: Session, delivery: Delivery, event: str | None, now: datetime) -> bool:
    """Keep a delivery for `process`; `event` is the part of the path that names it, None without one.

    Gives False for a repeat, which changes nothing. Raises `WebhookRefused` for an event with no such name.
    """
    name = event_of(event) if event is not None else None
    row = WebhookDelivery(
        svix_id=delivery.svix_id, received_at=now, event=name, send_gid=delivery.send_gid,
        status_changed_at=delivery.status_changed_at, pending_at=now,
    )
    return standing.keep_delivery(session, row) or _met_again(session, row, now)


def process(session: Session, now: datetime, watch: Watch, *, limit: int = MOST_AT_ONCE) -> int:
    """Take in up to `limit` kept deliveries and give how many; call again until 0.

    The order in which they came makes no difference, nor do repeats. A delivery that cannot be taken in
    keeps its error and holds up nobody.
    """
    claimed = standing.pending_deliveries(session, limit)
    for delivery in claimed:
        delivery.pending_at = None
        try:
            with session.begin_nested():
                delivery.error = _take_in(session, delivery, now, watch)
        except Exception as error:
            if is_of_database(error):
                raise
            # One delivery must not hold up the others for ever.
            delivery.error = f"It could not be taken in ({where(error)})."
        if delivery.error:
            log.warning("webhook_not_taken", svix_id=delivery.svix_id, reason=delivery.error)
    session.flush()
    return len(claimed)


def _untrusted(reason: str) -> WebhookRefused:
    return WebhookRefused(HTTPStatus.UNAUTHORIZED, reason)


def _signed_headers(headers: Mapping[str, str]) -> tuple[str, datetime, str]:
    lowered = {name.lower(): value for name, value in headers.items()}
    family = "svix" if "svix-id" in lowered else "webhook"
    svix_id, timestamp, signatures = (lowered.get(f"{family}-{name}", "") for name in ("id", "timestamp", "signature"))
    if not (svix_id and timestamp and signatures):
        raise _untrusted("svix-id, svix-timestamp and svix-signature are needed.")
    if len(svix_id) > LONGEST_ID or not (svix_id.isascii() and svix_id.isprintable()):
        raise _untrusted("svix-id is not an id.")
    if not _DIGITS.fullmatch(timestamp):
        raise _untrusted("svix-timestamp is not a number of seconds.")
    return svix_id, datetime.fromtimestamp(int(timestamp), UTC), signatures


def _expected(svix_id: str, sent_at: datetime, text: str, secrets: Sequence[str]) -> list[bytes]:
    signatures: list[bytes] = []
    for place, secret in enumerate(secrets, start=1):
        try:
            signatures.append(Webhook(secret).sign(svix_id, sent_at, text).encode())
        except Exception as error:  # noqa: BLE001 - the library names no one error for a secret it cannot use
            log.warning("webhook_secret_unusable", place=place, error=type(error).__name__)
    if not signatures:
        raise _untrusted("No usable SENDOSO_WEBHOOK_SECRETS is set, so no signature can be checked.")
    return signatures


def _read(svix_id: str, text: str) -> Delivery:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise _not_sendosos("it is not JSON") from None
    if not isinstance(body, dict):
        raise _not_sendosos("it is not a JSON object")
    return Delivery(svix_id=svix_id, send_gid=_gid(body.get("send_gid")), status_changed_at=_changed_at(body))


def _gid(given: object) -> str:
    if not isinstance(given, str) or not given.strip():
        raise _not_sendosos("send_gid is missing or no text")
    gid = given.strip()
    if len(gid) > LONGEST_GID or clean(gid) != gid:
        raise _not_sendosos(f"send_gid has more than {LONGEST_GID} characters, or some that no gid has")
    return gid


def _changed_at(body: dict[str, Any]) -> datetime:
    given = body.get("status_changed_at")
    if not isinstance(given, str):
        raise _not_sendosos("status_changed_at is missing or no text")
    try:
        moment = datetime.fromisoformat(given.strip())
        inside = moment.tzinfo is not None and moment.astimezone(UTC) >= EARLIEST
    except (ValueError, OverflowError):
        raise _not_sendosos("status_changed_at is not a time in ISO 8601") from None
    if moment.tzinfo is None:
        raise _not_sendosos("status_changed_at has no time zone")
    if not inside:
        raise _not_sendosos("status_changed_at is too long ago to be true")
    return moment.astimezone(UTC)


def _not_sendosos(what: str) -> WebhookRefused:
    return WebhookRefused(HTTPStatus.BAD_REQUEST, f"The body is not one of Sendoso's webhooks: {what}.")


def _met_again(session: Session, row: WebhookDelivery, now: datetime) -> bool:
    """One message reaches every address subscribed to it, under one id: what the others add must not be lost."""
    known = standing.delivery_of(session, row.svix_id)
    if row.event is None or known.event in {row.event, CONTRADICTED}:
        return False
    if known.event is None:
        known.event, known.pending_at = row.event, now
        return True
    # Two addresses contradict each other, so neither path can be believed: each address in Sendoso's portal
    # must be subscribed to its own event only.
    log.error("webhook_addresses_overlap", events=sorted((known.event, row.event)))
    known.event, known.pending_at = CONTRADICTED, now
    return True


def _take_in(session: Session, delivery: WebhookDelivery, now: datetime, watch: Watch) -> str | None:
    """Gives what went wrong, None if nothing did."""
    gid, changed_at = delivery.send_gid, delivery.status_changed_at
    # Nothing can have happened yet that is to happen; taken at its word it would outlast every later status.
    ahead = changed_at > delivery.received_at + TOLERANCE
    if not delivery.event or ahead:
        intake.mark_for_refresh(session, gid, changed_at, now)
        return "Its time lies in the future; the send is read again instead." if ahead else None
    snapshot = Snapshot(
        source="webhook", observed_at=now, send_gid=gid, status_raw=delivery.event,
        updates=(StatusUpdate(status_raw=delivery.event, occurred_at=changed_at),),
    )
    taken = intake.take(session, [snapshot], now, watch)
    return taken.rejected[0].reason if taken.rejected else None
