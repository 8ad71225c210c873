"""What somebody may have meant who typed a name that no send has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from rapidfuzz import fuzz, process
from sqlalchemy.orm import Session

from bot.sends.record import SEARCHED
from bot.sends.text import fields_of
from storage import search, search_index, sends

MOST = 5
EACH = 30
"""Sends looked at for each of at most 22 pieces of the query, so that many sends cost no more than some."""

NEWEST = 500
"""Sends looked at in the end: people mostly ask for what was sent lately."""

LIKE_ENOUGH = 68
"""Of 100 (our judgement): "jane deo" and "jane doe" have 87, two different short names about 50."""

WORD_WEIGHT = 0.92
FEW = 5
_START = 3
_WINDOWS = ((8, 4), (5, 8), (4, 6), (3, 4))
_LONGEST = 60


def nearest(session: Session, phrase: str) -> tuple[str, ...]:
    """Names, addresses, companies and campaigns that look like the folded phrase, the likest first; at most five.

    They are written as they are stored. Looks at sends that share some piece with the phrase, and where those
    give nothing, as with two letters swapped in a short name, at the newest ones.
    """
    phrase = phrase[:_LONGEST].strip()
    # Without an index every piece costs a look at every row.
    pieces = _pieces(phrase) if search_index.is_indexed(session) else islice(_beginnings(phrase), FEW)
    texts = search.samples(session, list(dict.fromkeys(pieces)), EACH)
    chosen = _chosen(phrase, texts) or _chosen(phrase, sends.newest_texts(session, NEWEST))
    rows = sends.by_ids(session, [send_id for send_id, _ in chosen])
    names = [getattr(rows[send_id], SEARCHED[place]) for send_id, place in chosen]
    return tuple(dict.fromkeys(names))


def _chosen(phrase: str, texts: dict[int, str]) -> list[tuple[int, int]]:
    """The sends, and which of their fields, that look most like the phrase."""
    holders = {
        field: (send_id, place)
        for send_id, text in texts.items() for place, field in enumerate(fields_of(text)[:len(SEARCHED)]) if field
    }
    return [holders[field] for field in _likest(phrase, holders)]


def _likest(phrase: str, fields: Iterable[str]) -> list[str]:
    whole = list(fields)
    words: dict[str, list[str]] = {}
    for field in whole:
        for word in field.replace("@", " ").split():
            if word != field and len(words.setdefault(word, [])) < MOST:
                words[word].append(field)
    scores: dict[str, float] = {}
    for typed in {phrase, " ".join(reversed(phrase.split()))}:
        for field, score, _ in process.extract(typed, whole, scorer=fuzz.ratio, limit=MOST, score_cutoff=LIKE_ENOUGH):
            scores[field] = max(score, scores.get(field, 0))
        for word, score, _ in process.extract(typed, list(words), scorer=fuzz.ratio, limit=MOST):
            for field in words[word] if score * WORD_WEIGHT >= LIKE_ENOUGH else ():
                scores[field] = max(score * WORD_WEIGHT, scores.get(field, 0))
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


def _beginnings(phrase: str) -> Iterator[str]:
    """The beginnings of the words, and the end of the last: most slips are made in between."""
    for word in phrase.split()[:FEW - 1]:
        yield word[:_START]
    yield phrase[-_START:]
