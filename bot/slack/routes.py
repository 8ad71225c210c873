"""Where the alerts about a send go and why, and the routes in force. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.alerts.routing import MAIL
from bot.alerts.rulebook import Rulebook
from bot.alerts.subjects import about
from bot.config.explain import Explained, explain
from bot.sends import lookup
from bot.slack import answers, payloads, undelivered
from bot.slack.blocks import route_card, route_list, route_table
from bot.slack.blocks.drawn import Block, Drawn
from bot.slack.blocks.limits import modal
from bot.slack.blocks.route_facts import SUPPOSED, Addressee, Choice, Route
from bot.slack.deps import Deps
from bot.slack.fitting import fitting
from bot.slack.payloads import Pressed, Where
from bot.slack.possible import choices, default
from bot.slack.replies import later, redraw, respond, show
from storage import addresses, notifications, people
from storage.models import Alert, Send

CALLBACK = "route_modal"


def answer(session: Session, query: str, rules: Rulebook, now: datetime, offset: int = 0) -> Drawn:
    """Where the alerts of the send go that `query` names; a list where it fits several; without words all routes."""
    if not query:
        return route_table.build(rules)
    return fitting(
        session, query, offset, route_list.BACK, one=lambda send: card(session, send, rules, now),
        several=lambda shown, picked: route_list.several(shown, picked, now),
        none=lambda nearest: route_list.nothing(query, nearest),
    )


def card(session: Session, send: Send, rules: Rulebook, now: datetime, asked: Mapping[str, Any] | None = None) -> Drawn:
    """The card of one send; `asked` may name another alert (`rule`), a place among the routes, and the way back."""
    content = asked or {}
    back = content.get("back")
    found = _route(session, send, rules, content.get("rule"), now)
    return route_card.build(
        found, now, offset=payloads.count(content, "offset"), back=back if isinstance(back, dict) else None,
    )


def _route(session: Session, send: Send, rules: Rulebook, name: object, now: datetime) -> Route:
    offered = choices(session, send, rules.watch, now)
    chosen = next((one for one in offered if one.name == name), None) or default(offered)
    explained = _explained(session, send, rules, chosen, now)
    alert = _open_alert(session, send, chosen)
    told = notifications.of_alerts(session, [alert.id])[alert.id] if alert else ()
    return Route(
        send=send, subject=about(chosen.rule, chosen.level, send.status, send), chosen=chosen, choices=offered,
        explained=explained, permissions=rules.permissions, alert_channel=rules.routing.alert_channel,
        people=_people(session, explained, now), alert=alert,
        told=told, unseen=undelivered.of(session, told),
    )


def _explained(session: Session, send: Send, rules: Rulebook, chosen: Choice, now: datetime) -> Explained:
    # What stands or is to come is explained as it is; anything else as if it came.
    standing = () if chosen.state == SUPPOSED else explain(session, now, rules, send)
    same = (one for one in standing if (one.asked.rule, one.asked.level) == (chosen.rule, chosen.level))
    return next(same, None) or explain(session, now, rules, send, chosen.name)[0]


def _open_alert(session: Session, send: Send, chosen: Choice) -> Alert | None:
    return next(
        (one for one in lookup.open_alerts_of(session, send) if (one.rule, one.level) == (chosen.rule, chosen.level)),
        None,
    )


def _people(session: Session, explained: Explained, now: datetime) -> dict[str, Addressee]:
    """Who is behind the addresses to which it goes, as far as the bot knows without asking Slack."""
    found = {}
    for place, _ in explained.places:
        if place.channel.startswith(MAIL):
            person = people.by_email(session, place.channel.removeprefix(MAIL))
            unknown = addresses.unknown_until(session, place.channel, now) is not None
            found[place.channel] = Addressee(user_id=person.user_id if person else "", is_unknown=unknown)
    return found


Draw = Callable[[Session, Rulebook, datetime], Drawn]


def show_card(deps: Deps, found: Pressed) -> None:
    """Where the alerts of one send go: its first view, another alert of it, or another page of the routes."""
    send_id, content = payloads.number(found.content, "send"), found.content

    def draw(session: Session, rules: Rulebook, now: datetime) -> Drawn:
        send = session.get(Send, send_id)
        return card(session, send, rules, now, content) if send else answers.GONE

    _show(deps, found.where, draw)


def show_table(deps: Deps, found: Pressed) -> None:
    """All routes, from a place among them on."""
    offset = payloads.count(found.content, "offset")
    _show(deps, found.where, lambda _session, rules, _now: route_table.build(rules, offset))


def show_list(deps: Deps, found: Pressed) -> None:
    """The sends that fit some words: another page, or the list that was left for a card."""
    query, offset = found.content.get("q"), payloads.count(found.content, "offset", answers.LONGEST_LIST)
    words = query if isinstance(query, str) else ""
    _show(deps, found.where, lambda session, rules, now: answer(
        session, answers.known(session, words), rules, now, offset,
    ))


def _show(deps: Deps, place: Where, draw: Draw) -> None:
    def task() -> None:
        now = deps.clock()
        with deps.database.read() as session:
            drawn = draw(session, deps.rules(session), now)
        if place.view_callback == CALLBACK:
            redraw(deps, place.view_id, lambda: _window(drawn), place.view_hash, reader=place.user_id)
        elif place.view_id:
            show(deps, place, _window(drawn))
        else:
            respond(deps, place, drawn, replace=place.ephemeral)

    later(deps, place, task)


def _window(drawn: Drawn) -> Block:
    return modal("Where alerts go", drawn.parts, callback_id=CALLBACK)


HANDLERS: dict[str, Callable[[Deps, Pressed], Any]] = {
    "route_open": show_card,
    "route_rule": show_card,
    "route_page": show_card,
    "route_all": show_table,
    "route_back": show_list,
}
