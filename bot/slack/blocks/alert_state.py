"""An alert in words: what happened, who did what, and which buttons it still has."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from bot.slack.blocks import gift
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.limits import actions, button, link, overflow
from bot.slack.blocks.text import age, escape, own, person, stamp
from bot.statuses.catalogue import Meaning, meanings
from storage.models import Alert, Send

HEADLINES = {
    "expired": "{}: the offer is over",
    "needs_action": "{}: somebody must act",
    "unknown_status": "A status nobody has named: {}",
    "stale_data": "No fresh data from Sendoso",
}
REASONS = {"baseline": "left alone with the first backlog"}
"""What stands for a reason of our own in the record."""
ENDS_WITHIN = {"7d": "7 days", "2d": "2 days", "1d": "1 day"}
SUPPORT_NEXT_ACTOR = "You, with Sendoso Support"
SUPPORT_ADVICE = "Contact Sendoso Support now. The button “Contact Support” has a message ready to copy."
FOLLOW_UP_NEXT_ACTOR = "Sendoso Support, with whoever contacted them"
FOLLOW_UP_ADVICE = (
    "Support knows of it already: ask them how far they are. The button “Contact Support” has a message ready with "
    "what was done so far."
)
LABELS = {
    "acknowledge": "Acknowledge",
    "assign": "Assign to me",
    "snooze": "Snooze",
    "resolve": "Resolve",
    "support": "Contact Support",
    "meaning": "What does this mean?",
    "undo": "Undo",
    "assign_to": "Assign to …",
    "resolve_why": "Resolve with a reason …",
    "timeline": "Timeline",
    "why": "Why do I see this?",
    "open": "Open",
    "mute": "Mute …",
}
SPOKEN = {
    "acknowledge": "Acknowledge the alert about",
    "assign": "Assign to me the alert about",
    "snooze": "Snooze the alert about",
    "resolve": "Resolve the alert about",
    "support": "Contact Support about",
    "meaning": "Explain the status of",
    "undo": "Undo the last step on",
    "mute": "Mute alerts like the one about",
}
CHANGE_SNOOZE = "Change snooze"
"""What "Snooze" is called on an alert that is snoozed already."""
BUTTONS = {
    "firing": ("acknowledge", "assign", "snooze", "mute", "resolve", "support", "meaning"),
    "acknowledged": ("assign", "snooze", "mute", "resolve", "support", "meaning", "undo"),
    "snoozed": ("acknowledge", "snooze", "resolve", "meaning", "undo"),
    "resolved": ("meaning", "undo"),
}
"""What is wanted most often, in the order in which it is shown."""
MORE = {
    "firing": ("why", "assign_to", "resolve_why", "timeline"),
    "acknowledged": ("why", "assign_to", "resolve_why", "timeline"),
    "snoozed": ("why", "assign_to", "support", "mute", "timeline"),
    "resolved": ("why", "timeline"),
}
"""What stands in the menu behind the buttons; Slack shows five entries at most."""


def headline(alert: Alert, now: datetime) -> str:
    """What happened, in a few words without markup; from outside at most one clipped status."""
    title = gift.title(alert.status, alert.status_raw) if alert.status else ""
    if alert.rule == "overdue":
        return f"{title} for {age(alert.status_since or alert.due_at, alert.resolved_at or now)}"
    if alert.rule == "expiring":
        what = "address confirmation" if alert.status == "confirming_address" else "the offer"
        if is_past(alert, now):
            # An end that was only assumed may pass, and nothing is known to have changed.
            return f"{title}: {what} {'should be' if alert.threshold.get('assumed') else 'is'} over by now"
        return f"{title}: {what} ends within {ENDS_WITHIN.get(alert.level, 'days')}"
    return HEADLINES.get(alert.rule, "{}").format(title) or "Alert"


def headed(alert: Alert, now: datetime) -> str:
    """The headline with a sign in front and, once settled, the word that says so."""
    if alert.state == "resolved":
        return f"✅ Resolved: {headline(alert, now)}"
    sign = "💤" if alert.state == "snoozed" else gift.emoji(alert.status) if alert.status else "📡"
    return f"{sign} {headline(alert, now)}"


def limit(alert: Alert) -> str:
    """The threshold as it was used, and where it comes from; empty for what is told at once."""
    words, source = alert.threshold.get("words"), alert.threshold.get("source")
    if not isinstance(words, str) or words in {"", "at once"}:
        return ""
    told = f" · Source: {escape(source, 80)}" if isinstance(source, str) and source else ""
    return f"Limit: {escape(words, 150)}{told}"


def ends(alert: Alert) -> str:
    """When the offer or the address confirmation ends, for mrkdwn; empty where that is not the matter."""
    moment = end_of(alert)
    return f"{stamp(moment)}{' (assumed)' if alert.threshold.get('assumed') else ''}" if moment is not None else ""


def is_past(alert: Alert, now: datetime) -> bool:
    """Whether the end of which the alert warns has passed, or had when it was resolved."""
    end = end_of(alert)
    return end is not None and end <= (alert.resolved_at or now)


def end_of(alert: Alert) -> datetime | None:
    """The end of an offer or address confirmation that the alert tells of, known or assumed."""
    found = alert.threshold.get("ends_at")
    if not isinstance(found, str):
        return None
    try:
        moment = datetime.fromisoformat(found)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def next_of(alert: Alert, send: Send | None) -> tuple[str, str]:
    """Who acts next on one alert and what to do, for mrkdwn."""
    return next_step(alert.level, explained(alert, send), contacted=alert.support_by is not None)


def explained(alert: Alert, send: Send | None) -> tuple[Meaning, ...]:
    """What its status means; both meanings where they differ and the kind of send is not known."""
    return meanings(alert.status, send.kind if send else None) if alert.status else ()


def told(alert: Alert) -> list[str]:
    """Who did what and when, a line each; the last word stands last."""
    lines = []
    if alert.support_by:
        again = f", follow-up {stamp(alert.follow_up_at)}" if alert.follow_up_at and alert.state != "resolved" else ""
        lines.append(f"Support contacted by {person(alert.support_by)}{_at(alert.support_at)}{again}")
    taken_up = alert.state == "acknowledged" and alert.acknowledged_by == alert.assignee
    if alert.assignee and alert.state != "resolved":
        lines.append(f"Assigned to {person(alert.assignee)}{_at(alert.acknowledged_at) if taken_up else ''}")
    if alert.acknowledged_by and alert.state == "acknowledged" and not taken_up:
        lines.append(f"Acknowledged by {person(alert.acknowledged_by)}{_at(alert.acknowledged_at)}")
    if alert.state == "snoozed" and alert.snoozed_until:
        lines.append(f"Snoozed until {stamp(alert.snoozed_until)} by {person(alert.snoozed_by)}")
    if alert.state == "resolved":
        lines.append(f"Resolved {settled(alert, 300, _at(alert.resolved_at))}")
    return lines


def settled(alert: Alert, longest: int, at: str = "") -> str:
    """By whom an alert was settled and why, for mrkdwn: "by itself: Now Shipped: the send moved on."."""
    words = REASONS.get(alert.resolved_reason or "", alert.resolved_reason or "")
    who = "by itself" if alert.resolved_by in {None, "scan"} else f"by {person(alert.resolved_by)}"
    return f"{who}{at}{f': {escape(words, longest)}' if words else ''}"


def _at(moment: datetime | None) -> str:
    return f", {stamp(moment)}" if moment else ""


def possible(alert: Alert) -> tuple[str, ...]:
    """What may be pressed on it now; nobody undoes what the send itself has settled."""
    return fitting(alert, BUTTONS.get(alert.state, ()))


def more(alert: Alert) -> tuple[str, ...]:
    """What may be chosen from its menu now."""
    return fitting(alert, MORE.get(alert.state, ()))


def fitting(alert: Alert, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the names that make sense for this alert, be it settled by itself or about no send."""
    if alert.state == "resolved" and alert.resolved_by in {None, "scan"}:
        names = tuple(name for name in names if name != "undo")
    if alert.send_id is None:
        names = tuple(name for name in names if name not in {"support", "meaning", "open"})
    return names


def buttons(alert: Alert, send: Send | None, *, suffix: str = "", track: bool = True) -> Block | None:
    """Its row of buttons and the menu of all else; `suffix` keeps the action ids apart where several alerts stand."""
    content = {"alert": alert.id, "v": alert.version}
    row: list[Block | None] = [
        button(
            label(name, alert), f"alert_{name}{suffix}", content, label=gift.label(_spoken(name, alert), send),
            style="primary" if name == "acknowledge" and alert.state == "firing" else None,
        )
        for name in possible(alert)
    ]
    if track and send is not None:
        row.append(link("Track", f"track{suffix}", send.tracking_url, label=gift.label("Track", send)))
    row.append(overflow(f"alert_more{suffix}", [(label(name, alert), {**content, "do": name}) for name in more(alert)]))
    return actions(*row)


def label(name: str, alert: Alert) -> str:
    """What a button or an entry of a menu is called."""
    return CHANGE_SNOOZE if name == "snooze" and alert.state == "snoozed" else LABELS[name]


def _spoken(name: str, alert: Alert) -> str:
    return "Change the snooze of the alert about" if label(name, alert) == CHANGE_SNOOZE else SPOKEN[name]


WAIT = re.compile(r"Wait\b")
LATE_ADVICE = "It takes longer than usual. Look at it in Sendoso; if it does not move on, ask Sendoso's Support."


def next_step(level: str, found: tuple[Meaning, ...], *, contacted: bool = False) -> tuple[str, str]:
    """Who acts next and what to do, for mrkdwn: from the catalogue, or Support where the limit for that has passed.

    `contacted`: somebody has told Support of it already.
    """
    if level == "support":
        # The catalogue's advice is for before: wait, and write to Support after so many days.
        return (FOLLOW_UP_NEXT_ACTOR, FOLLOW_UP_ADVICE) if contacted else (SUPPORT_NEXT_ACTOR, SUPPORT_ADVICE)
    actors = list(dict.fromkeys(own(one.next_actor) for one in found))
    advice = list(dict.fromkeys(own(_no_wait(one.advice) if level == "late" else one.advice) for one in found))
    return " or ".join(actors), " ".join(advice)


def _no_wait(advice: str) -> str:
    """The advice for what has waited too long already: without the sentence that says to wait."""
    first, _, rest = advice.partition(". ")
    return (rest or LATE_ADVICE) if WAIT.match(first) else advice
