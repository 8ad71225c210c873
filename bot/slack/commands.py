"""The slash commands: parse, one look into the database, answer.

What must ask Slack or count first is answered by the response_url a moment later. Slack shows nothing until then: what
an answer to a command has said for now would stay above the real one for good.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from slack_bolt import App, BoltResponse
from sqlalchemy.orm import Session

from bot.slack import (
    answers,
    audit_file,
    grammar,
    mine,
    mute_answers,
    people,
    phrases,
    questions,
    reports,
    routes,
    setup_check,
    watches,
    why,
)
from bot.slack.blocks import help_card
from bot.slack.blocks.drawn import Drawn
from bot.slack.deps import Deps
from bot.slack.grammar import Asked
from bot.slack.payloads import FOREIGN, BadPayloadError, Pressed, Where, where
from bot.slack.replies import later, respond
from bot.slack.settings import connection, opening

Ack = Callable[..., BoltResponse]


def register(app: App, deps: Deps) -> None:
    """One listener for each command of the grammar's table."""
    for name in grammar.COMMANDS:
        app.command(name)(_listener(deps, name))


def _listener(deps: Deps, name: str) -> Callable[[Ack, Mapping[str, Any]], None]:
    def listen(ack: Ack, body: Mapping[str, Any]) -> None:
        text = body.get("text")
        drawn = answered(deps, name, where(body), text if isinstance(text, str) else "")
        ack(**_as_read(deps, body, drawn).reply() if drawn is not None else {})

    return listen


def _as_read(deps: Deps, body: Mapping[str, Any], drawn: Drawn) -> Drawn:
    """The answer with its numbers as the asker is used to them."""
    if drawn.marked is None:
        return drawn
    with deps.database.glance() as session:
        return _read(session, deps, where(body), drawn)


def _read(session: Session, deps: Deps, place: Where, drawn: Drawn) -> Drawn:
    """The same, while it is looked up; whose locale nobody has asked for yet is asked for after the answer."""
    if drawn.marked is None:
        return drawn
    found = people.known(session, place.user_id, deps.clock())
    if found.stale and not found.locale:
        later(deps, place, lambda: people.ask(deps, place))
    return drawn.read_in(found.locale)


def answered(deps: Deps, name: str, place: Where, typed: str) -> Drawn | None:
    """The answer to a command; None where it comes later, because Slack must be asked first."""
    asked = in_words(grammar.parse(name, typed))
    if asked.user is None or asked.what in RAW:
        return _answer(deps, place, asked, name, typed)
    with deps.database.glance() as session:
        email = people.email(session, asked.user)
    if email or asked.query != asked.user:
        return _answer(deps, place, replace(asked, query=email or asked.query), name, typed)
    later(deps, place, lambda: _answer_about(deps, place, asked, name, typed))
    return None


def in_words(asked: Asked) -> Asked:
    """A list, report or send that is asked for in a sentence, such as "what is stuck"; anything else as it is.

    Of what the buttons of alerts do, such as "snooze jane 2h", the alerts that have them.
    """
    if asked.what not in {"a_send", "mistaken"} or " " not in asked.query:
        return asked
    act = phrases.ACT.fullmatch(phrases.folded(asked.query))
    return Asked(what="alerts", query=act["x"]) if act is not None else _understood(asked)


def _understood(asked: Asked) -> Asked:
    found = questions.understand(asked.query)
    words = next(iter(found.cuts), "")
    if found.what in questions.LISTS:
        return Asked(what=found.what, query=words)
    if found.what == "status":
        return Asked(what="a_send", query=words)
    if found.what == "command" and words.startswith(REPORT):
        return grammar.parse(*words.split(" ", 1))
    # What may be a name as a whole, such as Autumn Box or Will Smith, is left as it is.
    if asked.what == "mistaken" or not words or not phrases.OPENING.match(asked.query.lower()):
        return asked
    if found.user or words == asked.query or phrases.OPENING.match(words.lower()):
        return asked
    return Asked(what=found.what, query=words) if found.what in ASKED_SO else replace(asked, query=words)


def _answer(deps: Deps, place: Where, asked: Asked, name: str, typed: str) -> Drawn | None:
    known_way = ANSWERS.get(asked.what)
    if known_way is not None:
        return known_way(deps, place, asked, typed)
    return _looked_up(deps, place, asked, name)


def _answer_about(deps: Deps, place: Where, asked: Asked, name: str, typed: str) -> None:
    """The answer about somebody of whom nothing but the Slack id is known, by the e-mail that Slack tells."""
    email = people.ask(deps, replace(place, user_id=asked.user or ""))
    drawn = _answer(deps, place, replace(asked, query=email or asked.query), name, typed)
    if drawn is not None:
        respond(deps, place, drawn)


def _looked_up(deps: Deps, place: Where, asked: Asked, name: str) -> Drawn:
    with deps.database.glance() as session:
        drawn = answers.answer(
            session, asked, name, deps.clock(), lambda: deps.rules(session).watch, place.user_id,
        )
        return _read(session, deps, place, drawn)


def _mute(deps: Deps, place: Where, asked: Asked, text: str) -> Drawn | None:
    if not asked.query:
        return _looked_up(deps, place, asked, grammar.SENDS.name)
    strangers = mute_answers.strangers(deps, text)
    if not strangers:
        return mute_answers.typed(deps, place, text)

    def task() -> None:
        for user in strangers:
            people.ask(deps, replace(place, user_id=user))
        respond(deps, place, mute_answers.typed(deps, place, text))

    later(deps, place, task)
    return None


def _route(deps: Deps, _place: Where, asked: Asked, _text: str) -> Drawn:
    with deps.database.read() as session:
        return routes.answer(session, asked.query, deps.rules(session), deps.clock())


def _settings(deps: Deps, place: Where, asked: Asked) -> Drawn:
    if connection.is_meant(asked.query):
        return connection.command(deps, place)
    return opening.command(deps, place, asked.query)


def _why(deps: Deps, place: Where, asked: Asked, _text: str) -> Drawn:
    if not asked.query:
        return answers.needs_more(grammar.SENDS.name, asked.what)
    with deps.database.read() as session:
        return why.answer(session, asked.query, deps.rules(session), deps.clock(), place.user_id)


def _mine(deps: Deps, place: Where) -> Drawn | None:
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
    return None


def _answer_mine(deps: Deps, place: Where) -> None:
    email = people.ask(deps, place)
    with deps.database.read() as session:
        drawn = answers.page(session, mine.asked(place.user_id, email), deps.clock())
    respond(deps, place, drawn)


def do(deps: Deps, found: Pressed) -> None:
    """Run, for who presses, the command that they have asked for in plain words."""
    name, text = found.content.get("command"), found.content.get("text")
    if name not in grammar.COMMANDS or not isinstance(text, str):
        raise BadPayloadError(FOREIGN)

    def task() -> None:
        drawn = answered(deps, str(name), found.where, text)
        if drawn is not None:
            respond(deps, found.where, drawn)

    later(deps, found.where, task)


HANDLERS: dict[str, Callable[[Deps, Pressed], Any]] = {help_card.DO: do}
ANSWERS: dict[str, Callable[[Deps, Where, Asked, str], Drawn | None]] = {
    "mine": lambda deps, place, _asked, _text: _mine(deps, place),
    "audit": lambda deps, place, asked, _text: audit_file.ask(deps, place, asked.query),
    "report": lambda deps, place, asked, _text: reports.ask(deps, place, asked.query),
    "check": lambda deps, place, _asked, _text: setup_check.typed(deps, place),
    "settings": lambda deps, place, asked, _text: _settings(deps, place, asked),
    "watch": lambda deps, place, asked, _text: watches.ask(deps, place, asked.query),
    "unwatch": lambda deps, place, asked, _text: watches.unwatch(deps, place, asked.query),
    "mute": _mute,
    "route": _route,
    "why": _why,
}
"""What is asked for -> what answers it, from what was meant and from what was typed; the rest is only looked up."""
REPORT = f"{grammar.SENDS.name} report"
ASKED_SO = frozenset({"meaning", "why", "route"})
"""What is asked of something in a sentence behind `/sends` and is no look-up."""
RAW = frozenset({"mine", "audit", "check", "mute", "report", "settings"})
"""What reads people's mentions by itself, or none."""
