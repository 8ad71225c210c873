"""What a report is asked for in people's words: a period, a campaign, a team, in any order. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.reports import asked
from bot.reports.period import Period

LONGEST_PERIOD = 6
"""Words that a period has at most: "from 1 nov to 15 nov"."""
_FILLER = re.compile(r"^(?:(?:for|of|in|about|on|and)\b|,)\s*|\s*(?:\b(?:for|of|in|about|on|and)|,)$", re.IGNORECASE)
_SCOPE = re.compile(r"\b(campaign|team)\b:?\s*", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Question:
    """What was understood. `either` is a name of which it was not said whether it is a campaign's or a team's."""

    period: Period
    campaign: str = ""
    team: str = ""
    either: str = ""


def parse(words: str, now: datetime, zone: ZoneInfo) -> Question:
    """The question that these words are; without a period among them it is that of the last seven days."""
    said = " ".join(words.split())
    for first, length in _places(said):
        parts = said.split(" ")
        found = asked.understood(_stripped(" ".join(parts[first:first + length])), now, zone)
        rest = _stripped(" ".join([*parts[:first], *parts[first + length:]]))
        # "campaign October" is no report of October about a campaign without a name.
        if found is not None and not re.fullmatch(r"(?:.*\s)?(?:campaign|team):?", rest, re.IGNORECASE):
            return _named(rest, found)
    return _named(_stripped(said), asked.usual(now, zone))


def _places(said: str) -> list[tuple[int, int]]:
    """Where a period may stand, the longest first: at the end or at the beginning."""
    number = len(said.split(" ")) if said else 0
    return [
        place for length in range(min(number, LONGEST_PERIOD), 0, -1)
        for place in ((number - length, length), (0, length))
    ]


def _named(rest: str, period: Period) -> Question:
    parts = _SCOPE.split(rest)
    names: dict[str, str] = {"either": _stripped(parts[0])}
    for scope, name in zip(parts[1::2], parts[2::2], strict=True):
        names[scope.lower()] = _stripped(name)
    return Question(period=period, **{scope: name for scope, name in names.items() if name})


def _stripped(text: str) -> str:
    """The text without the small words that join a name and a period, and without quotes around it."""
    text = text.strip()
    while (shorter := _FILLER.sub("", text).strip()) != text:
        text = shorter
    return text.strip("\"“”„'‘’").strip()  # noqa: RUF001 - what people type around names
