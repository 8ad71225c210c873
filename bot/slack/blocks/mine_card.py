"""What is somebody's own: the alerts assigned to them first, then the sends that they have sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.slack.blocks import gift, send_list
from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.group_card import entry
from bot.slack.blocks.limits import actions, button, context, divider, header, section
from bot.slack.blocks.send_list import Page, turns
from bot.slack.blocks.text import count, whole
from storage.models import Alert, Send

TOP = 5
"""So many of the alerts stand above the sends; the others have a list of their own."""


@dataclass(frozen=True, kw_only=True)
class Mine:
    """The alerts that are assigned to a person, and how to get this list again."""

    asked: dict[str, Any]
    top: Sequence[tuple[Alert, Send | None]] = ()
    total: int = 0
    hidden: int = 0
    """How many more there are that a mute hides."""


def build(mine: Mine, sends: Page | None, instead: str, now: datetime) -> Drawn:
    """Both with their true counts; `instead` (a sentence of ours) is said where there are no sends to show."""
    return draw([
        *_assigned(mine, now),
        divider() if mine.total or mine.hidden else None,
        *(_sends(sends, now) if sends is not None else [section(instead)]),
    ])


def _assigned(mine: Mine, now: datetime) -> list[Block | None]:
    hidden = context(f"🔇 {whole(mine.hidden)} of yours muted") if mine.hidden else None
    if not mine.total:
        return [context("No alert is assigned to you."), hidden]
    every = {**mine.asked, "list": "assigned", "offset": 0}
    more = mine.total - len(mine.top)
    return [
        header(f"{count(mine.total, 'alert')} assigned to you"),
        *(
            section(entry(alert, send, now), _open(send, place, mine.asked) if send else None)
            for place, (alert, send) in enumerate(mine.top)
        ),
        context(f"…and {whole(more)} more") if more > 0 else None,
        actions(button(
            "Show all of them", "list_more.assigned", every,
            label=f"Show all {whole(mine.total)} alerts assigned to you",
        )) if more > 0 else None,
        hidden,
    ]


def _open(send: Send, place: int, asked: dict[str, Any]) -> Block:
    return button("Open", f"send_open.a{place}", {"send": send.id, "back": asked}, label=gift.label("Open", send))


def _sends(page: Page, now: datetime) -> list[Block | None]:
    return [
        header(page.title),
        *(send_list.line(send, now, place, page) for place, send in enumerate(page.sends)),
        *turns(page.asked, page.offset, page.offset + len(page.sends), page.total, more=page.more),
        context(page.next_step),
    ]
