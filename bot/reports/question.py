"""What a report is asked for in people's words: a period, a campaign, a team, in any order. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from rapidfuzz import fuzz

from bot.reports import asked
from bot.reports.period import Period

LONGEST_PERIOD = 8
"""Words that a period has at most: "from 1 nov 2025 to 15 nov 2025"."""
LIKE_CAMPAIGN = 85
"""Likeness (0-100) from which a word is taken for "campaign"."""
_OPENS, _CLOSES = "\"“”„«‘'", "\"”“»’'"  # noqa: RUF001 - what people type around names
_PIECE = re.compile(
    rf"(?<!\S)[{_OPENS}](?P<quoted>[^{_OPENS}{_CLOSES}]+)[{_CLOSES}](?=[\s,:.]|$)[,:.]?|(?P<word>\S+)",
)
_SCOPE = re.compile(r"(campaign|team)s?:?", re.IGNORECASE)
_FILLERS = frozenset({"for", "of", "in", "about", "on", "and", "the", "during", ""})
_JOIN_DAYS = frozenset({"to", "until", "till", "-", "–"})  # noqa: RUF001 - what people type between two dates
_MARKS = f"{_OPENS}{_CLOSES} ,"


@dataclass(frozen=True, kw_only=True)
class Question:
    """What was understood. `either` is a name of which it was not said whether it is a campaign's or a team's."""

    period: Period
    campaign: str = ""
    team: str = ""
    either: str = ""
    missing: str = ""
    """What was named without its name: campaign or team."""


@dataclass(frozen=True, kw_only=True)
class _Piece:
    text: str
    quoted: bool = False


@dataclass(kw_only=True)
class _Part:
    """What stands behind "campaign" or "team", or before both (`scope` empty)."""

    scope: str = ""
    pieces: list[_Piece] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Its words without those that only join, and without quotes."""
        kept = list(self.pieces)
        while kept and _only_joins(kept[0]):
            del kept[0]
        while kept and _only_joins(kept[-1]):
            del kept[-1]
        return " ".join(one.text for one in kept).strip(_MARKS)


def _only_joins(piece: _Piece) -> bool:
    return not piece.quoted and piece.text.strip(",").casefold() in _FILLERS


def parse(words: str, now: datetime, zone: ZoneInfo) -> Question:
    """The question that these words are; without a period among them it is that of the last seven days."""
    parts = _parts(words)
    period = _taken_out(parts, now, zone) or asked.usual(now, zone)
    names = {part.scope or "either": part.name for part in parts if part.name}
    missing = next((part.scope for part in parts if part.scope and part.scope not in names), "")
    return Question(period=period, missing=missing, **names)


def as_one_name(words: str, now: datetime, zone: ZoneInfo) -> Iterator[Question]:
    """The questions that these words are if they, or all but a period at an end, are one name: "Team Spirit".

    A campaign's or a team's where they begin with "campaign" or "team", too. Whether there is such a name is not known.
    """
    pieces = [piece for found in _PIECE.finditer(words) for piece in _pieces(found, is_first=not found.start())]
    scope = _scope(pieces[0].text) if pieces and not pieces[0].quoted else ""
    for part in (_Part(pieces=pieces), *([_Part(scope=scope, pieces=pieces[1:])] if scope else [])):
        yield from _one_name(part, part.pieces, asked.usual(now, zone))
        for length in range(LONGEST_PERIOD, 0, -1):
            # Even behind a number: it may be the end of a name, as in "Region 7 last week".
            for first in _ends(part, length):
                period = _period(part.pieces[first:first + length], now, zone)
                if period is not None:
                    yield from _one_name(part, part.pieces[:first] + part.pieces[first + length:], period)


def _one_name(part: _Part, pieces: Sequence[_Piece], period: Period) -> Iterator[Question]:
    name = " ".join(one.text for one in pieces).strip(_MARKS)
    if name:
        yield Question(period=period, **{part.scope or "either": name})


def _parts(words: str) -> list[_Part]:
    parts = [_Part()]
    for found in _PIECE.finditer(words):
        scope = _scope(found["word"]) if found["word"] else ""
        if scope:
            parts.append(_Part(scope=scope))
        else:
            parts[-1].pieces += _pieces(found, is_first=not parts[-1].pieces)
    return parts


def _scope(word: str) -> str:
    """What the word says that a name is of, in a mistyped word, too: "campain"; empty for any other word."""
    found = _SCOPE.fullmatch(word)
    if found is not None:
        return found[1].lower()
    return "campaign" if fuzz.ratio(word.casefold().removesuffix(":"), "campaign") >= LIKE_CAMPAIGN else ""


def _pieces(found: re.Match[str], *, is_first: bool) -> list[_Piece]:
    """What was found as words of a name; single quotes are such only around all of it: Rock 'n' Roll has none."""
    quoted = found["quoted"]
    if quoted is None or (found[0][0] in {"'", "‘"} and not is_first):  # noqa: RUF001 - as above
        return [_Piece(text=word) for word in found[0].split()]
    return [_Piece(text=quoted.strip(), quoted=True)]


def _taken_out(parts: Sequence[_Part], now: datetime, zone: ZoneInfo) -> Period | None:
    """The period among the words, which are no part of a name from then on; None where there is none."""
    kept: set[tuple[int, bool]] = set()
    for length in range(LONGEST_PERIOD, 0, -1):
        for place, part in enumerate(parts):
            for first in _ends(part, length):
                words = part.pieces[first:first + length]
                period = _period(words, now, zone)
                # At each end: both, where it is all that there is.
                ends = {(place, is_last) for is_last in (first > 0, first + length == len(part.pieces))}
                if period is not None and not ends & kept and not _is_torn(part, first, length):
                    del part.pieces[first:first + length]
                    return period
                if period is not None or _is_doubted(words, now, zone):
                    # No part of it is what is meant: "next week" is no week, "24 dec 2026" is no 2026.
                    kept |= ends
    return None


def _period(words: Sequence[_Piece], now: datetime, zone: ZoneInfo) -> Period | None:
    return None if any(one.quoted for one in words) else asked.understood(_plain(words), now, zone)


def _is_doubted(words: Sequence[_Piece], now: datetime, zone: ZoneInfo) -> bool:
    return not any(one.quoted for one in words) and bool(asked.doubt(_plain(words), now, zone))


def _is_torn(part: _Part, first: int, length: int) -> bool:
    """Whether what stands beside these words belongs to them: half of a range is no period, nor "week" in "week 5"."""
    beside = part.pieces[first - 1:first] if first else part.pieces[length:length + 1]
    return any(
        not one.quoted and (one.text.casefold() in _JOIN_DAYS or (not first and one.text.isdecimal())) for one in beside
    )


def _ends(part: _Part, length: int) -> Iterator[int]:
    """Where so many words begin at the end of a part, and at its beginning where no name is called for.

    "campaign October" is a campaign of that name; "campaign last week" lacks its name.
    """
    number = len(part.pieces)
    if length > number or (part.scope and length == number == 1):
        return
    yield number - length
    if not part.scope and length < number:
        yield 0


def _plain(words: Sequence[_Piece]) -> str:
    kept = _Part(pieces=list(words))
    return kept.name
