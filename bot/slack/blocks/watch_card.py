"""What is said to somebody who watches a send: each step as it comes, and what became of their wish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.slack.blocks import gift, meaning_card
from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.limits import actions, button, context, facts, header, link, section
from bot.slack.blocks.text import clip, count, escape, one_line, stamp, whole
from bot.statuses.catalogue import Status
from storage.models import Send, Watch

STEPS = 8
STOPPED = "You have stopped watching this send."
GONE = "That send is not known any more, so there is nothing to watch."
ENDS: dict[str, str] = {
    Status.DELIVERED: "It has arrived, so this watch has ended.",
    Status.REDEEMED: "It has been redeemed, so this watch has ended.",
}
OVER = "Nothing more happens to it by itself, so this watch has ended."


@dataclass(frozen=True, kw_only=True)
class Step:
    """A status that the send has entered, and when."""

    status: str
    status_raw: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Told:
    """What one message tells: the steps with the last at the end, and how the watch stands now."""

    send: Send
    steps: Sequence[Step]
    before: int = 0
    """How many earlier steps are left out."""
    is_over: bool = False
    """Whether the watch has ended with this step."""
    is_watching: bool = True
    is_latest: bool = True
    """Whether the send still stands where this message leaves it."""


def told(found: Told) -> Drawn | None:
    """The direct message: what happened, since when, what it means, who acts next; None without any step."""
    if not found.steps:
        return None
    last, send = found.steps[-1], found.send
    return draw([
        header(_heading(send, last)),
        section(_way(found)) if len(found.steps) > 1 or found.before else None,
        facts([
            ("Since", stamp(last.at)), ("For", gift.recipient(send)), ("Gift", gift.what(send)),
            ("Campaign", escape(send.campaign)),
        ]),
        *_meaning(found, last),
        context(_standing(found, last)),
        _buttons(found),
    ])


def _heading(send: Send, last: Step) -> str:
    status = clip(gift.title(last.status, last.status_raw), 50)
    return f"{gift.emoji(last.status)} {one_line(gift.name(send), 60)}: now {status}"


def _way(found: Told) -> str:
    more = [f"…after {count(found.before, 'earlier step')}"] if found.before else []
    lines = [
        f"• {stamp(step.at)} — {escape(gift.title(step.status, step.status_raw), 70)}"
        for step in found.steps[-STEPS:]
    ]
    return "\n".join([f"*{count(len(found.steps) + found.before, 'step')} since you were told last*", *more, *lines])


def _meaning(found: Told, last: Step) -> list[Block | None]:
    if not found.is_latest:
        # What is to be done now is told by the message of the next step.
        return [context("It has moved on since.")]
    return [section("\n".join(meaning_card.short(last.status, gift.meanings(found.send))))]


def _standing(found: Told, last: Step) -> str:
    if found.is_over:
        return ENDS.get(last.status, OVER)
    if not found.is_watching:
        return STOPPED
    return "You get this because you watch this send: each step comes here until it has arrived."


def _buttons(found: Told) -> Block | None:
    send = found.send
    change = None if found.is_over else (_stop(send) if found.is_watching else watch(send, "Watch again"))
    return actions(
        button("Open", "send_open.watched", {"send": send.id}, label=gift.label("Open", send)),
        link("Track", "track", send.tracking_url, label=gift.label("Track", send)),
        change,
    )


def watch(send: Send, text: str = "Watch", suffix: str = "", **content: Any) -> Block:  # noqa: ANN401 - what it carries
    """The button that has its reader told of each step."""
    return button(
        text, f"watch_start{suffix}", {"send": send.id, **content}, label=gift.label("Tell me each step of", send),
    )


def _stop(send: Send, suffix: str = "", **content: Any) -> Block:  # noqa: ANN401 - as above
    return stop(send, "Stop watching", suffix, **content)


def stop(send: Send, text: str, suffix: str = "", **content: Any) -> Block:  # noqa: ANN401 - as above
    """The button that ends it."""
    return button(
        text, f"watch_stop{suffix}", {"send": send.id, **content}, label=gift.label("Stop watching", send),
    )


def choice(send: Send, *, is_watching: bool, **content: Any) -> Block | None:  # noqa: ANN401 - as above
    """The one of the two that fits; none for a send to which nothing more happens."""
    if is_watching:
        return _stop(send, **content)
    return None if gift.is_over(send) else watch(send, **content)


def begun(send: Send, now: datetime) -> Drawn:
    """The wish was granted: what comes when, and how it ends."""
    return _answer(send, f"👀 You watch {gift.whose(send)} now: {gift.standing(send, now)}. "
                   "Each step comes to you as a direct message, until it has arrived.", _stop(send))


def already(send: Send, since: Watch, now: datetime) -> Drawn:
    """It was watched before."""
    return _answer(
        send, f"👀 You watch {gift.whose(send)} already, since {stamp(since.created_at)}: "
        f"{gift.standing(send, now)}.", _stop(send),
    )


def over(send: Send, now: datetime) -> Drawn:
    """Nothing more happens to it."""
    return _answer(
        send, f"{gift.whose(send)}: {gift.standing(send, now)}. Nothing more happens to it by itself, so there is "
        "nothing to watch.",
    )


def stopped(send: Send) -> Drawn:
    """It is watched no more."""
    return _answer(
        send, f"You do not watch {gift.whose(send)} any more. No further step comes to you.",
        watch(send, "Watch again"),
    )


def full(most: int) -> Drawn:
    """One person watches as much as one may."""
    return draw([
        section(f"You watch {whole(most)} sends, and more at once is not possible. Stop one of them first."),
        actions(every()),
    ])


def _answer(send: Send, sentence: str, change: Block | None = None) -> Drawn:
    return draw([
        section(sentence),
        actions(
            button("Open", "send_open.watched", {"send": send.id}, label=gift.label("Open", send)), change, every(),
        ),
    ])


def every() -> Block:
    """The way to all that its reader watches."""
    return button("All that I watch", "watch_list", {"offset": 0}, label="Show every send that I watch")
