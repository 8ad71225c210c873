"""From what somebody asks for to the report, or to the name that nothing has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.alerts.routing import Match
from bot.reports import counting, names, question
from bot.reports.counting import Limits
from bot.reports.names import SCOPES, Named
from bot.reports.question import Question
from bot.reports.summary import Summary


@dataclass(frozen=True, kw_only=True)
class NotKnown:
    """A name that nothing has, of which it was perhaps said what it names, and what may have been meant."""

    typed: str
    scope: str = ""
    nearest: tuple[Named, ...] = ()


def asked_for(session: Session, typed: str, at: datetime, zone: ZoneInfo, now: datetime) -> Summary | NotKnown:
    """The report that these words ask for, as they were typed at `at`."""
    return answer(session, question.parse(typed, at, zone), now)


def answer(session: Session, asked: Question, now: datetime) -> Summary | NotKnown:
    """The report of a question, or the first of its names that nothing has."""
    limits = limits_of(session, asked)
    return limits if isinstance(limits, NotKnown) else counting.count(session, asked.period, now, limits)


def limits_of(session: Session, asked: Question) -> Limits | NotKnown:
    """What a question is limited to, its names as they are written."""
    found = []
    for typed, scopes in ((asked.either, SCOPES), (asked.campaign, ("campaign",)), (asked.team, ("team",))):
        named, nearest = names.find(session, typed, scopes) if typed else (None, ())
        if named is not None:
            found.append(named)
        elif typed:
            return NotKnown(typed=typed, scope=scopes[0] if len(scopes) == 1 else "", nearest=nearest)
    return Limits(matches=tuple(map(_match, found)), about=" and ".join(f"{one.scope} {one.name}" for one in found))


def _match(named: Named) -> Match:
    words = (named.name,)
    return Match(campaign=words) if named.scope == "campaign" else Match(team=words)
