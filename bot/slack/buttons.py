"""Buttons and menus that do something with alerts; those that only show something are in `browsing`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from slack_bolt import App, BoltResponse

from bot.alerts.lifecycle import Action
from bot.slack import (
    answers,
    assigning,
    browsing,
    commands,
    conversations,
    former,
    home,
    lookups,
    mute_forms,
    mutes,
    payloads,
    reports,
    resolving,
    route_here,
    routes,
    setup_check,
    snoozing,
    support,
    timeline,
    watches,
    why,
    windows,
)
from bot.slack.blocks import assign_modal, snooze_modal, timeline_modal
from bot.slack.deps import Deps
from bot.slack.payloads import ANYTHING, BadPayloadError, Pressed, Where
from bot.slack.recording import denied, record, refusal
from bot.slack.replies import later, respond, show, tell
from bot.slack.settings import connection, opening, undoing
from storage import alerts as stored
from storage.models import Send

Handler = Callable[[Deps, Pressed], Any]


def register(app: App, deps: Deps) -> None:
    """One listener for every button; HANDLERS says what each does."""

    @app.action(ANYTHING)
    def listen(ack: Callable[..., BoltResponse], body: Mapping[str, Any]) -> None:
        found = payloads.pressed(body)
        handler = HANDLERS.get(found.action)
        if handler is None:
            raise BadPayloadError(payloads.FOREIGN)
        with deps.database.read() as session:
            is_former = former.is_former(session, found.where, found.content)
        if is_former:
            later(deps, found.where, lambda: tell(deps, found.where, former.UNKNOWN))
        else:
            handler(deps, found)
        ack()


def press_alert(deps: Deps, found: Pressed, action: Action) -> None:
    """Do `action` with one alert, then show what became of it wherever the press came from."""
    alert_id = payloads.number(found.content, "alert")
    outcome = record(
        deps, found.where, action, (alert_id,), dedupe_key=found.dedupe_key, version=payloads.version(found.content),
    )
    if outcome.refused is not None:
        told = refusal(outcome)
        later(deps, found.where, lambda: tell(deps, found.where, told))
    if outcome.refused is None and action in WINDOWS:
        _open(deps, found, WINDOWS[action])
        return
    later(deps, found.where, lambda: _show_again(deps, found, alert_id))


WINDOWS = {Action.SUPPORT: support.ask, Action.MEANING: windows.meaning}
"""What is opened once the press is on record."""


def _open(deps: Deps, found: Pressed, window: Callable[..., None]) -> None:
    alert_id, beneath = payloads.number(found.content, "alert"), windows.origin(found.where, found.content)
    later(deps, found.where, lambda: window(deps, found.where, alert_id, beneath))


def _show_again(deps: Deps, found: Pressed, alert_id: int) -> None:
    """The channel's message is drawn by the delivery; a window or an answer to a command is drawn here."""
    place = found.where
    if place.view_id:
        beneath = windows.origin(place, found.content)
        windows.refresh(deps, place.view_id, beneath, place.view_hash, reader=place.user_id)
    elif place.ephemeral:
        with deps.database.read() as session:
            alert = stored.by_id(session, alert_id)
            send = session.get(Send, alert.send_id) if alert and alert.send_id else None
            now = deps.clock()
            drawn = answers.card(session, send, now, reader=place.user_id) if send else answers.GONE
        respond(deps, place, drawn, replace=True)
    else:
        conversations.draw_again(deps, place)


def _asking(
    action: Action, meant: Callable[[Pressed], dict[str, Any]], ask: Callable[[Deps, Where, dict[str, Any]], None],
) -> Handler:
    """What opens, for who may do it, the window that asks how; nothing is recorded before that is answered.

    `meant` says what it is about: one alert, or all alerts of a message.
    """

    def handler(deps: Deps, found: Pressed) -> None:
        data = meant(found)

        def task() -> None:
            refused = denied(deps, found.where, action, data, found.dedupe_key)
            if refused is not None:
                tell(deps, found.where, refused)
            else:
                ask(deps, found.where, data)

        later(deps, found.where, task)

    return handler


def _alert_of(found: Pressed) -> dict[str, Any]:
    return {"alert": payloads.number(found.content, "alert"), **windows.origin(found.where, found.content)}


def _group_of(found: Pressed) -> dict[str, Any]:
    return {"group": payloads.number(found.content, "message")}


def open_alert(deps: Deps, found: Pressed) -> None:
    """Show the send that an alert is about, with all that can be done."""
    with deps.database.read() as session:
        alert = stored.by_id(session, payloads.number(found.content, "alert"))
    if alert is None or alert.send_id is None:
        later(deps, found.where, lambda: tell(deps, found.where, windows.GONE))
    else:
        browsing.open_send(deps, replace(found, content={"send": alert.send_id}))


def press_group(deps: Deps, found: Pressed, action: Action) -> None:
    """Do `action` with every alert of a message that it can be done with."""
    message_id = payloads.number(found.content, "message")
    outcome = record(
        deps, found.where, action, dedupe_key=found.dedupe_key, message_id=message_id,
        version=payloads.version(found.content),
    )
    if outcome.told is not None:
        told = refusal(outcome)
        later(deps, found.where, lambda: tell(deps, found.where, told))


def show_group(deps: Deps, found: Pressed) -> None:
    """Open the window with all alerts of a message."""
    message_id, place = payloads.number(found.content, "message"), found.where

    def task() -> None:
        with deps.database.read() as session:
            view = windows.group(session, deps, message_id, 0)
        if view is None:
            tell(deps, place, windows.GONE)
        else:
            show(deps, place, view)

    later(deps, place, task)


def turn_group_page(deps: Deps, found: Pressed) -> None:
    """Show another page in the window that is open."""
    beneath = {"message": payloads.number(found.content, "message"), "page": payloads.count(found.content, "page")}
    later(deps, found.where, lambda: windows.refresh(deps, found.where.view_id, beneath, reader=found.where.user_id))


def choose(deps: Deps, found: Pressed) -> None:
    """A choice from the menu of one alert, be it in its message or in the window of a group."""
    chosen = found.content.get("do")
    handler = HANDLERS.get(f"alert_{chosen}") if isinstance(chosen, str) else None
    if handler is None or handler is choose:
        raise BadPayloadError(payloads.FOREIGN)
    handler(deps, found)


def _alert(action: Action) -> Handler:
    return lambda deps, found: press_alert(deps, found, action)


def _group(action: Action) -> Handler:
    return lambda deps, found: press_group(deps, found, action)


HANDLERS: dict[str, Handler] = {
    "alert_acknowledge": _alert(Action.ACKNOWLEDGE),
    "alert_assign": _alert(Action.ASSIGN),
    "alert_snooze": _asking(Action.SNOOZE, _alert_of, snoozing.ask),
    "alert_resolve": _alert(Action.RESOLVE),
    "alert_support": _alert(Action.SUPPORT),
    "alert_meaning": _alert(Action.MEANING),
    "alert_undo": _alert(Action.UNDO),
    "alert_assign_to": _asking(Action.ASSIGN, _alert_of, assigning.ask),
    "alert_resolve_why": _asking(Action.RESOLVE, _alert_of, resolving.ask),
    "alert_timeline": timeline.show_first,
    "alert_open": open_alert,
    "alert_more": choose,
    "group_show": show_group,
    "group_page": turn_group_page,
    "group_alert": choose,
    "group_assign": _asking(Action.ASSIGN, _group_of, assigning.ask),
    "group_acknowledge": _group(Action.ACKNOWLEDGE),
    "group_resolve": _group(Action.RESOLVE),
    "group_snooze": _asking(Action.SNOOZE, _group_of, snoozing.ask),
    "group_undo": _group(Action.UNDO),
    snooze_modal.BACK: snoozing.back,
    assign_modal.ACTION: assigning.choose,
    timeline_modal.TURN: timeline.turn,
    "baseline_post": _group(Action.BASELINE_POST),
    "baseline_settle": _group(Action.BASELINE_SETTLE),
    "baseline_undo": _group(Action.UNDO),
    **mute_forms.BUTTONS,
    **mutes.HANDLERS,
    **browsing.HANDLERS,
    **lookups.HANDLERS,
    **commands.HANDLERS,
    **conversations.HANDLERS,
    **home.HANDLERS,
    **routes.HANDLERS,
    **route_here.BUTTONS,
    **setup_check.HANDLERS,
    **reports.HANDLERS,
    **opening.HANDLERS,
    **undoing.HANDLERS,
    **connection.HANDLERS,
    **watches.HANDLERS,
    **why.HANDLERS,
}
