"""A request as Bolt takes it, however it came: whatever has another shape is refused before Bolt stumbles over it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_bolt import BoltRequest

from bot.slack.payloads import storable

PARTS: dict[str, type | tuple[type, ...]] = {
    "actions": list, "authorizations": list, "event": dict, "view": dict, "container": dict, "message": dict,
    "user": (dict, str), "team": (dict, str), "channel": (dict, str), "enterprise": (dict, str), "type": str,
    "command": str,
}
"""Parts of a request that Bolt looks into, by the kinds that Slack sends."""


class UnreadableError(ValueError):
    """What came is no request of Slack's; the message is a sentence that says why, `reason` is for the log."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


def read(**parts: Any) -> BoltRequest:  # noqa: ANN401 - as Bolt takes them
    """The request that these make, as for `BoltRequest`. Raises `UnreadableError`."""
    try:
        request = BoltRequest(**parts)
        request.body = storable(request.body)
    except Exception as error:  # noqa: BLE001 - Bolt lets out whatever parsing stumbles over, even RecursionError
        raise UnreadableError(
            "The body is neither a form nor a JSON object of Slack's.", type(error).__name__,
        ) from None
    # Bolt asks whether such a part is there, not whether it is null.
    for name in [name for name in PARTS if request.body.get(name, "") is None]:
        del request.body[name]
    if not _is_shaped(request.body):
        raise UnreadableError("The body is not shaped like any request of Slack's.", "shape")
    return request


def _is_shaped(body: Mapping[str, object]) -> bool:
    """Whether what Bolt looks into has the kind that it takes for granted."""
    for name, value in body.items():
        if name in PARTS and not isinstance(value, PARTS[name]):
            return False
        if name in PARTS and isinstance(value, list) and not all(isinstance(one, dict) for one in value):
            return False
    actions: Any = body.get("actions", [{"action_id": ""}])
    if body.get("type") == "interactive_message":
        return bool(actions)  # the buttons of Slack's old attachments have no action_id
    return bool(actions) and all(isinstance(one.get("action_id"), str) for one in actions)
