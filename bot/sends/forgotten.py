"""What sources tell of people who were forgotten is taken in without them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.sends.addresses import mentioned, within
from bot.sends.likeness import is_named
from bot.sends.marks import gid_apart, gid_for
from bot.sends.naming import Naming, may_be_names, plain
from bot.sends.record import SYNTHETIC
from bot.sends.snapshots import Rejected, Snapshot
from bot.statuses.catalogue import Status
from bot.statuses.spelling import canonical
from storage import forgotten
from storage.models import Send
from storage.sends import SOME, chunks

REASON = (
    "its recipient was forgotten here, and without a gid or an id it cannot be told which send it is; nothing was kept"
)
RECIPIENT = ("recipient_name", "recipient_email", "recipient_company", "tracking_url")
"""What is left out of a send to somebody who was forgotten: a carrier's page shows the address."""
SENDER = ("sender_name", "sender_email")
WORDS = ("team", "campaign", "sent_via", "status_raw")
"""Texts about which nobody promises that they name no one."""
_SAID = (*WORDS, "type", "subtype", "recipient_name", "recipient_company", "sender_name")
TEXTS = (*_SAID, "tracking_url")
"""Texts in which an address may stand, be it of somebody who has nothing to do with the send."""

_TEXTS = attrgetter(*_SAID)

_KNOWN = select(Send.send_gid).where(Send.send_gid.in_(SOME))


def left_of(session: Session, told: Sequence[Snapshot]) -> list[Snapshot | Rejected]:
    """The checked snapshots, those that name somebody who was forgotten without that person."""
    known = forgotten.known(session, (address for one in told for address in _addresses(one)))
    if not known:
        return list(told)
    gone = _gone(told, known)
    namings = {email: Naming(email=email) for email in sorted(known, key=len, reverse=True)}
    named = [one for one in told if one.recipient_email in gone or one.sender_email in gone]
    gids = _gids(session, named, gone)
    names = _names(session, named, gone)
    left: list[Snapshot | Rejected] = []
    for place, one in enumerate(told, start=1):
        gid = gids.get(one)
        if one in gids and gid is None:
            left.append(Rejected(line=one.line or place, reason=REASON))
            continue
        unmentioned = _unmentioned(one, namings)
        left.append(unmentioned if gid is None else _without(unmentioned, gid, gone, names))
    return left


def remember(session: Session, naming: Naming, now: datetime) -> None:
    """Remember that this address was forgotten, and by which names it was known."""
    forgotten.add(session, naming.email, now)
    for name in sorted({plain(name) for name in naming.names}):
        forgotten.add(session, _of_name(naming.email, name), now)


@lru_cache(maxsize=4_096)
def may_name(word: str, text: str) -> bool:
    """Whether a text of somebody's own send may hold their name: a status that Sendoso's pages name means no one."""
    return word in WORDS and (word != "status_raw" or canonical(text) is Status.UNKNOWN)


def gid_of(session: Session, gid: str) -> str:
    """The gid of a send to somebody who was forgotten: one that was made up here hides what it was made from."""
    return f"{SYNTHETIC}{forgotten.hidden(session, gid)}" if gid.startswith(SYNTHETIC) else gid


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
    if link and ("@" in link or "%40" in link):
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
    left: dict[str, Any] = {"send_gid": gid}
    for email, name, fields in (
        (told.recipient_email, told.recipient_name, RECIPIENT), (told.sender_email, told.sender_name, SENDER),
    ):
        if email and email in gone:
            left |= dict.fromkeys(fields, "")
            for spelt in sorted({email, *within(email)}, key=len, reverse=True):
                naming = Naming(email=spelt, names=[*([name] if name else []), *sorted(names.get(spelt, ()))])
                left |= {
                    word: naming.without(text, by_name=may_name(word, text)) for word in WORDS
                    if (text := left.get(word, getattr(told, word)))
                }
                left["updates"] = tuple(
                    replace(update, status_raw=naming.without(
                        update.status_raw, by_name=may_name("status_raw", update.status_raw),
                    ))
                    for update in left.get("updates", told.updates)
                )
    return replace(told, **left)
