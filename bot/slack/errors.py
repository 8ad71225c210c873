"""What people are told when something breaks: never nothing, and a number that the log knows too."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt import BoltResponse

from bot.slack.blocks.help_card import note, window
from bot.slack.payloads import Where

log = structlog.get_logger(__name__)

UNKNOWN = "Sendwatch does not know what to do with this. `/sends help` shows what it can do."


def noted(error: BaseException, where: Where | None = None) -> str:
    """Log the error under a new number, and give the sentence with that number for the person."""
    number = secrets.token_hex(4)
    log.error(
        "listener failed", number=number, user=where.user_id if where else None, team=where.team_id if where else None,
        exc_info=error,
    )
    return (
        f"Something went wrong here, and nothing was lost. Please try again; if it happens again, tell an admin "
        f"this number: {number}."
    )


def answer(sentence: str, body: Mapping[str, Any]) -> BoltResponse:
    """A sentence as Slack wants it for a command, a modal, a menu's options, or anything else."""
    kind = body.get("type")
    content: Any = ""
    if "command" in body:
        content = note(sentence).reply()
    elif kind == "view_submission":
        content = {"response_action": "update", "view": window(note(sentence))}
    elif kind == "block_suggestion":
        content = {"options": []}
    return BoltResponse(status=200, body=content)
