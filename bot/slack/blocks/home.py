"""The Home tab: what waits for this person, and how the bot is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.slack.blocks import gift, limits
from bot.slack.blocks.alert_list import muted_note
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.group_card import entry
from bot.slack.blocks.help_card import Usage
from bot.slack.blocks.limits import button, context, divider, header, section
from bot.slack.blocks.text import count, own, stamp
from storage.models import Alert, Send

SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class HomeFacts:
    """What the Home tab of one person shows."""

    assigned: Sequence[tuple[Alert, Send | None]] = ()
    assigned_total: int = 0
    mine: Sequence[Send] | None = ()
    """Own sends with an open alert; None while the person's e-mail is not known."""
    mine_total: int = 0
    open_total: int = 0
    assigned_hidden: int = 0
    hidden: int = 0
    """How many open alerts a mute hides: of those assigned to this person, and of all."""


def build(found: HomeFacts, usages: Sequence[Usage], now: datetime) -> Block:
    """Own alerts first, then own sends, then the rest in one number, then help."""
    return limits.home([
        header(_titled("Your alerts", found.assigned_total)),
        *_assigned(found, now),
        divider(),
        header(_titled("Your sends that need somebody", found.mine_total)),
        *_mine(found, now),
        divider(),
        section(f"*Everywhere:* {count(found.open_total, 'open alert')}. `/sends alerts` lists them."),
        *muted_note(found.hidden),
        divider(),
        header("How to use Sendwatch"),
        *(section(f"`{own(usage.typed)}`\n{own(usage.gives)}") for usage in usages),
        context(f"As of {stamp(now)}"),
    ])


def _titled(title: str, number: int) -> str:
    return f"{title}: {number:,}" if number else title


def _assigned(found: HomeFacts, now: datetime) -> list[Block | None]:
    hidden = context(f"🔇 {found.assigned_hidden:,} of yours muted") if found.assigned_hidden else None
    if not found.assigned:
        return [
            section("Nothing is assigned to you. Press “Assign to me” on an alert, and it is listed here."), hidden,
        ]
    lines: list[Block | None] = [
        section(
            entry(alert, send, now),
            _open(send, f"send_open.a{place}") if send else None,
        )
        for place, (alert, send) in enumerate(found.assigned[:SHOWN])
    ]
    return [*lines, _more(found.assigned_total - len(lines)), hidden]


def _mine(found: HomeFacts, now: datetime) -> list[Block | None]:
    if found.mine is None:
        return [section("Type `/sends mine` once, so that Sendwatch can match your e-mail with your sends.")]
    if not found.mine:
        return [section("None. Every send of yours goes its way.")]
    lines: list[Block | None] = [
        section(f"{gift.whose(send)}\n{gift.standing(send, now)}", _open(send, f"send_open.m{place}"))
        for place, send in enumerate(found.mine[:SHOWN])
    ]
    return [*lines, _more(found.mine_total - len(lines))]


def _open(send: Send, action_id: str) -> Block:
    return button("Open", action_id, {"send": send.id}, label=gift.label("Open", send))


def _more(left: int) -> Block | None:
    return context(f"…and {left:,} more") if left > 0 else None
