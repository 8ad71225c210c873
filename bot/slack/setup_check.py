""""Check set-up": says at once that it looks, then what it found; for those who may change settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.config.document import SETTINGS
from bot.doctor import hosted
from bot.doctor.finding import Report
from bot.doctor.work import API, SENDOSO, STORED
from bot.slack.blocks import connection_window, setup_card
from bot.slack.blocks.drawn import Drawn
from bot.slack.blocks.help_card import note
from bot.slack.blocks.limits import modal
from bot.slack.deps import Deps
from bot.slack.payloads import Pressed, Where
from bot.slack.replies import later, redraw, respond, show, tell
from bot.slack.rights import denied

CALLBACK = "setup_modal"
HERE = "The button below opens the window in which it is set; “/sends settings sendoso” does, too."
CHECKING = note("Checking the set-up: settings, database, Slack and Sendoso. This takes some seconds …")


def typed(deps: Deps, place: Where) -> Drawn:
    """The answer to `/sends check` for now; the rest comes when Slack and Sendoso have answered."""
    refused = denied(deps, place, SETTINGS, f"check|{place.trigger_id}|{place.user_id}")
    if refused is not None:
        return refused
    later(deps, place, lambda: respond(deps, place, _found(deps), replace=True))
    return CHECKING


def pressed(deps: Deps, found: Pressed) -> None:
    """The same in a window, or in the place of an answer that only this person sees."""
    place = found.where

    def task() -> None:
        refused = denied(deps, place, SETTINGS, found.dedupe_key)
        if refused is not None:
            tell(deps, place, refused)
        elif place.view_callback == CALLBACK:
            redraw(deps, place.view_id, lambda: _window(CHECKING), reader=place.user_id)
            redraw(deps, place.view_id, lambda: _window(_found(deps)), reader=place.user_id)
        elif place.ephemeral:
            respond(deps, place, CHECKING, replace=True)
            respond(deps, place, _found(deps), replace=True)
        else:
            _in_a_window(deps, place)

    later(deps, place, task)


def _in_a_window(deps: Deps, place: Where) -> None:
    opened = show(deps, place, _window(CHECKING))
    if opened is not None:
        drawn = _found(deps)
        redraw(deps, opened.view_id, lambda: _window(drawn), reader=place.user_id)


def _found(deps: Deps) -> Drawn:
    if deps.check_setup is None:
        return note("The set-up cannot be checked from here. `sendwatch doctor` does it on the command line.")
    if deps.sendoso is None:
        return setup_card.build(deps.check_setup(), deps.clock())
    opener = connection_window.opener(deps.sendoso.standing())
    report = hosted.of_one(deps.check_setup(), deps.origin.workspace)
    return setup_card.build(_mended_here(report), deps.clock(), opener)


def _mended_here(report: Report) -> Report:
    """The same where access to Sendoso is given in Slack, not in the environment."""
    return Report(findings=tuple(
        replace(one, mend=HERE) if one.topic == SENDOSO and one.what in {API, STORED} and one.mend else one
        for one in report.findings
    ))


def _window(drawn: Drawn) -> dict[str, Any]:
    return modal("Check set-up", drawn.parts, callback_id=CALLBACK)


def opened(_deps: Deps, _found: Pressed) -> None:
    """A button with an address: Slack opens it, and only wants to hear that the press has arrived."""


HANDLERS: dict[str, Callable[[Deps, Pressed], Any]] = {setup_card.CHECK: pressed, setup_card.OPEN: opened}
