"""From what somebody asks for to the report, or to the name that nothing has."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.alerts.routing import Match
from bot.reports import asked, counting, names, question
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
    doubt: str = ""
    """Why it is no period, where it was meant as one: a sentence."""
    periods: tuple[tuple[str, str], ...] = ()
    """Periods as which the end of it may have been meant, each with all that was typed, so mended."""


def asked_for(session: Session, typed: str, at: datetime, zone: ZoneInfo, now: datetime) -> Summary | NotKnown:
    """The report that these words ask for, as they were typed at `at`."""
    found = answer(session, question.parse(typed, at, zone), now)
    if not isinstance(found, NotKnown):
        return found
    named = next((one for one in question.as_one_name(typed, at, zone) if _is_known(session, one)), None)
    if named is not None:
        return answer(session, named, now)
    if not found.typed:
        return found
    # The end of an unknown name, or its beginning, may be a period that was mistyped, or that cannot be told of.
    said = found.typed.split(" ")
    lengths = range(min(len(said), question.LONGEST_PERIOD), 0, -1)
    tails = [" ".join(said[-length:]) for length in lengths]
    ends = [*tails, *(" ".join(said[:length]) for length in lengths)]
    words, doubt = next(((words, doubt) for words in ends if (doubt := asked.doubt(words, at, zone))), ("", ""))
    if doubt:
        return replace(found, doubt=doubt, nearest=() if words == found.typed else found.nearest)
    mistyped = (tail for tail in tails if asked.understood(tail, at, zone) is None)
    tail, near = next(((tail, near) for tail in mistyped if (near := asked.near(tail))), ("", ()))
    before, _, after = typed.rpartition(tail) if tail else ("", "", "")
    return replace(found, periods=tuple((one, f"{before}{one}{after}".strip()) for one in near))


def _is_known(session: Session, wanted: Question) -> bool:
    typed = wanted.either or wanted.campaign or wanted.team
    return not names.WILD & set(typed) and not isinstance(limits_of(session, wanted), NotKnown)


def answer(session: Session, wanted: Question, now: datetime) -> Summary | NotKnown:
    """The report of a question, or the first of its names that nothing has."""
    limits = limits_of(session, wanted)
    return limits if isinstance(limits, NotKnown) else counting.count(session, wanted.period, now, limits)


def limits_of(session: Session, wanted: Question) -> Limits | NotKnown:
    """What a question is limited to, its names as they are written."""
    if wanted.missing:
        return NotKnown(typed="", scope=wanted.missing, nearest=names.newest(session, wanted.missing))
    found = []
    for typed, scopes in ((wanted.either, SCOPES), (wanted.campaign, ("campaign",)), (wanted.team, ("team",))):
        named, nearest = names.find(session, typed, scopes) if typed else (None, ())
        if named is not None:
            found.append(named)
        elif typed:
            return NotKnown(typed=typed, scope=scopes[0] if len(scopes) == 1 else "", nearest=nearest)
    return Limits(matches=tuple(map(_match, found)), about=" and ".join(f"{one.scope} {one.name}" for one in found))


def _match(named: Named) -> Match:
    words = (named.name,)
    return Match(campaign=words) if named.scope == "campaign" else Match(team=words)
