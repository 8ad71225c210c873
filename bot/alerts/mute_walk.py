"""Mutes are carried out step by step: what one concerns is held when it begins, and let go of when it is over.

Nothing that a mute concerns is told meanwhile, whether a step has come to it or not: `telling` looks at the mutes
in force. The steps make sure that it is told again afterwards, and that its messages say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from bot.alerts import muted, muting
from bot.alerts.escalation import MUTED
from bot.alerts.grouping import BASELINE
from bot.alerts.holding import Holds
from bot.alerts.lifecycle import State
from bot.alerts.policy import Policy
from bot.alerts.routing import Subject
from storage import messages, notifications
from storage import mutes as stored
from storage.models import Mute

PAGE = 200
"""Open alerts looked at in one transaction: some 10 ms on SQLite, where everybody else waits for it."""


def settle(session: Session, now: datetime, limit: int = PAGE) -> int:
    """Go on with holding what mutes concern, and with letting go of what they no longer hold.

    Gives how many open alerts (`limit` at most) were looked at, 0 when nothing is left; each call is to be a
    transaction of its own, and nothing should be told before they are through: what ends together is told
    together. Several processes may do it at once, and it may be stopped at any point.
    """
    if not stored.any_left(session, now):
        return 0
    for mute in stored.run_out(session, now):
        stored.walk(session, mute.id)
    return step(session, now, limit)


def step(session: Session, now: datetime, limit: int = PAGE, mute_id: int | None = None) -> int:
    """Look at the next open alerts for a mute that is not wholly carried out, or for that one; gives how many."""
    found = stored.next_walk(session, mute_id)
    if found is None:
        return 0
    mute, after = found
    alert_ids = stored.open_ids(session, after, limit)
    _look_at(session, mute, alert_ids, now)
    stored.walk_on(session, mute.id, alert_ids[-1] if len(alert_ids) == limit else None)
    return max(1, len(alert_ids))


def _look_at(session: Session, mute: Mute, alert_ids: Sequence[int], now: datetime) -> None:
    subjects = {row.id: muted.subject_in(row) for row in stored.subjects(session, alert_ids)}
    fitting = [alert_id for alert_id, one in subjects.items() if muting.key_of(mute.scope, one) == mute.value]
    stored.hold_still(session, fitting)
    holds = Holds(mutes=muted.in_force(session, now))
    places = stored.places(session, fitting)
    changes = [_changed(row, subjects[row.alert_id], holds, now) for row in places]
    notifications.change(session, [one for one in changes if one is not None])
    messages.touch(session, {row.message_id for row in places}, now)


def _changed(row: Row[Any], subject: Subject, holds: Holds, now: datetime) -> dict[str, Any] | None:
    """How a place of an alert stands from now on; None where that is nothing to us."""
    if row.state != State.FIRING or row.held == BASELINE:
        # What is settled, put off or left to a choice is looked at when that changes.
        return None
    hold = holds.on(subject, Policy.from_json(row.policy), now)
    if row.held != MUTED and (hold is None or hold.why != MUTED):
        return None
    # Over quiet hours, too, it stays in mind that a mute has held it.
    next_at = hold.until if hold is not None else now
    return None if (row.held, row.next_at) == (MUTED, next_at) else {"id": row.id, "held": MUTED, "next_at": next_at}
