"""The window that asks to whom alerts shall be assigned; Slack's own menu searches among people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.alerts.lifecycle import LONGEST_NOTE
from bot.slack.blocks import group_card
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.group_card import Group
from bot.slack.blocks.limits import context, header, modal, plain, section
from bot.slack.blocks.text import clip, own
from storage.models import Alert, Send

CALLBACK = "assign_modal"
BLOCK, ACTION = "assignee", "assign_choice"
NOTE_BLOCK, NOTE_ACTION = "note", "assign_note"


@dataclass(frozen=True, kw_only=True)
class About:
    """What is assigned: how it is shown, and the ids that come back with the window."""

    title: str
    shown: Sequence[Block]
    data: Mapping[str, Any] = field(default_factory=dict)


def about_alert(alert: Alert, send: Send | None, now: datetime, beneath: Mapping[str, Any] | None = None) -> About:
    """One alert; `beneath` names the window that is open under this one."""
    return About(
        title="Assign to …", shown=[section(group_card.line(alert, send, now))],
        data={"alert": alert.id, "v": alert.version, **(beneath or {})},
    )


def about_group(group: Group, told: str) -> About:
    """All that is open of a message; `told` says how many of them, in mrkdwn."""
    return About(
        title="Assign all …", data={"group": group.message_id},
        shown=[
            header(group_card.title(group)),
            section(f"{told} Each can be undone on its own."),
        ],
    )


def build(
    about: About, chosen: str, known: Mapping[str, Any] | None = None, problem: str = "", note: str = "",
) -> Block:
    """The menu of people with `chosen` (a Slack user id) in it, and room for a note.

    `known` is what Slack has said of somebody who was chosen; `problem` (plain text) is told above all; `note`
    stands in its field already.
    """
    people: Block = {
        "type": "users_select", "action_id": ACTION, "initial_user": chosen,
        "placeholder": plain("Search for a person"),
    }
    return modal(
        about.title, [
            section(f"⚠️ {own(problem)}") if problem else None,
            *about.shown,
            {
                # Slack says who was chosen at once, so that it is known who that is before the window is sent off.
                "type": "input", "block_id": BLOCK, "dispatch_action": True, "label": plain("Who takes it on?"),
                "element": people,
            },
            {
                "type": "input", "block_id": NOTE_BLOCK, "optional": True, "label": plain("A word to them"),
                "element": {
                    "type": "plain_text_input", "action_id": NOTE_ACTION, "multiline": True,
                    "max_length": LONGEST_NOTE, **({"initial_value": clip(note, LONGEST_NOTE)} if note else {}),
                },
            },
            context("They are told once, by a direct message; you are not, if you choose yourself."),
        ],
        callback_id=CALLBACK, data={**about.data, **({"known": dict(known)} if known else {})},
        submit="Assign", close="Cancel",
    )
