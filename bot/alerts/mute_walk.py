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
from bot.alerts.escalation import MUTED, OWED, Hold, mark
from bot.alerts.grouping import BASELINE
from bot.alerts.holding import Holds
from bot.alerts.lifecycle import State
from bot.alerts.policy import Policy
from bot.alerts.routing import Subject
from storage import messages, notifications
from storage import mutes as stored
from storage.mutes import Walk

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
    alert_ids = stored.open_ids(session, found.after, limit)
    _look_at(session, found, alert_ids, now)
    stored.walk_on(session, found.mute.id, alert_ids[-1] if len(alert_ids) == limit else None)
    return max(1, len(alert_ids))


def _look_at(session: Session, walk: Walk, alert_ids: Sequence[int], now: datetime) -> None:
    mute = walk.mute
    subjects = {row.id: muted.subject_in(row) for row in stored.subjects(session, alert_ids)}
    fitting = [alert_id for alert_id, one in subjects.items() if muting.key_of(mute.scope, one) == mute.value]
    stored.hold_still(session, fitting)
    holds = Holds(mutes=muted.in_force(session, now))
    places = stored.places(session, fitting)
    others = Holds(mutes=[one for one in holds.mutes if one.mute_id != mute.id])
    changes = [_changed(row, subjects[row.alert_id], walk, (holds, others), now) for row in places]
    notifications.change(session, [one for one in changes if one is not None])
    shown = {row.message_id for row in places}
    # What was posted out of a first look and stands nowhere yet is counted in its summary.
    messages.touch(session, shown | (messages.ids(session, [BASELINE]) if None in shown else set()), now)


def _changed(
    row: Row[Any], subject: Subject, walk: Walk, holds: tuple[Holds, Holds], now: datetime,
) -> dict[str, Any] | None:
    """How a place of an alert stands from now on; None where that is nothing to us."""
    if row.state != State.FIRING or row.held == BASELINE:
        # What is settled, put off or left to a choice is looked at when that changes.
        return None
    hold, other = (one.on(subject, Policy.from_json(row.policy), now) for one in holds)
    if row.held not in {MUTED, OWED} and not _is_mute(hold):
        return None
    held = _held(row.held, hold, walk, now, is_also_held=_is_mute(other))
    next_at = hold.until if hold is not None else now
    return None if (row.held, row.next_at) == (held, next_at) else {"id": row.id, "held": held, "next_at": next_at}


def _held(before: str, hold: Hold | None, walk: Walk, now: datetime, *, is_also_held: bool) -> str:
    """The new mark of a place that a mute holds or has held; `is_also_held`: by another one."""
    if walk.undone and not _is_mute(hold):
        # A mute that was taken back has never been: nobody is told that it has ended.
        return MUTED if before == OWED else hold.why if hold is not None else ""
    if not _is_mute(hold):
        # Over quiet hours, too, it stays in mind that a mute has held it.
        return before
    is_over = walk.mute.ended_at is not None or walk.mute.ends_at <= now
    was_over = before == MUTED and not is_also_held
    return OWED if not walk.undone and (is_over or was_over) else mark(before, MUTED)


def _is_mute(hold: Hold | None) -> bool:
    return hold is not None and hold.why == MUTED
