"""Who may change the settings; whoever may not is told who may, and it is put on record."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.alerts import mutes
from bot.config.document import SETTINGS
from bot.slack.blocks.drawn import Drawn
from bot.slack.deps import Deps
from bot.slack.payloads import Where
from bot.slack.rights import denied


def refused(deps: Deps, place: Where, dedupe_key: str) -> Drawn | None:
    """Why this person may not change the settings, once on record for each press; None where they may."""
    return denied(deps, place, SETTINGS, f"{dedupe_key}|settings")


def may(session: Session, deps: Deps, user_id: str) -> bool:
    """Whether that person may change the settings."""
    return mutes.may(session, user_id, deps.rules(session), action=SETTINGS)
