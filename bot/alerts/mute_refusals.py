"""Why something was not done with a mute, in a sentence for the one who wanted it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.alerts.notices import how_long_ago, lasting
from bot.alerts.refusals import person


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A sentence in mrkdwn that holds nothing from outside; `people` are the Slack ids that it mentions."""

    sentence: str
    people: tuple[str, ...] = ()


PAST = Refused(sentence="A mute must end later than now.")
TOO_LONG = Refused(sentence="A mute can last a year at most.")
GONE = Refused(sentence="Sendwatch does not know this mute any more.")
UNCHANGED = Refused(sentence="That is how it stands already, so nothing has changed.")
NOTHING_TO_UNDO = Refused(sentence="There is nothing of yours to undo here.")


def muted_already(by: str, ends_at: datetime, now: datetime) -> Refused:
    """It is muted for at least as long."""
    return Refused(sentence=f"Already muted by {person(by)} for another {lasting(ends_at - now)}.", people=(by,))


def changed(by: str, at: datetime, now: datetime, reader: str) -> Refused:
    """Another mute stands in its place."""
    return _done("changed", by, at, now, reader)


def ended(by: str | None, at: datetime, now: datetime, reader: str) -> Refused:
    """Somebody has ended it before its time."""
    return _done("ended", by, at, now, reader)


def undone(by: str, at: datetime, now: datetime, reader: str) -> Refused:
    """It has been taken back once."""
    return _done("undone", by, at, now, reader)


def ran_out(at: datetime, now: datetime) -> Refused:
    """Its time is over."""
    return Refused(sentence=f"This mute ran out {how_long_ago(now - at)}.")


def not_yours(by: str) -> Refused:
    """Somebody else did it."""
    return Refused(sentence=f"Only {person(by)}, who did it, can undo that.", people=(by,))


def _done(what: str, by: str | None, at: datetime, now: datetime, reader: str) -> Refused:
    if by == reader:
        return Refused(sentence=f"You already {what if what != 'undone' else 'undid'} it {how_long_ago(now - at)}.")
    return Refused(sentence=f"Already {what} by {person(by)} {how_long_ago(now - at)}.", people=(by,) if by else ())
