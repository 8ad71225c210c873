"""Several sends that fit what somebody asked about, or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.slack.blocks import gift
from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.limits import actions, button, context, header, section
from bot.slack.blocks.send_list import NEAREST, PAGE, heading
from bot.slack.blocks.text import clip, escape, one_line
from storage.models import Send

LONGEST_QUERY = 300


def several(sends: Sequence[Send], query: str, *, total: int, offset: int, now: datetime) -> Drawn:
    """One page of the sends that fit, each with a button to where its alerts go."""
    last = offset + len(sends)
    asked = {"q": clip(query, LONGEST_QUERY), "offset": offset}
    return draw([
        header(heading(total, query)),
        *(_line(send, place, asked, now) for place, send in enumerate(sends)),
        context(f"{offset + 1:,} to {last:,} of {total:,}") if offset or last < total else None,
        actions(
            _turn("Show the ones before", query, max(0, offset - PAGE)) if offset else None,
            _turn("Show more", query, last) if last < total else None,
        ),
    ])


def _line(send: Send, place: int, asked: dict[str, Any], now: datetime) -> Block:
    parts = [gift.standing(send, now), escape(send.campaign, 60), gift.sent_by(send)]
    return section(
        f"{gift.whose(send)}\n{' · '.join(part for part in parts if part)}",
        button(
            "Where would it go?", f"route_open.{place}", {"send": send.id, "back": asked},
            label=gift.label("Where would alerts go for", send),
        ),
    )


def _turn(text: str, query: str, offset: int) -> Block:
    return button(
        text, f"route_back.{offset}", {"q": clip(query, LONGEST_QUERY), "offset": offset},
        label=f"{text}: from number {offset + 1:,}",
    )


def nothing(query: str, nearest: Sequence[str]) -> Drawn:
    """Nothing fits: the nearest names as buttons."""
    shown = [name for name in dict.fromkeys(nearest) if name.strip()][:NEAREST]
    return draw([
        section(f"Nothing matches “{escape(query, 100)}”.{' Did you mean one of these?' if shown else ''}"),
        actions(*(
            button(
                one_line(name, 60), f"route_back.near{place}", {"q": clip(name, LONGEST_QUERY), "offset": 0},
                label=f"Where alerts go for {one_line(name, 50)}",
            )
            for place, name in enumerate(shown)
        )),
        context("`/sends route` takes a name, e-mail, company, campaign, Sendoso id or tracking link."),
    ])
