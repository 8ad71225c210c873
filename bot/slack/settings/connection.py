"""Access to Sendoso, where each workspace sets its own in Slack: looked at, given, changed and taken away."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from bot.sends import connecting
from bot.sends.connecting import ADDRESS, Desk, NotConnectedError
from bot.slack import grammar
from bot.slack.blocks import connection_window, setting_windows
from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.help_card import note, window
from bot.slack.blocks.limits import with_id
from bot.slack.blocks.text import own
from bot.slack.deps import Deps
from bot.slack.payloads import Pressed, Submitted, Where
from bot.slack.replies import later, redraw, redraw_awaited, show, tell
from bot.slack.settings import access, opening
from bot.slack.submissions import Answer, instead

MEANT = (
    "sendoso", "access", "sendoso access", "access to sendoso", "sendoso token", "token", "tokens", "access token",
    "api token", "api", "oauth", "sendoso api", "connect", "connect sendoso", "connection", "webhooks",
    "webhook secret",
)
"""What people call it."""
ELSEWHERE = note(connection_window.ELSEWHERE)
NOT_OPENED = note("Slack did not let me open the window in time. Press “Connect Sendoso”, please.")


def is_meant(query: str) -> bool:
    """Whether the words after `/sends settings` ask for this."""
    said = " ".join(query.casefold().split())
    if said in MEANT or not said:
        return bool(said)
    return not opening.named(query) and bool(grammar.nearest(said, list(MEANT), limit=1))


def command(deps: Deps, place: Where) -> Drawn:
    """What `/sends settings sendoso` answers: that the window opens, where it is set instead, or who may."""
    refused = access.refused(deps, place, f"typed|{place.trigger_id}|{place.user_id}")
    if refused is not None:
        return refused
    desk = deps.sendoso
    if desk is None:
        return ELSEWHERE
    stand = desk.standing()
    later(deps, place, lambda: show(deps, place, connection_window.form(stand, {}), instead=NOT_OPENED))
    return draw(setting_windows.connection_elsewhere(connection_window.opener(stand)))


def open_window(deps: Deps, found: Pressed) -> None:
    """The window, from wherever the button stands."""
    place = found.where

    def opened(desk: Desk) -> None:
        below = {"over": place.view_id} if place.view_callback == setting_windows.OVERVIEW else {}
        show(deps, place, connection_window.form(desk.standing(), below))

    _allowed(deps, found, opened)


def remove(deps: Deps, found: Pressed) -> None:
    """Forget the access, which Slack has asked about, and show the window as it is then."""
    place = found.where

    def removed(desk: Desk) -> None:
        said = connection_window.GONE if desk.disconnect(place.user_id, found.dedupe_key) else (
            connection_window.WAS_GONE
        )
        _show(deps, place, lambda: connection_window.form(desk.standing(), dict(place.view_data), said=[said]))

    _allowed(deps, found, removed)


def _allowed(deps: Deps, found: Pressed, do: Callable[[Desk], None]) -> None:
    def task() -> None:
        refused = access.refused(deps, found.where, found.dedupe_key)
        if refused is not None:
            tell(deps, found.where, refused)
        elif deps.sendoso is None:
            tell(deps, found.where, ELSEWHERE)
        else:
            do(deps.sendoso)

    later(deps, found.where, task)


def _show(deps: Deps, place: Where, drawn: Callable[[], Block]) -> None:
    redraw(deps, place.view_id, drawn, place.view_hash, reader=place.user_id)
    _redraw_overview(deps, place)


def _redraw_overview(deps: Deps, place: Where) -> None:
    over = place.view_data.get("over")
    if isinstance(over, str):
        redraw(deps, over, lambda: opening.drawn_overview(deps), reader=place.user_id)


def submit(deps: Deps, found: Submitted, _body: Mapping[str, Any]) -> Answer:
    """Tell mistakes beside their fields; else ask Sendoso in the background, and show what came of it."""
    refused = access.refused(deps, found.where, found.dedupe_key)
    if refused is not None:
        return instead(window(refused))
    if deps.sendoso is None:
        return instead(window(ELSEWHERE))
    desk, place, stand = deps.sendoso, found.where, deps.sendoso.standing()
    given = connection_window.read(found.values, stand)
    wrong = connecting.mistakes(given, stand)
    if wrong:
        beside = {connection_window.named(one): one for one in found.values}
        return {"response_action": "errors", "errors": {beside.get(one, one): said for one, said in wrong.items()}}
    # The answer to Slack may come later than Sendoso's: by this id the window is waited for.
    awaited = f"sendoso-{secrets.token_hex(12)}"

    def task() -> None:
        drawn = _tried(desk, place, given, found.dedupe_key)
        redraw_awaited(deps, awaited, drawn, reader=place.user_id)
        _redraw_overview(deps, place)

    later(deps, place, task)
    return instead(with_id(connection_window.asking(), awaited))


def _tried(desk: Desk, place: Where, given: Mapping[str, Any], key: str) -> Block:
    try:
        return connection_window.done(desk.connect(given, place.user_id, key))
    except NotConnectedError as error:
        said = f"🔴 {own(str(error))} {connection_window.EMPTY}"
        address = str(given.get(ADDRESS) or "")
        return connection_window.form(desk.standing(), dict(place.view_data), said=[said], address=address)


HANDLERS: dict[str, Callable[[Deps, Pressed], Any]] = {
    connection_window.OPEN: open_window, connection_window.REMOVE: remove,
}
WINDOWS: dict[str, Callable[[Deps, Submitted, Mapping[str, Any]], Answer]] = {connection_window.CALLBACK: submit}
