"""What a link to a tracking page unfolds into: for everybody who sees the link, so that it names nobody."""

from __future__ import annotations

from datetime import datetime

from bot.slack.blocks import gift, meaning_card
from bot.slack.blocks.drawn import Block, draw
from bot.slack.blocks.limits import actions, button, facts, plain, section
from bot.slack.blocks.text import clip, one_line, stamp
from storage.models import Send

TITLE = 75


def build(send: Send, now: datetime) -> Block:
    """Where the gift stands, since when, what that means and who acts next; no recipient, no sender, no campaign."""
    drawn = draw([
        section(gift.standing(send, now)),
        facts([("Since", stamp(send.status_since)), ("Gift", gift.what(send))]),
        section("\n".join(meaning_card.short(send.status, gift.meanings(send)))),
        actions(button(
            "Show me more", "send_open", {"send": send.id}, label="Show me, and nobody else, more of this gift",
        )),
    ])
    return {"blocks": drawn.blocks, "fallback": drawn.text, "preview": {"title": plain(_title(send, now))}}


def _title(send: Send, now: datetime) -> str:
    """The same in a few words, for the preview while a message is written."""
    status = one_line(gift.title(send.status, send.status_raw), 50)
    return clip(f"{gift.emoji(send.status)} {status} {gift.lasted(send, now)}", TITLE)
