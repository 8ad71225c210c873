"""What was filled in in a window: checked, recorded, and answered inside the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from slack_bolt import App, BoltResponse

from bot.alerts.lifecycle import LONGEST_SNOOZE, Action
from bot.slack import payloads, windows
from bot.slack.blocks import snooze_modal, support_modal
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.help_card import window
from bot.slack.deps import Deps
from bot.slack.payloads import ANYTHING, Submitted
from bot.slack.recording import record, refusal
from bot.slack.replies import later

Answer = dict[str, Any]
PAST = "That time has passed meanwhile. Choose a later one."
CHOOSE = "Choose one of these."


def register(app: App, deps: Deps) -> None:
    """One listener for every window; HANDLERS says what each does."""

    @app.view(ANYTHING)
    def listen(ack: Callable[..., BoltResponse], body: Mapping[str, Any]) -> None:
        found = payloads.submitted(body)
        handler = HANDLERS.get(found.callback)
        ack(**(handler(deps, found, body) if handler else {}))

    @app.view_closed(ANYTHING)
    def closed(ack: Callable[..., BoltResponse]) -> None:
        ack()


def snooze(deps: Deps, found: Submitted, body: Mapping[str, Any]) -> Answer:
    """Snooze until the chosen instant; a choice that is none is told beside the field."""
    until = _instant(payloads.chosen(found.values, snooze_modal.BLOCK, snooze_modal.ACTION))
    now = deps.clock()
    if until is None or until - now > LONGEST_SNOOZE:
        return {"response_action": "errors", "errors": {snooze_modal.BLOCK: CHOOSE}}
    if until <= now:
        return {"response_action": "errors", "errors": {snooze_modal.BLOCK: PAST}}
    return _record(deps, found, body, Action.SNOOZE, {"until": until})


def support(deps: Deps, found: Submitted, body: Mapping[str, Any]) -> Answer:
    """Record that Support has been contacted."""
    return _record(deps, found, body, Action.SUPPORT_SENT, {})


def _record(
    deps: Deps, found: Submitted, body: Mapping[str, Any], action: Action, args: dict[str, Any],
) -> Answer:
    data = found.where.view_data
    outcome = record(
        deps, found.where, action, (payloads.number(data, "alert"),), dedupe_key=found.dedupe_key,
        version=payloads.version(data), args=args,
    )
    beneath = _beneath(body)
    later(deps, found.where, lambda: windows.refresh(deps, beneath, data))
    if outcome.refused is None:
        return {}
    told: Block = window(refusal(outcome))
    return {"response_action": "update", "view": told}


def _beneath(body: Mapping[str, Any]) -> str:
    view = body.get("view")
    found = view.get("previous_view_id") or view.get("root_view_id") if isinstance(view, dict) else None
    own = view.get("id") if isinstance(view, dict) else None
    return found if isinstance(found, str) and found != own else ""


def _instant(chosen: str) -> datetime | None:
    if not chosen.isdigit() or not chosen.isascii():
        return None
    try:
        return datetime.fromtimestamp(int(chosen), UTC)
    except (OverflowError, ValueError, OSError):
        return None


HANDLERS: dict[str, Callable[[Deps, Submitted, Mapping[str, Any]], Answer]] = {
    snooze_modal.CALLBACK: snooze,
    support_modal.CALLBACK: support,
}
