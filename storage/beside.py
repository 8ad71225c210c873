"""What the card of one send needs besides the send itself, in one look: somebody is waiting for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Table, bindparam, exists, select
from sqlalchemy.orm import Session

from storage import named, people
from storage.models import Alert, Send, SendHistory, Watch
from storage.prepared import Prepared

_SENDS: Table = Send.__table__  # type: ignore[assignment]
_HISTORY: Table = SendHistory.__table__  # type: ignore[assignment]
_STEP = [_HISTORY.c[name] for name in ("status", "status_key", "status_raw", "occurred_at", "source")]
_ABOUT = len(people.COLUMNS)
_FIRST = _ABOUT + 2 + len(_STEP)
"""Where the columns of a send begin, if they come along."""
_ID = list(_SENDS.c.keys()).index("id")


def _beside(send_id: ColumnElement[int]) -> Select[Any]:
    """A row for each step of the sends that it is narrowed to; a send without history is one row, too.

    And who reads it is asked for next, to write numbers as they are used to.
    """
    alerts = exists().where(Alert.send_id == send_id, Alert.state != "resolved").select_from(Alert)
    watched = exists().where(
        Watch.send_id == send_id, Watch.user_id == bindparam("reader"), Watch.ended_at.is_(None),
    ).select_from(Watch)
    return (
        select(*people.COLUMNS, alerts.label("has_alerts"), watched.label("is_watched"), *_STEP)
        .select_from(
            _SENDS.outerjoin(_HISTORY, _HISTORY.c.send_id == _SENDS.c.id)
            .outerjoin(people.PEOPLE, people.PEOPLE.c.user_id == bindparam("reader")),
        )
        .order_by(_HISTORY.c.occurred_at, _HISTORY.c.id)
    )


_OF = Prepared(_beside(bindparam("send_id")).where(_SENDS.c.id == bindparam("send_id")))


@cache
def _alone(column: ColumnElement[str]) -> Prepared:
    two = select(_SENDS.c.id).where(column == bindparam("value")).limit(2).scalar_subquery()
    return Prepared(_beside(_SENDS.c.id).where(_SENDS.c.id.in_(two)).add_columns(*_SENDS.c))


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
    rows = _OF.rows(session, send_id=send_id, reader=reader)
    return _read(session, reader, rows) if rows else Beside()


def alone(
    session: Session, column: ColumnElement[str], value: str, reader: str,
) -> tuple[Send, Beside] | None:
    """The only send that has exactly that value in that column, to be looked at only, and what there is beside it.

    None where no send has it, or more than one. As `of`, but the send comes along: a server is asked once, not twice.
    """
    rows = _alone(column).rows(session, value=value, reader=reader)
    sends = {row[_FIRST:][_ID]: row[_FIRST:] for row in rows}
    if len(sends) != 1:
        return None
    [send] = named.read(sends.values())
    return send, _read(session, reader, [row[:_FIRST] for row in rows])


def _read(session: Session, reader: str, rows: Sequence[tuple[Any, ...]]) -> Beside:
    people.note(session, reader, rows[0][:_ABOUT])
    has_alerts, is_watched, *_ = rows[0][_ABOUT:]
    steps = (row[_ABOUT + 2:] for row in rows)
    history = tuple(Step(*step) for step in steps if step[0] is not None)
    return Beside(history=history, has_alerts=bool(has_alerts), is_watched=bool(is_watched))
