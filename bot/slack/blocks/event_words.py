"""The audit record of an alert in words, for mrkdwn: who did what, and what became of the alert."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.slack.blocks.text import escape, person, stamp
from storage.models import Alert, AlertEvent

WANTED = {
    "acknowledge": "acknowledge it",
    "assign": "assign it",
    "snooze": "snooze it",
    "resolve": "resolve it",
    "support": "open the message to Support",
    "support_sent": "say that Support was told",
    "undo": "undo the last step",
    "baseline_post": "post the first look",
    "baseline_settle": "settle the first look",
}
"""What somebody was not allowed to do."""
WHO = {
    "sender": "the sender of the gift", "admins": "admins", "anyone": "everybody",
    "organisation": "people of this organisation",
}
OPENED = {
    "raised": "Sendwatch opened the alert, since the next limit had passed",
    "reopened": "Sendwatch opened it again",
}


def words(event: AlertEvent, alert: Alert) -> str:
    """One row of the record in a sentence without a full stop."""
    told = _WORDS.get(event.action)
    if told is not None:
        return told(event, alert)
    if event.actor == "scan" and event.after.get("state") == "resolved":
        return f"Sendwatch resolved it{_because(event.after.get('resolved_reason'))}"
    # An action of a later version, or of another part of the bot.
    return f"{person(event.actor)}: {escape(event.action.replace('_', ' '))}{_standing(event)}"


def _because(reason: object) -> str:
    return f": {escape(reason, 300)}" if isinstance(reason, str) and reason.strip() else ""


def _standing(event: AlertEvent) -> str:
    before, after = event.before.get("state"), event.after.get("state")
    return f" ({escape(str(after))})" if after is not None and after != before else ""


def _opened(event: AlertEvent, alert: Alert) -> str:
    said = OPENED.get(str(event.after.get("reason")), "Sendwatch opened the alert")
    told = event.after.get("support_by")
    known = f", and {person(told)} had told Support" if isinstance(told, str) else ""
    return f"{said}{known}{_because(alert.why)}"


def _acknowledged(event: AlertEvent, _alert: Alert) -> str:
    return f"{person(event.actor)} acknowledged it"


def _assigned(event: AlertEvent, _alert: Alert) -> str:
    assignee = event.after.get("assignee")
    if assignee == event.actor:
        before = event.before.get("assignee")
        return f"{person(event.actor)} took it on{f' from {person(before)}' if before else ''}"
    note = event.detail.get("note")
    said = f": “{escape(note, 300)}”" if isinstance(note, str) and note.strip() else ""
    return f"{person(event.actor)} assigned it to {person(assignee)}, who was told directly{said}"


def _snoozed(event: AlertEvent, _alert: Alert) -> str:
    again = event.before.get("state") == "snoozed"
    return f"{person(event.actor)} {'changed its snooze' if again else 'snoozed it'}{_until(event.after)}"


def _until(state: Mapping[str, Any]) -> str:
    until = _moment(state.get("snoozed_until"))
    return f" until {stamp(until)}" if until is not None else ""


def _resolved(event: AlertEvent, _alert: Alert) -> str:
    return f"{person(event.actor)} resolved it{_because(event.after.get('resolved_reason'))}"


def _draft(event: AlertEvent, _alert: Alert) -> str:
    took = event.before.get("assignee") != event.after.get("assignee")
    return f"{person(event.actor)} opened the message to Support{' and took it on' if took else ''}"


def _support(event: AlertEvent, _alert: Alert) -> str:
    again = _moment(event.after.get("follow_up_at"))
    return f"{person(event.actor)} told Support{f', to follow up {stamp(again)}' if again is not None else ''}"


def _undone(event: AlertEvent, _alert: Alert) -> str:
    if event.detail.get("of") == "baseline_post":
        return f"{person(event.actor)} took it back to the summary of the first look"
    return f"{person(event.actor)} undid the step before: {_is_again(event.after)}"


def _is_again(after: Mapping[str, Any]) -> str:
    parts = {
        "firing": "it is open again",
        "acknowledged": f"it is acknowledged by {person(after.get('acknowledged_by'))} again",
        "snoozed": f"it is snoozed{_until(after)} again",
    }
    assignee = after.get("assignee")
    standing = parts.get(str(after.get("state")), "it is as it was")
    return f"{standing}{f', assigned to {person(assignee)}' if assignee else ''}"


def _refused(event: AlertEvent, _alert: Alert) -> str:
    wanted = WANTED.get(str(event.detail.get("wanted")), "do something with it")
    who = event.detail.get("who")
    may = f", which is for {_listed(who)}" if isinstance(who, list) and who else ""
    return f"{person(event.actor)} wanted to {wanted}{may}: not done"


def _listed(who: Sequence[object]) -> str:
    return ", ".join(WHO.get(str(one)) or called(str(one)) for one in who)


def called(who: str) -> str:
    """A person or a user group by id, for mrkdwn of a window, where nobody is notified."""
    return f"<!subteam^{who}>" if who.startswith("S") and who.isalnum() else person(who)


def _followed_up(event: AlertEvent, _alert: Alert) -> str:
    return f"Sendwatch reminded {person(event.detail.get('support_by'))} of having told Support"


def _moment(told: object) -> datetime | None:
    try:
        return datetime.fromisoformat(told) if isinstance(told, str) else None
    except ValueError:
        return None


_WORDS: Mapping[str, Callable[[AlertEvent, Alert], str]] = {
    "opened": _opened,
    "acknowledge": _acknowledged,
    "assign": _assigned,
    "snooze": _snoozed,
    "snooze_ended": lambda _event, _alert: "The snooze ended: it is open again",
    "resolve": _resolved,
    "reopened": lambda _event, _alert: "Sendwatch opened it again",
    "support": _draft,
    "support_sent": _support,
    "follow_up": _followed_up,
    "meaning": lambda event, _alert: f"{person(event.actor)} asked what the status means",
    "undo": _undone,
    "baseline_post": lambda event, _alert: f"{person(event.actor)} had it posted out of the first look",
    "baseline_settle": lambda event, _alert: f"{person(event.actor)} left it alone with the first backlog",
    "refused": _refused,
}
