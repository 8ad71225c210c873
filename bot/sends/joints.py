"""Words that join a name to what was said before it, as in "alerts on Jane" or "stuck at Acme"."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from bot.sends.text import folded
from storage import searches

WORDS = "about|at|by|for|from|in|of|on|to|with"
JOINT = re.compile(rf"\A(?:{WORDS})[:,]? (?=\S)", re.IGNORECASE)


def without(session: Session, words: str) -> str:
    """The words without a joint before them, unless something of some send is called so: On Running, To Do."""
    found = JOINT.match(words)
    if found is None or searches.of(session, [(f"|{folded(words)}",)]).some(1):
        return words
    return words[found.end():]
