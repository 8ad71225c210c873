"""Who may change the settings; whoever may not is told who may, and it is put on record."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.alerts import mutes
from bot.alerts.mute_refusals import GONE, Refused
from bot.alerts.mutes import Made
from bot.alerts.press import Press
from bot.config.document import SETTINGS
from bot.slack.blocks.drawn import Drawn, draw
from bot.slack.blocks.limits import section
from bot.slack.deps import Deps
from bot.slack.mute_record import record, refusal
from bot.slack.payloads import Where
from bot.slack.recording import learn
from bot.slack.rights import who


def refused(deps: Deps, place: Where, dedupe_key: str) -> Drawn | None:
    """Why this person may not change the settings, once on record for each press; None where they may."""
    learn(deps, place, SETTINGS)
    with deps.database.read() as session:
        if may(session, deps, place.user_id):
            return None

    def refuse(session: Session, press: Press, now: datetime) -> Made | Refused:
        return mutes.forbidden(session, press, now, deps.rules(session), action=SETTINGS) or GONE

    outcome = record(deps, place, refuse, f"{dedupe_key}|settings", action=SETTINGS)
    if not isinstance(outcome, Refused):
        return None
    with deps.database.read() as session:
        admins = deps.rules(session).routing.admins
    return draw([*refusal(outcome).parts, section(who(admins))])


def may(session: Session, deps: Deps, user_id: str) -> bool:
    """Whether that person may change the settings."""
    return mutes.may(session, user_id, deps.rules(session), action=SETTINGS)
