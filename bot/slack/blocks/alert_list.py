"""Open alerts wherever they are, page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.alerts.muting import Muted
from bot.slack.blocks import gift
from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.group_card import entry
from bot.slack.blocks.limits import actions, button, context, header, section
from bot.slack.blocks.mute_modal import muted_line
from bot.slack.blocks.send_list import turns
from bot.slack.blocks.text import count, escape
from bot.slack.blocks.why_places import LONGEST_BY
from storage.models import Alert, Send

NEXT = "“Open” shows what can be done about one. `/sends mute` holds back what you know of."


def build(
    alerts: Sequence[tuple[Alert, Send | None]], *, total: int, offset: int, asked: dict[str, Any], now: datetime,
    hidden: int = 0, muted: Mapping[int, Muted] | None = None, explained: Mapping[int, str] | None = None,
    title: str = "",
) -> Drawn:
    """The true count, then each alert with who has taken it up and a button to its send.

    `hidden`: how many more there are that a mute hides. `muted`, for the list of those: by row id what hides each.
    `explained`: by row id the alert that explains one away, so that it is not told; in plain text.
    """
    return draw([
        header(title or count(total, "open alert" if muted is None else "muted alert")),
        *(
            section(
                "\n".join([_text(alert, send, now), *_held(alert, muted or {}, explained or {})]),
                _open(send, place, asked) if send else None,
            )
            for place, (alert, send) in enumerate(alerts)
        ),
        *turns(asked, offset, offset + len(alerts), total),
        *muted_note(hidden),
        context(NEXT),
    ])


def muted_note(hidden: int) -> list[Block | None]:
    """How many open alerts a mute hides, and the way to them; nothing where it hides none."""
    if not hidden:
        return []
    return [
        context(f"🔇 {count(hidden, 'more open alert')} {'is' if hidden == 1 else 'are'} muted."),
        actions(
            button("Show muted", "list_more.muted", {"list": "muted", "offset": 0}, label="Show the muted alerts"),
            button("Mutes", "list_more.mute", {"list": "mute", "offset": 0}, label="Show every mute in force"),
        ),
    ]


def _text(alert: Alert, send: Send | None, now: datetime) -> str:
    about = [escape(send.campaign, 60), gift.sent_by(send)] if send else []
    return " · ".join([entry(alert, send, now), *(part for part in about if part)])


def _held(alert: Alert, muted: Mapping[int, Muted], explained: Mapping[int, str]) -> list[str]:
    if alert.id in muted:
        return [muted_line(muted[alert.id])]
    return [f"↪️ Explained by another alert: {escape(explained[alert.id], LONGEST_BY)}"] if alert.id in explained else []


def _open(send: Send, place: int, asked: dict[str, Any]) -> Block:
    return button("Open", f"send_open.{place}", {"send": send.id, "back": asked}, label=gift.label("Open", send))
