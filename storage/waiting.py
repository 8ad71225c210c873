"""Whether there is anything for a scan to do, in one question that costs nothing when there is not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, exists, or_, select
from sqlalchemy.orm import Session

from storage.due import FIRST_SCAN
from storage.models import Alert, JobRun, Mute, Notification, Send, SyncCursor, UtcTime
from storage.mutes import WALK

_NOW = bindparam("now", type_=UtcTime())
_ANYTHING = select(or_(
    # Each is answered by an index that holds nothing but what will be due some time.
    exists().where(Send.due_at.is_not(None), Send.due_at <= _NOW),
    exists().where(Notification.next_at.is_not(None), Notification.next_at <= _NOW),
    exists().where(Alert.snoozed_until.is_not(None), Alert.snoozed_until <= _NOW, Alert.send_id.is_not(None)),
    exists().where(Alert.follow_up_at.is_not(None), Alert.follow_up_at <= _NOW),
    exists().where(Mute.told_end_at.is_(None), Mute.ended_at.is_(None), Mute.ends_at <= _NOW),
    exists().where(SyncCursor.source.startswith(WALK)),
    ~exists().where(JobRun.name == FIRST_SCAN),
))


def anything(session: Session, now: datetime) -> bool:
    """Whether a scan at `now` would find something to look at, to tell, to remind of or to let go."""
    return bool(session.connection().execute(_ANYTHING, {"now": now}).scalar())
