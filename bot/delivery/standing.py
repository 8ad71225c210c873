"""Which message has waited longest for no reason."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.delivery.pacing import Terms, ready_at
from storage import outgoing


def oldest(session: Session, now: datetime, terms: Terms) -> datetime | None:
    """Since when the oldest message that Slack could be told of waits; None where none does.

    Not counted is what may wait: for the end of a Retry-After, for the next try of a channel that is broken, for the
    pace of a channel that is being written to, for the message under which a reply hangs. (What quiet hours, mutes and
    budgets hold back is no message yet.)
    """
    groups = outgoing.waiting(session, now, with_held_replies=False)
    paces = outgoing.paces(session) if groups else {}
    first = min((ready_at(group, paces, terms) for group in groups), default=now)
    return first if first < now else None
