"""Finding sends by what people type: any mark of a send, a name, or a piece of either."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, false, func, or_
from sqlalchemy.orm import Session

from bot.sends import addresses
from bot.sends.checks import LARGEST, codes_of, link_of, tracking_page
from bot.sends.history import believed
from bot.sends.nearest import nearest
from bot.sends.text import clean, fields_of, folded
from storage import named, scope, search, sends
from storage.models import Alert, Send, SendHistory
from storage.own_texts import Match
from storage.trigrams import Needle

LONGEST_QUERY = 200
"""Characters of a query that are looked at; nobody types more to find a gift."""

LONGEST_MARK = 1_000
"""Characters of a link that names a send."""

MOST_WORDS = 8
RANKED = 1_000
"""So many matches are put in order by how well they fit; of more, the best kinds of fit are asked for one by one.
To ask for a kind takes as long as to look at so many texts (measured)."""

MANY = 1_000
"""Sends that fit are counted so far while somebody waits; nobody leafs through more."""

_LINK = re.compile(r"<(?:mailto:)?([^<>|\s]+)(?:\|[^<>]*)?>")
_QUOTED = re.compile(r"[<\"“](.+)[>\"”]")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_GID_TEXT = re.compile(r"gid://sendoso/Send/\d+", re.IGNORECASE)
_WORDS = re.compile(r"\w+")
_SHORT = 3


@dataclass(frozen=True, kw_only=True)
class Found:
    """The answer to a query: how many sends fit in all, the likeliest of them, or else names that are near."""

    query: str
    total: int
    more: bool = False
    """Whether more fit than `total`, which was not counted further."""
    sends: tuple[Send, ...] = ()
    nearest: tuple[str, ...] = ()


def find(session: Session, query: str, *, limit: int = 10, most: int | None = MANY) -> Found:
    """Sends that fit what somebody typed, the likeliest first, at most `limit` of them.

    A gid, Sendoso's id, a tracking link or number, or an e-mail address names its sends exactly. Anything else
    is looked for in names, addresses, companies, campaigns and senders: every word must be found, whole fields
    come before beginnings and those before pieces, newer before older. Where nothing fits, `nearest` holds
    what may have been meant. Of more than `most` it is only told that there are more (None: all are counted).
    Case, accents, and how Slack wraps links and addresses make no difference, nor does what people copy along, such as
    a link's tags or quotes around an address.
    """
    text = _unwrapped(clean(query, LONGEST_QUERY))
    if not text:
        return Found(query=text, total=0)
    number, found = _named(session, text, limit, most)
    if number:
        return _counted(text, number, most, found)
    phrase = folded(text)
    by_id = _by_id(session, text)
    number, ids = _by_words(session, phrase, limit + 1, most) if phrase else (0, [])
    ordered = list(dict.fromkeys([send.id for send in by_id] + ids))
    if not ordered:
        return Found(query=text, total=0, nearest=nearest(session, phrase))
    rows = sends.by_ids(session, ordered[:limit])
    number += sum(not _matches(send, phrase) for send in by_id)
    return _counted(text, number, most, [rows[send_id] for send_id in ordered[:limit]])


def complete(session: Session, typed: str, *, limit: int = 50) -> tuple[Send, ...]:
    """Sends that fit what somebody has typed so far, the likeliest first; without anything typed the newest.

    As `find`, but nothing is counted and nothing near is looked for: it is asked at every letter.
    """
    text = _unwrapped(clean(typed, LONGEST_QUERY))
    phrase = folded(text)
    if not phrase:
        return tuple(sends.newest(session, limit))
    number, found = _named(session, text, limit, limit)
    if number:
        return tuple(found)
    _, ids = _ordered(session, search.Search(session, _needles(phrase)), phrase, limit)
    ordered = list(dict.fromkeys([send.id for send in _by_id(session, text)] + ids))[:limit]
    rows = sends.by_ids(session, ordered)
    return tuple(rows[send_id] for send_id in ordered)


def holding(session: Session, typed: str, *, limit: int = 50) -> list[int]:
    """Row ids of sends that have what was typed, as it stands there, in one of the fields that are searched.

    The newest first; besides, one whose sender has just that e-mail address. A letter or two name nothing yet.
    """
    text = _unwrapped(clean(typed, LONGEST_QUERY))
    phrase = folded(text)
    if not phrase or (len(phrase) < _SHORT and phrase.isascii()):
        return []
    sent = named.having(session, _column("sender_email"), text.lower(), 1, 1)[1] if _EMAIL.fullmatch(text) else []
    return [*(send.id for send in sent), *_ids(search.Search(session, [(phrase,)]).newest(limit))]


def exactly(session: Session, mark: str, *, limit: int = 10) -> Found:
    """Sends that a gid, a tracking link or code, or their recipient's e-mail address names, and no others."""
    text = clean(mark, LONGEST_MARK)
    number, found = _by_mark(session, text, limit)
    if not number and _EMAIL.fullmatch(text):
        number, found = named.having(session, _column("recipient_email"), text.lower(), limit)
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
    for send_id, _, text in search.Search(session, [whole]).newest(RANKED):
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
    text = _unwrapped(clean(words, LONGEST_QUERY))
    number, found = _by_mark(session, text, MANY, MANY)
    if number:
        return [Send.id.in_([send.id for send in found])]
    if _EMAIL.fullmatch(text):
        # A person may have sent all there are: an index on their address would lead through all of these.
        meant = [*_addresses(text)]
        return [or_(func.lower(Send.recipient_email).in_(meant), func.lower(Send.sender_email).in_(meant))]
    needles = _needles(folded(text))
    return [
        or_(*(Send.search_text.contains(spelling, autoescape=True) for spelling in needle)) for needle in needles
    ] or [false()]


def in_status(session: Session, status: str, limit: int = 10) -> Found:
    """Sends that are in that status (its id) now: those first that have been in it for longest."""
    number, found = sends.in_status(session, status, limit)
    return Found(query="", total=number, sends=tuple(found))


def mine(session: Session, email: str, limit: int = 10) -> Found:
    """Sends whose sender has that e-mail address, newest first."""
    address = clean(email).lower()
    number, found = named.having(session, _column("sender_email"), address, limit) if address else (0, [])
    return Found(query=address, total=number, sends=tuple(found))


def history_of(session: Session, send: Send) -> tuple[SendHistory, ...]:
    """Every status the send was seen to enter, oldest first.

    Without what was only guessed of a status whose time is known by now: it would tell of a step twice.
    """
    return tuple(believed(sends.history(session, [send.id])[send.id]))


def open_alerts_of(session: Session, send: Send) -> tuple[Alert, ...]:
    """Alerts about the send that are not resolved, oldest first."""
    return tuple(sends.open_alerts(session, [send.id]))


def _unwrapped(text: str) -> str:
    """Slack's `<mailto:jane@acme.com|jane@acme.com>` and `<https://…>` as the text that was typed."""
    plain = _LINK.sub(r"\1", text).strip()
    quoted = _QUOTED.fullmatch(plain)
    return quoted[1].strip() if quoted else plain


def _column(name: str) -> ColumnElement[str]:
    return Send.__table__.c[name]


def _counted(query: str, number: int, most: int | None, found: Sequence[Send]) -> Found:
    total = number if most is None else min(number, most)
    return Found(query=query, total=total, more=number > total, sends=tuple(found))


def _named(session: Session, text: str, limit: int, most: int | None) -> tuple[int, list[Send]]:
    """Sends that are named to the letter. What looks like an address is one in all likelihood, and asked for first."""
    ways = (_by_email, _by_mark) if _EMAIL.fullmatch(text) else (_by_mark,)
    for way in ways:
        number, found = way(session, text, limit, most)
        if number:
            return number, found
    return 0, []


def _by_mark(session: Session, text: str, limit: int, most: int | None = None) -> tuple[int, list[Send]]:
    gid = text.rstrip("=")
    if _GID_TEXT.fullmatch(text):
        gid = b64encode(f"gid://sendoso/Send/{text.rsplit('/', 1)[1]}".encode()).decode().rstrip("=")
    found = None if " " in gid else named.by_gid(session, gid)
    if found is not None:
        return 1, [found]
    for link in _links(text):
        number, sent = named.having(session, _column("tracking_url"), link, limit, most)
        if number:
            return number, sent
    return _by_code(session, text, limit, most)


def _links(text: str) -> Iterator[str]:
    """The tracking link that a text is, as it stands there and then as a source may have spelt it."""
    link = link_of(text)
    if link:
        yield link
    straight = _straight_link(text)
    page = tracking_page(straight) if straight else None
    if page or not straight:
        yield from [page] if page and page != link else []
        return
    bare = straight.removeprefix("https").removesuffix("/")
    spelt = [f"{scheme}{bare}{end}" for scheme in ("https", "http") for end in ("", "/")]
    yield from (one for one in spelt if one != link)


def _straight_link(text: str) -> str | None:
    """A link with https and its host in lower case, as people copy it from anywhere; None for what is none."""
    if "/" not in text:
        return None
    scheme, between, rest = text.rpartition("://") if "://" in text.partition("?")[0] else ("https", "://", text)
    host, slash, path = rest.partition("/")
    if scheme.lower() not in {"http", "https"} or "." not in host:
        return None
    return link_of(f"https{between}{host.lower()}{slash}{path}")


def _by_code(session: Session, text: str, limit: int, most: int | None) -> tuple[int, list[Send]]:
    """Sends with the parcel's number that stands in a carrier's link."""
    link = _straight_link(text)
    for code in codes_of(link) if link else ():
        words = search.Search(session, [(f"|{folded(code)}|",)])
        ids = _ids(words.newest(limit))
        if ids:
            rows = sends.by_ids(session, ids)
            return words.count(most), [rows[send_id] for send_id in ids]
    return 0, []


def _by_email(session: Session, text: str, limit: int, most: int | None) -> tuple[int, list[Send]]:
    for address in _addresses(text):
        for column in ("recipient_email", "sender_email"):
            number, found = named.having(session, _column(column), address, limit, most)
            if number:
                return number, found
    return 0, []


def _addresses(text: str) -> Iterator[str]:
    """The e-mail address that a text is, as it stands there and then without what people copy along."""
    yield text.lower()
    if (address := addresses.read(text)) and address != text.lower():
        yield address


def _by_id(session: Session, text: str) -> list[Send]:
    number = text.removeprefix("#")
    if not (number.isascii() and number.isdigit() and int(number) <= LARGEST):
        return []
    return sends.by_sendoso_id(session, int(number))


def _by_words(session: Session, phrase: str, limit: int, most: int | None) -> tuple[int, list[int]]:
    """How many sends hold all words (not counted beyond one more than `most`), and the ids of the likeliest."""
    words = search.Search(session, _needles(phrase))
    number, ids = _ordered(session, words, phrase, limit)
    return words.count(most) if number is None else number, ids


def _ordered(session: Session, words: search.Search, phrase: str, limit: int) -> tuple[int | None, list[int]]:
    """The ids of the likeliest sends that hold all words; how many there are, unless that would have to be counted."""
    if " " in phrase and scope.current() is None:
        # A whole name is what people type most. So many of the newest that are called so come before all others, and
        # the index, which takes far longer for several words than for one, need not be asked.
        whole = search.Search(session, [(f"|{phrase}|",)]).recent(limit)
        if len(whole) == limit:
            return None, _ids(whole)
    matches = words.few(RANKED)
    if matches is not None:
        return len(matches), _likeliest(matches, phrase)[:limit]
    if 0 < len(words.walked) <= search.WANTED:
        return len(words.walked), _likeliest(words.walked, phrase)[:limit]
    ids = _likeliest([row for row in words.walked if f"|{phrase}" in row[2]], phrase)[:limit]
    if len(ids) < limit:
        ids = _starting(session, phrase, limit)
    if len(ids) < limit:
        ids += _ids(words.newest(limit))
    return None, list(dict.fromkeys(ids))[:limit]


def _starting(session: Session, phrase: str, limit: int) -> list[int]:
    """Ids of the likeliest among the sends that have a field which begins with the phrase."""
    starting = search.Search(session, [(f"|{phrase}",)])
    matches = starting.few(RANKED)
    if matches is not None:
        return _likeliest(matches, phrase)[:limit]
    if starting.walked:
        return _likeliest(starting.walked, phrase)[:limit]
    ids: list[int] = []
    # Of so many the better ones are looked for among the newest: that there is none would be known last of all.
    for better in (f"|{phrase}|", f"|{phrase} "):
        ids += _ids(search.Search(session, [(better,)]).recent(limit))
        if len(ids) >= limit:
            return ids
    return ids + _ids(starting.newest(limit))


def _likeliest(newest_first: Sequence[Match], phrase: str) -> list[int]:
    return _ids(sorted(newest_first, key=lambda row: _fit(row[2], phrase)))


def _ids(matches: Sequence[Match]) -> list[int]:
    return [row[0] for row in matches]


def _needles(phrase: str) -> list[Needle]:
    # Of one or two letters only the beginning of a word is looked for: inside of words they are everywhere.
    # A sign that stands by itself, as in "jane @ acme", is no word.
    words = [word for word in dict.fromkeys(phrase.split()) if any(map(str.isalnum, word))] or phrase.split()
    words = words[:MOST_WORDS]
    return [(f" {word}", f"|{word}") if len(word) < _SHORT and word.isascii() else (word,) for word in words]


def _fit(search_text: str, phrase: str) -> tuple[int, int]:
    """How well the text fits, the lowest the best; of equals the one with more whole words.

    The phrase is a whole field, holds whole words, begins a field, its words begin words, or are anywhere.
    """
    if f"|{phrase}|" in search_text:
        return 0, 0
    there, wanted = set(_WORDS.findall(search_text)), _WORDS.findall(phrase)
    parts = sum(word not in there for word in wanted)
    starts = f"|{phrase}" in search_text
    if not parts:
        return (1 if starts else 2), 0
    if starts:
        return 3, parts
    return (4 if all(any(word.startswith(start) for word in there) for start in wanted) else 5), parts


def _matches(send: Send, phrase: str) -> bool:
    return all(any(spelling in send.search_text for spelling in needle) for needle in _needles(phrase))
