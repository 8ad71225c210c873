"""Who may not do what concerns no alert, such as changing settings: told who may, and put on record."""

from __future__ import annotations

from bot.alerts import mutes
from bot.alerts.press import Press
from bot.slack.blocks.drawn import Drawn
from bot.slack.blocks.help_card import note
from bot.slack.blocks.text import with_people
from bot.slack.deps import Deps
from bot.slack.payloads import Where
from bot.slack.recording import learn


def denied(deps: Deps, place: Where, action: str, dedupe_key: str) -> Drawn | None:
    """Why this person may not; None where they may, and then nothing is written."""
    learn(deps, place, action)
    with deps.database.read() as session:
        if mutes.may(session, place.user_id, deps.rules(session), action=action):
            return None
    press = Press(
        action=action, user_id=place.user_id, user_name=place.user_name, team_id=place.team_id,
        channel=place.channel, message_ts=place.message_ts, dedupe_key=f"{dedupe_key}|denied",
    )
    with deps.database.write() as session:
        refused = mutes.forbidden(session, press, deps.clock(), deps.rules(session), action=action)
    return note(with_people(refused.sentence, refused.people)) if refused is not None else None
