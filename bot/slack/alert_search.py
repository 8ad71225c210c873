"""Open alerts by what people type: a kind of alert, a status, or whom and what the sends are about."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import Session

from bot.alerts import muted
from bot.sends import lookup
from bot.slack import mute_targets
from bot.slack.facts import Pair
from bot.statuses import spelling
from storage import mutes
from storage.models import Alert


def page(session: Session, words: str, offset: int, limit: int, now: datetime) -> tuple[int, list[Pair]]:
    """How many open alerts the words fit, and some of them, the newest first; without those that a mute hides."""
    found, total = mutes.open_page(session, and_(_wanted(session, words), ~muted.hidden(session, now)), offset, limit)
    return total, found


def _wanted(session: Session, words: str) -> ColumnElement[bool]:
    rule, status = mute_targets.rule_called(words), spelling.resolve(words).status
    if rule or status:
        return Alert.rule == rule if rule else Alert.status == str(status)
    return and_(*lookup.fits(session, words))
