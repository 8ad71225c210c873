"""The window of a form of the settings: its fields, and what it would do before it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.slack.blocks import setting_fields
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.limits import context, divider, modal, section
from bot.slack.blocks.setting_fields import Field

CALLBACK = "setting_form_modal"
LOOK, GO = "Preview", "Put into force"
PREVIEW = "Preview"
"""Title of the window that says what a change would do."""
NOT_QUITE = "Not quite? Change the fields below: what that would do is shown again before it counts."
WORKING = "⏳ Working out what this would do …"


def form(
    title: str, fields: Sequence[Field], values: Mapping[str, Any], data: dict[str, Any], *,
    said: Sequence[str] = (), small: Sequence[str] = (), is_preview: bool = False,
) -> Block:
    """The fields with what stands in them. `said` and `small` are finished mrkdwn that goes first.

    `is_preview`: they say what it would do, and sent off it counts. Without fields it is a question alone.
    """
    first: list[Block | None] = [*(section(text) for text in said if text), context(*small)]
    below = [divider(), context(NOT_QUITE)] if is_preview and fields else []
    return modal(
        PREVIEW if is_preview else title,
        [*first, *below, *(setting_fields.block(one, values.get(one.name)) for one in fields)],
        callback_id=CALLBACK, data=data, submit=GO if is_preview else LOOK if fields else None, close="Back",
    )


def waiting(title: str, fields: Sequence[Field], values: Mapping[str, Any], data: dict[str, Any]) -> Block:
    """The same while it is worked out what it would do."""
    return form(title, fields, values, data, said=[WORKING])
