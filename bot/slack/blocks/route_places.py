"""The places where an alert goes, in words: which, why there, how often, and what holds it now."""

from __future__ import annotations

from datetime import datetime

from bot.alerts.escalation import INHIBITED, MUTED
from bot.alerts.routing import ADMINS, DEFAULT, MAIL, Destination
from bot.config.explain import Held
from bot.slack.blocks import route_words
from bot.slack.blocks.route_facts import Addressee, Route
from bot.slack.blocks.text import escape, stamp

LONGEST_BY = 160


def place(number: int, to: Destination, held: Held | None, found: Route, now: datetime) -> str:
    """One place for mrkdwn: what it is, by which route and policy it goes there, and what holds it now."""
    numbered = f"{number}. " if len(found.explained.places) > 1 else ""
    # What was said of a policy in a place before is not said again.
    is_known = to.policy in [one.policy for one, _ in found.explained.places[:number - 1]]
    by = f"{_by(to, found)}{', as above' if is_known else ''}."
    lines = [f"➡️ *{numbered}{route_words.capital(where(to.channel, found))}*", by, *_nobody(to.channel, found)]
    lines += [] if is_known else route_words.policy(to.policy)
    lines += [f"⏸ *{_when(found, now)}* {_held(held)}"] if held else []
    return "\n".join(lines)


def _by(to: Destination, found: Route) -> str:
    if to.route == ADMINS:
        return "It is about Sendwatch itself, so no route is asked"
    why = f"{_default(found)}, so it goes here" if to.route == DEFAULT else f"By route *{escape(to.route)}*"
    return f"{why}, under policy *{escape(to.policy.name)}*"


def _default(found: Route) -> str:
    tried = found.explained.tried
    if any(one.matched for one in tried):
        return "The route that fits leads to nobody"
    return "No route fits" if tried else "No route is set"


def where(to: str, found: Route) -> str:
    """A place in a few words: a channel, or whose direct message."""
    if not to.startswith(MAIL):
        return route_words.channel(to)
    user = found.people.get(to, Addressee()).user_id
    if user:
        return f"a direct message to {route_words.who(user)}"
    name, address = found.subject.sender_name.strip(), escape(to.removeprefix(MAIL), 254)
    return f"a direct message to {f'{escape(name)} ({address})' if name else address}"


def _nobody(to: str, found: Route) -> list[str]:
    """What becomes of a direct message to somebody whom Slack may not know."""
    known = found.people.get(to, Addressee())
    if not to.startswith(MAIL) or known.user_id:
        return []
    others = any(not one.channel.startswith(MAIL) for one, _ in found.explained.places)
    instead = "it is only told in the other places" if others else f"it goes to {_fallback(found)} instead"
    if known.is_unknown:
        return [f"⚠️ Slack knows nobody with this address, so {instead}."]
    return [f"Slack is asked who that is once there is something to tell. If it knows nobody, {instead}."]


def _fallback(found: Route) -> str:
    return route_words.channel(found.alert_channel) if found.alert_channel else "nobody at all"


def _when(found: Route, now: datetime) -> str:
    due_at = found.chosen.due_at
    is_now = found.alert is not None or (due_at is not None and due_at <= now)
    return "Held now:" if is_now else "If it came now, it would be held:"


def _held(held: Held) -> str:
    if held.why == INHIBITED:
        return f"another open alert explains it ({escape(held.by, LONGEST_BY)})"
    why = f"muted ({escape(held.by)})" if held.why == MUTED else "quiet hours"
    return f"{why}, until {stamp(held.until)}"
