"""The lists of mutes, read from the tables."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import false
from sqlalchemy.orm import Session

from bot.alerts import muted
from bot.sends.text import folded
from bot.slack.blocks import mute_list
from bot.slack.blocks.drawn import Drawn
from bot.slack.blocks.mute_list import PAGE, Line
from storage import mutes as stored
from storage import scope

LOOKED_AT = 200
"""Mutes in force among which one is looked for by its name."""


def in_force(session: Session, offset: int, now: datetime) -> Drawn:
    """The mutes in force, with how many open alerts each hides."""
    found, total = stored.page_in_force(session, now, offset, PAGE)
    counts = muted.counts(session, found)
    hidden, _, _ = stored.tally(session, muted.hidden(session, now), false())
    lines = [Line(mute=one, alerts=counts[one.id]) for one in found]
    return mute_list.build(lines, total=total, offset=offset, hidden=hidden, limited=scope.current() is not None)


def called(session: Session, words: str, now: datetime) -> Drawn:
    """The mutes in force that the words fit, each with the button that ends it; where none does, every mute."""
    found, _ = stored.page_in_force(session, now, 0, LOOKED_AT)
    pieces = folded(words).split()
    fit = [one for one in found if all(piece in folded(f"{one.scope} {one.label} {one.value}") for piece in pieces)]
    if not fit:
        return mute_list.none_called(words, in_force(session, 0, now))
    counts = muted.counts(session, fit[:PAGE])
    lines = [Line(mute=one, alerts=counts[one.id]) for one in fit[:PAGE]]
    return mute_list.called(lines, words, limited=scope.current() is not None)


def over(session: Session, offset: int, now: datetime) -> Drawn:
    """The mutes of the past."""
    found, total = stored.page_over(session, now, offset, PAGE)
    after = stored.replacing(session, [one.id for one in found])
    lines = [Line(mute=one, after=after.get(one.id)) for one in found]
    return mute_list.history(lines, total=total, offset=offset)
