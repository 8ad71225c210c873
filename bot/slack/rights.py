"""Who may not do what concerns no alert, such as changing settings: told who may, and put on record."""

from __future__ import annotations

from collections.abc import Sequence

from bot.alerts import mutes
from bot.slack.blocks.drawn import Drawn
from bot.slack.blocks.help_card import note
from bot.slack.blocks.text import person, with_people
from bot.slack.deps import Deps
from bot.slack.payloads import Where
from bot.slack.recording import learn, pressed_by

NAMED = 3
"""Admins that an answer names."""


def denied(deps: Deps, place: Where, action: str, dedupe_key: str) -> Drawn | None:
    """Why this person may not; None where they may, and then nothing is written."""
    learn(deps, place, action)
    with deps.database.read() as session:
        if mutes.may(session, place.user_id, deps.rules(session), action=action):
            return None
    press = pressed_by(place, action, f"{dedupe_key}|denied")
    with deps.database.write() as session:
        refused = mutes.forbidden(session, press, deps.clock(), deps.rules(session), action=action)
        admins = deps.rules(session).routing.admins
    return note(f"{with_people(refused.sentence, refused.people)} {who(admins)}") if refused is not None else None


def who(admins: Sequence[str]) -> str:
    """Who the admins of Sendwatch are, for whoever needs one; as mention tokens, which ping nobody in an answer."""
    if not admins:
        return "It has none yet: who runs it names them in `ADMIN_USERS`."
    more = f" and {len(admins) - NAMED} more" if len(admins) > NAMED else ""
    return f"Ask {', '.join(person(one) for one in admins[:NAMED])}{more}. `/sends help` shows what is for everybody."
