"""A few plain sentences, such as what an admin must know."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.slack.blocks.drawn import Drawn, draw
from bot.slack.blocks.limits import context, header, section
from bot.slack.blocks.text import CHANNEL, channel, escape

LONGEST = 500
CALLED = re.compile(r"[USW][A-Z0-9]{2,}")


def called_by(who: str) -> str:
    """The token that calls a person or a user group."""
    return f"<!subteam^{who}>" if who.startswith("S") else f"<@{who}>"




def build(
    text: str, *, title: str = "", small: str = "", mention: Sequence[str] = (), place: str = "",
) -> Drawn:
    """`text` line by line as plain words; nothing in it can mention, link or format.

    `mention` holds Slack ids of people and user groups that are called; anything else in it is left out. `place` is
    the id of a channel that the text names, and which is shown as a link.
    """
    lines = [escape(line, LONGEST) for line in text.splitlines()]
    if CHANNEL.fullmatch(place):
        lines = [line.replace(f"channel {place} ", f"channel {channel(place)} ") for line in lines]
    called = " ".join(called_by(who) for who in mention if CALLED.fullmatch(who))
    lines = [called, *lines] if called else lines
    return draw([
        header(title) if title else None,
        section("\n".join(lines).strip() or "Sendwatch has nothing to say here."),
        context(escape(small, LONGEST)) if small else None,
    ])
