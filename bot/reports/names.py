"""Campaigns and teams by the names that people type."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process
from sqlalchemy.orm import Session

from bot.alerts.muting import folded
from bot.sends import lookup
from bot.sends.text import begins_words
from storage import mute_names

SCOPES = ("campaign", "team")
RECENT = 3_000
"""Sends, the newest first, among whose names one is looked for; besides those that a look-up of the words finds."""
LOOKED_UP = 50
NEAR, NEAREST = 60, 3
WILD = frozenset("*?")


@dataclass(frozen=True, kw_only=True)
class Named:
    """A campaign or a team as it is written; `scope` says which of them."""

    scope: str
    name: str


def find(session: Session, words: str, scopes: Iterable[str] = SCOPES) -> tuple[Named | None, tuple[Named, ...]]:
    """What has that name, or else what may have been meant. Words with * or ? are taken for a campaign's or as told."""
    asked = tuple(scopes)
    if WILD & set(words):
        return Named(scope=asked[0], name=words), ()
    known = [Named(scope=scope, name=name) for scope in asked for name in _known(session, scope, words)]
    same = next((one for one in known if folded(one.name) == folded(words)), None)
    return (same, ()) if same is not None else (None, _near(words, known))


def _known(session: Session, scope: str, words: str) -> list[str]:
    written = [one.text for one in mute_names.recent(session, scope, RECENT)]
    found = lookup.complete(session, words, limit=LOOKED_UP)
    names = [*written, *(getattr(send, scope) for send in found)]
    return list({folded(name): " ".join(name.split()) for name in reversed(names) if name.strip()}.values())


def newest(session: Session, scope: str) -> tuple[Named, ...]:
    """The campaigns or teams of the newest sends, to choose from."""
    names = dict.fromkeys(" ".join(one.text.split()) for one in mute_names.recent(session, scope, RECENT))
    return tuple(Named(scope=scope, name=name) for name in names if name)[:NEAREST]


def _near(words: str, known: list[Named]) -> tuple[Named, ...]:
    """Names with a word for each of those typed, else those that a slip away could have been meant."""
    begun = [one for one in known if begins_words(one.name, words)]
    if begun:
        return tuple(begun[:NEAREST])
    found = process.extract(
        folded(words), [folded(one.name) for one in known], scorer=fuzz.ratio, limit=NEAREST, score_cutoff=NEAR,
    )
    return tuple(known[place] for _, _, place in found)
