"""Many new rows at once, at the speed of the driver."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, Table
from sqlalchemy.orm import Session

from storage.dialect import insert_of

Convert = Callable[[Any], Any]
Row = Mapping[str, Any]


def add(session: Session, table: Table, rows: Sequence[Row]) -> None:
    """Add rows that all name the same columns; one that is there already is passed over.

    SQLAlchemy looks at each value of each row twice before the driver gets it. For thousands of rows that takes as
    long as a third of the writing itself, so the statement is put together once and the driver is given the rows.
    """
    if rows:
        columns, dialect = tuple(rows[0]), session.get_bind().dialect
        statement, by_place, how = _insert(insert_of(session), table, columns, dialect)
        values = [[one[name] for one in rows] for name in columns]
        for place, convert in how:
            # Of a batch's times many are one and the same.
            known = {one: convert(one) for one in set(values[place])}
            values[place] = [known[one] for one in values[place]]
        if by_place:
            given: list[Any] = [*zip(*(values[place] for place in by_place), strict=True)]
        else:
            given = [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)]
        session.connection().exec_driver_sql(statement, given)


@lru_cache(maxsize=64)
def _insert(
    insert: Callable[..., Any], table: Table, columns: tuple[str, ...], dialect: Dialect,
) -> tuple[str, list[int], list[tuple[int, Convert]]]:
    """The statement, the order in which it takes the columns (empty: by name), and what to do with some of them."""
    compiled = insert(table).on_conflict_do_nothing().compile(dialect=dialect, column_keys=list(columns))
    places = [columns.index(name) for name in compiled.positiontup or ()]
    found = ((place, table.c[name].type.bind_processor(dialect)) for place, name in enumerate(columns))
    return str(compiled), places, [(place, how) for place, how in found if how is not None]
