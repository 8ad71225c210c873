"""What Slack says somebody did, checked before anything believes it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

USER = re.compile(r"[UW][A-Z0-9]{2,}")
CHANNEL = re.compile(r"[CG][A-Z0-9]{2,20}")
BIGGEST = 2**63 - 1
"""The largest id that a database column holds."""
ANYTHING = re.compile("")
"""For listeners that take every request of their kind and look into a table of their own."""
LONGEST_VALUE = 2000
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""What PostgreSQL refuses in a text, and what is no text at all: half of a letter."""
FOREIGN = "This button is not one that this version of Sendwatch knows. Please look the send up again."


class BadPayloadError(ValueError):
    """A payload that is broken or not ours; the message is a sentence for the person who pressed."""


@dataclass(frozen=True, kw_only=True)
class Where:
    """Where somebody did something, and how they can be answered there."""

    user_id: str
    user_name: str = ""
    team_id: str = ""
    channel: str = ""
    message_ts: str = ""
    trigger_id: str = ""
    response_url: str = ""
    view_id: str = ""
    view_type: str = ""
    view_hash: str = ""
    view_callback: str = ""
    view_data: Mapping[str, Any] = field(default_factory=dict)
    """The ids that the view carries."""
    ephemeral: bool = False
    """Whether it was done on a message that only this person sees."""


@dataclass(frozen=True, kw_only=True)
class Pressed:
    """A button or a choice of a menu: its action id without what keeps several apart, and what it carries."""

    where: Where
    action: str
    content: Mapping[str, Any]
    dedupe_key: str
    """The same for one press however often Slack delivers it."""
    typed: str = ""
    """The words in the field in which somebody has pressed Enter."""


@dataclass(frozen=True, kw_only=True)
class Submitted:
    """A modal sent off: its callback id and what was filled in, by block and action."""

    where: Where
    callback: str
    values: Mapping[str, Any]
    dedupe_key: str


def where(body: Mapping[str, Any]) -> Where:
    """Who did it and where, from an interaction or a command. Raises BadPayloadError without a user."""
    user, container = part(body, "user"), part(body, "container")
    view = part(body, "view")
    user_id = _text(user, "id") or _text(body, "user_id")
    if not USER.fullmatch(user_id):
        raise BadPayloadError("Slack did not say who you are, so nothing was done.")
    return Where(
        user_id=user_id,
        user_name=_text(user, "username") or _text(user, "name") or _text(body, "user_name"),
        team_id=_text(part(body, "team"), "id") or _text(user, "team_id") or _text(body, "team_id"),
        channel=_text(part(body, "channel"), "id") or _text(container, "channel_id") or _text(body, "channel_id"),
        message_ts=_text(container, "message_ts") or _text(part(body, "message"), "ts"),
        trigger_id=_text(body, "trigger_id"),
        response_url=_text(body, "response_url"),
        view_id=_text(view, "id"), view_type=_text(view, "type"), view_hash=_text(view, "hash"),
        view_callback=_text(view, "callback_id"), view_data=_json(_text(view, "private_metadata")),
        ephemeral=container.get("is_ephemeral") is True,
    )


def pressed(body: Mapping[str, Any]) -> Pressed:
    """The one thing that was pressed. Raises BadPayloadError for what no button of ours can send."""
    found = body.get("actions")
    action = found[0] if isinstance(found, list) and found else None
    if not isinstance(action, dict):
        raise BadPayloadError(FOREIGN)
    place = where(body)
    action_id, at = _text(action, "action_id"), _text(action, "action_ts") or place.trigger_id
    typed = _text(action, "value") if action.get("type") == "plain_text_input" else ""
    # What somebody types is never taken for what a button of ours carries.
    carried = "" if typed else _text(action, "value") or _text(part(action, "selected_option"), "value")
    picked = _text(action, "selected_user")
    spot = place.message_ts or place.view_id
    return Pressed(
        where=place, action=action_id.partition(".")[0],
        content={"user": picked} if USER.fullmatch(picked) else _json(carried),
        dedupe_key=f"{spot}|{at}|{place.user_id}|{action_id}", typed=typed,
    )


def submitted(body: Mapping[str, Any]) -> Submitted:
    """The modal that was sent off. Raises BadPayloadError when there is none."""
    view = part(body, "view")
    if not view:
        raise BadPayloadError(FOREIGN)
    place = where(body)
    return Submitted(
        where=place, callback=place.view_callback, values=part(part(view, "state"), "values"),
        dedupe_key=f"view|{place.view_id}|{place.view_hash}|{place.user_id}",
    )


def has_shape(body: Mapping[str, Any]) -> bool:
    """Whether a payload has the parts by which Bolt finds its listener."""
    if not all(isinstance(body.get(name, ""), str) for name in ("action_id", "callback_id")):
        return False
    match body.get("type"):
        case "block_actions" | "interactive_message":
            found = body.get("actions")
            first = found[0] if isinstance(found, list) and found else None
            named = "action_id" if body["type"] == "block_actions" else "name"
            return isinstance(first, dict) and isinstance(first.get(named), str)
        case "view_submission" | "view_closed":
            view = part(body, "view")
            return isinstance(view.get("callback_id"), str) and isinstance(view.get("type"), str)
        case "event_callback":
            return isinstance(part(body, "event").get("type"), str)
    return True


def is_own(user: object, body: Mapping[str, Any], own: str | None) -> bool:
    """Whether an event is about the bot itself; `own` is its user id, None while that is not known yet."""
    if not isinstance(user, str) or own is not None:
        return user == own
    told = body.get("authorizations")
    ours = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    return any(one.get("is_bot") is True and one.get("user_id") == user for one in ours)


def happened_at(body: Mapping[str, Any], otherwise: datetime) -> datetime:
    """When Slack says that an event was (UTC): the same however often and however late it says so."""
    for told in (part(body, "event").get("event_ts"), body.get("event_time")):
        try:
            return datetime.fromtimestamp(float(told), UTC)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError, OSError):
            continue
    return otherwise


def is_uninstall(event: Mapping[str, Any]) -> bool:
    """Whether an event says that the app was uninstalled, or its bot's token withdrawn."""
    if event.get("type") == "tokens_revoked":
        # Tokens of people, which this app never asks for, concern nobody.
        revoked = part(event, "tokens").get("bot")
        return isinstance(revoked, list) and bool(revoked)
    return event.get("type") == "app_uninstalled"


def channel(content: Mapping[str, Any], name: str = "channel") -> str:
    """The id of a channel that is no direct message; empty for anything else."""
    found = content.get(name)
    return found if isinstance(found, str) and CHANNEL.fullmatch(found) else ""


def number(content: Mapping[str, Any], name: str) -> int:
    """A row id out of what a button carries. Raises BadPayloadError for anything else."""
    found = content.get(name)
    if isinstance(found, bool) or not isinstance(found, int) or not 0 < found <= BIGGEST:
        raise BadPayloadError(FOREIGN)
    return found


def count(content: Mapping[str, Any], name: str, most: int = 100_000) -> int:
    """A place in a list, 0 or more; whatever is no such number is the beginning."""
    found = content.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) and 0 <= found <= most else 0


def version(content: Mapping[str, Any]) -> int | None:
    """The version as the button was drawn, of an alert or of all in a message; None when it does not say."""
    found = content.get("v")
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def chosen(values: Mapping[str, Any], block: str, action: str) -> str:
    """What was chosen or typed in one field of a modal; empty when nothing was."""
    found = part(part(values, block), action)
    return _text(part(found, "selected_option"), "value") or _text(found, "selected_user") or _text(found, "value")


def part(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The part of a payload that has this name; empty where there is none, or something else."""
    found = content.get(name)
    return found if isinstance(found, dict) else {}


def storable(found: Any) -> Any:  # noqa: ANN401 - JSON
    """The same JSON, in which every text is one that a database takes."""
    if isinstance(found, str):
        return UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", found)
    if isinstance(found, dict):
        return {storable(name): storable(value) for name, value in found.items()}
    return [storable(one) for one in found] if isinstance(found, list) else found


def _text(content: Mapping[str, Any], name: str) -> str:
    found = content.get(name)
    return found if isinstance(found, str) else ""


def _json(text: str) -> dict[str, Any]:
    if not text or len(text) > LONGEST_VALUE:
        return {}
    try:
        found = storable(json.loads(text))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
