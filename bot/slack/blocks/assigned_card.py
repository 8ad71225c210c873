"""The direct message to somebody to whom alerts have been assigned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.slack.blocks import alert_state, gift, why_now
from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.group_card import entry, line
from bot.slack.blocks.limits import actions, button, context, section
from bot.slack.blocks.text import channel, count, escape, person, whole
from storage.models import Alert, Send

TOP = 5
LONGEST_NOTE = 300


@dataclass(frozen=True, kw_only=True)
class Assigned:
    """What one person was given by another, and how much of it is still theirs."""

    reader: str
    """The assignee's Slack user id."""
    by: str
    total: int
    left: int
    """How many are open and still theirs."""
    top: Sequence[tuple[Alert, Send | None]] = ()
    note: str = ""
    """From the one who assigned."""
    place: str = ""
    """Id of the channel in which the alerts stand; empty where there is none."""
    message_id: int | None = None
    """The message of which all alerts were assigned."""


def build(found: Assigned, now: datetime) -> Drawn | None:
    """Who assigned what, why it matters, what comes next, and where it stands; None where nothing is left of it."""
    if not found.top:
        return None
    one = found.total == 1
    what = "this alert" if one else count(found.total, "alert")
    return draw([
        section(f"{person(found.by)} assigned {what} to you.{_said(found.note)}"),
        *(_single(*found.top[0], now) if one else _several(found, now)),
        context(f"In {channel(found.place)}" if found.place else "", _left(found)),
        _buttons(found),
    ])


def _said(note: str) -> str:
    return f"\n“{escape(note, LONGEST_NOTE)}”" if note.strip() else ""


def _single(alert: Alert, send: Send | None, now: datetime) -> list[Block | None]:
    if alert.state == "resolved":
        return [section(entry(alert, send, now))]
    actor, advice = alert_state.next_of(alert, send)
    lines = (
        f"*Why:* {why_now.of_alert(alert)}", f"*Next:* {actor}" if actor else "",
        f"*To do:* {advice}" if advice else "",
    )
    return [section(line(alert, send, now)), section("\n".join(one for one in lines if one))]


def _several(found: Assigned, now: datetime) -> list[Block | None]:
    lines = [f"• {line(alert, send, now)}" for alert, send in found.top[:TOP]]
    more = found.total - len(lines)
    return [section("\n".join([*lines, f"…and {whole(more)} more"] if more > 0 else lines))]


def _left(found: Assigned) -> str:
    if found.left == found.total:
        return ""
    if found.left:
        return f"{whole(found.left)} of them are still open and yours."
    alert = found.top[0][0]
    if found.total == 1 and alert.state != "resolved" and alert.assignee != found.reader:
        has_it = f"assigned to {person(alert.assignee)}" if alert.assignee else "nobody has it"
        return f"Not yours any more: {has_it} now."
    return "Nothing of this is left for you to do."


def _buttons(found: Assigned) -> Block | None:
    send = found.top[0][1]
    row = [button("Open", "send_open.assigned", {"send": send.id}, label=gift.label("Open", send))] if send else []
    if found.total > 1:
        content = {"message": found.message_id}
        row = [button("Show all", "group_show", content, label="Show all alerts of that message")]
    return actions(*row) if found.total == 1 or found.message_id else None
