"""Lists about watching: what somebody watches, and the sends that they may have meant."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from bot.slack.blocks import gift, pick_list, watch_card
from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.limits import actions, button, context, header, section
from bot.slack.blocks.pick_list import Picked
from bot.slack.blocks.send_list import turns
from bot.slack.blocks.text import count, escape, stamp
from storage.models import Send, Watch

HOW = "`/sends watch jane@acme.com` watches one more, and so does “Watch” on the card of a send."
FIND = "watch_find"
"""Action id of what shows another page of the sends that fit."""


def mine(watched: Sequence[tuple[Watch, Send]], *, total: int, offset: int, now: datetime) -> Drawn:
    """One page of what somebody watches, each with a button that stops it."""
    if not watched:
        return draw([
            section("You watch no send at present."), context(HOW),
            actions(button(
                "What is held up?", "list_more.stuck", {"list": "stuck", "offset": 0}, label="Show what is held up",
            )),
        ])
    return draw([
        header(f"You watch {count(total, 'send')}"),
        *(
            section(
                f"{pick_list.lines(send, now)}\nWatched since {stamp(watch.created_at)}",
                watch_card.stop(send, "Stop", f".{place}", list=offset),
            )
            for place, (watch, send) in enumerate(watched)
        ),
        *turns({}, offset, offset + len(watched), total, action="watch_list"),
        context(HOW),
    ])


def none_called(query: str, listed: Drawn) -> Drawn:
    """Nothing that is watched fits the words: what is watched, below it."""
    return draw([section(f"You watch no send that fits “{escape(query, 100)}”."), *listed.parts])


def several(sends: Sequence[Send], found: Picked, now: datetime, watched: AbstractSet[int]) -> Drawn:
    """One page of the sends that fit, each with a button that watches it, or stops that (`watched`: row ids)."""

    def do(send: Send, place: int) -> Block:
        if send.id in watched:
            return watch_card.stop(send, "Stop", f".{place}")
        if gift.is_over(send):
            return button("Open", f"send_open.{place}", {"send": send.id}, label=gift.label("Open", send))
        return watch_card.watch(send, suffix=f".{place}")

    return pick_list.several(sends, found, now, do)


def nothing(query: str, nearest: Sequence[str]) -> Drawn:
    """Nothing fits: the nearest names as buttons."""
    return pick_list.nothing(query, nearest, FIND, so=", so nothing is watched", command="/sends watch")
