"""Open alerts wherever they are, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.slack.blocks import gift
from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.group_card import entry
from bot.slack.blocks.limits import button, header, section
from bot.slack.blocks.send_list import turns
from bot.slack.blocks.text import count, escape
from storage.models import Alert, Send


def build(
    alerts: Sequence[tuple[Alert, Send | None]], *, total: int, offset: int, asked: dict[str, Any], now: datetime,
) -> Drawn:
    """The true count, then each alert with who has taken it up and a button to its send."""
    return draw([
        header(count(total, "open alert")),
        *(
            section(_text(alert, send, now), _open(send, place, asked) if send else None)
            for place, (alert, send) in enumerate(alerts)
        ),
        *turns(asked, offset, offset + len(alerts), total),
    ])


def _text(alert: Alert, send: Send | None, now: datetime) -> str:
    about = [escape(send.campaign, 60), gift.sent_by(send)] if send else []
    return " · ".join([entry(alert, send, now), *(part for part in about if part)])


def _open(send: Send, place: int, asked: dict[str, Any]) -> Block:
    return button("Open", f"send_open.{place}", {"send": send.id, "back": asked}, label=gift.label("Open", send))
