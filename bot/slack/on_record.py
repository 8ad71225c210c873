"""Look-ups put on record, where that is set: who asked, when and by what; what they read is known when it is over."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.alerts.rulebook import Rulebook
from bot.privacy.looked_up import Asked
from bot.slack.deps import Deps
from bot.slack.payloads import part
from storage import scope
from storage.scope import Look, Scope

QUESTION, HOME, LINK, SUGGESTIONS = "question", "home", "link", "suggestions"
OF_TYPES = {
    "block_suggestion": SUGGESTIONS, "view_submission": "window", "shortcut": "shortcut", "message_action": "shortcut",
}
OF_EVENTS = {"app_home_opened": HOME, "link_shared": LINK}
"""Other events are no look-ups by themselves: a question is one when its answer is drawn."""
_NAME = re.compile(r"/?[a-z_-]{1,60}")
_KEY = re.compile(r"[A-Za-z0-9._:-]{1,100}")


def begun(body: Mapping[str, Any], user_id: str, limits: Scope | None, rules: Rulebook, now: datetime) -> Look:
    """The look that one request of Slack's begins; one that goes on record where that is set."""
    surface, name = _surface(body) if rules.look_ups.are_recorded else ("", "")
    if not surface:
        return Look(scope=limits)
    return Asked(
        scope=limits, key=_key(body, user_id, surface, name, now), user_id=user_id, looked_at=now, surface=surface,
        name=name,
    )


def note(deps: Deps) -> None:
    """Have what was read so far, if it goes on record, written down soon."""
    look = scope.current_look()
    if isinstance(look, Asked):
        deps.record(look)


def _surface(body: Mapping[str, Any]) -> tuple[str, str]:
    """What somebody did, and by which command, button or window; none where it is no look-up."""
    kind, view = body.get("type"), part(body, "view")
    if kind == "event_callback":
        return OF_EVENTS.get(str(part(body, "event").get("type")), ""), ""
    if kind == "block_actions":
        actions = body.get("actions")
        first = actions[0] if isinstance(actions, list) and actions else {}
        return HOME if view.get("type") == HOME else "button", _name(first, "action_id")
    if kind in OF_TYPES:
        return OF_TYPES[str(kind)], _name(body, "action_id") or _name(view, "callback_id") or _name(body, "callback_id")
    return ("command", _name(body, "command")) if "command" in body else ("", "")


def _name(found: object, name: str) -> str:
    text = found.get(name) if isinstance(found, Mapping) else None
    plain = text.partition(".")[0] if isinstance(text, str) else ""
    return plain if _NAME.fullmatch(plain) else ""


def _key(body: Mapping[str, Any], user_id: str, surface: str, name: str, now: datetime) -> str:
    if surface == SUGGESTIONS:
        # What is offered at every letter is one look in a minute.
        return f"{surface}:{user_id}:{name}:{now:%Y%m%d%H%M}"
    for told in (body.get("event_id"), body.get("trigger_id")):
        if isinstance(told, str) and _KEY.fullmatch(told):
            return f"{surface}:{told}"
    return f"{surface}:{secrets.token_hex(8)}"

