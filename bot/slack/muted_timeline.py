"""The mutes that held an alert, as entries of its timeline: made, changed, ended, run out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from bot.alerts import muting
from bot.alerts.subjects import subject_of
from bot.slack.blocks.mute_modal import LONGEST_REASON, named
from bot.slack.blocks.text import escape, person, stamp
from storage import mutes as stored
from storage.models import Alert, Mute, Send

BEFORE, TELLING, AFTER = 0, 1, 2
"""Of what happened at the same moment: what there is to tell, the telling, and what people do about it."""
Entry = tuple[datetime, int, str]
"""When, the place among what happened at the same moment, and what, in finished mrkdwn."""


def entries(session: Session, alert: Alert, now: datetime) -> list[Entry]:
    """What became until `now` of all mutes that held this alert while it was open."""
    closed_at = min(alert.resolved_at or now, now)
    subject = subject_of(alert, session.get(Send, alert.send_id) if alert.send_id is not None else None)
    held = [
        mute for mute in stored.overlapping(session, alert.opened_at, closed_at)
        if muting.key_of(mute.scope, subject) == mute.value
    ]
    before = {mute.id: mute for mute in held}
    after = stored.replacing(session, before) if held else {}
    return [
        entry for mute in held
        for entry in (_begun(mute, alert, before), _over(mute, after.get(mute.id), closed_at)) if entry is not None
    ]


def _begun(mute: Mute, alert: Alert, others: Mapping[int, Mute]) -> Entry:
    what, until = named(mute.scope, mute.label or mute.value), stamp(mute.ends_at)
    if mute.created_at < alert.opened_at:
        return alert.opened_at, BEFORE, f"Muted when it came, until {until} by {person(mute.created_by)}: {what}"
    old = others.get(mute.replaces) if mute.replaces is not None else None
    if mute.replaces is None:
        why = f" · Reason: {escape(mute.reason, LONGEST_REASON)}" if mute.reason else ""
        return mute.created_at, AFTER, f"{person(mute.created_by)} muted it until {until}: {what}{why}"
    is_change = old is None or old.ended_at == mute.created_at
    done = "changed the mute" if is_change else "put the mute in force again"
    return mute.created_at, AFTER, f"{person(mute.created_by)} {done}, until {until}: {what}"


def _over(mute: Mute, after: Mute | None, closed_at: datetime) -> Entry | None:
    """How it ended while the alert was open; nothing where another took its place in the same moment."""
    what = named(mute.scope, mute.label or mute.value)
    if mute.ended_at is None:
        return (mute.ends_at, BEFORE, f"The mute ran out: {what}") if mute.ends_at <= closed_at else None
    if mute.ended_at > closed_at or (after is not None and after.created_at == mute.ended_at):
        return None
    return mute.ended_at, AFTER, f"{person(mute.ended_by)} ended the mute: {what}"
