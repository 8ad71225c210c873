"""A press that came too late: who was first, and when, by the audit record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from bot.alerts import precedence
from bot.alerts.lifecycle import SCAN, Action, AlertState, Code, Refused
from bot.alerts.pressed import Press
from storage import events
from storage.models import Alert, AlertEvent


def overtaken(session: Session, action: Action, press: Press, alert: Alert) -> Refused | None:
    """Why this press came too late, made on a look at the alert since which somebody else was quicker."""
    if press.message_id is not None or press.version is None or press.version >= alert.version:
        return None
    wanted = press.args.get("assignee") or press.user_id
    if action is Action.ASSIGN and alert.assignee == wanted:
        return None
    for event in events.of_alerts(session, [alert.id])[alert.id]:
        if event.after.get("version", 0) <= press.version:
            continue
        if event.actor in {SCAN, press.user_id} or not event.before:
            continue
        states = AlertState.from_json(event.before), AlertState.from_json(event.after)
        refused = precedence.overtaken(AlertState.of(alert), action, *states, event.actor)
        if refused is not None:
            return replace(refused, at=event.occurred_at)
    return None


_MADE_BY = {
    Code.ASSIGNED: "assignee", Code.SNOOZED: "snoozed_until", Code.SNOOZED_MEANWHILE: "snoozed_until",
}
"""What of an alert shows which press it was, where the alert itself does not keep who made it and when."""


def by_the_record(session: Session, press: Press, alert: Alert, refused: Refused) -> Refused:
    """The refusal with who was first and when."""
    if refused.code is Code.NOTHING_TO_UNDO:
        return undone(session, press) or refused
    name = _MADE_BY.get(refused.code)
    if name is None:
        return refused
    history = events.of_alerts(session, [alert.id])[alert.id]
    made = _made(history, name, AlertState.of(alert).as_json().get(name))
    return refused if made is None else replace(refused, by=made.actor, at=made.occurred_at)


def _made(history: Iterable[AlertEvent], name: str, value: object) -> AlertEvent | None:
    """The latest change that gave an alert this value, out of its record with the latest first."""
    return next((one for one in history if one.after.get(name) == value and one.before.get(name) != value), None)


def not_own(session: Session, press: Press, left: Mapping[int, Refused]) -> dict[int, Refused]:
    """Those of the alerts that a press on all leaves alone which are not assigned by the one who presses.

    Who has assigned them may think better of it.
    """
    assigned = {alert_id: refused.detail for alert_id, refused in left.items() if refused.code is Code.ASSIGNED}
    made = {
        alert_id: _made(history, "assignee", assigned[alert_id])
        for alert_id, history in events.of_alerts(session, assigned).items()
    }
    own = {alert_id for alert_id, event in made.items() if event is not None and event.actor == press.user_id}
    return {alert_id: refused for alert_id, refused in left.items() if alert_id not in own}


def undone(session: Session, press: Press) -> Refused | None:
    """Who has taken back the last press on this message; None where nobody has."""
    if press.message_id is None:
        return None
    last = events.last_on_message(session, press.message_id)
    if last is None or last.action != Action.UNDO:
        return None
    return Refused(code=Code.UNDONE, by=last.actor, at=last.occurred_at)
