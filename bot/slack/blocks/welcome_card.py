"""The one message with which the bot comes into a channel: what it does, and three things to do next."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.sends.connecting import Standing
from bot.slack.blocks import connection_window
from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.limits import actions, button, context, header, section
from bot.slack.blocks.route_words import listed
from bot.slack.blocks.text import channel, escape, stamp

ROUTE, LOOK_UP, SETTINGS = "route_here", "lookup_open", "settings_open"
"""What the buttons ask for."""
UNCONNECTED = (
    "🔌 *Sendoso is not connected yet*, so that I see no gifts. An admin does it with “Connect Sendoso”, or types "
    "`/sends settings sendoso`."
)


@dataclass(frozen=True, kw_only=True)
class Welcome:
    """What is so in the channel now."""

    channel: str
    inviter: str = ""
    """Their name; empty while it is not known."""
    routes: Sequence[str] = ()
    """Names of the routes that lead here."""
    policies: Sequence[str] = ()
    """Names of the policies by which alerts come here that nobody has acted on elsewhere."""
    takes_rest: bool = False
    """Whether what no route takes comes here."""
    elsewhere: str = ""
    """The channel to which that goes instead."""
    offered: Collection[str] = (ROUTE,)
    """Which of the buttons there are."""
    needs_sendoso: bool = False
    """Whether the workspace has still to give access to its Sendoso account."""


def build(found: Welcome, now: datetime) -> Drawn:
    """Who it is, what it does, what comes here, and how to begin."""
    thanks = f"Thanks for the invitation, {escape(found.inviter)}. " if found.inviter.strip() else ""
    return draw([
        header("Sendwatch is here"),
        section(f"{thanks}I watch the gifts that your team sends with Sendoso."),
        section(
            "• *When a gift needs somebody*, because it is stuck, its offer ends or something failed, I say so in one "
            "message with buttons to settle it.\n"
            "• *Where is a gift?* Type `/send-status` and a name, an e-mail address or a company. Only you see the "
            "answer.\n"
            "• *What does a status mean?* Type `/send-meaning` and the status. `/sends help` shows the rest.",
        ),
        section(_comes(found)),
        section(UNCONNECTED) if found.needs_sendoso else None,
        _buttons(found),
        context(f"As of {stamp(now)}. {'' if SETTINGS in found.offered else '`/sends route` shows all routes.'}"),
    ])


def _comes(found: Welcome) -> str:
    """What alerts come to this channel as it stands."""
    named = listed([f"*{escape(name)}*" for name in found.routes])
    if found.takes_rest:
        by = f" So do those of {_routes(found)} {named}." if named else ""
        here = f"➡️ *This is the alert channel:* alerts that no route leads elsewhere come here already.{by}"
        return f"{here}{_escalated(found)}"
    if named:
        return f"➡️ *Alerts come here already*, by {_routes(found)} {named}.{_escalated(found)}"
    if found.policies:
        only = f"*Only alerts on which nobody acts elsewhere come here*, {_policies(found)}"
        return f"➡️ {only}. “Route alerts here” brings others."
    rest = f" They go to {channel(found.elsewhere)}." if found.elsewhere else ""
    return f"➡️ *No alerts come here yet.*{rest} “Route alerts here” changes that."


def _escalated(found: Welcome) -> str:
    return f" So do those on which nobody acts elsewhere, {_policies(found)}." if found.policies else ""


def _policies(found: Welcome) -> str:
    named = listed([f"*{escape(name)}*" for name in found.policies])
    return f"by the {'policy' if len(found.policies) == 1 else 'policies'} {named}"


def _routes(found: Welcome) -> str:
    return "the route" if len(found.routes) == 1 else "the routes"


def _buttons(found: Welcome) -> Block | None:
    content = {"channel": found.channel}
    return actions(
        connection_window.opener(Standing()) if found.needs_sendoso else None,
        button(
            "Route alerts here", ROUTE, content, label="Route alerts to this channel",
            style=None if found.routes or found.takes_rest or found.needs_sendoso else "primary",
        ) if ROUTE in found.offered else None,
        button("Try a look-up", LOOK_UP, {}, label="Look up a send") if LOOK_UP in found.offered else None,
        button("Settings", SETTINGS, {}, label="Settings of Sendwatch") if SETTINGS in found.offered else None,
    )
