"""What is answered about mutes outside of windows: a mute shown back, made or ended, and what may have been meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.limits import actions, button, context, section
from bot.slack.blocks.mute_modal import KINDS, LENGTHS, Choice, Meant, counted, named, said
from bot.slack.blocks.text import count, escape, one_line, own, stamp

LONGEST_PROBLEM = 400
EXAMPLES = (
    "campaign Autumn Box for 2 weeks", "sender sam@acme.com until friday", 'status "order received" for a week',
)
"""After `/sends mute`; as code, in which Slack makes no link of an address."""


def asked(meant: Meant, ref: Mapping[str, Any], now: datetime, zone: ZoneInfo) -> Drawn:
    """The same as an answer to a command, with the button that makes it count."""
    what = named(meant.scope, meant.label, one_line)
    content = {**ref, "until": int(meant.until.timestamp())}
    return draw([
        *said(meant, now, zone),
        actions(button("Mute", "mute_do", content, style="primary", label=f"Mute {what}")),
    ])


def how_long(choice: Choice, problem: str = "", *, limited: bool = False) -> Drawn:
    """The question until when, where it was not said or not understood (`problem`, in plain text).

    `limited`: only alerts that the reader may see are counted.
    """
    what = named(choice.scope, choice.label, one_line)
    return draw([
        section(escape(problem, LONGEST_PROBLEM)) if problem else None,
        section(
            f"🔇 *{named(choice.scope, choice.label)}*: {counted(choice.alerts, limited=limited)} now. For how long "
            "shall it be quiet?",
        ),
        actions(*(
            button(
                f"For {length}", f"mute_ask.{place}", {**choice.ref, "for": length},
                label=f"Mute for {length}: {what}",
            )
            for place, length in enumerate(LENGTHS)
        )),
    ])


def unsure(
    scope: str, name: str, near: Sequence[Choice], kinds: Sequence[str], until: datetime | None = None, *,
    problem: str = "",
) -> Drawn:
    """Nothing is called that, or it is not clear which is meant: the nearest as buttons, and what can be typed.

    `until` is when it was to end, where that was understood, and `problem` why it was not, in plain text.
    """
    end = {"until": int(until.timestamp())} if until is not None else {}
    if not scope and not near:
        guess = f" Did you mean {' or '.join(f'`/sends mute {kind}`' for kind in kinds)}?" if kinds else ""
        *most, last = KINDS
        said = f"“{escape(name)}” cannot be muted." if name else "It is not said what is to be quiet."
        told = f"{said} What can be is a {', '.join(most)} or {last}, each by its name."
        return draw([section(f"{told}{guess}"), *_usage()])
    if scope and not name:
        such = ", such as `expired`" if scope == "rule" else ""
        return draw([section(f"Which {own(scope)}{such}? Its name is missing."), *_usage()])
    found = f"No {scope} is called “{escape(name)}”." if scope else f"What is “{escape(name)}”?"
    return draw([
        section(f"{found} Did you mean one of these?" if near else found),
        section(escape(problem, LONGEST_PROBLEM)) if problem else None,
        actions(*(
            button(
                one_line(one.label if scope else f"{one.scope.capitalize()} {one.label}", 70), f"mute_choose.{place}",
                {**one.ref, **end},
                label=f"Mute {named(one.scope, one.label, one_line)}",
            )
            for place, one in enumerate(near)
        )),
        *_usage(),
    ])


def _usage() -> list[Block | None]:
    shown = ", ".join(f"`/sends mute {example}`" for example in EXAMPLES)
    return [
        context(f"For example {shown}. `/sends mute` on its own shows every mute."),
        actions(button("New mute", "mute_new", {}, label="Choose what to mute")),
    ]


def done(scope: str, label: str, until: datetime, alerts: int, mute_id: int) -> Drawn:
    """What has been muted, and the way back."""
    what = named(scope, label, one_line)
    return draw([
        section(f"🔇 *{named(scope, label)}* is quiet until {stamp(until)}. {_hidden(alerts)}"),
        actions(button("Undo", "mute_undo", {"mute": mute_id}, label=f"Undo: {what}"), _every()),
    ])


def _hidden(alerts: int) -> str:
    if not alerts:
        return "No open alert is about it now."
    return f"{count(alerts, 'open alert')} {'is' if alerts == 1 else 'are'} hidden."


def ended(scope: str, label: str, mute_id: int, *, can_undo: bool) -> Drawn:
    """What is no longer muted."""
    what = named(scope, label, one_line)
    return draw([
        section(
            f"🔔 *{named(scope, label)}* is no longer muted. What it hid and is still open is told again, unless "
            "another mute or quiet hours hold it.",
        ),
        actions(
            button("Undo", "mute_undo", {"mute": mute_id}, label=f"Undo ending it: {what}") if can_undo else None,
            _every(),
        ),
    ])


def _every() -> Block:
    return button("Mutes", "list_more.mute", {"list": "mute", "offset": 0}, label="Show every mute in force")
