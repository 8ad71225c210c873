"""Sends that what somebody typed names to the letter: by a gid, an id, a link, a parcel's number or an address."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from bot.sends import addresses
from bot.sends.checks import LARGEST, codes_of, link_of, tracking_page
from bot.sends.text import folded
from storage import beside, named, searches, sends
from storage.beside import Beside
from storage.models import Send

_LINK = re.compile(r"<(?:mailto:)?([^<>|\s]+)(?:\|[^<>]*)?>")
_QUOTED = re.compile(r"[<\"“](.+)[>\"”]")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_GID_TEXT = re.compile(r"gid://sendoso/Send/\d+", re.IGNORECASE)
_GID = re.compile(r"Z2lkOi8v[A-Za-z0-9+/]+")
"""As Sendoso's are: `gid://…` in base64. Those of a file may be anything."""


def unwrapped(text: str) -> str:
    """Slack's `<mailto:jane@acme.com|jane@acme.com>` and `<https://…>` as the text that was typed."""
    plain = _LINK.sub(r"\1", text).strip()
    quoted = _QUOTED.fullmatch(plain)
    return quoted[1].strip() if quoted else plain


def is_address(text: str) -> bool:
    """Whether a text looks like an e-mail address."""
    return _EMAIL.fullmatch(text) is not None


def column(name: str) -> ColumnElement[str]:
    """A column of sends that has texts."""
    return Send.__table__.c[name]


def find(session: Session, text: str, limit: int, most: int | None) -> tuple[int, list[Send]]:
    """How many sends are named to the letter (not counted beyond one more than `most`), and the newest of them.

    What looks like an address is one in all likelihood, and asked for first.
    """
    ways = (_by_email, by_mark) if is_address(text) else (by_mark,)
    for way in ways:
        number, found = way(session, text, limit, most)
        if number:
            return number, found
    return 0, []


def alone(session: Session, text: str, reader: str) -> tuple[Send, Beside] | None:
    """The only send to that address, or of that gid, with what its card shows to `reader` (a Slack user id).

    None where it is not the only one, or named in another way: `find` tells then.
    """
    if is_address(text):
        return beside.alone(session, column("recipient_email"), text.lower(), reader)
    gid = _gid(text)
    return beside.alone(session, column("send_gid"), gid, reader) if _GID.fullmatch(gid) else None


def by_mark(session: Session, text: str, limit: int, most: int | None = None) -> tuple[int, list[Send]]:
    """The same for a gid, in either spelling, and a tracking link or the parcel's number in it."""
    gid = _gid(text)
    found = None if " " in gid else named.by_gid(session, gid)
    if found is not None:
        return 1, [found]
    for link in _links(text):
        number, sent = named.having(session, column("tracking_url"), link, limit, most)
        if number:
            return number, sent
    return _by_code(session, text, limit, most)


def _gid(text: str) -> str:
    """The gid that a text is, if it is one, as it is stored."""
    if _GID_TEXT.fullmatch(text):
        text = b64encode(f"gid://sendoso/Send/{text.rsplit('/', 1)[1]}".encode()).decode()
    return text.rstrip("=")


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
        words = searches.of(session, [(f"|{folded(code)}|",)])
        ids = [row[0] for row in words.newest(limit)]
        if ids:
            rows = sends.by_ids(session, ids)
            return words.count(most), [rows[send_id] for send_id in ids]
    return 0, []


def _by_email(session: Session, text: str, limit: int, most: int | None) -> tuple[int, list[Send]]:
    for address in addresses_in(text):
        for name in ("recipient_email", "sender_email"):
            number, found = named.having(session, column(name), address, limit, most)
            if number:
                return number, found
    return 0, []


def addresses_in(text: str) -> Iterator[str]:
    """The e-mail address that a text is, as it stands there and then without what people copy along."""
    yield text.lower()
    if (address := addresses.read(text)) and address != text.lower():
        yield address


def by_id(session: Session, text: str) -> list[Send]:
    """Sends with that id of Sendoso's, with a "#" before it or without."""
    number = text.removeprefix("#")
    if not (number.isascii() and number.isdigit() and int(number) <= LARGEST):
        return []
    return sends.by_sendoso_id(session, int(number))
