"""What SQLAlchemy makes of a statement before it is run, kept once for all databases of a kind.

Each workspace has a database of its own, and all of them the same tables and statements: kept by each for itself, as
SQLAlchemy does it, the same SQL would be worked out and held in memory as often as there are workspaces.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, BinaryExpression, BindParameter, bindparam
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGCompiler_psycopg, PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL
from sqlalchemy.sql.operators import in_op
from sqlalchemy.util import LRUCache

from storage.quiet import is_quiet

MOST = 2000
"""Statements that are kept; SQLAlchemy keeps 500 for each database."""
KEPT: LRUCache[Any, Any] = LRUCache(MOST)


PLANNED_ANEW = "sendwatch_planned_anew"
"""The execution option of statements whose best plan depends on what they are given, such as a piece of text.

After ten times PostgreSQL has one plan for whatever may be given: a look-up then takes a second (measured)."""


class AlikeSQLite(SQLiteDialect_pysqlite):
    """SQLite, of which one file is like another."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))


class ArraysCompiler(PGCompiler_psycopg):
    """Hands the many values of an `IN` over as one array.

    A thousand placeholders take the driver and the server longer to read than to answer: 7 ms each time (measured).
    """

    def visit_binary(self, binary: BinaryExpression[Any], *told: Any, **more: Any) -> str:  # noqa: ANN401 - as SQLAlchemy has it
        """Any comparison; but for those with values that are given later, as SQLAlchemy writes it."""
        many = binary.right
        if binary.operator is not in_op or not (isinstance(many, BindParameter) and many.expanding and many.required):
            written: str = super().visit_binary(binary, *told, **more)  # type: ignore[no-untyped-call]
            return written
        array = bindparam(many.key, type_=ARRAY(binary.left.type))
        return f"{self.process(binary.left, **more)} = ANY ({self.process(array, **more)})"


class AlikePostgreSQL(PGDialect_psycopg):
    """PostgreSQL, of which one schema is like another where the servers are the same."""

    supports_statement_cache = True
    statement_compiler = ArraysCompiler

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:  # noqa: ANN401 - as SQLAlchemy has it
        """Have the server plan a statement anew where it asks for that, and else by what it has learnt."""
        by_itself = context is not None and context.execution_options.get(PLANNED_ANEW)
        # A cursor of the server's takes no such word: what it is asked is planned each time.
        told = {"prepare": False} if by_itself and not isinstance(cursor, self.loaded_dbapi.ServerCursor) else {}
        cursor.execute(statement, parameters, **told)

    def is_disconnect(self, error: Any, connection: Any, cursor: Any) -> bool:  # noqa: ANN401 - as SQLAlchemy has it
        """Whether a connection is of no use any more: also one to a server that writes no more.

        After a failover that is a standby, to which all connections would be kept; a new one may find the other server.
        """
        if isinstance(error, self.loaded_dbapi.errors.ReadOnlySqlTransaction):
            return True
        return bool(super().is_disconnect(error, connection, cursor))  # type: ignore[no-untyped-call]

    def do_ping(self, dbapi_connection: Any) -> bool:  # noqa: ANN401 - as SQLAlchemy has it
        """Whether a connection that waited is still good; the server is only asked where it has said something.

        It says nothing unasked but goodbye, or seldom a notice. To ask takes as long as to read a send (measured).
        """
        return is_quiet(dbapi_connection) or bool(
            super().do_ping(dbapi_connection),  # type: ignore[no-untyped-call]
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AlikePostgreSQL) and _server(self) == _server(other)

    def __hash__(self) -> int:
        return hash(type(self))


def _server(dialect: AlikePostgreSQL) -> tuple[object, ...]:
    # What the SQL depends on that is known only from the server.
    return dialect.server_version_info, dialect._backslash_escapes  # noqa: SLF001 - of its base


registry.register("sqlite.alike", __name__, "AlikeSQLite")
registry.register("postgresql.alike", __name__, "AlikePostgreSQL")


def shared(url: URL) -> tuple[URL, dict[str, Any]]:
    """The URL and the options with which an engine of `create_engine` takes part."""
    return url.set(drivername=f"{url.get_backend_name()}+alike"), {"execution_options": {"compiled_cache": KEPT}}
