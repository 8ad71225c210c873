"""E-mail addresses as people type or copy them, and as sources tell them, one or several in a field. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import unquote

from bot.sends.text import RUNS_ON, UNSEEN, clean

_IN_ANGLES = re.compile(r"<([^<>|]*)(?:\|[^<>]*)?>")
_MAILTO = re.compile(r"mailto:(?://)?(?P<address>[^?]*)(?:\?.*)?", re.IGNORECASE | re.DOTALL)
# Without a dot too: sources have such recipients, and they can be forgotten like everybody else.
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\|]+@\w(?:[\w.-]*\w)?")
_BEFORE = " \t\"'“”„‘’‚«»‹›([{<.,;:"  # noqa: RUF001 - quotes as people write them
_AFTER = " \t\"'“”„‘’‚«»‹›)]}>.,;:!?"  # noqa: RUF001
_JAPANESE_DOT = "。"
_IN_LINKS = "%40"
_ACE = "xn--"
"""So begins a part of a domain that stands for letters beyond the English ones."""
AT = ("@", "\uff20", _IN_LINKS)
"""How sources spell the sign within an address: as it is, in full width, or as links have it."""
_USUAL = re.compile(r"[a-z0-9_+-][a-z0-9._+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)*", re.ASCII)
"""An address in which no other can be, and that is spelt as it is compared: nearly all are."""
_BETWEEN = re.compile(r"[\s,;|<>、]+")
# Signs that an address may have, too: they are looked at where a piece is none as a whole.
_WITHIN_PIECE = re.compile(r"[/&]+")
_DOTTED = re.compile(r"[^\W_]\.[^\W_]")
_FEWEST = 6
# Two signs in a row as sources have them; what follows is looked at again, since one address may end another.
_MENTIONED = re.compile(r"[^\s@<>()\[\],;:\"\\|]+@+(?=(\w(?:[\w.-]*\w)?))")
_MAY_BEGIN = re.compile(r"(?<![\w.+-])")
_WORDS = re.compile(r"[\w.+-]+")


def has_sign(text: str) -> bool:
    """Whether the sign of an address is in a text, in any of its spellings."""
    return any(sign in text for sign in AT)


def read(typed: str) -> str | None:
    """The address in lower case, without `mailto:`, `<…>`, a dot at the end and the like; None for what is none."""
    text = _straight(typed)
    angles = _IN_ANGLES.findall(text)
    text = _bare(angles[0] if len(angles) == 1 else text)
    if link := _MAILTO.fullmatch(text):
        text = _bare(unquote(link["address"]))
    text = text.lower()
    return text if _ADDRESS.fullmatch(text) and ".." not in text.rpartition("@")[2] else None


def plain(text: str) -> str:
    """What stands in an address field, as it is compared: in lower case, letters as wide as others. It may be none."""
    return clean(_straight(text)).lower()


def within(field: str) -> frozenset[str]:
    """All by which an address field is found: itself as it is compared, and every address that stands in it."""
    return frozenset([field]) if _USUAL.fullmatch(field) and _ACE not in field else _within(field)


def writings(address: str) -> frozenset[str]:
    """The address with its domain in letters, and as the mail itself has it: bücher.de is xn--bcher-kva.de."""
    if address.isascii() and _ACE not in address:
        return frozenset([address])
    local, sign, domain = address.rpartition("@")
    labels = domain.split(".")
    return frozenset([
        address, *(f"{local}{sign}{'.'.join(map(written, labels))}" for written in (_in_letters, _in_ascii)),
    ])


def tells(address: str) -> bool:
    """Whether these words name somebody wherever they stand; "none" or "jane" in an address field do not."""
    words = plain(address)
    return "@" in words or (len(words) >= _FEWEST and _DOTTED.search(words) is not None)


def mentioned(text: str) -> frozenset[str]:
    """All in a text that may be somebody's address, beside other words; most of it is nobody's."""
    if "." not in text and not has_sign(text):
        return frozenset()
    for sign in AT:
        text = text.replace(sign, "@")
    text = text.lower()
    if text.isascii():
        return frozenset(_mentioned(text))
    text = UNSEEN.sub("", text)
    # Some scripts set no spaces around an address; one may also be written in such a script.
    return frozenset({*_mentioned(text), *_mentioned(RUNS_ON.sub(" ", text))})


def _mentioned(text: str) -> Iterator[str]:
    yield from (word for one in _WORDS.findall(text) if "." in one and tells(word := one.rstrip(".+-")))
    for one in _MENTIONED.finditer(text):
        yield from (one[0][begins.start():] + one[1] for begins in _MAY_BEGIN.finditer(one[0].rstrip("@")))


@lru_cache(maxsize=4_096)
def _within(field: str) -> frozenset[str]:
    whole = plain(field)
    pieces = _BETWEEN.split(whole)
    smaller = [part for piece in pieces if read(piece) is None for part in _WITHIN_PIECE.split(piece)]
    # Half of a link, such as mailto:jane%40acme.com without its beginning.
    found = {read(piece) for piece in (field, *pieces, *smaller, *(one.replace(_IN_LINKS, "@") for one in pieces))}
    return frozenset([whole, *(written for one in found if one is not None for written in writings(one))])


def _in_letters(label: str) -> str:
    try:
        return label.removeprefix(_ACE).encode().decode("punycode") if label.startswith(_ACE) else label
    except UnicodeError:
        return label


def _in_ascii(label: str) -> str:
    return label if label.isascii() else _ACE + label.encode("punycode").decode()


def _straight(text: str) -> str:
    text = unicodedata.normalize("NFKC", clean(text)).replace(_JAPANESE_DOT, ".")
    # Signs that nobody sees, such as a space without width from a web page.
    return "".join(sign for sign in text if unicodedata.category(sign) != "Cf")


def _bare(text: str) -> str:
    return text.lstrip(_BEFORE).rstrip(_AFTER)
