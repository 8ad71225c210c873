"""Several sends that fit what somebody asked about, or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.slack.blocks import gift, pick_list
from bot.slack.blocks.drawn import Drawn, draw
from bot.slack.blocks.limits import button, header, section
from bot.slack.blocks.pick_list import Picked
from bot.slack.blocks.send_list import heading, turns
from bot.slack.blocks.text import clip, one_line
from storage.models import Send

BACK = "route_back"
"""Action id of what shows another page of the sends that fit."""


def several(sends: Sequence[Send], found: Picked, now: datetime) -> Drawn:
    """One page of the sends that fit, each with a button to where its alerts go."""
    asked = {"q": clip(found.query, pick_list.LONGEST_QUERY)}
    return draw([
        header(heading(found.total, found.query, more=found.more)),
        *(
            section(pick_list.lines(send, now), button(
                "Where would it go?", f"route_open.{place}",
                {"send": send.id, "back": {**asked, "offset": found.offset}},
                label=gift.label("Where would alerts go for", send),
            ))
            for place, send in enumerate(sends)
        ),
        *turns(asked, found.offset, found.offset + len(sends), found.total, more=found.more, action=BACK),
    ])


def nothing(query: str, nearest: Sequence[str]) -> Drawn:
    """Nothing fits: the nearest names as buttons."""
    return pick_list.nothing(
        query, nearest, BACK, so="", command="/sends route",
        says=lambda name: f"Where alerts go for {one_line(name, 50)}",
    )
