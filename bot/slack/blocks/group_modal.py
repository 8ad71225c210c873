"""Every alert of a group, page by page, each with a menu that works."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.slack.blocks import alert_state
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.group_card import Group, entry, states, title
from bot.slack.blocks.limits import actions, button, context, header, modal, overflow, section
from bot.slack.blocks.text import whole
from storage.models import Alert, Send

PAGE = 12
CALLBACK = "group_modal"
MENU = {
    "firing": ("acknowledge", "snooze", "resolve", "why", "open"),
    "acknowledged": ("snooze", "resolve", "why", "open", "undo"),
    "snoozed": ("acknowledge", "resolve", "why", "open", "undo"),
    "resolved": ("why", "open", "timeline", "undo"),
}
"""Slack shows five entries at most; behind "Open" is all that can be done with an alert."""


def build(group: Group, page: Sequence[tuple[Alert, Send | None]], *, number: int, now: datetime) -> Block:
    """Page `number` (the first is 0) of a group's alerts."""
    pages = max(1, -(-group.total // PAGE))
    content = {"message": group.message_id, "page": number}
    blocks: list[Block | None] = [header(title(group)), context(states(group))]
    blocks += [section(entry(alert, send, now), _menu(alert, number)) for alert, send in page]
    blocks.append(context(f"Page {whole(number + 1)} of {whole(pages)}") if pages > 1 else None)
    blocks.append(actions(
        _turn("Earlier", group.message_id, number - 1) if number > 0 else None,
        _turn("Next", group.message_id, number + 1) if number + 1 < pages else None,
    ))
    return modal("All alerts", blocks, callback_id=CALLBACK, data=content)


def _menu(alert: Alert, number: int) -> Block | None:
    choices: list[tuple[str, dict[str, Any]]] = [
        (alert_state.label(name, alert), {"alert": alert.id, "v": alert.version, "do": name, "p": number})
        for name in alert_state.fitting(alert, MENU.get(alert.state, ()))
    ]
    return overflow(f"group_alert.{alert.id}", choices)


def _turn(text: str, message_id: int, page: int) -> Block:
    return button(
        text, f"group_page.{page}", {"message": message_id, "page": page}, label=f"{text} page: {whole(page + 1)}",
    )
