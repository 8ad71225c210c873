"""The names by which things can be muted, as they are written in the tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, bindparam, func, literal, null, select
from sqlalchemy.orm import Session

from storage import scope as scopes
from storage.alerts import OPEN_STATES
from storage.models import Alert, Send
from storage.mutes import COLUMNS, OF_SENDS
from storage.sends import SOME, chunks


@dataclass(frozen=True, kw_only=True)
class Written:
    """A name as it is written, how many open alerts have it, and a send that has it (None: it is none of a send's)."""

    text: str
    alerts: int = 0
    send_id: int | None = None
    called: str = ""
    """What that send calls who has the name, which is an address: a sender's own name."""


def in_open_alerts(session: Session, scope: str) -> list[Written]:
    """All that open alerts have of that kind, such as every name of a campaign."""
    return _merged(session.execute(_in_open_alerts(scope)))


def recent(session: Session, scope: str, limit: int) -> list[Written]:
    """What the sends that came in last have of a kind that sends have, the newest first, each name once."""
    return [replace(one, alerts=0) for one in _merged(session.execute(_recent(scope), {"limit": limit}))]


def last_alerting(session: Session, limit: int) -> list[int]:
    """Row ids of the sends that came in last among those with an open alert."""
    return list(session.scalars(_LAST_ALERTING, {"limit": limit}))


def of_sends(session: Session, scope: str, ids: Iterable[int]) -> list[Written]:
    """What the sends of these row ids have of a kind that sends have, each name once."""
    found = [row for some in chunks(sorted(set(ids))) for row in session.execute(_of_sends(scope), {"some": some})]
    return [replace(one, alerts=0) for one in _merged(found)]


# Put together once: building a statement anew costs as much time as running it.
_LAST_ALERTING = (
    select(Alert.send_id).where(Alert.state.in_(OPEN_STATES), Alert.send_id.is_not(None)).distinct()
    .order_by(Alert.send_id.desc()).limit(bindparam("limit", type_=Integer))
)


@cache
def _in_open_alerts(scope: str) -> Select[Any]:
    column, of_sends = COLUMNS[scope], scope in OF_SENDS
    last = func.max(Send.id) if of_sends else null()
    columns: list[ColumnElement[Any]] = [column.label("text"), _called(scope)]
    asked = select(*columns, func.count().label("alerts"), last.label("send_id"))
    asked = asked.select_from(Alert).where(Alert.state.in_(OPEN_STATES)).group_by(column)
    asked = asked.join(Send, Send.id == Alert.send_id) if of_sends else asked
    return asked.group_by(Send.sender_name) if scope == "sender" else asked


@cache
def _recent(scope: str) -> Select[Any]:
    some = select(COLUMNS[scope].label("text"), _called(scope), Send.id).order_by(Send.id.desc())
    newest = some.limit(bindparam("limit", type_=Integer)).subquery()
    last = func.max(newest.c.id)
    columns: list[ColumnElement[Any]] = [newest.c.text, newest.c.called]
    asked = select(*columns, func.count().label("alerts"), last.label("send_id"))
    asked = asked.group_by(newest.c.text, newest.c.called).order_by(last.desc())
    return asked.execution_options(**{scopes.OWN_FIRST: True})


@cache
def _of_sends(scope: str) -> Select[Any]:
    columns: list[ColumnElement[Any]] = [COLUMNS[scope].label("text"), _called(scope)]
    return select(*columns, literal(0).label("alerts"), Send.id.label("send_id")).where(Send.id.in_(SOME))


def _called(scope: str) -> ColumnElement[str]:
    return (Send.sender_name if scope == "sender" else literal("")).label("called")


def _merged(rows: Iterable[Row[Any]]) -> list[Written]:
    """Each name once: one address is written with several names, of which the newest send's counts."""
    found: dict[str, Written] = {}
    for row in rows:
        one = Written(text=row.text, alerts=row.alerts, send_id=row.send_id, called=row.called)
        known = found.get(row.text)
        if known is not None:
            newest = max(known, one, key=lambda written: written.send_id or 0)
            one = replace(newest, alerts=known.alerts + one.alerts)
        found[row.text] = one
    return list(found.values())
