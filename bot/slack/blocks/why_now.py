"""Why alerts are shown now, and why here: every message says so. In words, for mrkdwn."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from bot.alerts.grouping import GROUP_FROM
from bot.alerts.lifecycle import State
from bot.alerts.notices import joined, lasting
from bot.alerts.policy import ONCE, Escalation, Policy
from bot.alerts.routing import ADMINS, MAIL, is_direct
from bot.slack.blocks.text import CHANNEL, USER, channel, escape, whole
from storage.escalated import came_from
from storage.models import Alert, Notification, Send

ONE = {
    "first": "This is the first alert about it.",
    "raised": "It was told before and has now passed the next limit.",
    "snooze_ended": "Its snooze has ended and nothing has moved.",
    "reopened": "It was reopened: it had gone away and is back.",
    "escalated": "Nobody acted on it for too long, so it was escalated.",
    "mute_ended": "The mute that held it has ended.",
    "held_quiet": "It was held over the quiet hours.",
    "held_inhibited": "It was held until what explained it was settled, and it still needs somebody.",
    "baseline": "It was already like this when Sendwatch first looked.",
}
SEVERAL = {
    "raised": ("was told before and has passed the next limit", "were told before and have passed the next limit"),
    "snooze_ended": ("was snoozed until now, and nothing has moved", "were snoozed until now, and nothing has moved"),
    "reopened": ("had gone away and is back", "had gone away and are back"),
    "repeated": ("has been told {} times and nobody has acted", "have been told {} times and nobody has acted"),
    "escalated": ("was escalated, since nobody acted", "were escalated, since nobody acted"),
    "mute_ended": ("was muted until now", "were muted until now"),
    "held_quiet": ("was held over the quiet hours", "were held over the quiet hours"),
    # Told as past: what explained it may be open again, and then this still holds.
    "held_inhibited": ("was held until what explained it was settled, and still needs somebody",
                       "were held until what explained them was settled, and still need somebody"),
    "baseline": ("was like this already when Sendwatch first looked",
                 "were like this already when Sendwatch first looked"),
}
"""What brought up one of several alerts, and more of them, after "1 of them" and "They"."""


class Sender(StrEnum):
    """Whether the sender, to whom an alert was escalated, has got it by direct message."""

    MAYBE = "maybe"
    """Slack has not said yet whether it knows them."""
    TOLD = "told"
    UNKNOWN = "unknown"
    """Slack knows nobody of their e-mail."""


TOGETHER = f"They stand together, since {GROUP_FROM} or more of one rule and campaign at once become one message."
SPELLINGS = f"They stand together, since {GROUP_FROM} or more at once become one message."
_PLACE = re.compile(r"(?:alert|group|notice):\d+:\d+:(.*)|summary:(.*):[^:]*", re.DOTALL)


def of_alert(
    alert: Alert, shown: Notification | None = None, first: Notification | None = None, here: str = "", *,
    sender: Sender = Sender.MAYBE,
) -> str:
    """The sentence of its rule, then what brought it up, then why it stands `here`.

    `shown` is how the alert stands in the place where this is shown, `first` how it stood where it was escalated from,
    and `sender` whether an escalation has reached the sender.
    """
    brought = brought_up(alert, shown, first, sender=sender)
    return " ".join(part for part in (escape(alert.why, 500), brought, here) if part)


def brought_up(
    alert: Alert, shown: Notification | None = None, first: Notification | None = None, *,
    sender: Sender = Sender.MAYBE,
) -> str:
    """What brought it up: first, raised, repeated, escalated, let go by a mute, and so on."""
    if shown is None or not shown.reason:
        return ONE.get(alert.reason, "")
    if shown.reason == "repeated":
        and_nobody = " and nobody has acted" if alert.state == State.FIRING else ""
        return f"It has been told {whole(shown.repeats + 1)} times{and_nobody}."
    if shown.reason == "escalated":
        return _escalated(shown, first, sender) or ONE["escalated"]
    return ONE.get(shown.reason, "")


def _escalated(shown: Notification, first: Notification | None, sender: Sender) -> str:
    if shown.escalations:
        step = _last_step(shown)
        if step is None:
            return ""
        lasted, taken = _unanswered(step, shown, shown.last_told_at), _taken(step, shown.channel, sender)
        nobody = " Slack does not know the sender by e-mail." if step.dm_sender and sender is Sender.UNKNOWN else ""
        return f"Nobody acted on it for {lasted}{f', so {taken}' if taken else ''}.{nobody}"
    kept = came_from(shown)
    if kept is not None:
        nobody = "It could not be told" if kept.unseen else "Nobody acted on it"
        return f"{nobody}{_in(kept.place)} for {lasting(kept.after)}, so it is told here, too."
    # Escalated before it was kept with the alert where from.
    step = _last_step(first) if first is not None else None
    if first is None or step is None:
        return "Nobody acted on it where it was told first, so it is told here, too."
    lasted = _unanswered(step, first, shown.told_at)
    return f"Nobody acted on it{_in(first.channel)} for {lasted}, so it is told here, too."


def _in(place: str) -> str:
    return f" in {channel(place)}" if CHANNEL.fullmatch(place) else ""


def _unanswered(step: Escalation, first: Notification, at: datetime | None) -> str:
    """How long nobody had acted when it was escalated: quiet hours may have delayed the step."""
    if at is None or first.told_at is None:
        return lasting(step.after)
    return lasting(max(step.after, at - first.told_at))


def _last_step(escalated: Notification) -> Escalation | None:
    steps = Policy.from_json(escalated.policy).escalate[:escalated.escalations]
    return steps[-1] if steps else None


def _taken(step: Escalation, here: str, sender: Sender) -> str:
    # Nobody is named: a message that had to be posted anew would call them once more.
    elsewhere = step.channel if step.channel != here else None
    people = f"{whole(len(step.people))} more people" if len(step.people) > 1 else "one more person"
    places = [
        *([channel(elsewhere)] if elsewhere else []),
        *([_SENDERS[sender]] if step.dm_sender and sender in _SENDERS else []), *([people] if step.people else []),
    ]
    went = f"it went to {joined(places, 'and')}, too" if places else ""
    called = "people were called below" if step.mention and not is_direct(here) else ""
    return " and ".join(part for part in (called, went) if part)


_SENDERS = {Sender.MAYBE: "the sender (if Slack knows them)", Sender.TOLD: "the sender"}


def of_several(reasons: Mapping[str, int], total: int, repeats: int = 0) -> str:
    """What brought up open alerts among the `total` of a message: reason -> how many.

    `repeats` is how often they were told again at most.
    """
    told = [_several(reason, number, total, repeats) for reason, number in reasons.items() if reason in SEVERAL]
    return " ".join(told)


def _several(reason: str, number: int, total: int, repeats: int) -> str:
    one, more = SEVERAL[reason]
    words = (one if number == 1 else more).format(whole(repeats + 1))
    if number == total:
        return f"{'It' if number == 1 else 'They'} {words}."
    return f"{whole(number)} of them {words}."


def here(
    key: str, place: str, send: Send | None, shown: Notification | None = None, *, several: bool = False,
    for_sender: bool = False,
) -> str:
    """Why a message stands in `place` rather than in a channel that a route names; empty where one does.

    `key` is the message's own, which keeps for whom it was meant; `shown` is how the alert, or one of several, stands
    in it; `for_sender` where the alert was meant for its sender, whom Slack does not know.
    """
    meant_for = intended(key)
    if not USER.fullmatch(place):
        return _fallen_back(meant_for, send) if for_sender or meant_for.startswith(MAIL) else ""
    if meant_for.startswith(MAIL):
        return f"You get this because you sent {'these gifts' if several else 'this gift'}."
    if shown is None or shown.route == ADMINS:
        return "You get this as an admin of Sendwatch."
    if shown.policy.get("name") == ONCE.name:
        return "You get this as somebody to be told when nobody acts."
    return "You get this since no channel has been chosen for it."


def _fallen_back(meant_for: str, send: Send | None) -> str:
    name = (send.sender_name.strip() or send.sender_email.strip()) if send is not None else ""
    whom = escape(name or meant_for.removeprefix(MAIL))
    return f"It was meant for {whom}, whom Slack does not know by the e-mail of the sender, so it is told here."


def meant_for_senders(number: int, total: int) -> str:
    """The same for `number` of the `total` alerts of one message; empty for none."""
    if not number:
        return ""
    who = "They were" if number == total else f"{whole(number)} of them {'was' if number == 1 else 'were'}"
    whom = "the sender" if number == 1 else "their senders"
    return f"{who} meant for {whom}, whom Slack does not know by e-mail, so told here."


def intended(key: str) -> str:
    """The place for which a message was wanted, by its key; empty where the key does not say."""
    found = _PLACE.fullmatch(key)
    return (found[1] or found[2] or "") if found else ""
