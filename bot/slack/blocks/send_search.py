"""The field that finds a send while somebody types, and what it offers."""

from __future__ import annotations

from datetime import datetime

from bot.slack.blocks import gift
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.limits import option, plain, value
from bot.slack.blocks.text import one_line
from storage.models import Send

FIND, BLOCK = "lookup_find", "lookup"
"""Names of the field and of its block: the same in every drawing, so that Slack keeps what was chosen."""
MOST = 30
"""Choices that are offered; Slack takes a hundred, but who does not see theirs among so many types another letter."""
LONGEST_NAME, LONGEST_PART = 40, 30


def field(placeholder: str) -> Block:
    """A row with the field; what is chosen in it comes back as a press."""
    return {
        "type": "actions", "block_id": BLOCK,
        "elements": [{
            "type": "external_select", "action_id": FIND, "min_query_length": 0, "placeholder": plain(placeholder),
        }],
    }


def entry(send: Send, now: datetime) -> Block:
    """One choice: whose gift and where it stands, and below what tells it from others of the same person."""
    status = one_line(gift.title(send.status, send.status_raw), LONGEST_PART)
    name = gift.name(send)
    told = [one for one in (send.recipient_company, send.campaign, send.recipient_email) if one and one != name]
    parts = [gift.lasted(send, now), *(one_line(one, LONGEST_PART) for one in told)]
    return option(
        f"{one_line(name, LONGEST_NAME)} · {status}", value({"send": send.id}), " · ".join(filter(None, parts)),
    )
