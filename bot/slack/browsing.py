"""Buttons that only show something: a send, a list, a meaning. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from bot.slack import answers, payloads
from bot.slack.blocks import meaning_card, send_card
from bot.slack.blocks.drawn import Drawn
from bot.slack.blocks.help_card import WINDOW, note, window
from bot.slack.deps import Deps
from bot.slack.payloads import BadPayloadError, Pressed, Where
from bot.slack.replies import later, redraw, respond, show
from bot.statuses import catalogue
from bot.statuses.catalogue import Status
from storage.models import Send

SHARED = note("Shared in this channel.")
NOT_SHARED = note("Slack did not let me share it here. Type the command again, then press “Share in channel”.")


def open_send(deps: Deps, found: Pressed) -> None:
    """Show the card of one send: in place of the list, or as a window where there is no message."""
    send_id, back = payloads.number(found.content, "send"), found.content.get("back")
    place = found.where

    def task() -> None:
        now = deps.clock()
        with deps.database.read() as session:
            send = session.get(Send, send_id)
            drawn, view = answers.GONE, window(answers.GONE)
            if send is not None:
                facts = answers.facts(session, send, now, place.user_id)
                drawn = send_card.build(facts, now, back=back if isinstance(back, dict) else None)
                view = send_card.view(facts, now)
        if place.view_id:
            show(deps, place, view)
        else:
            respond(deps, place, drawn, replace=place.ephemeral)

    later(deps, place, task)


def turn_page(deps: Deps, found: Pressed) -> None:
    """Show another page of a list, or the list that was left for a card."""
    content = found.content
    _draw_here(
        deps, found.where, lambda session: answers.page(session, content, deps.clock(), found.where.user_id),
    )


def share(deps: Deps, found: Pressed) -> None:
    """Post the card to the channel in which the command was typed, without what is private."""
    send_id, place = payloads.number(found.content, "send"), found.where

    def task() -> None:
        with deps.database.read() as session:
            send = session.get(Send, send_id)
            now = deps.clock()
            drawn = send_card.shared(answers.facts(session, send, now), now, place.user_id) if send else None
        if drawn is None:
            respond(deps, place, answers.GONE, replace=place.ephemeral)
        elif respond(deps, place, drawn, shared=True):
            respond(deps, place, SHARED, replace=place.ephemeral)
        else:
            respond(deps, place, NOT_SHARED)

    later(deps, place, task)


def open_meaning(deps: Deps, found: Pressed) -> None:
    """Explain one status, chosen from "did you mean"."""
    status = found.content.get("status")
    if not isinstance(status, str) or status not in set(Status):
        raise BadPayloadError(payloads.FOREIGN)
    drawn = meaning_card.build(catalogue.meanings(status))
    _draw_here(deps, found.where, lambda _session: drawn)


def _draw_here(deps: Deps, place: Where, draw: Callable[[Session], Drawn]) -> None:
    def task() -> None:
        with deps.database.read() as session:
            drawn = draw(session)
        if place.view_callback == WINDOW:
            # Slack lays three windows upon each other at most: a list is leafed through in its own.
            redraw(deps, place.view_id, lambda: window(drawn), place.view_hash, reader=place.user_id)
        elif place.view_id:
            show(deps, place, window(drawn))
        else:
            respond(deps, place, drawn, replace=place.ephemeral)

    later(deps, place, task)


def pressed_link(_deps: Deps, _found: Pressed) -> None:
    """A link was opened in the browser; Slack only wants to hear that we heard."""


HANDLERS: dict[str, Callable[[Deps, Pressed], Any]] = {
    "send_open": open_send,
    "send_back": turn_page,
    "send_share": share,
    "list_more": turn_page,
    "meaning_open": open_meaning,
    "track": pressed_link,
    "source_open": pressed_link,
}
