"""“Which sends is this about?”: what a message names, looked up, and shown in a window."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.sends import lookup
from bot.slack import answers, marks
from bot.slack.blocks import send_card, which_modal
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.which_modal import EACH, Hit
from bot.slack.deps import Deps
from bot.slack.payloads import Where, where
from bot.slack.replies import later, show
from storage import alerts, messages

MOST_MARKS = 25
"""Addresses, links and ids of one message that are looked up."""


def open_window(deps: Deps, body: Mapping[str, Any]) -> None:
    """Show which sends the message is about that a shortcut brings."""
    place, message = where(body), body.get("message")
    text = marks.text_of(message) if isinstance(message, dict) else ""

    def task() -> None:
        with deps.database.read() as session:
            view = drawn(session, place, text, deps.clock())
        show(deps, place, view)

    later(deps, place, task)


def drawn(session: Session, place: Where, text: str, now: datetime) -> Block:
    """The window for a message: the card of the one send that it names, a list of several, or what was looked for."""
    exact, names = marks.exact(text)[:MOST_MARKS], marks.names(text)
    found = _of_alert(session, place) or _read(session, exact, names)
    if not found:
        return which_modal.nothing([*exact, *names])
    if len(found) == 1 and found[0].total == 1:
        facts = answers.facts(session, found[0].sends[0], now, place.user_id)
        return send_card.view(facts, now, found_by=which_modal.found_by(found[0]))
    return which_modal.several(found, now)


def _of_alert(session: Session, place: Where) -> list[Hit]:
    """The sends of a message of the bot's own: what it tells of is known, and not guessed from its words.

    Its words are not read besides: a sender's name in an alert would find all the other sends to a namesake.
    """
    message = messages.posted(session, (place.channel, place.user_id), place.message_ts)
    if message is None:
        return []
    pairs = alerts.with_sends(session, alerts.for_message(session, message.id))
    sends = list({send.id: send for _, send in pairs if send is not None}.values())
    return [Hit(kind="alert", sends=sends[:EACH], total=len(sends))] if sends else []


def _read(session: Session, exact: list[str], names: list[str]) -> list[Hit]:
    hits = [*(_hit(session, one) for one in exact), *_named(session, names)]
    return _each_once([hit for hit in hits if hit.sends])


def _hit(session: Session, mark: str) -> Hit:
    found = lookup.exactly(session, mark, limit=EACH)
    kind = "email" if "@" in mark and "://" not in mark else "link" if "://" in mark else "id"
    return Hit(kind=kind, mark=mark, sends=found.sends, total=found.total)


def _named(session: Session, names: list[str]) -> list[Hit]:
    return [
        Hit(kind="name", mark=found.query, sends=found.sends, total=found.total)
        for found in lookup.to_people(session, names, limit=EACH)
    ]


def _each_once(hits: list[Hit]) -> list[Hit]:
    """Without marks whose every send an earlier and surer one has found already."""
    seen: set[int] = set()
    kept: list[Hit] = []
    for hit in hits:
        new = {send.id for send in hit.sends} - seen
        if new:
            kept.append(hit)
        seen |= new
    return kept

