"""The lists of mutes, read from the tables."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import false
from sqlalchemy.orm import Session

from bot.alerts import muted
from bot.slack.blocks import mute_list
from bot.slack.blocks.drawn import Drawn
from bot.slack.blocks.mute_list import PAGE, Line
from storage import mutes as stored


def in_force(session: Session, offset: int, now: datetime) -> Drawn:
    """The mutes in force, with how many open alerts each hides."""
    found, total = stored.page_in_force(session, now, offset, PAGE)
    counts = muted.counts(session, found)
    hidden, _, _ = stored.tally(session, muted.hidden(session, now), false())
    lines = [Line(mute=one, alerts=counts[one.id]) for one in found]
    return mute_list.build(lines, total=total, offset=offset, hidden=hidden)


def over(session: Session, offset: int, now: datetime) -> Drawn:
    """The mutes of the past."""
    found, total = stored.page_over(session, now, offset, PAGE)
    after = stored.replacing(session, [one.id for one in found])
    lines = [Line(mute=one, after=after.get(one.id)) for one in found]
    return mute_list.history(lines, total=total, offset=offset)
