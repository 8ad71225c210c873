"""Whose sends somebody may see: while it is set, no statement that only reads can see those of others.

Each such statement gets a WITH in front that puts what may be seen in the place of the tables. So it holds for whatever
is asked, by whom and in whatever way, and nobody who writes a look-up can forget it. What is written goes by row ids
that somebody has seen, and is left alone.

No planner knows whether somebody has three sends or all there are: PostgreSQL's reads the sends of all, SQLite's takes
the index of their sender for the best in any case. So both are told the ids of a few, and SQLite, of many, to look for
what is asked and only then whose it is.
"""

from __future__ import annotations

import math
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, TypeVar

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from storage.models import Send

Found = TypeVar("Found")

WRITES = "sendwatch_write"
"""The execution option of transactions that write."""
_TABLES = re.compile(r"\b(sends|alerts|alert_events|send_history|watches|mutes)\b")
_BEGINS = re.compile(r"\s*(WITH|SELECT)\b", re.IGNORECASE)
_RECURSIVE = re.compile(r"\s*WITH\s+RECURSIVE\b", re.IGNORECASE)
# Before 3.35 SQLite does by itself what newer ones have to be told: look into the table, and not into a copy of it.
_PLAIN = "AS NOT MATERIALIZED" if sqlite3.sqlite_version_info >= (3, 35) else "AS"
FEW = 2_000
"""So many sends that somebody may see are gone through one by one, whatever is asked: in about 4 ms (measured)."""

SOME = 10_000
"""So many are gone through for statements that have `OWN_FIRST`."""

MANY = 200_000
"""Of so many the ids are read from the indexes in about 50 ms (measured)."""

OWN_FIRST = "sendwatch_own_first"
"""The execution option of statements that walk through sends until they have found many that may be seen."""

_TAKEN = "SELECT send_id AS id FROM {} WHERE state <> 'resolved' AND assignee IN ({})"
_OF = "SELECT id FROM {} WHERE {} IN ({})"
_COLUMNS = {"email": "sender_email", "team": "team"}
_OF_A_SEND = "EXISTS (SELECT 1 FROM sends WHERE sends.id = {table}.send_id)"
_ALERTS = f"{{table}}.send_id IS NULL OR {_OF_A_SEND}"
_EVENTS = "{table}.alert_id IS NULL OR EXISTS (SELECT 1 FROM alerts WHERE alerts.id = {table}.alert_id)"
_MUTES = (
    "({table}.scope NOT IN ('send', 'sender'))"
    " OR ({table}.scope = 'send' AND EXISTS (SELECT 1 FROM sends WHERE sends.send_gid = {table}.value))"
    " OR ({table}.scope = 'sender' AND EXISTS (SELECT 1 FROM sends WHERE sends.sender_email = {table}.value))"
)
_REST = (
    ("send_history", _OF_A_SEND), ("watches", _OF_A_SEND), ("alerts", _ALERTS), ("alert_events", _EVENTS),
    ("mutes", _MUTES),
)


class Way(Enum):
    """How a database is told what may be seen."""

    PLANNED = auto()
    """From wherever the planner thinks best: PostgreSQL's, of many."""
    FEW = auto()
    """From the ids of all that may be seen."""
    MANY = auto()
    """From what is asked; of each that is found it is seen whose it is."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Somebody's own sends, those of some teams, and those whose alerts they have taken on; else none at all."""

    email: str = ""
    """Of the sender, in lower case; empty where it is not known."""
    teams: tuple[str, ...] = ()
    user_id: str = ""
    """Whose alerts that were given to them are seen, too."""
    reach: str = ""
    everybody: tuple[str, ...] = ()
    """Who sees all; this and the reach are the bot's own words, for telling people."""


@dataclass(kw_only=True)
class Look:
    """One person's look, as long as it lasts: what it is limited to (None: nothing), and which sends it has read."""

    scope: Scope | None = None
    seen: set[int] = field(default_factory=set)
    number: int | None = None
    """How many sends it is limited to, no further than one more than `MANY`, once that has been counted. Only how they
    are looked for depends on it."""


_CURRENT: ContextVar[Look | None] = ContextVar("look", default=None)


def current() -> Scope | None:
    """What may be seen just now; None where everything may."""
    look = _CURRENT.get()
    return look.scope if look is not None else None


def current_look() -> Look | None:
    """The look that is under way; None where nobody looks."""
    return _CURRENT.get()


@contextmanager
def looking(look: Look | None) -> Iterator[Look | None]:
    """While it lasts, this thread, and who carries its context on, sees no more than that; None: everything.

    What is read in a look within another one was read in that one, too.
    """
    outer, token = _CURRENT.get(), _CURRENT.set(look)
    try:
        yield look
    finally:
        _CURRENT.reset(token)
        if look is not None and outer is not None:
            outer.seen.update(look.seen)


def look(begun: Look) -> None:
    """Let a look begin that ends with the `looking` around it."""
    _CURRENT.set(begun)


def once(session: Session, name: str, read: Callable[[], Found]) -> Found:
    """What `read` gives, read once for all that one person asks in one transaction; `name` tells it from other things.

    So long the database shows the same to the same person.
    """
    known_for = (session.get_transaction(), current())
    if session.info.get(name, (None, None))[0] != known_for:
        session.info[name] = (known_for, read())
    found: Found = session.info[name][1]
    return found


def listen(engine: Engine) -> None:
    """Have the statements on this engine's connections go by what is set."""
    event.listen(engine, "before_cursor_execute", _narrow, retval=True)


def _narrow(
    connection: Connection, _cursor: object, statement: str, parameters: Any,  # noqa: ANN401 - as the driver takes it
    context: Any, _many: object,  # noqa: ANN401 - as above
) -> tuple[str, Any]:
    scope = current()
    if scope is None or not _BEGINS.match(statement) or not _TABLES.search(statement):
        return statement, parameters
    if connection.get_execution_options().get(WRITES):
        return statement, parameters
    if _RECURSIVE.match(statement):
        raise NotImplementedError("a recursive WITH has to name what may be seen by itself")
    is_sqlite = connection.dialect.name == "sqlite"
    names, given = _given(scope, is_sqlite=is_sqlite, parameters=parameters)
    table = "main.{}" if is_sqlite else "{}"
    return _within(_own(names, table, _way(connection, context)), statement), given


def sees_few(connection: Connection, *, own_first: bool = False) -> bool:
    """Whether what may be seen on this connection are `FEW` sends at most; or `SOME`.

    Never on one that writes, since that sees all.
    """
    return number(connection) <= (SOME if own_first else FEW)


def own_ids() -> tuple[list[str], tuple[Any, ...]]:
    """Queries for the row ids of all that may be seen, in SQLite's words, and what they are given."""
    marks, values = _given(current() or Scope(), is_sqlite=True, parameters=())
    return _lists(marks, "main.{}"), values


def number(connection: Connection) -> float:
    """How many sends may be seen on this connection, no further than one more than `MANY`; else without end."""
    under_way = _CURRENT.get()
    if under_way is None or under_way.scope is None or connection.get_execution_options().get(WRITES):
        return math.inf
    if under_way.number is None:
        under_way.number = _count(connection, under_way.scope)
    return under_way.number


def _count(connection: Connection, scope: Scope) -> int:
    """How many sends may be seen, by the indexes alone, and no further than one more than `MANY`."""
    is_sqlite = connection.dialect.name == "sqlite"
    marks, values = _given(scope, is_sqlite=is_sqlite, parameters=())
    every = " UNION ALL ".join(_lists(marks, "main.{}" if is_sqlite else "{}")) or "SELECT 1 WHERE 1 = 0"
    cursor: Any = connection.connection.cursor()
    # Past SQLAlchemy, which would ask here again.
    cursor.execute(
        f"SELECT count(*) FROM ({every} LIMIT {MANY + 1}) AS own",  # noqa: S608 - words of this file; values are bound
        values,
    )
    own: int = cursor.fetchone()[0]
    cursor.close()
    return own


def _given(scope: Scope, *, is_sqlite: bool, parameters: Any) -> tuple[dict[str, list[str]], Any]:  # noqa: ANN401
    """The placeholders of the address, the teams and the user, and all parameters."""
    values = {"email": [scope.email] if scope.email else [], "team": list(scope.teams),
              "user": [scope.user_id] if scope.user_id else []}
    if is_sqlite:
        first = [one for some in values.values() for one in some]
        return {kind: ["?"] * len(some) for kind, some in values.items()}, (*first, *parameters)
    named = {f"scope_{kind}_{place}": one for kind, some in values.items() for place, one in enumerate(some)}
    marks = {kind: [f"%(scope_{kind}_{place})s" for place in range(len(some))] for kind, some in values.items()}
    return marks, {**(parameters if isinstance(parameters, Mapping) else {}), **named}


def _way(connection: Connection, context: Any) -> Way:  # noqa: ANN401 - as SQLAlchemy hands it over
    own_first = context is not None and bool(context.execution_options.get(OWN_FIRST))
    if sees_few(connection, own_first=own_first):
        return Way.FEW
    return Way.MANY if connection.dialect.name == "sqlite" else Way.PLANNED


def _own(marks: Mapping[str, list[str]], table: str, way: Way) -> str:
    """What stands in the place of the tables. All that is put together here is ours; values are bound."""
    shown = [("sends", _may_be_seen(marks, table, way)), *((name, one.format(table="own")) for name, one in _REST)]
    return ", ".join(_instead(name, table.format(name), where) for name, where in shown)


def _may_be_seen(marks: Mapping[str, list[str]], table: str, way: Way) -> str:
    lists = _lists(marks, table)
    if way is Way.FEW and lists:
        return f"own.id IN ({' UNION ALL '.join(lists)})"
    # With the plus SQLite has no index for it.
    plus = "+" if way is Way.MANY else ""
    parts = [f"{plus}own.{_COLUMNS[kind]} IN ({', '.join(marks[kind])})" for kind in _COLUMNS if marks[kind]]
    taken = [f"{plus}own.id IN ({one})" for one in lists[len(parts):]]
    return " OR ".join([*parts, *taken]) or "1 = 0"


def _lists(marks: Mapping[str, list[str]], table: str) -> list[str]:
    """Queries for the ids of what may be seen, in the order of the marks."""
    sends, alerts = table.format("sends"), table.format("alerts")
    own = [_OF.format(sends, _COLUMNS[kind], ", ".join(marks[kind])) for kind in _COLUMNS if marks[kind]]
    return [*own, *([_TAKEN.format(alerts, ", ".join(marks["user"]))] if marks["user"] else [])]


def _instead(name: str, table: str, where: str) -> str:
    return f"{name} {_PLAIN} (SELECT * FROM {table} AS own WHERE {where})"  # noqa: S608 - words of this file


def _within(tables: str, statement: str) -> str:
    begun = _BEGINS.match(statement)
    if begun is not None and begun[1].upper() == "WITH":
        return f"WITH {tables}, {statement[begun.end():].lstrip()}"
    return f"WITH {tables} {statement}"


def saw(send: Send) -> None:
    """Note that the look under way, if there is one, has read this send."""
    look = _CURRENT.get()
    if look is not None:
        look.seen.add(send.id)


@event.listens_for(Send, "load")
def _loaded(send: Send, _context: object) -> None:
    saw(send)
