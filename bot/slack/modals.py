"""What was filled in in a window: checked, recorded, and answered inside the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from slack_bolt import App, BoltResponse

from bot.alerts.lifecycle import LONGEST_SNOOZE, Action
from bot.alerts.until import NotUnderstood
from bot.slack import assigning, mute_forms, payloads, reading, resolving, route_here, snoozing, support
from bot.slack.blocks import assign_modal, resolve_modal, snooze_modal, support_modal
from bot.slack.blocks.drawn import Drawn
from bot.slack.blocks.help_card import window
from bot.slack.deps import Deps
from bot.slack.payloads import ANYTHING, Submitted
from bot.slack.settings import connection, submitting
from bot.slack.submissions import Answer, beside, instead, recorded

PAST = "That time has passed meanwhile. Choose a later one."
CHOOSE = "Choose one of these."


def register(app: App, deps: Deps) -> None:
    """One listener for every window; HANDLERS says what each does."""

    @app.view(ANYTHING)
    def listen(ack: Callable[..., BoltResponse], body: Mapping[str, Any]) -> None:
        found = payloads.submitted(body)
        handler = HANDLERS.get(found.callback)
        answer = handler(deps, found, body) if handler else {}
        if "view" in answer:
            answer = {**answer, "view": reading.view(deps, found.where.user_id, answer["view"])}
        ack(**answer)

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
        return beside(snooze_modal.BLOCK, CHOOSE)
    if until <= now:
        return beside(snooze_modal.BLOCK, PAST)
    return recorded(deps, found, body, Action.SNOOZE, {"until": until})


def _show_back(deps: Deps, found: Submitted, words: str) -> Answer:
    with deps.database.read() as session:
        asked = snoozing.question(session, deps, found.where, found.where.view_data)
    if isinstance(asked, Drawn):
        return instead(window(asked))
    second = asked.second(words)
    if isinstance(second, NotUnderstood):
        return beside(snooze_modal.WORDS_BLOCK, second.told)
    return instead(second)


def snooze_as_shown(deps: Deps, found: Submitted, body: Mapping[str, Any]) -> Answer:
    """Snooze until the instant that the words were taken to mean; back to the choices where it has passed meanwhile."""
    until = _instant(str(payloads.count(found.where.view_data, "until", most=payloads.BIGGEST)))
    if until is not None and until > deps.clock():
        return recorded(deps, found, body, Action.SNOOZE, {"until": until})
    with deps.database.read() as session:
        asked = snoozing.question(session, deps, found.where, found.where.view_data)
    return instead(window(asked) if isinstance(asked, Drawn) else asked.first(problem=PAST))


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
    support_modal.CALLBACK: support.submit,
    assign_modal.CALLBACK: assigning.submit,
    resolve_modal.CALLBACK: resolving.submit,
    **mute_forms.WINDOWS,
    **route_here.WINDOWS,
    **submitting.WINDOWS,
    **connection.WINDOWS,
}
