"""A time with its typing mistakes mended, for asking whether that was meant. Never taken for what was said."""

from __future__ import annotations

import re

from rapidfuzz import fuzz, process

from bot.alerts.spoken_time import grammar, lengths

LIKENESS = 75
"""Likeness (0-100) from which a word may be meant."""
_SHORTEST = 4
"""Letters of a word that may be mended: of shorter ones there are too many that are near."""
_WORD = re.compile(r"[a-z]+")
_KNOWN = sorted({
    word for phrase in (*grammar.WORDS, *lengths.WORDS) for word in phrase.split()
    if len(word) >= _SHORTEST and _WORD.fullmatch(word)
})


def mended(words: str) -> str:
    """The words, each that says no time replaced by the nearest that does; unchanged where none is near."""
    return _WORD.sub(lambda found: _nearest(found[0]), words.lower())


def _nearest(word: str) -> str:
    if len(word) < _SHORTEST:
        return word
    # To a word that is known, none is nearer than itself.
    found = process.extractOne(word, _KNOWN, scorer=fuzz.ratio, score_cutoff=LIKENESS)
    return found[0] if found else word
