"""What one person reads: numbers and amounts as they are used to them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.slack.blocks import limits, numbers
from bot.slack.blocks.drawn import Block, Drawn
from bot.slack.deps import Deps
from storage import people
from storage.engine import Database


def locale(session: Session, user_id: str) -> str:
    """The person's locale, such as de-DE, as Slack told it; empty while that is not known."""
    person = people.by_id(session, user_id) if user_id else None
    return person.locale if person else ""


def prepare(database: Database) -> None:
    """Read the customs of everybody who is known, before one of them waits for an answer."""
    with database.read() as session:
        found = people.locales(session)
    for one in found:
        numbers.prepare(one)


def message(deps: Deps, user_id: str, drawn: Drawn) -> Drawn:
    """A message that only this person gets."""
    if drawn.marked is None:
        return drawn
    with deps.database.read() as session:
        return drawn.read_in(locale(session, user_id))


def view(deps: Deps, user_id: str, drawn: Block) -> Block:
    """A window or Home tab of this person's."""
    if not limits.is_for_reader(drawn):
        return drawn
    with deps.database.read() as session:
        return limits.read_in(drawn, locale(session, user_id))
