"""The Home tab as somebody uses it: opened, turned to another page, and looked up from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import structlog
from slack_bolt import App

from bot.slack import answers, homes, payloads, people
from bot.slack.blocks import home
from bot.slack.blocks.help_card import note, window
from bot.slack.deps import Deps
from bot.slack.home_facts import SECTIONS
from bot.slack.outsiders import Gate
from bot.slack.payloads import USER, BadPayloadError, Pressed, Where
from bot.slack.replies import UNANSWERED, later, reason, show
from storage import homes as stored

log = structlog.get_logger(__name__)

NOTHING_TYPED = note("Type a name, e-mail, company, campaign, Sendoso id or tracking link, then press Enter.")


def register(app: App, deps: Deps, gate: Gate) -> None:
    """Listen for the tab being opened."""

    @app.event("app_home_opened")
    def opened(event: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        user, team = event.get("user"), body.get("team_id")
        if event.get("tab") == "home" and isinstance(user, str) and USER.fullmatch(user):
            place = Where(user_id=user, team_id=team if isinstance(team, str) else "")
            later(deps, place, lambda: publish(deps, gate, place))


def publish(deps: Deps, gate: Gate, place: Where) -> None:
    """Draw the tab from what is true now, and again once Slack has said anew who they are.

    The event does not say where somebody is at home: Slack is asked who a newcomer is before anything is shown.
    """
    with deps.database.read() as session:
        before = people.known(session, place.user_id, deps.clock())
    if before == people.Known():
        people.ask(replace(deps, client=deps.quick), place)
    own = deps.identity.team_id or place.team_id
    if gate.is_outsider(place.user_id, own):
        _shut(deps, place)
        return
    with deps.database.write() as session:
        now = deps.clock()
        stored.opened(session, place.user_id, now, place.team_id)
        stale = people.known(session, place.user_id, now).stale
    homes.redraw(deps, place.user_id)
    if not stale or not people.ask(deps, place):
        return
    if gate.is_outsider(place.user_id, own):
        _shut(deps, place)
    else:
        homes.redraw(deps, place.user_id)


def _shut(deps: Deps, place: Where) -> None:
    """A tab that says only why there is nothing in it; no job draws it."""
    with deps.database.write() as session:
        stored.forget(session, place.user_id)
    deps.count_refused("outsider")
    try:
        deps.client.views_publish(user_id=place.user_id, view=home.closed())
    except UNANSWERED as error:
        log.warning("home not drawn", error=reason(error), user=place.user_id)


def turn(deps: Deps, found: Pressed) -> None:
    """Show another page of one section; the others stay as they are."""
    name, page = found.content.get("section"), payloads.count(found.content, "page")
    if name not in SECTIONS:
        raise BadPayloadError(payloads.FOREIGN)

    def task() -> None:
        with deps.database.write() as session:
            stored.turn(session, found.where.user_id, str(name), page, deps.clock())
        homes.redraw(deps, found.where.user_id)

    later(deps, found.where, task)


def search(deps: Deps, found: Pressed) -> None:
    """Answer what was typed into the field of the tab, in a window."""
    place, typed = found.where, found.typed.strip()

    def task() -> None:
        drawn = NOTHING_TYPED
        if typed:
            with deps.database.read() as session:
                drawn = answers.page(session, {"list": "find", "q": typed, "offset": 0}, deps.clock())
        show(deps, place, window(drawn))

    later(deps, place, task)


HANDLERS: dict[str, Callable[[Deps, Pressed], Any]] = {home.TURN: turn, home.SEARCH: search}
