"""The slash commands: parse, one look into the database, answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import App, BoltResponse

from bot.slack import answers, audit_file, grammar, mine, mute_answers, people, reports, routes, setup_check
from bot.slack.blocks.drawn import Drawn
from bot.slack.blocks.help_card import note
from bot.slack.deps import Deps
from bot.slack.payloads import Where, where
from bot.slack.replies import later, respond
from bot.slack.settings import opening

Ack = Callable[..., BoltResponse]
ASKED: dict[str, Callable[[Deps, Where, str], Drawn]] = {
    "audit": audit_file.ask, "report": reports.ask,
    "check": lambda deps, place, _words: setup_check.typed(deps, place),
    "settings": lambda deps, place, _words: opening.command(deps, place),
}
"""Words of `/sends` that look for themselves what more was typed."""
LOOKING = note("Looking you up in Slack …")


def register(app: App, deps: Deps) -> None:
    """One listener for each command of the grammar's table."""
    for name in grammar.COMMANDS:
        app.command(name)(_listener(deps, name))


def _listener(deps: Deps, name: str) -> Callable[[Ack, Mapping[str, Any]], None]:
    def listen(ack: Ack, body: Mapping[str, Any]) -> None:
        ack(**answered(deps, name, body).reply())

    return listen


def answered(deps: Deps, name: str, body: Mapping[str, Any]) -> Drawn:
    """The answer to a command; what must ask Slack first answers for now and has the rest done later."""
    place = where(body)
    text = body.get("text")
    asked = grammar.parse(name, text if isinstance(text, str) else "")
    if asked.what == "mine":
        return _mine(deps, place)
    if asked.what in ASKED:
        return ASKED[asked.what](deps, place, asked.query)
    if asked.what == "mute" and asked.query:
        return mute_answers.typed(deps, place, str(text))
    with deps.database.read() as session:
        if asked.user:
            known = people.email(session, asked.user)
            asked = grammar.Asked(what=asked.what, query=known or asked.query)
        if asked.what == "route":
            return routes.answer(session, asked.query, deps.rules(session), deps.clock())
        return answers.answer(session, asked, name, deps.clock(), deps.rules(session).watch)


def _mine(deps: Deps, place: Where) -> Drawn:
    now = deps.clock()
    with deps.database.read() as session:
        known = people.known(session, place.user_id, now)
        if known.email:
            drawn = answers.page(session, mine.asked(place.user_id, known.email), now)
    if known.email:
        if known.stale:
            later(deps, place, lambda: people.ask(deps, place))
        return drawn
    later(deps, place, lambda: _answer_mine(deps, place))
    return LOOKING


def _answer_mine(deps: Deps, place: Where) -> None:
    email = people.ask(deps, place)
    with deps.database.read() as session:
        drawn = answers.page(session, mine.asked(place.user_id, email), deps.clock())
    respond(place, drawn, replace=True)
