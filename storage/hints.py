"""What PostgreSQL's index of trigrams is asked for in place of all that was typed. Pure.

The index walks along all texts that have a trigram, for each that it is asked for. What is rare says nearly as much
alone; whether the rest is there is seen in the texts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from storage.trigrams import TRIGRAM

RARE = 1
"""What at most so many of the texts have that are looked at is rare: some thousands have it among a million."""
_PARTS = re.compile(r"[a-z0-9]{3,}")


def hints(words: Sequence[str], texts: Sequence[str]) -> tuple[str, ...]:
    """Pieces of the words, by which texts are found that may hold them all; none: ask for all there is.

    `texts` are some of those that are searched, by which it is judged what is rare. With one trigram for each of three
    words half of the time is needed, and a twentieth for an address before its @ by the number that is in it (measured
    with a million sends).
    """
    if len(words) > 1:
        return tuple(_rarest_trigram(word, texts) for word in words)
    parts = _PARTS.findall(words[0])
    if len(parts) < 2:  # noqa: PLR2004 - of one, all of it is asked for
        return ()
    number, part = min((min(_there(part, texts).values()), part) for part in parts)
    if number <= RARE:
        return (part,)
    # Whoever has a phrase has each of its words, of which the rarest trigrams say as much as all that are in it.
    phrase = [word for word in words[0].split(" ") if _PARTS.search(word)]
    return tuple(_rarest_trigram(word, texts) for word in phrase) if len(phrase) > 1 else ()


def _rarest_trigram(word: str, texts: Sequence[str]) -> str:
    there = _there(word, texts)
    if not there:
        return word
    rarest = min(there, key=there.__getitem__)
    # Twice as many texts to look at cost what the other trigrams would have cost.
    return rarest if there[rarest] <= 2 * sum(word in one for one in texts) + RARE else word


def _there(word: str, texts: Sequence[str]) -> dict[str, int]:
    """In how many texts each trigram of the word is, of those that the index knows for certain."""
    pieces = {
        part[place:place + TRIGRAM] for part in _PARTS.findall(word) for place in range(len(part) - TRIGRAM + 1)
    }
    return {piece: sum(piece in one for one in texts) for piece in sorted(pieces)}
