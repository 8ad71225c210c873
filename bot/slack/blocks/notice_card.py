"""A few plain sentences, such as what an admin must know."""

from __future__ import annotations

from bot.slack.blocks.drawn import Drawn, draw
from bot.slack.blocks.limits import context, header, section
from bot.slack.blocks.text import escape

LONGEST = 500


def build(text: str, *, title: str = "", small: str = "") -> Drawn:
    """`text` line by line as plain words; nothing in it can mention, link or format."""
    lines = [escape(line, LONGEST) for line in text.splitlines()]
    return draw([
        header(title) if title else None,
        section("\n".join(lines).strip() or "Sendwatch has nothing to say here."),
        context(escape(small, LONGEST)) if small else None,
    ])
