"""Open alerts by what people type: a kind of alert, a status, or whom and what the sends are about."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import Session

from bot.alerts import muted
from bot.sends import lookup
from bot.slack import mute_targets
from bot.slack.facts import Pair
from storage import mutes
from storage import sends as stored
from storage.models import Alert

MOST = 5_000
"""Open alerts, the newest first, of which it is asked whether some words fit their sends."""


def page(session: Session, words: str, offset: int, limit: int, now: datetime) -> tuple[int, list[Pair]]:
    """How many open alerts the words fit, and some of them, the newest first; without those that a mute hides."""
    found, total = mutes.open_page(session, and_(_wanted(session, words), ~muted.hidden(session, now)), offset, limit)
    return total, found


def _wanted(session: Session, words: str) -> ColumnElement[bool]:
    for scope, column in (("rule", Alert.rule), ("status", Alert.status)):
        choice, _ = mute_targets.named(session, scope, words)
        if choice is not None:
            return column == str(choice.ref["id"])
    return Alert.send_id.in_(lookup.among(session, stored.newest_alerting(session, MOST), words))
