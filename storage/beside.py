"""What the card of one send needs besides the send itself, in one look: somebody is waiting for it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Table, bindparam, exists, select
from sqlalchemy.orm import Session

from storage import people
from storage.models import Alert, Send, SendHistory, Watch
from storage.prepared import Prepared

_SENDS: Table = Send.__table__  # type: ignore[assignment]
_HISTORY: Table = SendHistory.__table__  # type: ignore[assignment]
_HAS_ALERTS = exists().where(Alert.send_id == bindparam("send_id"), Alert.state != "resolved").select_from(Alert)
_IS_WATCHED = exists().where(
    Watch.send_id == bindparam("send_id"), Watch.user_id == bindparam("reader"), Watch.ended_at.is_(None),
).select_from(Watch)
_STEP = [_HISTORY.c[name] for name in ("status", "status_key", "status_raw", "occurred_at", "source")]
# A send without history is one row, too. And who reads it is asked for next, to write numbers as they are used to.
_BESIDE = Prepared(
    select(*people.COLUMNS, _HAS_ALERTS.label("has_alerts"), _IS_WATCHED.label("is_watched"), *_STEP)
    .select_from(
        _SENDS.outerjoin(_HISTORY, _HISTORY.c.send_id == _SENDS.c.id)
        .outerjoin(people.PEOPLE, people.PEOPLE.c.user_id == bindparam("reader")),
    )
    .where(_SENDS.c.id == bindparam("send_id")).order_by(_HISTORY.c.occurred_at, _HISTORY.c.id)
)


class Step(NamedTuple):
    """A status that the send entered, as `storage.models.SendHistory` has it."""

    status: str
    status_key: str
    status_raw: str
    occurred_at: datetime
    source: str


class Beside(NamedTuple):
    """Its history with the oldest first, whether an alert about it is open, and whether the reader watches it."""

    history: tuple[Step, ...] = ()
    has_alerts: bool = False
    is_watched: bool = False


def of(session: Session, send_id: int, reader: str) -> Beside:
    """What there is beside the send of that row id, for `reader` (a Slack user id, or empty).

    What is known of the reader is noted by the way, and `people.known` asks for it no more in this session.
    """
    rows = _BESIDE.rows(session, send_id=send_id, reader=reader)
    if not rows:
        return Beside()
    about = len(people.COLUMNS)
    people.note(session, reader, rows[0][:about])
    has_alerts, is_watched, *_ = rows[0][about:]
    steps = (row[about + 2:] for row in rows)
    history = tuple(Step(*step) for step in steps if step[0] is not None)
    return Beside(history=history, has_alerts=bool(has_alerts), is_watched=bool(is_watched))
