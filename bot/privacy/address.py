"""An e-mail address as people type or copy it, read as the sources tell it. Pure."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

from bot.sends.text import clean

_IN_ANGLES = re.compile(r"<([^<>|]*)(?:\|[^<>]*)?>")
_MAILTO = re.compile(r"mailto:(?://)?(?P<address>[^?]*)(?:\?.*)?", re.IGNORECASE | re.DOTALL)
# Without a dot too: sources have such recipients, and they can be forgotten like everybody else.
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\|]+@\w(?:[\w.-]*\w)?")
_BEFORE = " \t\"'“”„‘’‚«»‹›([{<.,;:"  # noqa: RUF001 - quotes as people write them
_AFTER = " \t\"'“”„‘’‚«»‹›)]}>.,;:!?"  # noqa: RUF001
_JAPANESE_DOT = "。"


def read(typed: str) -> str | None:
    """The address in lower case, without `mailto:`, `<…>`, a dot at the end and the like; None for what is none."""
    text = unicodedata.normalize("NFKC", clean(typed)).replace(_JAPANESE_DOT, ".")
    # Signs that nobody sees, such as a space without width from a web page.
    text = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    angles = _IN_ANGLES.findall(text)
    text = _bare(angles[0] if len(angles) == 1 else text)
    if link := _MAILTO.fullmatch(text):
        text = _bare(unquote(link["address"]))
    text = text.lower()
    return text if _ADDRESS.fullmatch(text) and ".." not in text.rpartition("@")[2] else None


def _bare(text: str) -> str:
    return text.lstrip(_BEFORE).rstrip(_AFTER)
