"""Every known spelling of a status, by its words, run together, and by how many words it has."""

from __future__ import annotations

from dataclasses import dataclass

from bot.statuses.aliases import AMBIGUOUS, OFFICIAL, PEOPLE
from bot.statuses.meaning import Status
from bot.statuses.words import without_fillers, words

Words = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Name:
    """What a known spelling stands for; not `sure` where people may mean something else by it."""

    statuses: tuple[Status, ...]
    sure: bool
    official: bool = False


def _named() -> dict[Words, Name]:
    """Every known spelling by its words; then the same without fillers, where that says nothing else already."""
    table: dict[Words, Name] = {}
    for phrase, statuses in AMBIGUOUS.items():
        table[words(phrase)] = Name(statuses=statuses, sure=False)
    for names, official in ((OFFICIAL, True), (PEOPLE, False)):
        for status, phrases in names.items():
            for phrase in phrases:
                table.setdefault(words(phrase), Name(statuses=(status,), sure=True, official=official))
    for full, name in tuple(table.items()):
        plain = without_fillers(full)
        # A single word that is left says less than the name did: "hold" is not "on hold".
        if len(plain) > 1:
            table.setdefault(plain, name)
    return table


TABLE = _named()
JOINED: dict[str, Name] = {}
for _spelt, _known in TABLE.items():
    JOINED.setdefault("".join(_spelt), _known)

BY_LENGTH: dict[int, list[tuple[Words, Name]]] = {}
for _spelt, _known in TABLE.items():
    BY_LENGTH.setdefault(len(_spelt), []).append((_spelt, _known))
    if len(_spelt) > 1 and _known.official:
        BY_LENGTH.setdefault(1, []).append((("".join(_spelt),), _known))

PHRASES = {" ".join(names): name for names, name in TABLE.items()}
