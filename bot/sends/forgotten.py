"""What sources tell of people who were forgotten is taken in without them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot.sends.addresses import has_sign, mentioned, within
from bot.sends.checks import codes_of, link_of
from bot.sends.likeness import is_named
from bot.sends.marks import gid_apart, gid_for
from bot.sends.naming import GONE, Naming, may_be_names, plain
from bot.sends.record import SYNTHETIC, Record
from bot.sends.snapshots import Rejected, Snapshot
from bot.statuses.catalogue import Status
from bot.statuses.spelling import canonical
from bot.statuses.working_time import PACIFIC
from storage import forgotten
from storage.models import Send
from storage.sends import SOME, chunks

REASON = (
    "its recipient was forgotten here, and without a gid or an id it cannot be told which send it is; nothing was kept"
)
RECIPIENT = ("recipient_name", "recipient_email", "recipient_company", "tracking_url")
"""What is left out of a send to somebody who was forgotten: a carrier's page shows the address."""
SENDER = ("sender_name", "sender_email")
_FIELDS = {"recipient": RECIPIENT, "sender": SENDER}
WORDS = ("team", "campaign", "sent_via", "status_raw")
"""Texts about which nobody promises that they name no one."""
_SAID = (*WORDS, "type", "subtype", "recipient_name", "recipient_company", "sender_name")
TEXTS = (*_SAID, "tracking_url")
"""Texts in which an address may stand, be it of somebody who has nothing to do with the send."""

_TEXTS = attrgetter(*_SAID)

_KNOWN = select(Send.send_gid).where(Send.send_gid.in_(SOME))
_IDS = select(Send.sendoso_id).where(Send.sendoso_id.in_(SOME))
_WHOLE = _KNOWN.where(Send.complete)
_LINKS = select(Send.tracking_url).where(Send.tracking_url.in_(SOME))


def left_of(session: Session, told: Sequence[Snapshot]) -> list[Snapshot | Rejected]:
    """The checked snapshots, those that name somebody who was forgotten without that person."""
    known = forgotten.known(session, (address for one in told for address in _addresses(one)))
    gone = _gone(told, known) if known else set()
    parcels = _parcels(session, told, gone)
    if not (known or parcels):
        return list(told)
    namings = {email: Naming(email=email) for email in sorted(known, key=len, reverse=True)}
    named = [one for one in told if one.recipient_email in gone or one.sender_email in gone]
    gids = _gids(session, named, gone)
    formers = _formers(session, [one for one in named if one.recipient_email in gone and is_named(one)])
    names = _names(session, named, gone)
    left: list[Snapshot | Rejected] = []
    for place, one in enumerate(told, start=1):
        gid = gids.get(one)
        if (one in gids and gid is None) or parcels.get(one, one) is None:
            left.append(Rejected(line=one.line or place, reason=REASON))
            continue
        unmentioned = _unmentioned(parcels.get(one) or one, namings)
        kept = unmentioned if gid is None else _without(unmentioned, gid, gone, names)
        left.append(replace(kept, former_gid=formers[one]) if one in formers else kept)
    return left


def remember(session: Session, naming: Naming, now: datetime) -> None:
    """Remember that this address was forgotten, and by which names it was known."""
    names = {_of_name(naming.email, plain(name)) for name in naming.names}
    forgotten.add(session, {naming.email, *names}, now)


def names_in(session: Session, email: str, texts: Iterable[str]) -> set[str]:
    """The names by which a forgotten address was known that stand in these texts, in the form of `plain`."""
    asked = {_of_name(email, name): name for text in texts for name in may_be_names(text)}
    return {asked[mark] for mark in forgotten.known(session, asked)}


def remember_parcels(session: Session, parcels: Iterable[str], now: datetime) -> None:
    """Remember links and numbers of parcels to somebody who was forgotten."""
    forgotten.add(session, {_of_parcel(parcel) for parcel in parcels}, now)


def left_to(record: Record, told: Snapshot) -> Snapshot:
    """What is told of this send without those of its people who were forgotten, where it does not give the address.

    With the address it is without them already; with another one it is somebody else's.
    """
    row = record.row
    gone = [whose for whose in _FIELDS if row[f"{whose}_forgotten"] and getattr(told, f"{whose}_email") is None]
    if not gone:
        return told
    left = _emptied(told, gone)
    # A text that named them when they were forgotten would do so again.
    again: dict[str, Any] = dict.fromkeys(word for word in WORDS if _says_again(row[word], getattr(left, word)))
    known = [(event.occurred_at, event.status_raw) for event in record.events if GONE in event.status_raw]
    return replace(left, **again, updates=tuple(
        update for update in left.updates
        if not any(at == update.occurred_at and _says_again(raw, update.status_raw) for at, raw in known)
    ))


@lru_cache(maxsize=4_096)
def may_name(word: str, text: str) -> bool:
    """Whether a text of somebody's own send may hold their name: a status that Sendoso's pages name means no one."""
    return word in WORDS and (word != "status_raw" or canonical(text) is Status.UNKNOWN)


def gid_of(session: Session, gid: str) -> str:
    """The gid of a send to somebody who was forgotten: one that was made up here hides what it was made from.

    So does one with an address, as earlier versions took it from a file.
    """
    return _hidden(session, [gid])[0] if gid.startswith(SYNTHETIC) or has_sign(gid) else gid


def _addresses(told: Snapshot) -> Iterator[str]:
    """All by which somebody may be known whom a snapshot names, be it in passing."""
    for field in (told.recipient_email, told.sender_email):
        if field:
            yield field
            yield from within(field)
    yield from _mentioned(told)


def _mentioned(told: Snapshot) -> frozenset[str]:
    # All in one: most sends have nothing of the kind, and that is to be seen in one look.
    texts = [text for text in _TEXTS(told) if text]
    texts += [update.status_raw for update in told.updates]
    link = told.tracking_url
    if link and has_sign(link):
        texts.append(link)
    return mentioned("\n".join(texts))


def _gone(told: Sequence[Snapshot], known: set[str]) -> set[str]:
    """The address fields, as they were told, in which somebody stands who was forgotten; maybe one among several."""
    return {
        field for one in told for field in (one.recipient_email, one.sender_email)
        if field and not known.isdisjoint({field, *within(field)})
    }


def _unmentioned(told: Snapshot, namings: Mapping[str, Naming]) -> Snapshot:
    """The snapshot with none of these addresses in its texts; the very same where none stands there."""
    there = _mentioned(told) & namings.keys()
    left = told
    for email in [email for email in namings if email in there]:
        left = _cleaned(left, namings[email])
    # It is stored under the gid that was made up from what the file says.
    return left if left is told else replace(left, send_gid=gid_for(told))


def _cleaned(told: Snapshot, naming: Naming) -> Snapshot:
    return replace(
        told, **{name: naming.without(text, by_name=False) for name in TEXTS if (text := getattr(told, name))},
        updates=tuple(
            replace(update, status_raw=naming.without(update.status_raw, by_name=False)) for update in told.updates
        ),
    )


def _gids(session: Session, named: Sequence[Snapshot], gone: set[str]) -> dict[Snapshot, str | None]:
    """The gid of each; None where it could only be found by the address, which is no longer kept."""
    theirs = {
        one: [gid_for(one)] if is_named(one) else [gid_of(session, gid) for gid in (gid_apart(one), gid_for(one))]
        for one in named if one.recipient_email in gone
    }
    asked = sorted({gid for gids in theirs.values() for gid in gids})
    known = {gid for some in chunks(asked) for gid in session.scalars(_KNOWN, {"some": some})}
    found: dict[Snapshot, str | None] = {one: gid_for(one) for one in named}
    for one, gids in theirs.items():
        nameless = one.send_gid is None and one.sendoso_id is None
        found[one] = next((gid for gid in gids if gid in known), None if nameless else gids[-1])
    return found


def _formers(session: Session, named: Sequence[Snapshot]) -> dict[Snapshot, str]:
    """The hidden gids of sends that a file brought, of what the API first tells of since: no other mark is left."""
    known = _held(session, _WHOLE, [one.send_gid for one in named])
    # What a batch tells of one send twice is of one send.
    firsts = {one.send_gid: one for one in reversed(named) if one.send_gid not in known}
    new = {one: _made_up_for(one) for one in reversed(firsts.values())}
    asked = sorted({gid for gids in new.values() for gid in gids})
    hidden = dict(zip(asked, _hidden(session, asked), strict=True)) if asked else {}
    there = _held(session, _KNOWN, hidden.values())
    found: dict[Snapshot, str] = {}
    for one, gids in new.items():
        # Of two gifts of one day each has its own.
        if fitting := next((gid for made in gids if (gid := hidden[made]) in there), None):
            there.discard(fitting)
            found[one] = fitting
    return found


def _made_up_for(told: Snapshot) -> list[str]:
    """The gids that a file without gids and ids may have brought it under; it may tell the minute or the day only."""
    created = told.created_at
    if created is None:
        return []
    days = [created.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0) for zone in (PACIFIC, UTC)]
    times = [created, created.replace(second=0, microsecond=0), *(day.astimezone(UTC) for day in days)]
    rows = [
        replace(told, send_gid=None, sendoso_id=None, created_at=at, campaign=campaign)
        for at in times for campaign in (told.campaign, None)
    ]
    return list(dict.fromkeys(gid for row in rows for gid in (gid_for(row), gid_apart(row))))


def _hidden(session: Session, gids: Sequence[str]) -> list[str]:
    return [f"{SYNTHETIC}{one}" for one in forgotten.hidden(session, gids)]


def _parcels(session: Session, told: Sequence[Snapshot], gone: set[str]) -> dict[Snapshot, Snapshot | None]:
    """What tells of parcels to somebody who was forgotten and gives no address: without them; None is nobody's."""
    named = [one for one in told if one.tracking_url and one.recipient_email in gone]
    strays = [one for one in told if one.tracking_url and one.recipient_email is None]
    if not (named or strays):
        return {}
    known = forgotten.known(session, {_parcel_of(one) for one in (*named, *strays)})
    # These are told of for the first time since.
    for one in named:
        if _parcel_of(one) not in known:
            link = link_of(one.tracking_url)
            remember_parcels(session, {*([link] if link else []), *codes_of(one.tracking_url or "")}, one.observed_at)
    strays = [one for one in strays if _parcel_of(one) in known]
    links = _held(session, _LINKS, [link_of(one.tracking_url) for one in strays])
    ids = _held(session, _IDS, [one.sendoso_id for one in strays])
    return {
        # Whether the send is that person's, and not another's by now, is seen where it is found.
        one: replace(_emptied(one, ["recipient"]), recipient_email=None) if one.send_gid or one.sendoso_id in ids
        else None
        # A parcel may hold another's gift, too.
        for one in strays if link_of(one.tracking_url) not in links
    }


def _held(session: Session, asked: Select[Any], values: Iterable[Any]) -> set[Any]:
    wanted = sorted({value for value in values if value is not None})
    return {value for some in chunks(wanted) for value in session.scalars(asked, {"some": some})}


def _parcel_of(told: Snapshot) -> str:
    return _of_parcel(link_of(told.tracking_url) or told.tracking_url or "")


def _of_parcel(parcel: str) -> str:
    return f"parcel|{parcel}".lower()


def _of_name(email: str, name: str) -> str:
    """A name is known again beside its address only, so that nobody can find it by trying names alone."""
    return f"{email}|{name}".lower()


def _names(session: Session, named: Sequence[Snapshot], gone: set[str]) -> Mapping[str, set[str]]:
    """By address, in each way in which it was told: the names it was known by that stand in texts of its sends."""
    texts = {
        (spelt, text) for one in named for email in (one.recipient_email, one.sender_email) if email in gone
        for spelt in (email, *within(email)) for text in _naming_texts(one)
    }
    asked = {_of_name(spelt, name): (spelt, name) for spelt, text in texts for name in may_be_names(text)}
    found = defaultdict[str, set[str]](set)
    for mark in forgotten.known(session, asked):
        spelt, name = asked[mark]
        found[spelt].add(name)
    return found


def _naming_texts(told: Snapshot) -> list[str]:
    texts = [(word, getattr(told, word)) for word in WORDS]
    texts += [("status_raw", update.status_raw) for update in told.updates]
    return [text for word, text in texts if text and may_name(word, text)]


def _without(told: Snapshot, gid: str, gone: set[str], names: Mapping[str, set[str]]) -> Snapshot:
    left = replace(told, send_gid=gid)
    for whose, fields in _FIELDS.items():
        email, name = getattr(told, f"{whose}_email"), getattr(told, f"{whose}_name")
        if email and email in gone:
            for spelt in sorted({email, *within(email)}, key=len, reverse=True):
                known = sorted(names.get(spelt, ()))
                left = _unnamed(left, Naming(email=spelt, names=[*([name] if name else []), *known]))
            left = _blanked(left, fields)
    return left


def _emptied(told: Snapshot, gone: Sequence[str]) -> Snapshot:
    """Without all that is said of its recipient or its sender, and without the name in its texts."""
    names = [name for whose in gone if (name := getattr(told, f"{whose}_name"))]
    return _blanked(_unnamed(told, Naming(email="", names=names)), [one for whose in gone for one in _FIELDS[whose]])


def _blanked(told: Snapshot, fields: Iterable[str]) -> Snapshot:
    blank: dict[str, Any] = dict.fromkeys(fields, "")
    return replace(told, **blank)


def _unnamed(told: Snapshot, naming: Naming) -> Snapshot:
    def without(word: str, text: str) -> Any:  # noqa: ANN401 - a text, as it came
        return naming.without(text, by_name=may_name(word, text))

    return replace(
        told, **{word: without(word, text) for word in WORDS if (text := getattr(told, word))},
        updates=tuple(
            replace(update, status_raw=without("status_raw", update.status_raw)) for update in told.updates
        ),
    )


def _says_again(left: str, text: str | None) -> bool:
    """Whether a text is the one of which this is left."""
    return bool(text) and GONE in left and re.fullmatch(
        ".+".join(map(re.escape, left.split(GONE))), text or "", re.IGNORECASE | re.DOTALL,
    ) is not None
