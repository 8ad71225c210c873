"""Sends that fit what somebody typed, each with the button for what they want to do with it; or none that fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.slack.blocks import gift
from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.limits import actions, button, context, header, section
from bot.slack.blocks.send_list import NEAREST, heading, turns
from bot.slack.blocks.text import clip, escape, one_line
from storage.models import Send

LONGEST_QUERY = 300


@dataclass(frozen=True, kw_only=True)
class Picked:
    """One page of what fits: the words, which page, and the action id of the buttons that show another."""

    query: str
    total: int
    offset: int
    action: str
    more: bool = False
    """Whether more sends fit than `total`, which was not counted further."""


def several(
    sends: Sequence[Send], found: Picked, now: datetime, do: Callable[[Send, int], Block],
) -> Drawn:
    """The sends of a page; `do` makes the button of each from it and its place."""
    title = heading(found.total, found.query, more=found.more)
    if found.total == 1:
        title = f"Is it this one? “{one_line(found.query, 60)}”"
    return draw([
        header(title),
        *(section(lines(send, now), do(send, place)) for place, send in enumerate(sends)),
        *turns(
            {"q": clip(found.query, LONGEST_QUERY)}, found.offset, found.offset + len(sends), found.total,
            more=found.more, action=found.action,
        ),
        context("More words find fewer sends: a name and a company, such as `jane acme`.") if found.total > 1 else None,
    ])


def lines(send: Send, now: datetime) -> str:
    """Whose gift it is and where it stands, in two lines of mrkdwn."""
    parts = [gift.standing(send, now), escape(send.campaign, 60), gift.sent_by(send)]
    return f"{gift.whose(send)}\n{' · '.join(part for part in parts if part)}"


def _look_for(name: str) -> str:
    return f"Look for {one_line(name, 60)}"


def nothing(
    query: str, nearest: Sequence[str], action: str, *, so: str, command: str, says: Callable[[str], str] = _look_for,
) -> Drawn:
    """Nothing fits: what follows from that (`so`), the nearest names as buttons, and what `command` takes.

    `says` gives from a name what its button does, for screen readers.
    """
    shown = [name for name in dict.fromkeys(nearest) if name.strip()][:NEAREST]
    return draw([
        section(f"Nothing matches “{escape(query, 100)}”{so}.{' Did you mean one of these?' if shown else ''}"),
        actions(*(
            button(
                one_line(name, 60), f"{action}.near{place}", {"q": clip(name, LONGEST_QUERY), "offset": 0},
                label=says(name),
            )
            for place, name in enumerate(shown)
        )),
        context(f"`{command}` takes a name, e-mail, company, campaign, Sendoso id or tracking link."),
    ])
