"""The window that says which sends a message is about, and by what each was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.slack.blocks import help_card, send_list
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.limits import VIEW_BLOCKS, actions, context, divider, modal, section
from bot.slack.blocks.send_list import Page
from bot.slack.blocks.text import count, escape, whole
from storage.models import Send

CALLBACK = "which_modal"
MOST, EACH, LOOKED_FOR = 10, 8, 12
"""Marks that are shown, sends below each, and marks that are named where nothing was found."""
KINDS = {"alert": "My alert", "email": "E-mail", "link": "Tracking link", "id": "Sendoso id", "name": "Name"}


@dataclass(frozen=True, kw_only=True)
class Hit:
    """Something in the message that names sends: what kind of mark, as it is written, and the sends."""

    kind: str
    mark: str = ""
    sends: Sequence[Send] = ()
    total: int = 0


def found_by(hit: Hit) -> str:
    """By what a send was found, for mrkdwn: *E-mail* jane@acme.com."""
    return f"*{KINDS[hit.kind]}*{' ' + escape(hit.mark, 100) if hit.mark else ''}"


def several(hits: Sequence[Hit], now: datetime) -> Block:
    """Each mark with its sends, a button each; `hits` are not empty."""
    blocks: list[Block | None] = []
    for place, hit in enumerate(hits[:MOST]):
        blocks.append(divider() if place else None)
        blocks.append(section(f"{found_by(hit)}: {count(hit.total, 'send')}"))
        page = Page(title="")
        blocks += [
            send_list.line(send, now, place * EACH + number, page) for number, send in enumerate(hit.sends[:EACH])
        ]
        more = hit.total - min(len(hit.sends), EACH)
        blocks.append(context(f"…and {whole(more)} more; look them up to see all.") if more > 0 else None)
    left = len(hits) - MOST
    blocks.append(context(f"…and {count(left, 'more find')}.") if left > 0 else None)
    return _window([*blocks[:VIEW_BLOCKS - 1], actions(help_card.find_it())])


def nothing(looked_for: Sequence[str]) -> Block:
    """Nothing was found: what was looked for, and the window to look in."""
    named = ", ".join(f"“{escape(one, 60)}”" for one in looked_for[:LOOKED_FOR])
    more = len(looked_for) - LOOKED_FOR
    if looked_for:
        told = f"I know no send of what this message names: {named}{f' and {whole(more)} more' if more > 0 else ''}."
    else:
        told = "This message names no e-mail address, full name, Sendoso id or tracking link."
    return _window([
        section(told),
        context(
            "A full name is two words or more, as Sendoso has it. A send made a moment ago comes with the next sync.",
        ),
        actions(help_card.find_it()),
    ])


def _window(blocks: Sequence[Block | None]) -> Block:
    return modal("Found in this message", blocks, callback_id=CALLBACK)
