"""What in a text may name a send: e-mail addresses, links, gids and codes, and people's full names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.slack.grammar import ENTITY, INVISIBLE, looks_like_send

LONGEST = 12_000
"""Characters of a text that are read; no message of Slack's is longer."""
DEEPEST = 12
"""Lists and objects in each other that are looked into."""
RUNS = frozenset({"rich_text_section", "rich_text_preformatted", "rich_text_quote"})
WORDED = frozenset({
    "text", "fallback", "pretext", "title", "title_link", "value", "url", "from_url", "original_url", "author_name",
    "footer", "subject", "plain_text", "preview",
})
"""Names of fields that hold what people read, or where it links to."""
SILENT = frozenset({"metadata", "accessory", "bot_profile", "icons", "reactions", "edited", "root"})
"""Names of fields that hold nothing that people read."""
MOST_NAMES, LONGEST_NAME = 40, 4
LINK = re.compile(r"https?://[^\s<>|\"]*[^\s<>|\".,;:!?')\]]", re.IGNORECASE)
EMAIL = re.compile(r"(?<![\w.+-])[\w.!#$%&'*+/=?^`{}~-]{1,64}@[\w-]+(?:\.[\w-]+)+")
GID_TEXT = re.compile(r"gid://sendoso/Send/\d+", re.IGNORECASE)
CODE = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{16,}={0,2}(?![\w+/=-])")
UNSPACED = re.compile(r"(?<!\w)[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{3,6}(?!\w)")
PARTICLES = frozenset((
    "af", "al", "av", "ben", "bin", "da", "das", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "e", "el",
    "ibn", "la", "le", "ten", "ter", "van", "von", "y", "zu", "zur",
))
"""Small words inside of names."""
WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?|[^\w\s]|\d\S*|\n", re.UNICODE)  # noqa: RUF001 - telephones' apostrophe


def text_of(message: Mapping[str, Any]) -> str:
    """All words and links of a message: its text, its blocks, what is attached to it, and the files it shows."""
    pieces, size = list[str](), 0
    for piece in _pieces(message, DEEPEST):
        pieces.append(piece)
        size += len(piece) + 1
        if size > LONGEST:
            break
    return "\n".join(pieces)[:LONGEST]


def _pieces(node: object, deep: int) -> Iterator[str]:
    if isinstance(node, list) and deep:
        for one in node:
            yield from _pieces(one, deep - 1)
    elif isinstance(node, dict) and deep:
        yield from _in_object(node, deep)


def _in_object(node: Mapping[str, Any], deep: int) -> Iterator[str]:
    parts = node.get("elements")
    if isinstance(parts, list) and str(node.get("type")) in RUNS:
        # Words of one line: a name may be half bold.
        yield "".join(_run(part) for part in parts)
        return
    for name, value in node.items():
        if isinstance(value, str) and name in WORDED:
            yield value
        elif name not in SILENT:
            yield from _pieces(value, deep - 1)


def _run(part: object) -> str:
    if not isinstance(part, dict):
        return ""
    text, url = part.get("text"), part.get("url")
    words = text if isinstance(text, str) else ""
    # A mention or an emoji stands between words, and a link beside its own.
    return f" {url} {words} " if isinstance(url, str) else words or "\n"


def exact(text: str) -> list[str]:
    """Links, e-mail addresses, gids and codes in a message's text, each once, in their order."""
    plain = unwrapped(text)
    found = [(one.start(), one[0]) for pattern in (LINK, EMAIL, GID_TEXT) for one in pattern.finditer(plain)]
    covered = [(start, start + len(one)) for start, one in found]
    for one in CODE.finditer(plain):
        inside = any(start <= one.start() < end for start, end in covered)
        if not inside and looks_like_send(one[0]):
            found.append((one.start(), one[0]))
    return list(dict.fromkeys(one for _, one in sorted(found)))


def names(text: str) -> list[str]:
    """What may be somebody's full name, each once, the longer before what it holds.

    Two to four words in a row that begin with a capital, or that are of a script without capitals; small words
    such as "van" may stand between. A single word is one only in scripts that write a whole name as one: too many
    names are words of a language as well.
    """
    plain = LINK.sub("\n", EMAIL.sub("\n", unwrapped(text)))
    found: dict[str, None] = {}
    found |= dict.fromkeys(UNSPACED.findall(plain))
    for row in _rows(plain):
        for size in range(min(LONGEST_NAME, len(row)), 1, -1):
            for start in range(len(row) - size + 1):
                part = row[start:start + size]
                if not {part[0].lower(), part[-1].lower()} & PARTICLES:
                    found.setdefault(_whole(part))
    return list(found)[:MOST_NAMES]


def unwrapped(text: str) -> str:
    """A message's text with Slack's wrapping undone: links and addresses bare, mentions gone, entities as signs."""
    def bare(found: re.Match[str]) -> str:
        if found["sign"]:
            return "\n"
        address, label = found["address"] or "", found["label"] or ""
        return f"{address}\n{label}\n" if label and label != address else address

    plain = ENTITY.sub(bare, text[:LONGEST])
    plain = plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return INVISIBLE.sub("", plain)


def _rows(plain: str) -> Iterator[list[str]]:
    """Words in a row each of which may be part of a name."""
    row: list[str] = []
    for found in WORD.finditer(plain):
        word = found[0]
        if _may_be_named(word) or (row and word.lower() in PARTICLES):
            row.append(word)
            if not word.endswith((".", "'s", "’s")) or len(word) == len("J."):  # noqa: RUF001 - as above
                continue
        yield row
        row = []
    yield row


def _may_be_named(word: str) -> bool:
    return word[0].isalpha() and (word[0] != word[0].lower() or word.upper() == word.lower())


def _whole(part: list[str]) -> str:
    last = re.sub(r"(?:['’]s?)$|(?<=..)\.$", "", part[-1])  # noqa: RUF001 - as above
    return " ".join([*part[:-1], last])
