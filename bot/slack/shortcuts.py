"""Shortcuts, of the workspace and of a message. What each does begins with a window, which works anywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import App, BoltResponse

from bot.slack import lookups, message_search
from bot.slack.deps import Deps
from bot.slack.payloads import where

Handler = Callable[[Deps, Mapping[str, Any]], Any]


def register(app: App, deps: Deps) -> None:
    """One listener for each shortcut of the table."""
    for callback_id, handler in GLOBAL.items():
        app.global_shortcut(callback_id)(_listener(deps, handler))
    for callback_id, handler in MESSAGE.items():
        app.message_shortcut(callback_id)(_listener(deps, handler))


def _listener(deps: Deps, handler: Handler) -> Callable[[Callable[..., BoltResponse], Mapping[str, Any]], None]:
    def listen(ack: Callable[..., BoltResponse], body: Mapping[str, Any]) -> None:
        handler(deps, body)
        ack()

    return listen


def look_up(deps: Deps, body: Mapping[str, Any]) -> None:
    """Open the window in which a send is looked up."""
    lookups.open_window(deps, where(body))


GLOBAL: dict[str, Handler] = {"look_up_send": look_up}
MESSAGE: dict[str, Handler] = {"which_sends": message_search.open_window}
"""Callback ids, as they stand in the manifest."""
