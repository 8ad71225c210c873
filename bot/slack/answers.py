"""What is answered: rows in, a drawn message out. One session, no calls to Slack."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.alerts import muted
from bot.config.explain import explained_away
from bot.sends import joints, lookup
from bot.sends.history import believed
from bot.sends.lookup import Found
from bot.slack import alert_search, grammar, look_ups, mine, mute_lists, payloads, people, questions, sought
from bot.slack.blocks import alert_list, help_card, meaning_card, send_card, send_list
from bot.slack.blocks.drawn import Drawn
from bot.slack.blocks.help_card import Usage
from bot.slack.blocks.send_card import SendFacts
from bot.slack.blocks.send_list import PAGE, Page
from bot.slack.blocks.text import count, one_line
from bot.slack.facts import muted_alert_page, open_alert_page
from bot.statuses import catalogue, spelling
from bot.statuses.catalogue import Status
from bot.statuses.watch import Watch
from storage import beside
from storage import sends as stored
from storage.beside import Beside
from storage.models import Send

LONGEST_LIST = 200
"""How far a list can be leafed through; who needs more narrows the search."""
GONE = help_card.note("That send is not known any more. `/send-status` looks it up anew.")
NEXT = {
    "find": "More words find fewer sends, such as `/send-status jane acme`.",
    "stuck": "Held up is what is late or needs somebody, and offers that end soon or have ended, which reports do not "
             "count as stuck. “Open” shows what can be done, `/sends why jane@acme.com` why one is held up.",
    "status": "`/sends why jane@acme.com` tells when one of them would be late.",
}
"""What one may want to do with a list."""


def answer(
    session: Session, asked: grammar.Asked, command: str, now: datetime, watch: Callable[[], Watch] | None = None,
    reader: str = "",
) -> Drawn:
    """The answer to a command of `reader` (a Slack user id), but for those that do more than look.

    `watch` gives the limits in force; it is called only where they are told.
    """
    match asked.what:
        case "find" | "stuck" | "alerts" | "mute" | "unmute":
            return page(session, {"list": asked.what, "q": asked.query, "offset": 0}, now, reader)
        case "meaning":
            return meaning(session, asked.query, watch() if watch is not None else None)
        case "a_send" | "mistaken":
            return _mistaken(asked, command)
        case "too_much":
            return help_card.too_much(_usage(command, asked.query), asked.rest)
        case "help" if asked.query:
            return help_card.build(f"How to use {command} {asked.query}", [_usage(command, asked.query)])
    return helped(command)


def _mistaken(asked: grammar.Asked, command: str) -> Drawn:
    """What was typed is none of the command's words: a status, a send, or a slip."""
    status = spelling.resolve(asked.query).status if not asked.nearest else None
    if status is not None and not grammar.looks_like_send(asked.query):
        return help_card.is_a_status(asked.query, status, catalogue.title(status), command)
    if asked.what == "a_send":
        return help_card.is_a_send(asked.query, command)
    near = [_usage(command, name) for name in asked.nearest]
    return helped(command, help_card.mistaken(asked.query, near, command, asked.rest))


def _usage(command: str, word: str) -> Usage:
    return next(one for one in grammar.usages(grammar.COMMANDS[command]) if one.typed == f"{command} {word}")


def helped(command: str, problem: Drawn | None = None) -> Drawn:
    """How the command is used; `/sends help` shows all of them."""
    known = grammar.COMMANDS[command]
    shown = grammar.usages() if known.words and problem is None else grammar.usages(known)
    return help_card.build(f"How to use {known.name}", shown, problem=problem)


def needs_more(command: str, word: str) -> Drawn:
    """A word of a command was typed on its own that needs to know whom or what it is asked about."""
    return help_card.needs_more(_usage(command, word))


def page(session: Session, asked: Mapping[str, Any], now: datetime, reader: str = "") -> Drawn:
    """A page of the list that `asked` names; a look-up that finds one send gives its card at once."""
    offset = payloads.count(asked, "offset", LONGEST_LIST)
    query = asked.get("q")
    words = known(session, query if isinstance(query, str) else "")
    match asked.get("list"):
        case "find":
            return _found(session, words, offset, now, reader)
        case str(name) if words and name in NARROWED:
            return NARROWED[name](session, joints.without(session, words), offset, now)
        case "status":
            return _in_status(session, asked.get("status"), offset, now)
        case "mine":
            return mine.page(session, asked, offset, now)
        case "assigned":
            return mine.assigned(session, asked, offset, now)
        case str(name) if name in LISTS:
            return LISTS[name](session, offset, now)
    raise payloads.BadPayloadError(payloads.FOREIGN)


def known(session: Session, words: str) -> str:
    """The words, or in place of a mention of somebody their e-mail, as far as it is known."""
    user = grammar.mentioned(words)
    return (people.email(session, user) if user else "") or words


def _found(session: Session, query: str, offset: int, now: datetime, reader: str) -> Drawn:
    if (one := lookup.alone(session, query, reader)) is not None:
        return send_card.build(_facts(session, *one, now), now)
    found = sought.find(session, query, limit=offset + PAGE)
    if not found.sends:
        return look_ups.told(_nothing(query, found.nearest))
    if found.total == 1:
        return card(session, found.sends[0], now, reader=reader)
    title = send_list.heading(found.total, found.query, more=found.more)
    return _list(session, title, found, offset, {"list": "find", "q": found.query}, now)


def _nothing(query: str, nearest: Sequence[str]) -> Drawn:
    """Nothing is called that; but it may be a status, or what another command answers."""
    meant = questions.understand(query)
    words = " ".join(meant.cuts)
    status = spelling.resolve(words if meant.what == "status" else query).status if query else None
    word = grammar.word_in(query) if not grammar.ASKED.fullmatch(query) else None
    ways = help_card.about_status(status, catalogue.title(status)) if status is not None else []
    typed = ""
    if word is not None:
        typed = f"{grammar.SENDS.name} {word.name}"
    elif meant.what in questions.LISTS:
        part = words if meant.what in questions.NARROWED else ""
        typed = f"{grammar.SENDS.name} {meant.what} {part}".strip()
    elif meant.what == "command":
        typed = words
    return send_list.nothing(query, nearest, catalogue.title(status) if status is not None else "", ways, typed)


def _stuck(session: Session, words: str, offset: int, now: datetime) -> Drawn:
    """Sends that are held up; of many those that the words fit."""
    found = lookup.stuck(session, now, offset + PAGE, *(alert_search.fits(session, words) if words else ()))
    if words and not found.total:
        return none_held(session, words)
    asked = {"list": "stuck", "q": words} if words else {"list": "stuck"}
    return _list(session, send_list.held_up(found.total, words), found, offset, asked, now)


def none_held(session: Session, words: str) -> Drawn:
    """Nothing that is held up fits the words."""
    near = alert_search.near(session, words)
    return send_list.none_of("Nothing held up", words, "stuck", "All that is held up", near)


def _alerts_of(session: Session, words: str, offset: int, now: datetime) -> Drawn:
    """Open alerts of a kind, or of the sends that the words fit."""
    total, rows = alert_search.page(session, words, offset, PAGE, now)
    if not total:
        near = alert_search.near(session, words)
        return send_list.none_of("No open alert", words, "alerts", "Every open alert", near)
    asked = {"list": "alerts", "q": words, "offset": offset}
    title = f"{count(total, 'open alert')} about “{one_line(words, 60)}”"
    explained = explained_away(session, rows, now)
    return alert_list.build(
        rows, total=total, offset=offset, asked=asked, now=now, explained=explained, title=title,
    )


def _in_status(session: Session, status: object, offset: int, now: datetime) -> Drawn:
    if not isinstance(status, str) or status not in set(Status):
        raise payloads.BadPayloadError(payloads.FOREIGN)
    found = lookup.in_status(session, status, offset + PAGE)
    title = f"{count(found.total, 'send')} in {catalogue.title(status)}"
    return _list(session, title, found, offset, {"list": "status", "status": status}, now)


def _list(
    session: Session, title: str, found: Found, offset: int, asked: dict[str, Any], now: datetime,
) -> Drawn:
    shown = found.sends[offset:offset + PAGE]
    if not shown:
        return look_ups.told(send_list.empty(EMPTY.get(asked["list"], ENDS)))
    alerting = frozenset(alert.send_id for alert in stored.open_alerts(session, [send.id for send in shown]))
    return send_list.build(
        Page(
            title=title, asked={**asked, "offset": offset}, sends=shown, total=found.total, more=found.more,
            offset=offset,
            alerting=frozenset(send_id for send_id in alerting if send_id is not None),
            next_step=NEXT.get(asked["list"], ""),
        ),
        now,
    )


ENDS = "The list ends here. `/send-status` looks for a single send."
EMPTY = {
    "stuck": "Nothing is held up. 🎉 `/sends mine` lists what you have sent.",
    "alerts": "There is no open alert. 🎉 `/sends why jane@acme.com` tells when a send would get one.",
    "muted": "No open alert is muted. `/sends mute` shows every mute.",
    "status": "No send is in this status now. `/send-meaning` lists every status.",
}


def _alerts(session: Session, offset: int, now: datetime) -> Drawn:
    total, rows, hidden = open_alert_page(session, offset, PAGE, now)
    if not (rows or hidden):
        return look_ups.told(send_list.empty(EMPTY["alerts"]))
    asked = {"list": "alerts", "offset": offset}
    explained = explained_away(session, rows, now)
    return alert_list.build(
        rows, total=total, offset=offset, asked=asked, now=now, hidden=hidden, explained=explained,
    )


def _muted(session: Session, offset: int, now: datetime) -> Drawn:
    total, rows, mutes = muted_alert_page(session, offset, PAGE, now)
    if not rows:
        return look_ups.told(send_list.empty(EMPTY["muted"]))
    asked = {"list": "muted", "offset": offset}
    return alert_list.build(rows, total=total, offset=offset, asked=asked, now=now, muted=mutes)


LISTS: dict[str, Callable[[Session, int, datetime], Drawn]] = {
    "alerts": _alerts, "muted": _muted, "mute": mute_lists.in_force, "mutes_over": mute_lists.over,
    "stuck": lambda session, offset, now: _stuck(session, "", offset, now), "unmute": mute_lists.in_force,
}
"""Lists that ask for nothing but a place to begin at."""
NARROWED: dict[str, Callable[[Session, str, int, datetime], Drawn]] = {
    "stuck": _stuck, "alerts": _alerts_of,
    "unmute": lambda session, words, _offset, now: mute_lists.called(session, words, now),
}
"""Those of which words make a part."""


def facts(session: Session, send: Send, now: datetime, reader: str = "") -> SendFacts:
    """A send with its history, its open alerts, what hides these, and whether `reader` (a Slack user id) watches it."""
    return _facts(session, send, beside.of(session, send.id, reader), now)


def _facts(session: Session, send: Send, known: Beside, now: datetime) -> SendFacts:
    alerts = lookup.open_alerts_of(session, send) if known.has_alerts else ()
    return SendFacts(
        send=send, history=tuple(believed(known.history)), alerts=alerts,
        muted=muted.holding(session, [(alert, send) for alert in alerts], now), is_watched=known.is_watched,
    )


def card(
    session: Session, send: Send, now: datetime, back: dict[str, Any] | None = None, reader: str = "",
) -> Drawn:
    """The card of a send for the one who asked, who is `reader` (a Slack user id)."""
    return send_card.build(facts(session, send, now, reader), now, back=back)


def meaning(session: Session, query: str, watch: Watch | None = None) -> Drawn:
    """What a status in any spelling means, with its limits in `watch`; every status by name when none is given."""
    if not query:
        return meaning_card.overview(_groups())
    found = spelling.resolve(query)
    if found.status is not None:
        own = [one.words for one in watch.set_for(found.status)] if watch is not None else []
        return meaning_card.build(catalogue.meanings(found.status, found.kind), own)
    is_send = grammar.looks_like_send(query) or bool(lookup.complete(session, query, limit=1))
    number = stored.in_unknown_status(session, query)
    return meaning_card.unsure(query, found.suggestions, near=found.near, looks_like_send=is_send, seen=number)


def _groups() -> list[tuple[str, list[Status]]]:
    groups: dict[str, list[Status]] = {"eGifts": [], "Physical gifts": [], "Any send": []}
    names = {"egift": ("eGifts",), "physical": ("Physical gifts",), "any": ("Any send",)}
    for one in catalogue.MEANINGS:
        for name in names.get(one.kind, ()):
            if one.status is not Status.UNKNOWN and one.status not in groups[name]:
                groups[name].append(one.status)
    return [(name, found) for name, found in groups.items() if found]
