"""What a source told of a send, made fit to store, or turned down with a reason that a person understands."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from operator import attrgetter, is_
from typing import Any
from urllib.parse import urlsplit

from bot.sends.snapshots import Rejected, Snapshot, StatusUpdate
from bot.sends.text import LONGEST, clean, cut_to_key

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Nothing was sent before; such times are what programs make of an empty or broken cell."""

AHEAD = timedelta(days=1)
"""How far a thing that has happened may lie in the future: the clocks of others, and naive zones."""

FARTHEST_END = timedelta(days=3660)
"""Offers last 90 days at most; an end in ten years is a mistake."""

LONGEST_GID = 200
LARGEST = 2**63 - 1
MOST_UPDATES = 1_000

TEXTS = (
    "status_raw", "type", "subtype", "recipient_name", "recipient_email", "recipient_company", "sender_name",
    "sender_email", "team", "campaign", "currency", "sent_via", "tracking_url",
)
NUMBERS = ("sendoso_id", "team_id", "campaign_id", "cost_minor")
_TEXTS, _NUMBERS = attrgetter(*TEXTS), attrgetter(*NUMBERS)
_EMAILS = frozenset({"recipient_email", "sender_email"})
_KEYS = _EMAILS | {"team", "tracking_url", "status_raw"}
"""Those that an index leads to."""
_EMAIL_PLACES = tuple(place for place, name in enumerate(TEXTS) if name in _EMAILS)
_SENDOSO_CODE = re.compile(r"[0-9a-f]{40}")
_SENDOSO_PAGE = re.compile(r"https?://app\.sendoso\.com/track/([0-9a-f]{40})(?![0-9a-z])", re.IGNORECASE)
_CODES = re.compile(r"(?=[A-Za-z]*\d)[A-Za-z0-9]{8,}")
_MOST_CODES = 4


class _UnfitError(ValueError):
    """What a source said cannot be true or cannot be stored; the text says why."""


def checked(told: Snapshot, place: int) -> Snapshot | Rejected:
    """The snapshot as it can be stored, or why it cannot be; `place` is its number where it names no line.

    Texts are cleaned and cut at 1,000 characters (and 2,000 bytes where an index leads to them), e-mail addresses
    lowered, times put in UTC and cut to the millisecond; a blank counts as "the source does not say".
    """
    try:
        fit = _fit(told)
    except _UnfitError as error:
        return Rejected(line=told.line or place, reason=str(error))
    return fit


def link_of(tracking: str | None) -> str | None:
    """The tracking text as a link: an http(s) address as it is, a code of Sendoso's own as its page.

    None for anything else, such as a carrier's bare number.
    """
    if not tracking:
        return None
    if _SENDOSO_CODE.fullmatch(tracking.lower()):
        return f"https://app.sendoso.com/track/{tracking.lower()}"
    try:
        parts = urlsplit(tracking)
    except ValueError:
        return None
    fits = parts.scheme.lower() in {"http", "https"} and parts.netloc and " " not in tracking
    return tracking if fits else None


def tracking_page(link: str) -> str | None:
    """The address of Sendoso's own tracking page that a link leads to, without what is added to it; else None."""
    found = _SENDOSO_PAGE.match(link)
    return link_of(found[1]) if found else None


def codes_of(tracking: str) -> list[str]:
    """The numbers in a tracking link or text by which a carrier, and so a person, names the parcel."""
    if link_of(tracking) is None:
        return [tracking]
    return _CODES.findall(tracking)[:_MOST_CODES]


def _fit(told: Snapshot) -> Snapshot:
    observed_at = _utc("observed_at", told.observed_at)
    latest = observed_at + AHEAD
    fit: dict[str, Any] = {
        "send_gid": _gid(told.send_gid), "observed_at": observed_at, "updates": _updates(told.updates, latest),
        "created_at": _moment("was created", told.created_at, latest),
        "expires_at": _moment("ends", told.expires_at, latest + FARTHEST_END),
    }
    texts = _TEXTS(told)
    if not _are_plain(texts):
        fit.update((name, _text(name, text)) for name, text in zip(TEXTS, texts, strict=True) if text is not None)
    for name, number in zip(NUMBERS, _NUMBERS(told), strict=True):
        _check_number(name, number)
    told = _with(told, fit)
    if told.send_gid is None and not has_marks(told):
        raise _UnfitError(
            "nothing tells it from other sends: it needs a gid, an id, a tracking link or number, "
            "or the recipient's e-mail with the date it was created",
        )
    return told


def _are_plain(texts: tuple[str | None, ...]) -> bool:
    """Whether all are fit as they are: nearly all are, and are seen to be in one look. False where that is not sure."""
    # A text begins and ends where a tilde is. Where one has a tilde of its own, that may lead to a second look.
    said = f"~{'~'.join([text for text in texts if text is not None])}~"
    if len(said) > LONGEST or not (said.isascii() and said.isprintable()):
        return False
    if "  " in said or "~ " in said or " ~" in said or "~~" in said:
        return False
    emails = "".join([texts[place] or "" for place in _EMAIL_PLACES])
    return " " not in emails and emails == emails.lower()


def _with(told: Snapshot, fit: dict[str, Any]) -> Snapshot:
    known = vars(told)
    # Most are fit as they come, and to make another one takes time. Equal times may yet be of another zone.
    changed = {
        name: value for name, value in fit.items()
        if value is not known[name] and (value != known[name] or not isinstance(value, str))
    }
    if not changed:
        return told
    # `replace` of a frozen class sets each field by itself, which takes ten times as long: a tenth of the intake.
    made = object.__new__(Snapshot)
    vars(made).update(known, **changed)
    return made


def has_marks(told: Snapshot) -> bool:
    """Whether a send can be told from others without its gid."""
    return (
        told.sendoso_id is not None
        or told.tracking_url is not None
        or (told.recipient_email is not None and told.created_at is not None)
    )


def _text(name: str, value: str | None) -> str | None:
    if value is None:
        return None
    cleaned = clean(value)
    if name in _EMAILS:
        cleaned = cleaned.lower()
    return (cut_to_key(cleaned) if name in _KEYS else cleaned) or None


def _check_number(name: str, value: int | None) -> None:
    if value is not None and not -LARGEST <= value <= LARGEST:
        raise _UnfitError(f"{name.replace('_', ' ')} is too large a number")


def _gid(value: str | None) -> str | None:
    gid = clean(value or "", LONGEST_GID + 1)
    if len(gid) > LONGEST_GID:
        raise _UnfitError(f"its gid is longer than {LONGEST_GID} characters")
    return gid or None


def _updates(updates: tuple[StatusUpdate, ...], latest: datetime) -> tuple[StatusUpdate, ...]:
    if len(updates) > MOST_UPDATES:
        raise _UnfitError(f"it lists more than {MOST_UPDATES} status updates")
    fit = [
        update if raw == update.status_raw and moment is update.occurred_at
        else StatusUpdate(status_raw=raw, occurred_at=moment)
        for update in updates
        if (raw := cut_to_key(clean(update.status_raw)))
        for moment in [_past("entered", update.occurred_at, latest, raw)]
    ]
    return updates if len(fit) == len(updates) and all(map(is_, fit, updates)) else tuple(fit)


def _moment(what: str, value: datetime | None, latest: datetime) -> datetime | None:
    return None if value is None else _past(what, value, latest)


def _past(what: str, value: datetime, latest: datetime, status: str = "") -> datetime:
    """`status` is named where it is the one that the send `what`, such as "entered"."""
    moment = _utc(what, value, status)
    if EARLIEST <= moment <= latest:
        return moment
    told = "too long ago" if moment < EARLIEST else "too far ahead"
    raise _UnfitError(f"it {_done(what, status)} on {moment:%Y-%m-%d}, which is {told} to be true")


def _done(what: str, status: str) -> str:
    return f"{what} {status!r}" if status else what


def _utc(what: str, value: datetime, status: str = "") -> datetime:
    if value.tzinfo is UTC and not value.microsecond % 1000:
        return value
    what = _done(what, status)
    if value.tzinfo is None:
        raise _UnfitError(f"the time at which it {what} has no zone")
    try:
        moment = value.astimezone(UTC)
    except OverflowError:
        raise _UnfitError(f"the time at which it {what} is out of range") from None
    # As it is stored: two tellings of one instant must be equal afterwards too.
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
