"""The window that asks why an alert is settled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.alerts.lifecycle import LONGEST_REASON
from bot.slack.blocks import group_card
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.limits import context, modal, plain, section
from storage.models import Alert, Send

CALLBACK = "resolve_modal"
BLOCK, ACTION = "reason", "resolve_reason"


def build(alert: Alert, send: Send | None, now: datetime, beneath: Mapping[str, Any]) -> Block:
    """The alert, and room for the reason; `beneath` names the window that is open under this one."""
    return modal(
        "Resolve", [
            section(group_card.line(alert, send, now)),
            {
                "type": "input", "block_id": BLOCK, "label": plain("What settled it?"),
                "element": {
                    "type": "plain_text_input", "action_id": ACTION, "multiline": True, "max_length": LONGEST_REASON,
                    "placeholder": plain("Such as: Jane has it, the carrier never scanned it."),
                },
            },
            context("It stands in the alert and in its timeline. The alert comes back when the gift is late anew."),
        ],
        callback_id=CALLBACK, data={"alert": alert.id, "v": alert.version, **beneath}, submit="Resolve", close="Cancel",
    )
