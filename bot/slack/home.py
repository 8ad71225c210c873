"""The Home tab, drawn whenever somebody opens it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt import App

from bot.slack import facts, grammar, people
from bot.slack.blocks import home
from bot.slack.deps import Deps
from bot.slack.payloads import USER, Where
from bot.slack.replies import UNANSWERED, later, reason

log = structlog.get_logger(__name__)


def register(app: App, deps: Deps) -> None:
    """Listen for the tab being opened."""

    @app.event("app_home_opened")
    def opened(event: Mapping[str, Any]) -> None:
        user = event.get("user")
        if event.get("tab") == "home" and isinstance(user, str) and USER.fullmatch(user):
            place = Where(user_id=user)
            later(deps, place, lambda: publish(deps, place))


def publish(deps: Deps, place: Where) -> None:
    """Draw the tab from what is true now; a newcomer's is drawn again once Slack has said who they are."""
    now = deps.clock()
    with deps.database.read() as session:
        stale = people.known(session, place.user_id, now).stale
    _draw(deps, place)
    if stale and people.ask(deps, place):
        _draw(deps, place)


def _draw(deps: Deps, place: Where) -> None:
    with deps.database.read() as session:
        now = deps.clock()
        view = home.build(facts.home(session, place.user_id, now), grammar.usages(), now)
    try:
        deps.client.views_publish(user_id=place.user_id, view=view)
    except UNANSWERED as error:
        log.warning("home not drawn", error=reason(error))
