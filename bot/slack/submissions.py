"""What a window that was sent off is answered with: nothing, another window, or a sentence beside a field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.alerts.lifecycle import Action
from bot.alerts.pressed import Outcome
from bot.slack import payloads, windows
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.help_card import window
from bot.slack.deps import Deps
from bot.slack.payloads import Submitted
from bot.slack.recording import record, refusal
from bot.slack.replies import later

Answer = dict[str, Any]


def instead(view: Block) -> Answer:
    """Another window in place of this one."""
    return {"response_action": "update", "view": view}


def beside(block: str, sentence: str) -> Answer:
    """What is wrong with one field."""
    return {"response_action": "errors", "errors": {block: sentence}}


def beneath(body: Mapping[str, Any]) -> str:
    """The id of the window that is under the one sent off; empty where there is none."""
    view = body.get("view")
    found = view.get("previous_view_id") or view.get("root_view_id") if isinstance(view, dict) else None
    own = view.get("id") if isinstance(view, dict) else None
    return found if isinstance(found, str) and found != own else ""


def press(
    deps: Deps, found: Submitted, body: Mapping[str, Any], action: Action, args: Mapping[str, Any],
) -> Outcome:
    """Record the press for which the window asked, on its `alert` or on the message of its `group`."""
    data = found.where.view_data
    alerts = () if "group" in data else (payloads.number(data, "alert"),)
    outcome = record(
        deps, found.where, action, alerts, dedupe_key=found.dedupe_key, version=payloads.version(data), args=args,
        message_id=payloads.number(data, "group") if "group" in data else None,
    )
    under = beneath(body)
    later(deps, found.where, lambda: windows.refresh(deps, under, data, reader=found.where.user_id))
    return outcome


def recorded(
    deps: Deps, found: Submitted, body: Mapping[str, Any], action: Action, args: Mapping[str, Any],
) -> Answer:
    """The same as an answer: the window closes, or says why not everything was done."""
    outcome = press(deps, found, body, action, args)
    return {} if outcome.told is None else instead(window(refusal(outcome)))
