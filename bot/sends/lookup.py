"""Finding sends by what people type: any mark of a send, a name, or a piece of either."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, false, func, or_
from sqlalchemy.orm import Session

from bot.sends import exact, likeliest
from bot.sends.checks import tracking_page
from bot.sends.history import believed
from bot.sends.nearest import nearest
from bot.sends.text import clean, fields_of, folded
from bot.statuses import catalogue
from storage import named, searches, sends
from storage.beside import Beside
from storage.models import Alert, Send, SendHistory

LONGEST_QUERY = 200
"""Characters of a query that are looked at; nobody types more to find a gift."""

LONGEST_MARK = 1_000
"""Characters of a link that names a send."""

MANY = 1_000
"""Sends that fit are counted so far while somebody waits; nobody leafs through more."""

MANY_OWN = 10_000
"""Somebody's own sends are counted so far: few people ever send more, and to count a million takes 40 ms (measured)."""

_TEXT_OF_FEW = Send.search_text + ""
"""The text of one send after the other: PostgreSQL would rather ask the index for those of all that there are, and then
see which of these are the few that are meant."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """The answer to a query: how many sends fit in all, the likeliest of them, or else names that are near."""

    query: str
    total: int
    more: bool = False
    """Whether more fit than `total`, which was not counted further."""
    sends: tuple[Send, ...] = ()
    nearest: tuple[str, ...] = ()


def find(
    session: Session, query: str, *, limit: int = 10, most: int | None = MANY, guess: bool = True,
) -> Found:
    """Sends that fit what somebody typed, the likeliest first, at most `limit` of them.

    A gid, Sendoso's id, a tracking link or number, or an e-mail address names its sends exactly. Anything else
    is looked for in names, addresses, companies, campaigns and senders: every word must be found, whole fields
    come before beginnings and those before pieces, newer before older. Where nothing fits, `nearest` holds
    what may have been meant, unless nobody is to `guess`. Of more than `most` it is only told that there are more
    (None: all are counted). Case, accents, and how Slack wraps links and addresses make no difference, nor does what
    people copy along, such as a link's tags or quotes around an address.
    """
    text = exact.unwrapped(clean(query, LONGEST_QUERY))
    if not text:
        return Found(query=text, total=0)
    number, found = exact.find(session, text, limit, most)
    if number:
        return _counted(text, number, most, found)
    phrase = folded(text)
    by_id = exact.by_id(session, text)
    number, ids = _by_words(session, phrase, limit + 1, most) if phrase else (0, [])
    ordered = list(dict.fromkeys([send.id for send in by_id] + ids))
    if not ordered:
        return Found(query=text, total=0, nearest=nearest(session, phrase) if guess else ())
    rows = sends.by_ids(session, ordered[:limit])
    number += sum(not likeliest.fits(send, phrase) for send in by_id)
    return _counted(text, number, most, [rows[send_id] for send_id in ordered[:limit]])


def near(session: Session, query: str) -> tuple[str, ...]:
    """What may have been meant by what somebody typed, which fits nothing."""
    text = exact.unwrapped(clean(query, LONGEST_QUERY))
    return nearest(session, folded(text)) if text else ()


def alone(session: Session, query: str, reader: str) -> tuple[Send, Beside] | None:
    """The send that `find` would find as the only one by an address or gid, with what its card shows to `reader`.

    None where it is to be found in another way, or several are.
    """
    return exact.alone(session, exact.unwrapped(clean(query, LONGEST_QUERY)), reader)


def complete(session: Session, typed: str, *, limit: int = 50) -> tuple[Send, ...]:
    """Sends that fit what somebody has typed so far, the likeliest first; without anything typed the newest.

    As `find`, but nothing is counted and nothing near is looked for: it is asked at every letter.
    """
    text = exact.unwrapped(clean(typed, LONGEST_QUERY))
    phrase = folded(text)
    if not phrase:
        return tuple(sends.newest(session, limit))
    number, found = exact.find(session, text, limit, limit)
    if number:
        return tuple(found)
    _, ids = likeliest.ordered(session, searches.of(session, likeliest.needles(phrase)), phrase, limit)
    ordered = list(dict.fromkeys([send.id for send in exact.by_id(session, text)] + ids))[:limit]
    rows = sends.by_ids(session, ordered)
    return tuple(rows[send_id] for send_id in ordered)


def holding(session: Session, typed: str, *, limit: int = 50) -> list[int]:
    """Row ids of sends that have what was typed, as it stands there, in one of the fields that are searched.

    The newest first. Of an address that is known, those to just that one, and one whose sender has it. A letter or two
    name nothing yet.
    """
    text = exact.unwrapped(clean(typed, LONGEST_QUERY))
    phrase = folded(text)
    if not phrase or (len(phrase) < likeliest.SHORT and phrase.isascii()):
        return []
    if exact.is_address(text):
        sent, got = (
            named.having(session, exact.column(name), text.lower(), number, number)[1]
            for name, number in (("sender_email", 1), ("recipient_email", limit))
        )
        if sent or got:
            return [send.id for send in (*sent, *got)]
    return likeliest.ids_of(searches.of(session, [(phrase,)]).newest(limit))


def exactly(session: Session, mark: str, *, limit: int = 10) -> Found:
    """Sends that a gid, a tracking link or code, or their recipient's e-mail address names, and no others."""
    text = clean(mark, LONGEST_MARK)
    number, found = exact.by_mark(session, text, limit)
    if not number and exact.is_address(text):
        number, found = named.having(session, exact.column("recipient_email"), text.lower(), limit)
    return Found(query=text, total=number, sends=tuple(found))


def by_links(session: Session, links: Iterable[str]) -> dict[str, Send]:
    """The send that each tracking link names, as far as it is known; one look-up for all.

    A link to Sendoso's own tracking page is known whatever is added to it, such as a campaign's tags.
    """
    meant = {link: {link, *((page,) if (page := tracking_page(link)) else ())} for link in links}
    found = sends.by_tracking(session, {one for several in meant.values() for one in several})
    return {link: next(found[one] for one in several if one in found) for link, several in meant.items()
            if several & found.keys()}


def to_people(session: Session, names: Sequence[str], *, limit: int = 10) -> list[Found]:
    """Sends whose recipient is called exactly so, for each name that has any; accents and case make no difference.

    One look-up for all names. Of a name with more sends than are looked at, the count is of those.
    """
    wanted = {phrase: name for name in reversed(names) if (phrase := folded(name))}
    if not wanted:
        return []
    whole = tuple(f"|{phrase}|" for phrase in wanted)
    ids: dict[str, list[int]] = {}
    for send_id, _, text in searches.of(session, [whole]).newest(likeliest.RANKED):
        recipient = fields_of(text)[0]
        if recipient in wanted:
            ids.setdefault(recipient, []).append(send_id)
    rows = sends.by_ids(session, [one for found in ids.values() for one in found[:limit]])
    return [
        Found(query=wanted[phrase], total=len(ids[phrase]), sends=tuple(rows[one] for one in ids[phrase][:limit]))
        for phrase in reversed(wanted) if phrase in ids
    ]


def stuck(session: Session, now: datetime, limit: int = 10, *conditions: ColumnElement[bool]) -> Found:
    """Sends with an alert that is not resolved, or due for one: those first that have waited longest.

    With conditions, such as `fits` gives, those of them for which these hold.
    """
    number, found = sends.stuck(session, now, limit, *conditions)
    return Found(query="", total=number, sends=tuple(found))


def fits(session: Session, words: str) -> list[ColumnElement[bool]]:
    """What is true of a send that the words fit as they do for `find`, for a look through few sends."""
    text = exact.unwrapped(clean(words, LONGEST_QUERY))
    number, found = exact.by_mark(session, text, MANY, MANY)
    if number:
        return [Send.id.in_([send.id for send in found])]
    if exact.is_address(text):
        # A person may have sent all there are: an index on their address would lead through all of these.
        meant = [*exact.addresses_in(text)]
        return [or_(func.lower(Send.recipient_email).in_(meant), func.lower(Send.sender_email).in_(meant))]
    needles = likeliest.needles(folded(text))
    return [
        or_(*(_TEXT_OF_FEW.contains(spelling, autoescape=True) for spelling in needle)) for needle in needles
    ] or [false()]


def in_status(session: Session, status: str, limit: int = 10) -> Found:
    """Sends that are in that status (its id) now: those first that have been in it for longest.

    Where nothing more happens nobody waits: of what was delivered, the latest come first.
    """
    number, found = sends.in_status(session, status, limit, latest=catalogue.is_final(status))
    return Found(query="", total=number, sends=tuple(found))


def mine(session: Session, email: str, limit: int = 10) -> Found:
    """Sends whose sender has that e-mail address, newest first; of more than `MANY_OWN` only that there are more."""
    address = clean(email).lower()
    if not address:
        return Found(query="", total=0)
    number, found = named.having(session, exact.column("sender_email"), address, limit, MANY_OWN)
    return _counted(address, number, MANY_OWN, found)


def history_of(session: Session, send: Send) -> tuple[SendHistory, ...]:
    """Every status the send was seen to enter, oldest first.

    Without what was only guessed of a status whose time is known by now: it would tell of a step twice.
    """
    return tuple(believed(sends.history(session, [send.id])[send.id]))


def open_alerts_of(session: Session, send: Send) -> tuple[Alert, ...]:
    """Alerts about the send that are not resolved, oldest first."""
    return tuple(sends.open_alerts(session, [send.id]))


def _counted(query: str, number: int, most: int | None, found: Sequence[Send]) -> Found:
    total = number if most is None else min(number, most)
    return Found(query=query, total=total, more=number > total, sends=tuple(found))


def _by_words(session: Session, phrase: str, limit: int, most: int | None) -> tuple[int, list[int]]:
    """How many sends hold all words (not counted beyond one more than `most`), and the ids of the likeliest."""
    words = searches.of(session, likeliest.needles(phrase))
    number, ids = likeliest.ordered(session, words, phrase, limit)
    return words.count(most) if number is None else number, ids


