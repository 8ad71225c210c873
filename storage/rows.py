"""Many new rows at once, at the speed of the driver or above it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Dialect, Table, text
from sqlalchemy.orm import Session

from storage.copying import copied
from storage.dialect import insert_of

Convert = Callable[[Any], Any]
Row = Mapping[str, Any]
_IDS = text("SELECT nextval(CAST(:sequence AS regclass)) FROM generate_series(1, :number)")


def add_new(
    session: Session, table: Table, columns: Sequence[str], rows: Iterable[Row], *, ids: Sequence[int] = (),
) -> None:
    """Add rows that all name these columns, and of which none is there yet: on PostgreSQL one that is is an error.

    The rows may be made as they are taken, but nothing can be asked of the session meanwhile.
    `ids` are theirs where `ids_for` has given any. PostgreSQL takes rows as it takes in a back-up, each as soon as it
    has been made: in two thirds of the time that `add` needs (measured).
    """
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        add(session, table, list(rows))
        return
    names, values = tuple(columns), itemgetter(*columns)
    converts = [(place, how, dict[Any, Any]()) for place, how in _conversions(table, names, connection.dialect)]

    def told(row: Row) -> list[Any]:
        given = list(values(row))
        for place, convert, known in converts:
            one = given[place]
            if one not in known:
                known[one] = convert(one)
            given[place] = known[one]
        return given

    if ids:
        copied(connection, table.name, (*names, "id"), ([*told(row), one] for row, one in zip(rows, ids, strict=True)))
    else:
        copied(connection, table.name, names, map(told, rows))


def ids_for(session: Session, table: Table, number: int) -> list[int]:
    """The ids of so many new rows, where they can be told beforehand: PostgreSQL; else none."""
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        return []
    return [*connection.scalars(_IDS, {"sequence": f"{table.name}_id_seq", "number": number})]


def add(session: Session, table: Table, rows: Sequence[Row]) -> None:
    """Add rows that all name the same columns; one that is there already is passed over.

    SQLAlchemy looks at each value of each row twice before the driver gets it. For thousands of rows that takes as
    long as a third of the writing itself, so the statement is put together once and the driver is given the rows.
    PostgreSQL gets them as one text: row by row it would take twice as long (measured).
    """
    if not rows:
        return
    columns, connection = tuple(rows[0]), session.connection()
    dialect = connection.dialect
    # One column beside the other, in a single walk through the rows.
    values: list[Sequence[Any]] = list(zip(*map(itemgetter(*columns), rows), strict=True))
    for place, convert in _conversions(table, columns, dialect):
        # Of a batch's times many are one and the same.
        known = {one: convert(one) for one in set(values[place])}
        values[place] = [known[one] for one in values[place]]
    if dialect.name == "postgresql":
        told = [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)]
        given = json.dumps(told, default=datetime.isoformat, ensure_ascii=False)
        connection.exec_driver_sql(_from_json(table, columns, dialect), {"rows": given})
        return
    statement, by_place = _insert(insert_of(session), table, columns, dialect)
    connection.exec_driver_sql(statement, [*zip(*(values[place] for place in by_place), strict=True)])


@lru_cache(maxsize=64)
def _conversions(table: Table, columns: tuple[str, ...], dialect: Dialect) -> list[tuple[int, Convert]]:
    found = ((place, table.c[name].type.bind_processor(dialect)) for place, name in enumerate(columns))
    return [(place, how) for place, how in found if how is not None]


@lru_cache(maxsize=64)
def _insert(
    insert: Callable[..., Any], table: Table, columns: tuple[str, ...], dialect: Dialect,
) -> tuple[str, list[int]]:
    """The statement, and the order in which it takes the columns."""
    compiled = insert(table).on_conflict_do_nothing().compile(dialect=dialect, column_keys=list(columns))
    return str(compiled), [columns.index(name) for name in compiled.positiontup or ()]


@lru_cache(maxsize=64)
def _from_json(table: Table, columns: tuple[str, ...], dialect: Dialect) -> str:
    quote = dialect.identifier_preparer.quote
    names, name = ", ".join(map(quote, columns)), quote(table.name)
    return (
        f"INSERT INTO {name} ({names}) SELECT {names} "  # noqa: S608 - names of our own schema
        f"FROM json_populate_recordset(NULL::{name}, %(rows)s::json) ON CONFLICT DO NOTHING"
    )
