"""Watching in Slack: what `/sends watch` answers, and the buttons that begin and end it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from bot.sends import lookup, watching
from bot.sends.watching import MOST, Outcome, Wish
from bot.slack import answers, look_ups, payloads, sought, windows
from bot.slack.blocks import watch_card, watch_list
from bot.slack.blocks.drawn import Drawn
from bot.slack.blocks.help_card import note, window
from bot.slack.blocks.pick_list import Picked
from bot.slack.blocks.send_list import PAGE
from bot.slack.blocks.watch_card import Step, Told
from bot.slack.deps import Deps
from bot.slack.fitting import fitting
from bot.slack.payloads import Pressed, Where
from bot.slack.replies import later, respond, show, tell
from storage import watches as stored
from storage.models import Message, Send, Watch

One = TypeVar("One")
CARD = "card"
"""Where the button stood: on the card of a send, which is then drawn anew."""


def ask(deps: Deps, place: Where, query: str) -> Drawn:
    """The answer to `/sends watch …`: one send that fits is watched at once; without words, what one watches."""
    with deps.database.read() as session:
        now = deps.clock()
        if not query:
            return listed(session, place.user_id, 0, now)
        found = _found(session, place.user_id, query, 0, now, lambda send: send.id)
    return wished(_begin(deps, place, found), deps.clock()) if isinstance(found, int) else found


def unwatch(deps: Deps, place: Where, query: str) -> Drawn:
    """The answer to `/sends unwatch …`: the only one watched that fits is stopped; else what is watched, to choose."""
    with deps.database.write() as session:
        now = deps.clock()
        watched = stored.count(session, place.user_id) if query else 0
        found = _watched(session, place.user_id, query) if watched else []
        if not watched:
            return listed(session, place.user_id, 0, now)
        if not found:
            return watch_list.none_called(query, listed(session, place.user_id, 0, now))
        if len(found) > 1:
            return watch_list.mine(found, total=len(found), offset=0, now=now)
        watching.stop(session, place.user_id, found[0][1].id, now)
        drawn = watch_card.stopped(found[0][1])
    deps.wake()
    return drawn


def _watched(session: Session, user_id: str, query: str) -> list[tuple[Watch, Send]]:
    """What this person watches of what the words fit."""
    parts = (stored.page(session, user_id, 0, PAGE, *lookup.fits(session, cut)) for cut in sought.cuts(session, query))
    return next((found for found in parts if found), [])


def listed(session: Session, user_id: str, offset: int, now: datetime) -> Drawn:
    """A page of what this person watches."""
    total = stored.count(session, user_id)
    # The last of a page may have been stopped, or have arrived.
    first = min(offset, max(0, total - 1) // PAGE * PAGE)
    return watch_list.mine(stored.page(session, user_id, first, PAGE), total=total, offset=first, now=now)


def _found(
    session: Session, user_id: str, query: str, offset: int, now: datetime, one: Callable[[Send], One],
) -> One | Drawn:
    """What `one` makes of the only send that fits; else those to choose from, or the nearest names."""
    return fitting(
        session, query, offset, watch_list.FIND, one=one,
        several=lambda shown, picked: _several(session, user_id, shown, picked, now),
        none=lambda nearest: watch_list.nothing(query, nearest),
    )


def _several(session: Session, user_id: str, shown: Sequence[Send], picked: Picked, now: datetime) -> Drawn:
    watched = stored.watched(session, user_id, [send.id for send in shown])
    return watch_list.several(shown, picked, now, watched)


def wished(wish: Wish, now: datetime) -> Drawn:
    """What came of the wish to watch a send, in words."""
    if wish.send is None:
        return note(watch_card.GONE)
    match wish.outcome:
        case Outcome.ALREADY if wish.watch is not None:
            return watch_card.already(wish.send, wish.watch, now)
        case Outcome.OVER:
            return watch_card.over(wish.send, now)
        case Outcome.FULL:
            return watch_card.full(MOST)
    return watch_card.begun(wish.send, now)


def _begin(deps: Deps, place: Where, send_id: int) -> Wish:
    with deps.database.write() as session:
        return watching.begin(session, place.user_id, send_id, deps.clock())


# --- buttons ------------------------------------------------------------------------------------------


def start(deps: Deps, found: Pressed) -> None:
    """Watch a send, be it from its card, a list, or a message about it."""
    place, send_id = found.where, payloads.number(found.content, "send")
    # The button may stand in what somebody else was answered, who finds more.
    if not _is_found(deps, send_id):
        gone = look_ups.told(note(watch_card.GONE))
        later(deps, place, lambda: _show(deps, found, send_id, gone))
        return
    wish = _begin(deps, place, send_id)
    if wish.outcome in {Outcome.BEGUN, Outcome.ALREADY}:
        deps.wake()
    later(deps, place, lambda: _show(deps, found, send_id, wished(wish, deps.clock())))


def _is_found(deps: Deps, send_id: int) -> bool:
    """Whether who presses may look the send up; what is only read is narrowed to that."""
    with deps.database.read() as session:
        return session.get(Send, send_id) is not None


def stop(deps: Deps, found: Pressed) -> None:
    """Stop watching a send; pressed once more, it says the same."""
    place, send_id = found.where, payloads.number(found.content, "send")
    with deps.database.write() as session:
        send = session.get(Send, send_id)
        is_stopped = watching.stop(session, place.user_id, send_id, deps.clock())
    if is_stopped:
        deps.wake()
    is_known = send is not None and (is_stopped or _is_found(deps, send_id))
    drawn = watch_card.stopped(send) if send is not None and is_known else note(watch_card.GONE)
    later(deps, place, lambda: _show(deps, found, send_id, drawn))


def _show(deps: Deps, found: Pressed, send_id: int, drawn: Drawn) -> None:
    """What became of it, where the button stood: the card or the list as it is now, or the words for it."""
    place, content = found.where, found.content
    if place.view_id:
        windows.refresh(deps, place.view_id, {"send": send_id}, place.view_hash, reader=place.user_id)
        if content.get("at") != CARD:
            show(deps, place, window(drawn))
    elif "list" in content:
        _draw_here(deps, place, lambda session, now: listed(session, place.user_id, _offset(content, "list"), now))
    elif content.get("at") == CARD and place.ephemeral:
        _draw_here(deps, place, lambda session, now: _card(session, place, send_id, now, content.get("back")))
    elif place.ephemeral:
        respond(deps, place, drawn, replace=True)
    else:
        tell(deps, place, drawn)


def _card(session: Session, place: Where, send_id: int, now: datetime, back: object) -> Drawn:
    send = session.get(Send, send_id)
    if send is None:
        return answers.GONE
    return answers.card(session, send, now, back if isinstance(back, dict) else None, place.user_id)


def show_list(deps: Deps, found: Pressed) -> None:
    """A page of what one watches."""
    place, offset = found.where, _offset(found.content, "offset")
    _here(deps, place, lambda session, now: listed(session, place.user_id, offset, now))


def show_found(deps: Deps, found: Pressed) -> None:
    """A page of the sends that fit some words."""
    place, query, offset = found.where, found.content.get("q"), _offset(found.content, "offset")
    words = query if isinstance(query, str) else ""

    def draw(session: Session, now: datetime) -> Drawn:
        # Pressed by somebody who leafs through a list: nothing is begun by that, even where only one is left.
        alone = Picked(query=words, total=1, offset=0, action=watch_list.FIND)
        return _found(
            session, place.user_id, words, offset, now,
            lambda send: _several(session, place.user_id, [send], alone, now),
        )

    _here(deps, place, draw)


def _offset(content: Mapping[str, Any], name: str) -> int:
    return payloads.count(content, name, answers.LONGEST_LIST)


Draw = Callable[[Session, datetime], Drawn]


def _here(deps: Deps, place: Where, draw: Draw) -> None:
    later(deps, place, lambda: _draw_here(deps, place, draw))


def _draw_here(deps: Deps, place: Where, draw: Draw) -> None:
    with deps.database.read() as session:
        drawn = draw(session, deps.clock())
    if place.view_id:
        show(deps, place, window(drawn))
    else:
        respond(deps, place, drawn, replace=place.ephemeral)


# --- the direct message -------------------------------------------------------------------------------


def told(session: Session, message: Message) -> Drawn | None:
    """What a message about steps shows now; None where the send or the watch is not there any more."""
    body = message.body
    watch = stored.by_id(session, body["watch"])
    send = session.get(Send, watch.send_id) if watch is not None else None
    # Another watch may have got the id of one that is deleted.
    if watch is None or send is None or message.key != stored.key(watch, body["seq"]):
        return None
    # Two records of a send that became one count on without a step.
    is_latest = send.status_seq == body["seq"] or (watch.ended_at is None and watch.told_seq == body["seq"])
    return watch_card.told(Told(
        send=send, before=body["before"], is_over=body["over"],
        steps=[
            Step(status=one["status"], status_raw=one["raw"], at=datetime.fromisoformat(one["at"]))
            for one in body["steps"]
        ],
        is_watching=watch.ended_at is None, is_latest=is_latest,
    ))


HANDLERS: dict[str, Callable[[Deps, Pressed], Any]] = {
    "watch_start": start,
    "watch_stop": stop,
    "watch_list": show_list,
    "watch_find": show_found,
}
