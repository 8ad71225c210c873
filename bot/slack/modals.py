"""What was filled in in a window: checked, recorded, and answered inside the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from slack_bolt import App, BoltResponse

from bot.alerts.lifecycle import LONGEST_SNOOZE, Action
from bot.alerts.until import NotUnderstood
from bot.slack import payloads, snoozing, windows
from bot.slack.blocks import snooze_modal, support_modal
from bot.slack.blocks.drawn import Block, Drawn
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
    """Snooze until the chosen instant; words are shown back first, and what cannot be is told beside the field."""
    words = payloads.chosen(found.values, snooze_modal.WORDS_BLOCK, snooze_modal.WORDS_ACTION)
    if words.strip():
        return _show_back(deps, found, words)
    until = _instant(payloads.chosen(found.values, snooze_modal.BLOCK, snooze_modal.ACTION))
    now = deps.clock()
    if until is None or until - now > LONGEST_SNOOZE:
        return _beside(snooze_modal.BLOCK, CHOOSE)
    if until <= now:
        return _beside(snooze_modal.BLOCK, PAST)
    return _record(deps, found, body, Action.SNOOZE, {"until": until})


def _show_back(deps: Deps, found: Submitted, words: str) -> Answer:
    with deps.database.read() as session:
        asked = snoozing.question(session, deps, found.where, found.where.view_data)
    if isinstance(asked, Drawn):
        return _instead(window(asked))
    second = asked.second(words)
    if isinstance(second, NotUnderstood):
        return _beside(snooze_modal.WORDS_BLOCK, second.told)
    return _instead(second)


def snooze_as_shown(deps: Deps, found: Submitted, body: Mapping[str, Any]) -> Answer:
    """Snooze until the instant that the words were taken to mean; back to the choices where it has passed meanwhile."""
    until = _instant(str(payloads.count(found.where.view_data, "until", most=payloads.BIGGEST)))
    if until is not None and until > deps.clock():
        return _record(deps, found, body, Action.SNOOZE, {"until": until})
    with deps.database.read() as session:
        asked = snoozing.question(session, deps, found.where, found.where.view_data)
    return _instead(window(asked) if isinstance(asked, Drawn) else asked.first(problem=PAST))


def support(deps: Deps, found: Submitted, body: Mapping[str, Any]) -> Answer:
    """Record that Support has been contacted."""
    return _record(deps, found, body, Action.SUPPORT_SENT, {})


def _record(
    deps: Deps, found: Submitted, body: Mapping[str, Any], action: Action, args: dict[str, Any],
) -> Answer:
    data = found.where.view_data
    alerts = () if "group" in data else (payloads.number(data, "alert"),)
    outcome = record(
        deps, found.where, action, alerts, dedupe_key=found.dedupe_key, version=payloads.version(data), args=args,
        message_id=payloads.number(data, "group") if "group" in data else None,
    )
    beneath = _beneath(body)
    later(deps, found.where, lambda: windows.refresh(deps, beneath, data))
    if outcome.refused is None:
        return {}
    return _instead(window(refusal(outcome)))


def _instead(view: Block) -> Answer:
    return {"response_action": "update", "view": view}


def _beside(block: str, sentence: str) -> Answer:
    return {"response_action": "errors", "errors": {block: sentence}}


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
    snooze_modal.CONFIRM_CALLBACK: snooze_as_shown,
    support_modal.CALLBACK: support,
}
