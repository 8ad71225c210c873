"""The window in which a send is looked up: opened, completed while somebody types, and filled with the card."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import App, BoltResponse

from bot.sends import lookup
from bot.slack import browsing, payloads, windows
from bot.slack.blocks import send_card, send_search
from bot.slack.deps import Deps
from bot.slack.payloads import Pressed, Where
from bot.slack.replies import later, show

OPEN = "lookup_open"
"""The button that opens the window."""


def register(app: App, deps: Deps) -> None:
    """Listen for what is typed into the field that finds sends."""

    @app.options(send_search.FIND)
    def listen(ack: Callable[..., BoltResponse], body: Mapping[str, Any]) -> None:
        typed = body.get("value")
        with deps.database.glance() as session:
            found = lookup.complete(session, typed if isinstance(typed, str) else "", limit=send_search.MOST)
            options = [send_search.entry(send, deps.clock()) for send in found]
        ack(options=options)


def open_window(deps: Deps, place: Where) -> None:
    """Open the window with nothing chosen in it."""
    later(deps, place, lambda: show(deps, place, send_card.lookup()))


def choose(deps: Deps, found: Pressed) -> None:
    """Show the card of the send that was chosen, in the window in which it was."""
    place, send_id = found.where, payloads.number(found.content, "send")
    if place.view_type == "modal":
        later(deps, place, lambda: windows.refresh(
            deps, place.view_id, {"send": send_id}, place.view_hash, reader=place.user_id,
        ))
    else:
        browsing.open_send(deps, found)


HANDLERS: dict[str, Callable[[Deps, Pressed], Any]] = {
    OPEN: lambda deps, found: open_window(deps, found.where),
    send_search.FIND: choose,
}
