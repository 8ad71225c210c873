"""Who comes first: a press takes nothing from a colleague who was quicker, or has decided about it already. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot.alerts.lifecycle import Action, AlertState, Code, Refused, State

_OVERWRITES: Mapping[Action, Mapping[str, Code]] = {
    Action.ACKNOWLEDGE: {"snoozed_until": Code.SNOOZED_MEANWHILE},
    Action.ASSIGN: {"assignee": Code.ASSIGNED, "snoozed_until": Code.SNOOZED_MEANWHILE},
    Action.SNOOZE: {"snoozed_until": Code.SNOOZED_MEANWHILE, "acknowledged_by": Code.ACKNOWLEDGED},
}
"""What a press would take from who was quicker, and what they have done. Who sees that may press all the same."""


def overtaken(alert: AlertState, action: Action, before: AlertState, after: AlertState, by: str) -> Refused | None:
    """Why a press came too late that was made on a look before `by` changed the alert from `before` to `after`.

    None where nothing of that change stands any more, or the press leaves it alone.
    """
    for name, code in _OVERWRITES.get(action, {}).items():
        made = getattr(after, name)
        if made is not None and made != getattr(before, name) and made == getattr(alert, name):
            return Refused(code=code, by=by, detail=str(made) if code is Code.ASSIGNED else "")
    return None


def taken_care_of(alert: AlertState, action: Action, actor: str, assignee: str | None) -> Refused | None:
    """Why a press on all alerts of a message leaves this one alone: a colleague has decided about it.

    None where nobody has, or it is `actor`'s to work on. `assignee` is whom all shall be assigned to (None: `actor`).
    """
    if action not in _OVERWRITES:
        return None
    if alert.state is State.SNOOZED and alert.snoozed_by not in {None, actor}:
        return Refused(code=Code.SNOOZED_MEANWHILE, by=alert.snoozed_by)
    taken_by = alert.assignee
    if action is Action.ASSIGN and alert.is_open and taken_by and taken_by not in {actor, assignee}:
        return Refused(code=Code.ASSIGNED, by=taken_by, detail=taken_by)
    if actor == taken_by:
        return None
    if action is Action.SNOOZE and alert.state is State.ACKNOWLEDGED and alert.acknowledged_by not in {None, actor}:
        return Refused(code=Code.ACKNOWLEDGED, by=alert.acknowledged_by, at=alert.acknowledged_at)
    return None
