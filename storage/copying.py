"""Rows that PostgreSQL takes in by COPY, which SQLAlchemy does not know; what goes wrong is told as SQLAlchemy does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


def copied(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Add rows, each with a value for each column. Raises as SQLAlchemy does for an INSERT; then none is added."""
    driver: Any = connection.connection.driver_connection
    quote = connection.dialect.identifier_preparer.quote
    statement = f"COPY {quote(table)} ({', '.join(map(quote, columns))}) FROM STDIN"
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        # Below its first line it quotes the row that was at hand, a name and an address included, for the log to keep.
        error.args = (str(error).partition("\n")[0],)
        is_gone = connection.dialect.is_disconnect(error, driver, None)
        if is_gone:
            connection.invalidate(error)
        raise DBAPIError.instance(
            statement, None, error, connection.dialect.loaded_dbapi.Error, hide_parameters=True,
            connection_invalidated=is_gone, dialect=connection.dialect,
        ) from error
