"""Which sends are meant by words behind a command: a name or mark as it stands, or else the one in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy.orm import Session

from bot.sends import joints, lookup
from bot.sends.lookup import Found
from bot.slack import questions

WORD = re.compile(r"[^\s,;:!?¿¡()\"“”„]+")
SEVERAL = re.compile(r"[,;&+]|\b(?:and|or|und|y)\b", re.IGNORECASE)
"""What stands between the names of several people."""
LEAST_WORDS, MOST_WORDS, LONGEST_NAME = 3, 16, 4
"""Words of a sentence in which names are looked for, and of one name; fewer words are looked for as they stand."""


def find(session: Session, words: str, *, limit: int) -> Found:
    """Sends that fit the words; where none does, those that fit the name in them: "Jane's gift", "where is Jane".

    Of what fits nothing, `nearest` is what may have been meant by the words as they stand.
    """
    nothing: list[Found] = []
    for cut in cuts(session, words):
        # To guess takes longer than to look, and is for nothing where the next cut is found.
        found = lookup.find(session, cut, limit=limit, guess=False)
        if found.sends:
            return found
        nothing.append(found)
    people = _people(session, words, limit)
    if len(people) == 1:
        return people[0]
    guessed = (near for found in nothing if (near := lookup.near(session, found.query)))
    return replace(nothing[0], nearest=_names(people) or next(guessed, ()))


def cuts(session: Session, words: str) -> Iterator[str]:
    """The words without what only joins them to a command, and then what may be the name in them."""
    plain = joints.without(session, words)
    yield plain
    yield from (joints.without(session, cut) for cut in questions.names_in(plain) if cut != plain)


def named(session: Session, sentence: str, *, limit: int) -> Found | None:
    """The sends to the only one who is called in full in a sentence: "assign jane doe to ben"."""
    found = _people(session, sentence, limit)
    return found[0] if len(found) == 1 else None


def several(session: Session, sentence: str) -> tuple[str, ...]:
    """The names of several people of whom a sentence asks at once; none where it may be of one."""
    names = _names(_people(session, sentence, 1)) if SEVERAL.search(sentence) else ()
    return names if len(names) > 1 else ()


def _people(session: Session, sentence: str, limit: int) -> list[Found]:
    """The sends to each recipient whose whole name of several words stands in a sentence of more, in its order."""
    words = [word.removesuffix("'s").removesuffix("’s").rstrip(".'") for word in WORD.findall(sentence)]  # noqa: RUF001
    words = words[:MOST_WORDS]
    if len(words) < LEAST_WORDS:
        return []
    parts = [
        " ".join(words[start:start + size])
        for start in range(len(words)) for size in range(LONGEST_NAME, 1, -1) if start + size <= len(words)
    ]
    found: list[Found] = []
    for one in sorted(lookup.to_people(session, parts, limit=limit), key=lambda one: -len(one.query)):
        # Within “Ann Lee Park” nobody has named Ann Lee.
        if not any(f" {one.query} " in f" {longer.query} " for longer in found):
            found.append(one)
    return sorted(found, key=lambda one: parts.index(one.query))


def _names(people: list[Found]) -> tuple[str, ...]:
    return tuple(one.sends[0].recipient_name for one in people)
