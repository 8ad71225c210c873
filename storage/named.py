"""Sends that are named to the letter, by their gid or by a value that a column has: somebody waits for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Table, bindparam, func, select
from sqlalchemy.orm import Session, configure_mappers
from sqlalchemy.orm.instrumentation import manager_of_class

from storage import scope
from storage.models import Send
from storage.prepared import Prepared
from storage.sends import LONG_AGO

_TABLE: Table = Send.__table__  # type: ignore[assignment]
_FIELDS = tuple(column.key for column in _TABLE.c)
_LIMIT = bindparam("limit", type_=Integer)
_BY_GID = Prepared(select(_TABLE).where(_TABLE.c.send_gid == bindparam("gid")))


def by_gid(session: Session, gid: str) -> Send | None:
    """The send of that gid, if it is known; to be looked at, not to be changed."""
    return next(iter(read(_BY_GID.rows(session, gid=gid))), None)


def having(
    session: Session, column: ColumnElement[str], value: str, limit: int, most: int | None = None,
) -> tuple[int, list[Send]]:
    """Sends that have exactly that value in that column: how many, and the newest; to be looked at only.

    No further than one more than `most` is counted.
    """
    found, every, some, newest = _having(column)
    # In no order: asked for the newest, a database may go through all sends from the newest on to find a few, or none.
    few = found.rows(session, value=value, limit=limit + 1)
    if len(few) <= limit:
        return len(few), sorted(read(few), key=_made, reverse=True)
    counted = every.rows(session, value=value) if most is None else some.rows(session, value=value, most=most + 1)
    return counted[0][0], read(newest.rows(session, value=value, limit=limit))


@cache
def _having(column: ColumnElement[str]) -> tuple[Prepared, Prepared, Prepared, Prepared]:
    condition, columns = column == bindparam("value"), _TABLE.c
    # By their ids, which the column's index has: where one sender has nearly all sends, SQLite would read them all.
    found = select(_TABLE).where(columns.id.in_(select(columns.id).where(condition).limit(_LIMIT).scalar_subquery()))
    # With the status in between, an index that has it is in this order already.
    newest = select(_TABLE).where(condition).limit(_LIMIT).order_by(
        columns.created_at.desc().nulls_last(), columns.status.desc(), columns.id.desc(),
    )
    some = select(columns.id).where(condition).limit(bindparam("most", type_=Integer)).subquery()
    every = select(func.count()).select_from(_TABLE).where(condition)
    return Prepared(found), Prepared(every), Prepared(select(func.count()).select_from(some)), Prepared(newest)


def read(rows: Iterable[tuple[Any, ...]]) -> list[Send]:
    """Rows of all columns of sends, as sends that belong to no session.

    By a session, to load one takes four times as long (measured).
    """
    found, empty = [], _empty()
    for row in rows:
        send = empty()
        vars(send).update(zip(_FIELDS, row, strict=True))
        scope.saw(send)
        found.append(send)
    return found


@cache
def _empty() -> Callable[[], Send]:
    """What makes a send without anything in it."""
    # A session does so by itself with its first query; here there may have been none.
    configure_mappers()
    return manager_of_class(Send).new_instance


def _made(send: Send) -> tuple[datetime, str, int]:
    return send.created_at or LONG_AGO, send.status, send.id
