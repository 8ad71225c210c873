"""Undo of a press, on one alert or on all alerts of a message, with the record that it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot.alerts.lifecycle import Action, AlertState, Step
from bot.alerts.pressed import Press
from bot.alerts.undo import LastChange, latest, press_of, standing, undo
from storage import alerts as stored
from storage import events
from storage.models import Alert, AlertEvent


def steps(session: Session, press: Press, found: Sequence[Alert], now: datetime) -> list[tuple[Alert, Step]]:
    """Take back what this person did last; on a message of many alerts, all that the same press did."""
    history = events.of_alerts(session, [alert.id for alert in found])
    newest = {alert.id: latest(history[alert.id]) for alert in found}
    if press.message_id is None:
        last = {alert.id: standing(history[alert.id], press.user_id, press.version) for alert in found}
    else:
        last = newest if _pressed_again(press, found, newest) else {
            alert.id: standing(history[alert.id], press.user_id) for alert in found
        }
        found = _of_one_press(press, found, last)
    moved = {
        alert.id for alert, send in stored.with_sends(session, found)
        if send is not None and send.status_seq != alert.status_seq
    }
    return [
        (
            alert,
            undo(
                AlertState.of(alert), LastChange.of(last[alert.id], alert, newest[alert.id]), press.user_id, now,
                moved_on=alert.id in moved,
            ),
        )
        for alert in found
    ]


def _pressed_again(press: Press, found: Sequence[Alert], newest: Mapping[int, AlertEvent | None]) -> bool:
    """Whether this person has undone something since the look on which they pressed Undo: a double press is one.

    A button that does not say how old its look is goes one step back only.
    """
    last = max((event for event in newest.values() if event is not None), key=lambda event: event.id, default=None)
    if last is None or last.action != Action.UNDO or last.actor != press.user_id:
        return False
    # A message is as many changes old as its alerts together.
    return press.version is None or press.version < sum(alert.version for alert in found)


def _of_one_press(
    press: Press, found: Sequence[Alert], last: Mapping[int, AlertEvent | None],
) -> Sequence[Alert]:
    """The alerts that this person's last press changed; all of them where there is none, to be told who did."""
    own = [
        event for event in last.values()
        if event is not None and event.actor == press.user_id and event.action != Action.UNDO
    ]
    together = press_of(max(own, key=lambda event: event.id, default=None))
    return [alert for alert in found if together is None or press_of(last[alert.id]) == together]
