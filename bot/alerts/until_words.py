"""What people write when they say until when, cut into pieces: numbers, dates, times of day, words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LONGEST = 120
"""Characters that are read; nobody needs more to say when."""

GENERIC = "That is no time that Sendwatch understands."

NUMBERS: Mapping[str, int] = {
    name: number for number, name in enumerate(
        "one two three four five six seven eight nine ten eleven twelve".split(), start=1,
    )
}
WEEKDAYS: Mapping[str, int] = {
    "monday": 0, "mon": 0, "tuesday": 1, "tue": 1, "tues": 1, "wednesday": 2, "wed": 2, "weds": 2,
    "thursday": 3, "thu": 3, "thur": 3, "thurs": 3, "friday": 4, "fri": 4, "saturday": 5, "sat": 5,
    "sunday": 6, "sun": 6,
}
MONTHS: Mapping[str, int] = {
    name: number
    for number, names in enumerate((
        "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
        "september sep sept", "october oct", "november nov", "december dec",
    ), start=1)
    for name in names.split()
}
MINUTES = frozenset({"m", "min", "mins", "minute", "minutes"})
HOURS = frozenset({"h", "hr", "hrs", "hour", "hours"})
DAYS = frozenset({"d", "day", "days"})
WEEKS = frozenset({"w", "wk", "wks", "week", "weeks"})

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
            found.append(Piece("word", "at", {}) if kind == "at" else Piece(kind, match[kind], parts))
    return found


def _plain(words: str) -> str:
    # Telephones and copied text bring marks without a shape, and their own spaces and apostrophes. No more is
    # smoothed over: to read a raised two as a two would be a wrong guess.
    text = "".join(letter for letter in words if unicodedata.category(letter) != "Cf")
    text = " ".join(text.replace("\u2019", "'").split()).lower()
    if len(text) > LONGEST:
        raise DoubtError("That is too long for a time.")
    text = re.sub(r"(?<![a-z])([ap])\.m\b\.?", r"\1m", text)
    return text.replace("'til ", "til ")
