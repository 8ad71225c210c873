"""The window with all that ever happened to an alert, the oldest first, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.slack.blocks import alert_state, gift
from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.limits import actions, button, context, header, modal, section
from bot.slack.blocks.text import count, stamp, whole
from storage.models import Alert, Send

CALLBACK = "timeline_modal"
TURN = "timeline_turn"
PAGE = 30


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that happened: when, and what, in finished mrkdwn."""

    at: datetime
    words: str


def view(alert: Alert, send: Send | None, entries: Sequence[Entry], number: int, now: datetime) -> Block:
    """Page `number` (the first is 0; what is beyond the last is the last) of everything in `entries`."""
    pages = _pages(entries)
    number = min(number, pages - 1)
    return modal(
        "Timeline", [
            *_blocks(alert, send, entries, number, now),
            context(f"Page {whole(number + 1)} of {whole(pages)}") if pages > 1 else None,
            actions(
                _turn("Earlier", alert, number - 1) if number > 0 else None,
                _turn("Next", alert, number + 1) if number + 1 < pages else None,
            ),
        ],
        callback_id=CALLBACK, data={"alert": alert.id},
    )


def message(alert: Alert, send: Send | None, entries: Sequence[Entry], now: datetime) -> Drawn:
    """The latest page as a message, where no window opens."""
    return draw(_blocks(alert, send, entries, _pages(entries) - 1, now))


def _pages(entries: Sequence[Entry]) -> int:
    return max(1, -(-len(entries) // PAGE))


def _blocks(
    alert: Alert, send: Send | None, entries: Sequence[Entry], number: int, now: datetime,
) -> list[Block | None]:
    shown = entries[number * PAGE:(number + 1) * PAGE]
    return [
        header(alert_state.headed(alert, now)),
        context(gift.whose(send) if send is not None else "", count(len(entries), "step")),
        *(section(f"{stamp(one.at)}\n{one.words}") for one in shown),
        None if shown else section("Nothing is on record."),
    ]


def _turn(text: str, alert: Alert, number: int) -> Block:
    return button(
        text, f"{TURN}.{number}", {"alert": alert.id, "page": number}, label=f"{text} page: {whole(number + 1)}",
    )
