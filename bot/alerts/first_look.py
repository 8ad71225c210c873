"""The summary of a first look: what is chosen for its alerts, and how that choice is carried out and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.alerts import grouping, pressed, telling
from bot.alerts.grouping import BASELINE
from bot.alerts.lifecycle import Action, AlertState, Code, Refused, State
from bot.alerts.policy import ONCE
from bot.alerts.pressed import Press
from bot.alerts.rulebook import Rulebook
from bot.alerts.subjects import item_of
from storage import alerts as stored
from storage import events, messages, notifications
from storage.models import Alert, Message, Notification

POST, SETTLE = "post", "settle"


def is_posted(summary: Message | None) -> bool:
    """Whether this is the summary of a first look whose alerts have been posted."""
    return summary is not None and summary.kind == BASELINE and summary.body.get("chosen") == POST


def decided(summary: Message) -> Refused | None:
    """Who has chosen and when; None while nobody has."""
    if "chosen" not in summary.body:
        return None
    at = datetime.fromisoformat(summary.body["chosen_at"])
    return Refused(code=Code.CHOSEN, by=summary.body["chosen_by"], at=at)


def together(action: Action, summary: Message | None, found: Sequence[Alert]) -> Sequence[Alert]:
    """Those of the alerts with all of which a press does it, or with none: a first look is decided as a whole.

    None for a press that is not about the choice.
    """
    if action in {Action.BASELINE_POST, Action.BASELINE_SETTLE}:
        return [alert for alert in found if alert.state != State.RESOLVED]
    if action is not Action.UNDO or summary is None or summary.kind != BASELINE:
        return ()
    if is_posted(summary):
        return found
    chosen_by = summary.body.get("chosen_by")
    return [alert for alert in found if (alert.resolved_by, alert.resolved_reason) == (chosen_by, BASELINE)]


def note(session: Session, summary: Message, alerts: Sequence[Alert]) -> None:
    """Keep in the summary about which alerts its choice is: once it is made, they stand elsewhere."""
    by_rule = grouping.by_rule([item_of(alert, send) for alert, send in stored.with_sends(session, alerts)])
    summary.body = summary.body | {"count": len(alerts), "by_rule": by_rule}


def choose(summary: Message, action: Action, user_id: str, now: datetime) -> None:
    """Note in the summary what was chosen, or that the choice is open again."""
    if action is Action.UNDO:
        summary.body = {name: value for name, value in summary.body.items() if not name.startswith("chosen")}
    elif action in {Action.BASELINE_POST, Action.BASELINE_SETTLE}:
        chosen = POST if action is Action.BASELINE_POST else SETTLE
        summary.body = summary.body | {"chosen": chosen, "chosen_by": user_id, "chosen_at": now.isoformat()}


def post(
    session: Session, press: Press, summary: Message, still_open: Sequence[Alert], now: datetime, rules: Rulebook,
) -> bool:
    """Post alerts as if they were new, those of one rule and campaign together; False for a press on record."""
    if not _record(session, Action.BASELINE_POST, press, still_open, now):
        return False
    notifications.start_over(session, [alert.id for alert in still_open], now)
    # Chosen first: what is told now does not join a summary about which somebody has decided.
    choose(summary, Action.BASELINE_POST, press.user_id, now)
    session.flush()
    telling.tell(session, now, rules)
    messages.touch(session, [summary.id], now, priority=messages.PRESS_PRIORITY)
    return True


def fire_again(session: Session, alert_ids: Sequence[int], now: datetime) -> None:
    """Decide anew about alerts that fire again.

    Those that stand in the summary and nowhere else wait for its choice as before; once that has been made for the
    others, they are told as alerts of their own.
    """
    summary = messages.by_key(session, BASELINE) if alert_ids else None
    if summary is not None and decided(summary) is not None:
        notifications.leave_backlog(session, alert_ids, now)
    notifications.wake(session, alert_ids, now)


def untouched(session: Session) -> list[Alert]:
    """The alerts that were posted from the summary and that nobody, nor the scan, has changed since."""
    candidates = stored.open_with_reason(session, BASELINE)
    history = events.of_alerts(session, [alert.id for alert in candidates])
    return [alert for alert in candidates if _is_as_posted(alert, history[alert.id])]


def _is_as_posted(alert: Alert, history: Sequence[Any]) -> bool:
    # The latest first: what was taken back once and posted again counts as posted.
    about = (one for one in history if Action.BASELINE_POST in {one.action, one.detail.get("of")})
    last = next(about, None)
    return last is not None and last.action == Action.BASELINE_POST and last.after.get("version") == alert.version


def not_yours(summary: Message, user_id: str) -> Refused | None:
    """Why this person cannot take the posting back; None where they can."""
    if summary.body.get("chosen_by") == user_id:
        return None
    made = decided(summary)
    at = made.at if made is not None else None
    return Refused(
        code=Code.NOT_YOURS, by=summary.body.get("chosen_by"), at=at, detail=str(Action.BASELINE_POST),
    )


def take_back(session: Session, press: Press, summary: Message, alerts: Sequence[Alert], now: datetime) -> bool:
    """Have alerts stand in the summary again and nowhere else; False for a press on record.

    Messages in which nothing is left say so. What was posted in places of escalations is forgotten.
    """
    if not _record(session, Action.UNDO, press, alerts, now, of=str(Action.BASELINE_POST)):
        return False
    found = notifications.of_alerts(session, [alert.id for alert in alerts])
    rows = [one for some in found.values() for one in some]
    shown = {one.message_id for one in rows if one.message_id is not None} - {summary.id}
    _withdraw(session, rows, summary, now)
    for message_id in notifications.without_alerts(session, shown):
        message = session.get_one(Message, message_id)
        message.body = message.body | {"taken_back_by": press.user_id, "taken_back_at": now.isoformat()}
    choose(summary, Action.UNDO, press.user_id, now)
    note(session, summary, alerts)
    session.flush()
    messages.touch(session, [*shown, summary.id], now, priority=messages.PRESS_PRIORITY)
    return True


def _withdraw(session: Session, rows: Sequence[Notification], summary: Message, now: datetime) -> None:
    escalated = [one for one in rows if one.reason == "escalated" and one.policy == ONCE.as_json()]
    for one in escalated:
        session.delete(one)
    session.flush()
    notifications.change(session, [
        {
            "id": one.id, "message_id": summary.id, "told_at": now, "last_told_at": now, "held": BASELINE,
            "reason": "", "next_at": None, "repeats": 0, "escalations": 0,
        }
        for one in rows if one not in escalated
    ])


def _record(
    session: Session, action: Action, press: Press, alerts: Sequence[Alert], now: datetime,
    **detail: Any,  # noqa: ANN401 - anything in JSON
) -> bool:
    """A row for the press, and one for each alert, which is the same after it as before."""
    if not events.record(session, [pressed.whole(action, press, len(alerts), now, **detail)]):
        return False
    states = [(alert, AlertState.of(alert)) for alert in alerts]
    events.record(session, [
        pressed.row(action, press, now, alert, same, same, message=press.message_id, **detail)
        for alert, same in states
    ])
    return True
