"""The answer to "where would this alert go?": each place and why, every route, what holds it now, who may press."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.alerts.grouping import BASELINE
from bot.alerts.lifecycle import State
from bot.alerts.routing import Subject, Tried
from bot.slack.blocks import alert_state, gift, route_places, route_words
from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.limits import OPTION_VALUE, actions, button, context, header, option, plain, section, value
from bot.slack.blocks.numbers import amount
from bot.slack.blocks.route_facts import COMING, SETTLED, SUPPOSED, Choice, Route
from bot.slack.blocks.route_table import PAGE, ROOM, turns
from bot.slack.blocks.text import count, escape, first_of, one_line, own, stamp, whole, width
from bot.slack.blocks.unseen_words import not_told
from storage.models import Notification

PLACES = 6
"""So many places are shown with all that is to be said of them; every route says where it leads."""
LABELS = {
    "overdue/late": "Late", "overdue/support": "Stuck: contact Support",
    "expiring/7d": "Offer ends within 7 days", "expiring/2d": "Offer ends within 2 days",
    "expiring/1d": "Time for the address ends within 1 day", "expired/notice": "Offer is over",
    "needs_action/notice": "Somebody must act", "unknown_status/notice": "A status nobody has named",
}
STATES = {
    "firing": "Open", "acknowledged": "Open, acknowledged", "snoozed": "Open, snoozed",
    COMING: "Comes if nothing moves", SETTLED: "Told already, or replaced by another",
    SUPPOSED: "Not to be expected as it is",
}


def build(found: Route, now: datetime, *, offset: int = 0, back: dict[str, Any] | None = None) -> Drawn:
    """The card, with the routes from `offset` on; `back` is the list from which it was opened."""
    return draw([
        header(f"🧭 {one_line(gift.name(found.send), 60)}: where alerts go"),
        section(_alert(found, now), _menu(found, back)),
        context(_looked_at(found.subject)),
        *_told(found),
        *_places(found, now),
        *_routes(found, offset, back),
        section("\n".join(["*Who may press*", *route_words.pressed_by(found.permissions)])),
        actions(
            button("Open the send", "send_open", {"send": found.send.id}, label=gift.label("Open", found.send)),
            button("All routes", "route_all", {"offset": 0}, label="Show the routes of all alerts"),
            button("Back to the list", "route_back", back, label="Back to the list of sends") if back else None,
        ),
    ])


def _alert(found: Route, now: datetime) -> str:
    chosen = found.chosen
    label = LABELS.get(chosen.name, "Alert")
    return f"*Alert:* {label} ({own(chosen.name.removesuffix('/notice'))})\n{_standing(found, now)}"


def _standing(found: Route, now: datetime) -> str:
    chosen, title = found.chosen, escape(gift.title(found.send.status, found.send.status_raw))
    if found.alert is not None:
        taken_up = " · ".join(alert_state.told(found.alert)) or "nobody has taken it up"
        return f"Open since {stamp(found.alert.opened_at)} · {taken_up}"
    if chosen.state == COMING and chosen.due_at is not None:
        if chosen.due_at <= now:
            return "Due now: the next scan tells it."
        return f"Comes {stamp(chosen.due_at)}, unless the send moves on from {title} before."
    if chosen.state == SETTLED:
        return f"Told already, or replaced by another: it does not come again while the send is {title}."
    return f"Not to be expected while the send is {title}. If it came, it would go as follows."


def _menu(found: Route, back: dict[str, Any] | None) -> Block | None:
    if len(found.choices) < 2:  # noqa: PLR2004 - with one there is nothing to choose
        return None
    options = {
        one.name: option(LABELS.get(one.name, one.name), _content(found, one, back), STATES.get(one.state, ""))
        for one in found.choices
    }
    menu: Block = {
        "type": "static_select", "action_id": "route_rule", "placeholder": plain("Another alert", 150),
        "options": list(options.values()),
    }
    chosen = options.get(found.chosen.name)
    return {**menu, "initial_option": chosen} if chosen else menu


def _content(found: Route, one: Choice, back: dict[str, Any] | None) -> str:
    content: dict[str, Any] = {"send": found.send.id, "rule": one.name}
    # An option holds little: where the way back is too long for it, the list has to be asked for again.
    with_back = value({**content, "back": back})
    return with_back if back and width(with_back) <= OPTION_VALUE else value(content)


def _looked_at(subject: Subject) -> str:
    cost = "" if subject.amount_minor is None else amount(subject.amount_minor, subject.currency)
    known = {
        "team": escape(subject.team), "campaign": escape(subject.campaign),
        "type": " / ".join(escape(part) for part in (subject.type, subject.subtype) if part.strip()),
        "sender": escape(first_of(subject.sender_name, subject.sender_email)), "cost": cost,
    }
    return f"Routes look at: {' · '.join(f'{name} {what}' if what else f'no {name}' for name, what in known.items())}"


def _told(found: Route) -> list[Block]:
    if not found.told:
        return []
    is_firing = found.chosen.state == State.FIRING
    lines = [
        f"• {route_places.where(one.channel, found)}: {_when(one, found.unseen.get(one.id, ''), again=is_firing)}"
        for one in found.told[:PLACES]
    ]
    more = len(found.told) - PLACES
    return [section("\n".join(["*So far*", *lines, *([f"…and {count(more, 'more place')}"] if more > 0 else [])]))]


def _when(one: Notification, unseen: str, *, again: bool) -> str:
    if one.told_at is None:
        return "not told yet"
    if unseen:
        return not_told(unseen, one.told_at)
    repeated = f", told again {'once' if one.repeats == 1 else count(one.repeats, 'time')}" if one.repeats else ""
    if one.held == BASELINE:
        return f"told {stamp(one.told_at)} with all of the first look; somebody has to choose what becomes of these"
    return f"told {stamp(one.told_at)}{repeated}{f', next {stamp(one.next_at)}' if again and one.next_at else ''}"


def _places(found: Route, now: datetime) -> list[Block]:
    places = found.explained.places
    shown = [section(route_places.place(number, *one, found, now)) for number, one in enumerate(places[:PLACES], 1)]
    more = len(places) - PLACES
    return [*shown, *([section(f"…and {count(more, 'more place')}, by the routes below")] if more > 0 else [])]


def _routes(found: Route, offset: int, back: dict[str, Any] | None) -> list[Block | None]:
    tried = found.explained.tried
    if not tried:
        return []
    offset = offset if offset < len(tried) else 0
    winner = next((one.rule.name for one in tried if one.matched and not one.rule.goes_on), "")
    lines = [
        f"{whole(number)}. {_tried(one, winner, found.subject)}"
        for number, one in enumerate(tried[offset:offset + PAGE], offset + 1)
    ]
    content = {"send": found.send.id, "rule": found.chosen.name, **({"back": back} if back else {})}
    return [
        *(section(text) for text in route_words.packed(["*Routes, from the top*", *lines], ROOM)),
        *turns(offset, len(tried), "route_page", content),
    ]


def _tried(one: Tried, winner: str, subject: Subject) -> str:
    name = f"*{escape(one.rule.name)}*"
    if not one.reached:
        return f"{name}: not asked, since {escape(winner)} came first"
    if one.misfits:
        return f"{name} does not fit. {route_words.capital(route_words.misfits(one.rule.match, one.misfits, subject))}"
    if one.rule.channel is None and not subject.sender_email.strip():
        return f"✅ {name} fits, but leads nowhere: the sender has no e-mail"
    return f"✅ {name} fits → {route_words.leads(one.rule)}{' · goes on' if one.rule.goes_on else ''}"
