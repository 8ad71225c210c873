"""Taking back one's own last press, and then the one before it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from bot.alerts.lifecycle import SCAN, Action, AlertState, Change, Code, Refused, State, Step
from storage.models import Alert, AlertEvent

UNDOABLE = frozenset({
    Action.ACKNOWLEDGE, Action.ASSIGN, Action.SNOOZE, Action.RESOLVE, Action.SUPPORT, Action.SUPPORT_SENT,
    Action.BASELINE_SETTLE,
})
"""What changes an alert. Posting a first look changes none: it is taken back as a whole, see `first_look`."""


@dataclass(frozen=True, kw_only=True)
class LastChange:
    """The latest event that changed an alert."""

    action: str
    actor: str
    at: datetime
    before: AlertState
    is_latest: bool = True
    """Whether the alert is still what this event made of it."""

    @classmethod
    def of(cls, event: AlertEvent | None, alert: Alert, newest: AlertEvent | None = None) -> Self | None:
        """The change that a row of the record tells of; None where it tells of none.

        `newest` is the latest change, where what came after the event has been undone.
        """
        if event is None or "state" not in event.before:
            return None
        return cls(
            action=event.action, actor=event.actor, at=event.occurred_at,
            before=AlertState.from_json(event.before),
            is_latest=(newest or event).after.get("version") == alert.version,
        )


def latest(history: Iterable[AlertEvent]) -> AlertEvent | None:
    """The latest event that changed an alert, out of its record with the latest first."""
    return next((event for event in history if event.before.get("version") != event.after.get("version")), None)


def standing(history: Sequence[AlertEvent], actor: str, seen_version: int | None = None) -> AlertEvent | None:
    """The latest change that has not been undone; the undo itself where none of a person's is left.

    So it is for an Undo that `actor` pressed before seeing their own last one too: a double press is one.
    """
    changes = [event for event in history if event.before.get("version") != event.after.get("version")]
    if not changes or changes[0].action != Action.UNDO:
        return changes[0] if changes else None
    newest, undone = changes[0], 0
    if newest.actor == actor and seen_version is not None and seen_version < newest.after["version"]:
        return newest
    for event in changes:
        if event.action == Action.UNDO:
            undone += 1
        elif undone:
            undone -= 1
        else:
            return event if event.actor != SCAN else newest
    return newest


def press_of(event: AlertEvent | None) -> str | None:
    """By which press it was made; the same for all alerts of one press."""
    return event.detail.get("press") if event is not None else None


def undo(alert: AlertState, last: LastChange | None, actor: str, now: datetime, *, moved_on: bool) -> Step:
    """Put back what the alert was before `actor`'s last press; pure.

    Only one's own press can be taken back, only while nothing came after it, and not what the scan did.
    `moved_on`: the send is no longer in the status that the alert is about, so it cannot be open again.
    """
    if last is None:
        return Refused(code=Code.NOTHING_TO_UNDO)
    refused = _not_undoable(alert, last, actor, moved_on=moved_on)
    if refused is not None:
        return refused
    # A snooze that is over by now comes back as it was: the scan ends it, and says that it has ended.
    before = last.before
    if alert.is_open and before.follow_up_at is not None and before.follow_up_at <= now:
        # It fell due while the alert was open, and so has been told, or is about to be.
        before = replace(before, follow_up_at=alert.follow_up_at)
    return Change(after=before)


def _not_undoable(alert: AlertState, last: LastChange, actor: str, *, moved_on: bool) -> Refused | None:
    if last.actor == SCAN:
        by_scan = alert.state is State.RESOLVED
        return Refused(
            code=Code.MOVED_ON if by_scan else Code.NOTHING_TO_UNDO,
            by=SCAN, at=last.at, detail=(alert.resolved_reason or "") if by_scan else "",
        )
    if last.action == Action.UNDO:
        return Refused(code=Code.UNDONE, by=last.actor, at=last.at)
    if moved_on:
        return Refused(code=Code.MOVED_ON, by=SCAN)
    if last.action not in UNDOABLE or not last.is_latest:
        return Refused(code=Code.NOTHING_TO_UNDO)
    if last.actor != actor:
        return Refused(code=Code.NOT_YOURS, by=last.actor, at=last.at, detail=last.action)
    return None
