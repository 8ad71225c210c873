"""Where an alert is told and by which route and policy, what comes next there, and what holds it; for mrkdwn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.alerts.escalation import INHIBITED, QUIET, SNOOZED
from bot.alerts.grouping import BASELINE
from bot.alerts.lifecycle import State
from bot.alerts.policy import Policy
from bot.alerts.routing import ADMINS, DEFAULT, MAIL, Routing, Subject
from bot.config.explain import Held
from bot.slack.blocks import route_words
from bot.slack.blocks.text import count, escape, person, stamp
from bot.slack.blocks.unseen_words import not_told
from storage.escalated import is_escalated
from storage.models import Alert, Notification

HELD = {
    QUIET: "It waits for the end of the quiet hours", INHIBITED: "Another open alert explains it, so it is not told",
    SNOOZED: "It is snoozed",
}
WAS_HELD = {
    "held_quiet": "It was held over the quiet hours",
    "held_inhibited": "It was held as long as another alert explained it",
}
LONGEST_BY = 160


def where(channel: str) -> str:
    """A place in words: "in #gifting-alerts", "directly to @Ann", "directly to the sender"."""
    if channel.startswith(MAIL):
        return "directly to the sender"
    return f"directly to {person(channel)}" if channel[:1] in {"U", "W"} else f"in {route_words.channel(channel)}"


def place(
    row: Notification, alert: Alert, subject: Subject, routing: Routing, rows: Sequence[Notification], now: datetime,
    unseen: str = "",
) -> str:
    """One place of an alert: told when, by which route with what fits, by which policy, and what comes next.

    `unseen` is why Slack does not show it there, for mrkdwn.
    """
    policy = Policy.from_json(row.policy)
    # What was said of a policy in a place before is not said again.
    before = rows[:rows.index(row)] if row in rows else ()
    is_known = row.policy in [one.policy for one in before]
    return "\n".join([
        f"*{route_words.capital(where(row.channel))}:* {_when(row, unseen)}.",
        route_words.capital(_by(row, subject, routing)),
        *_policy(policy, is_known=is_known),
        *_next(row, alert, policy, now),
    ])


def _when(row: Notification, unseen: str) -> str:
    if row.told_at is None:
        return "not told yet"
    if unseen:
        return not_told(unseen, row.told_at)
    again = f", told again {'once' if row.repeats == 1 else count(row.repeats, 'time')}" if row.repeats else ""
    return f"told {stamp(row.told_at)}{again}"


def _by(row: Notification, subject: Subject, routing: Routing) -> str:
    if row.route == ADMINS:
        return "It is about Sendwatch itself, so no route was asked: admins are told."
    if is_escalated(row):
        return "It was escalated to here, since nobody acted where it was told first."
    if row.route in {"", DEFAULT}:
        no_route = "No route fits it" if routing.rules else "No route is set"
        return f"{no_route}, so it goes to the alert channel."
    return f"By route *{escape(row.route)}*{_fits(row.route, subject, routing)}"


def _fits(name: str, subject: Subject, routing: Routing) -> str:
    rule = next((one for one in routing.rules if one.name == name), None)
    if rule is None:
        return ", which is not there any more."
    if rule.match.misfits(subject):
        return ", which has been changed since, or the send has."
    asked = route_words.asked(rule.match)
    return ", which takes everything." if asked == "everything" else f": {asked} is what it asks for, and all fits."


def _policy(policy: Policy, *, is_known: bool) -> list[str]:
    if not policy.name:
        return []
    named = f"Policy *{escape(policy.name)}*"
    return [f"{named}, as above."] if is_known else [f"{named}: {' '.join(route_words.policy(policy))}"]


def _next(row: Notification, alert: Alert, policy: Policy, now: datetime) -> list[str]:
    if row.held == BASELINE:
        return ["*Next:* somebody has to choose what becomes of the first look."]
    if alert.state != State.FIRING:
        return ["*Next:* nothing more is told here, since somebody or something has taken care of it."]
    if row.next_at is None:
        return ["*Next:* nothing more is told here." if row.told_at else "*Next:* it is not to be told here."]
    if row.told_at is None or row.held:
        return [f"*Next:* looked at again {stamp(max(row.next_at, now))}."]
    due = [one for one in policy.escalate[row.escalations:] if row.told_at + one.after <= row.next_at]
    if due:
        return [f"*Next, if nobody acts:* {stamp(row.next_at)}, {'; '.join(map(route_words.step, due))}."]
    return [f"*Next, if nobody acts:* told again {stamp(row.next_at)}."]


def held(row: Notification, alert: Alert, by: str = "") -> str:
    """What else than a mute holds an alert in one place now, or has held it; empty where nothing does.

    `by` is the alert that explains this one now, as the configuration's explanation names it.
    """
    if row.held in HELD and alert.state == State.FIRING:
        until = f", until {stamp(row.next_at)} at least" if row.next_at is not None and row.held == QUIET else ""
        until = f": {escape(by, LONGEST_BY)}" if row.held == INHIBITED and by else until
        return f"{HELD[row.held]} {where(row.channel)}{until}"
    return f"{WAS_HELD[row.reason]} ({where(row.channel)})" if row.reason in WAS_HELD else ""


def explained_by(held: Held) -> str:
    """The alert that explains this one away, as the configuration's explanation names it."""
    return f"Another open alert explains it: {escape(held.by, LONGEST_BY)}"
