"""What somebody may have meant who typed a name that no send has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rapidfuzz import fuzz, process
from sqlalchemy.orm import Session

from bot.sends.record import SEARCHED
from bot.sends.text import fields_of
from storage import search, sends

MOST = 5
EACH = 30
"""Sends looked at for each of at most 22 pieces of the query, so that many sends cost no more than some."""

LIKE_ENOUGH = 68
"""Of 100 (our judgement): "jane deo" and "jane doe" have 87, two different short names about 50."""

_WORD_WEIGHT = 0.92
_FEW_PIECES = 4
_WINDOWS = ((8, 4), (5, 8), (4, 6), (3, 4))
_LONGEST = 60


def nearest(session: Session, phrase: str) -> tuple[str, ...]:
    """Names, addresses, companies and campaigns that look like the folded phrase, the likest first; at most five.

    They are written as they are stored. Looks only at sends that share some piece with the phrase.
    """
    phrase = phrase[:_LONGEST].strip()
    pieces = list(dict.fromkeys(_pieces(phrase)))
    if not search.is_indexed(session):
        # Every piece then costs a look at every row.
        pieces = pieces[:_FEW_PIECES]
    texts = search.samples(session, pieces, EACH)
    holders = {
        field: (send_id, place)
        for send_id, text in texts for place, field in enumerate(fields_of(text)[:len(SEARCHED)]) if field
    }
    chosen = [holders[field] for field in _likest(phrase, holders)]
    rows = sends.by_ids(session, [send_id for send_id, _ in chosen])
    names = [getattr(rows[send_id], SEARCHED[place]) for send_id, place in chosen]
    return tuple(dict.fromkeys(names))


def _likest(phrase: str, fields: Iterable[str]) -> list[str]:
    whole = list(fields)
    words = {word: field for field in whole for word in field.replace("@", " ").split() if " " in field or "@" in field}
    scores: dict[str, float] = {}
    for typed in {phrase, " ".join(reversed(phrase.split()))}:
        for field, score, _ in process.extract(typed, whole, scorer=fuzz.ratio, limit=MOST, score_cutoff=LIKE_ENOUGH):
            scores[field] = max(score, scores.get(field, 0))
        for word, score, _ in process.extract(typed, list(words), scorer=fuzz.ratio, limit=MOST):
            if score * _WORD_WEIGHT >= LIKE_ENOUGH:
                scores[words[word]] = max(score * _WORD_WEIGHT, scores.get(words[word], 0))
    return sorted(scores, key=lambda field: (-scores[field], field))[:MOST]


def _pieces(phrase: str) -> Iterator[str]:
    """Overlapping pieces, longer ones first: the longer a piece, the closer those who share it."""
    for size, most in _WINDOWS:
        last = len(phrase) - size
        if last < 0:
            continue
        step = max(1, -(-(last + 1) // most))
        for start in range(0, last + 1, step):
            yield phrase[start:start + size]
