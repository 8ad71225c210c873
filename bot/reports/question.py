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
_FILLERS = frozenset({"for", "of", "in", "about", "on", "and", "the", "during", ","})
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
    return not piece.quoted and piece.text.casefold().strip(",") in {*_FILLERS, ""}


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
        yield from _one_name(part, asked.usual(now, zone))
        period = _taken_out([part], now, zone)
        if period is not None:
            yield from _one_name(part, period)


def _one_name(part: _Part, period: Period) -> Iterator[Question]:
    name = " ".join(one.text for one in part.pieces).strip(_MARKS)
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
    return "campaign" if fuzz.ratio(word.casefold().rstrip(":"), "campaign") >= LIKE_CAMPAIGN else ""


def _pieces(found: re.Match[str], *, is_first: bool) -> list[_Piece]:
    """What was found as words of a name; single quotes are such only around all of it: Rock 'n' Roll has none."""
    quoted = found["quoted"]
    if quoted is None or (found[0][0] in "'‘" and not is_first):  # noqa: RUF001 - as above
        return [_Piece(text=word) for word in found[0].split()]
    return [_Piece(text=quoted.strip(), quoted=True)]


def _taken_out(parts: Sequence[_Part], now: datetime, zone: ZoneInfo) -> Period | None:
    """The period among the words, which are no part of a name from then on; None where there is none."""
    for length in range(LONGEST_PERIOD, 0, -1):
        for part in parts:
            for first in _places(part, length):
                words = part.pieces[first:first + length]
                period = None if any(one.quoted for one in words) else asked.understood(_plain(words), now, zone)
                if period is not None:
                    del part.pieces[first:first + length]
                    return period
    return None


def _places(part: _Part, length: int) -> Iterator[int]:
    """Where so many words may be a period: at the end of a part, and at the beginning where no name is called for.

    "campaign October" is a campaign of that name; "campaign last week" lacks its name.
    """
    number = len(part.pieces)
    if length > number or (part.scope and length == number == 1):
        return
    belongs = [not one.quoted and _is_half(one.text) for one in part.pieces]
    # What stands beside a number belongs to it, "31 feb" is no February; and half of a range is no period.
    if not (length < number and belongs[number - length - 1]):
        yield number - length
    if not part.scope and not (length < number and belongs[length]):
        yield 0


def _is_half(word: str) -> bool:
    """Whether what stands beside that word is only a part of what is meant."""
    return word.isdigit() or word.casefold() in _JOIN_DAYS


def _plain(words: Sequence[_Piece]) -> str:
    kept = _Part(pieces=list(words))
    return kept.name
