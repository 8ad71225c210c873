"""Statements that every answer waits for, given to the driver as SQLAlchemy has put them together once.

To run one by SQLAlchemy takes three to five times as long as SQLite needs for it, and an answer in Slack asks several.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, Select
from sqlalchemy.orm import Session

from storage import scope

Convert = Callable[[Any], Any]


class _Made(NamedTuple):
    """What a dialect makes of a statement: its text, what it is given, and what its columns have to go through."""

    text: str
    fixed: dict[str, Any]
    order: tuple[str, ...] | None
    """The names of what is given by place; None where it is given by name."""
    converts: tuple[tuple[int, Convert], ...]

    def given(self, values: dict[str, Any]) -> Any:  # noqa: ANN401 - as the driver takes it
        told = self.fixed | values
        return told if self.order is None else [told[name] for name in self.order]

    def read(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        if not self.converts:
            return row
        columns = list(row)
        for place, convert in self.converts:
            columns[place] = convert(columns[place])
        return tuple(columns)


class Prepared:
    """A statement that only reads, with values by name of which none needs a conversion: texts and whole numbers."""

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement
        self._made: dict[str, _Made] = {}

    def rows(self, session: Session, **values: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401 - texts and numbers
        """All rows, as SQLAlchemy would give them, and within what may be seen just now. Raises as SQLAlchemy does."""
        connection = session.connection()
        if scope.current() is not None:
            # Whoever may not see everything is answered by SQLAlchemy, where `storage.scope` narrows each statement.
            return self._by_sqlalchemy(connection, values)
        made = self._made.get(connection.dialect.name) or self._make(connection.dialect)
        try:
            driver: Any = connection.connection.dbapi_connection
            found = driver.execute(made.text, made.given(values)).fetchall()
        except connection.dialect.loaded_dbapi.Error:
            # It fails there as everything else does, and a lost connection is given up.
            return self._by_sqlalchemy(connection, values)
        return [made.read(row) for row in found]

    def _by_sqlalchemy(self, connection: Connection, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in connection.execute(self.statement, values)]

    def _make(self, dialect: Dialect) -> _Made:
        compiled: Any = self.statement.compile(dialect=dialect)
        columns = (column.type.dialect_impl(dialect) for column in self.statement.selected_columns)
        converts = ((place, kind.result_processor(dialect, None)) for place, kind in enumerate(columns))
        made = _Made(
            text=str(compiled), fixed=dict(compiled.params),
            order=tuple(compiled.positiontup) if compiled.positional else None,
            converts=tuple((place, convert) for place, convert in converts if convert is not None),
        )
        self._made[dialect.name] = made
        return made
