"""What people write when they say until when, cut into pieces: numbers, dates, times of day, words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

LONGEST = 120
"""Characters that are read; nobody needs more to say when."""

GENERIC = "Sendwatch does not understand that as a time."

_PIECES = re.compile(
    r"""
      (?P<moment>(?P<my>\d{4})-(?P<mm>\d\d)-(?P<md>\d\d)t(?P<mh>\d\d):(?P<mi>\d\d)(?::00)?
        (?P<mo>z|[+-]\d\d:?\d\d)?)(?!\w)
    | (?P<iso>(?P<iy>\d{4})(?P<is>[-/])(?P<im>\d\d?)(?P=is)(?P<id>\d\d?))(?![\w/-])
    | (?P<numeric>(?P<na>\d\d?)(?P<ns>[./-])(?P<nb>\d\d?)(?P=ns)(?P<ny>\d{4}|\d\d))(?![\w/-])
    | (?P<dotted>(?P<dd>\d\d?)\.(?P<dm>\d\d?)\.)(?!\w)
    | (?P<slashed>(?P<sa>\d\d?)/(?P<sb>\d\d?))(?![\w/-])
    | (?P<clock>(?P<ch>\d\d?):(?P<ci>\d\d)(?::00)?(?:\ ?(?P<cp>[ap]m))?(?:\ ?utc(?P<co>[+-]\d\d:\d\d))?)(?![\w:-])
    | (?P<hour>(?P<hh>\d\d?)(?:\.(?P<hi>\d\d))?\ ?(?P<hp>[ap]m))(?!\w)
    | (?P<ordinal>(?P<on>\d\d?)(?:st|nd|rd|th)|(?P<op>\d\d?)\.(?=\ ?[a-z]))(?!\d)
    | (?P<decimal>\d+\.\d+)(?![\d.])
    | (?P<number>\d+)(?![\d./:-])
    | (?P<word>[a-z]+(?:'[a-z]+)?)\.?
    | (?P<gap>[\s,]+|[.!]+\Z)
    | (?P<at>@)
    """,
    re.VERBOSE | re.ASCII,
)


class DoubtError(Exception):
    """What was written has no meaning, or more than one; the message is a sentence for the person."""


@dataclass(frozen=True)
class Piece:
    """One piece: its kind is the name of its pattern, its parts are those of that pattern that are there."""

    kind: str
    text: str
    parts: Mapping[str, str]


def pieces(words: str) -> Sequence[Piece]:
    """What was written, piece by piece. Raises DoubtError where something in it is no piece of a time."""
    text = _plain(words)
    found: list[Piece] = []
    place = 0
    while place < len(text):
        match = _PIECES.match(text, place)
        if match is None or match.lastgroup is None:
            raise DoubtError(GENERIC)
        kind, place = match.lastgroup, match.end()
        if kind != "gap":
            parts = {name: part for name, part in match.groupdict().items() if part is not None}
            read_as = ("word", "at") if kind == "at" else (kind, match[kind])
            found.append(Piece(*read_as, parts))
    return found


FORTNIGHT = re.compile(r"(?<![\w.])(?:(?:a|one|1) )?fortnight\b")


def _plain(words: str) -> str:
    # Telephones and copied text bring marks without a shape, and their own spaces and apostrophes. No more is
    # smoothed over: to read a raised two as a two would be a wrong guess.
    text = "".join(letter for letter in words if unicodedata.category(letter) != "Cf")
    text = " ".join(text.replace("\u2019", "'").split()).lower()
    if len(text) > LONGEST:
        raise DoubtError("That is too long for a time.")
    text = re.sub(r"(?<![a-z])([ap])\.m\b\.?", r"\1m", text)
    return FORTNIGHT.sub("2 weeks", text.replace("'til ", "til "))


class Cursor:
    """Goes through the pieces from the first to the last."""

    def __init__(self, found: Sequence[Piece]) -> None:
        self._pieces = found
        self.place = 0

    @property
    def is_done(self) -> bool:
        return self.place >= len(self._pieces)

    def peek(self) -> Piece | None:
        """The piece that comes next, or None at the end."""
        return None if self.is_done else self._pieces[self.place]

    def piece(self, *kinds: str) -> Piece | None:
        """Takes the next piece if it is of one of these kinds."""
        found = self.peek()
        if found is None or found.kind not in kinds:
            return None
        self.place += 1
        return found

    def word(self, names: Container[str]) -> str | None:
        """Takes the next piece if it is one of these words."""
        found = self.peek()
        if found is None or found.kind != "word" or found.text not in names:
            return None
        self.place += 1
        return found.text

    def phrase(self, *phrases: str) -> str | None:
        """Takes the first of these phrases that comes next, word by word."""
        for phrase in phrases:
            words = phrase.split()
            ahead = self._pieces[self.place:self.place + len(words)]
            if [piece.text for piece in ahead if piece.kind == "word"] == words:
                self.place += len(words)
                return phrase
        return None
