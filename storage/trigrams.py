"""What SQLite's index of trigrams is asked, in its own language, to find pieces of text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from sqlalchemy import Table, select, text
from sqlalchemy.orm import Session

from storage.models import Send

Needle = tuple[str, ...]
"""A piece of text to look for, in one of these spellings."""

TRIGRAM = 3
"""Letters that the index knows together. What is shorter stands for every trigram that begins with it.

A single letter at the end of a text, before the last bar, begins none: it stands for those that end so, too.
"""

MOST_TERMS = 200
"""Of more trigrams that begin with a short word it is no use to ask the index."""

MOST_LETTERS = 1_000
"""Of so many letters with which trigrams begin it is asked whether a text ends with one before a single letter."""

SAMPLED, COMMON = 100, 0.3
"""By so many of the newest texts it is judged whether a trigram is common: in more than this part of them.

To ask for what nearly every text has would cost more than to look at the texts that have the rest.
"""

_SENDS: Table = Send.__table__  # type: ignore[assignment]
_SAMPLE = select(_SENDS.c.search_text).order_by(_SENDS.c.created_at.desc().nulls_last()).limit(SAMPLED)
_LAST = "\U0010ffff"
_NOTHING = '"\1\1\1"'
"""Asks for what no text has."""

# Each step goes on behind all the places of one trigram.
_BEGINNING = text("""
    WITH RECURSIVE found(term) AS (
        SELECT (SELECT term FROM sends_search_terms WHERE term >= :first ORDER BY term LIMIT 1)
        UNION ALL
        SELECT (SELECT term FROM sends_search_terms WHERE term >= found.term || char(0) ORDER BY term LIMIT 1)
        FROM found WHERE found.term < :last LIMIT :limit
    ) SELECT term FROM found WHERE term < :last""")

# Each step goes on behind all trigrams that begin with the same letter.
_ENDING = text("""
    WITH RECURSIVE found(letter) AS (
        SELECT (SELECT substr(term, 1, 1) FROM sends_search_terms ORDER BY term LIMIT 1)
        UNION ALL
        SELECT (
            SELECT substr(term, 1, 1) FROM sends_search_terms WHERE term >= found.letter || :last ORDER BY term LIMIT 1
        ) FROM found WHERE found.letter IS NOT NULL LIMIT :limit
    ) SELECT letter || :end, EXISTS (SELECT 1 FROM sends_search_terms WHERE term = letter || :end)
    FROM found WHERE letter IS NOT NULL""")


class Trigrams:
    """How to ask the index for the texts that contain every needle, each in one of its spellings."""

    def __init__(self, session: Session, needles: Sequence[Needle]) -> None:
        self._session = session
        self._needles = needles
        self._beginning: dict[str, list[str] | None] = {}

    @cached_property
    def rough(self) -> str:
        """Asks for those texts and perhaps some more, by what is not common; empty where the index cannot be asked."""
        ask = self._rare if len(self._needles) == 1 else self._rarest
        rare = [self._any(needle, ask) for needle in self._needles]
        return " AND ".join(filter(None, rare)) or self.exact

    @cached_property
    def closer(self) -> str:
        """As `rough`, but for the trigrams side by side."""
        rare = [self._any(needle, self._rare_parts) for needle in self._needles]
        return " AND ".join(filter(None, rare)) or self.exact

    @cached_property
    def exact(self) -> str:
        """Asks for exactly those texts; empty where the index cannot be asked."""
        asked = [self._any(needle, _quoted) for needle in self._needles]
        return " AND ".join(asked) if all(asked) else ""

    def _any(self, needle: Needle, ask: Callable[[str], str]) -> str:
        """Asks for one of the spellings; empty where one of them cannot be asked for."""
        asked = [ask(one) if len(one) >= TRIGRAM else self._short(one) for one in needle]
        return f"({' OR '.join(f'({one})' for one in asked)})" if all(asked) else ""

    def _short(self, spelling: str) -> str:
        if spelling not in self._beginning:
            self._beginning[spelling] = self._terms(spelling)
        terms = self._beginning[spelling]
        return "" if terms is None else " OR ".join(map(_quoted, terms)) or _NOTHING

    def _terms(self, spelling: str) -> list[str] | None:
        """The trigrams for which a short spelling stands; None where they are too many."""
        asked = {"first": spelling, "last": spelling + _LAST, "limit": MOST_TERMS + 1}
        terms = [*self._session.execute(_BEGINNING, asked).scalars()]
        if len(spelling) == 1 and len(terms) <= MOST_TERMS:
            asked = {"end": f"{spelling}|", "last": _LAST, "limit": MOST_LETTERS + 1}
            ends = self._session.execute(_ENDING, asked).all()
            if len(ends) > MOST_LETTERS:
                return None
            terms += [term for term, is_there in ends if is_there and term not in terms]
        return terms if len(terms) <= MOST_TERMS else None

    def _rare(self, spelling: str) -> str:
        """Asks for trigrams of a spelling that are not common.

        Whether they stand side by side is seen in the texts: to have the index see it takes two to four times as long
        (measured with a million sends).
        """
        return " AND ".join(map(_quoted, dict.fromkeys(self._pieces(spelling))))

    def _rarest(self, spelling: str) -> str:
        """Asks for the one trigram of a spelling that is the rarest: beside other words it tells nearly as much as all.

        Each that is asked for besides costs a walk along all texts that have it.
        """
        pieces = self._pieces(spelling)
        return _quoted(min(pieces, key=self._share)) if pieces else ""

    def _pieces(self, spelling: str) -> list[str]:
        return [piece for part in self._parts(spelling) for piece in _covering(part)]

    def _rare_parts(self, spelling: str) -> str:
        return " AND ".join(map(_quoted, self._parts(spelling)))

    def _parts(self, spelling: str) -> list[str]:
        """The longest parts of a spelling in which no trigram is common."""
        parts: list[str] = []
        joined = False
        for place in range(len(spelling) - TRIGRAM + 1):
            piece = spelling[place:place + TRIGRAM]
            is_rare = not self._is_common(piece)
            if is_rare and joined:
                parts[-1] += piece[-1]
            elif is_rare:
                parts.append(piece)
            joined = is_rare
        return parts

    def _is_common(self, piece: str) -> bool:
        return self._share(piece) > COMMON * SAMPLED

    def _share(self, piece: str) -> int:
        """In how many of the newest texts it is."""
        return sum(piece in one for one in self._sample)

    @property
    def _sample(self) -> Sequence[str]:
        if "sends_sample" not in self._session.info:
            self._session.info["sends_sample"] = self._session.execute(_SAMPLE).scalars().all()
        sample: Sequence[str] = self._session.info["sends_sample"]
        return sample


def _covering(part: str) -> list[str]:
    """Trigrams that hold every letter, the last of which may reach back; of several words those between them.

    These are the rarest: many sends have either word, and only those to Jane Diaz have "e d" besides.
    """
    between = [
        part[place - 1:place + 2] for place, letter in enumerate(part[:-1]) if letter == " " and place
    ]
    if between:
        return [part[:TRIGRAM], *between, part[-TRIGRAM:]]
    row = [part[place:place + TRIGRAM] for place in range(0, len(part) - TRIGRAM + 1, TRIGRAM)]
    return row if len(part) % TRIGRAM == 0 else [*row, part[-TRIGRAM:]]


def _quoted(piece: str) -> str:
    return '"' + piece.replace('"', '""') + '"'
