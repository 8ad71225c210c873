"""Which sends are meant by words behind a command: a name or mark as it stands, or else the one in a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy.orm import Session

from bot.sends import joints, lookup
from bot.sends.lookup import Found
from bot.slack import questions


def find(session: Session, words: str, *, limit: int) -> Found:
    """Sends that fit the words; where none does, those that fit the name in them: "Jane's gift", "where is Jane".

    Of what fits nothing, `nearest` is what may have been meant by the words as they stand.
    """
    first, *others = cuts(session, words)
    found = lookup.find(session, first, limit=limit)
    if found.sends:
        return found
    near = found.nearest
    for cut in others:
        other = lookup.find(session, cut, limit=limit)
        if other.sends:
            return other
        near = near or other.nearest
    return replace(found, nearest=near)


def cuts(session: Session, words: str) -> Iterator[str]:
    """The words without what only joins them to a command, and then what may be the name in them."""
    plain = joints.without(session, words)
    yield plain
    yield from (joints.without(session, cut) for cut in questions.names_in(plain) if cut != plain)
