"""What PostgreSQL has to be like: some servers, poolers and roles let Sendwatch work only in part."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.orm import Session

if TYPE_CHECKING:
    # A bot on SQLite does without the driver of PostgreSQL, which takes nine megabytes.
    import psycopg

ENCODING = "UTF8"
OF_A_WORKSPACE = "workspace_"
"""Begins the names of workspaces' schemas; the id follows in small letters."""
SEARCH_PATH = re.compile(rf"\s*-c\s*search_path={OF_A_WORKSPACE}([a-z0-9]+)\s*$", re.ASCII)
"""The last of a connection's options where it is to a workspace's schema."""
_ASKED = b"SELECT pg_backend_pid(), current_setting('search_path')"


class UnfitServerError(RuntimeError):
    """The database answers, but what Sendwatch writes there could be lost, or could be found by others."""


def see_to(connection: psycopg.Connection[Any], options: str) -> None:
    """Make a new connection one that can be relied on; `options` are those that the server was to be given.

    Behind a pooler nothing is prepared: by transaction it gives one to another process of the server each time, which
    knows none of it. Raises `UnfitServerError`; the connection is then closed.
    """
    try:
        _see_encoding(connection)
        process, search_path = _asked(connection)
        _see_schema(search_path, options)
    except BaseException:
        connection.close()
        raise
    if not (connection.info.parameter_status("DateStyle") or "").startswith("ISO"):
        # The driver reads times in this style only; role, database or server may have another.
        connection.pgconn.exec_(b"SET DateStyle TO ISO")
    # A pooler gives out numbers of its own.
    if process != connection.info.backend_pid:
        connection.prepare_threshold = None
    else:
        # To compile a look-up takes longer than to run it (measured). A pooler's connections are others' as well.
        connection.pgconn.exec_(b"SET jit TO off")


def _see_encoding(connection: psycopg.Connection[Any]) -> None:
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != ENCODING:
        raise UnfitServerError(
            f"The database has the encoding {encoding}, in which not every name can be written. Sendwatch needs one "
            "with UTF8: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.",
        )


def _asked(connection: psycopg.Connection[Any]) -> tuple[int, str]:
    # Past the driver, which would begin a transaction.
    told = connection.pgconn.exec_(_ASKED)
    process, search_path = told.get_value(0, 0), told.get_value(0, 1)
    if process is None or search_path is None:
        raise UnfitServerError(f"The database does not tell how it is set: {told.get_error_message().strip()}")
    return int(process), search_path.decode()


def _see_schema(search_path: str, options: str) -> None:
    """Without it, all workspaces would read and write the same tables."""
    found = SEARCH_PATH.search(options)
    wanted = f"{OF_A_WORKSPACE}{found[1]}" if found is not None else search_path
    if search_path != wanted:
        raise UnfitServerError(
            f"The connection was to use the schema {wanted} and uses {search_path}: a pooler in front of PostgreSQL "
            "does not pass the options of a connection on. With several workspaces connect to PostgreSQL itself.",
        )


_LACKING = text("""
    SELECT CASE WHEN current_schema() IS NULL THEN 'any schema' ELSE 'the schema ' || current_schema() END
    WHERE :makes AND NOT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)
    UNION ALL (
        SELECT 'the table ' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = current_schema() AND c.relkind = 'r' AND NOT (
            has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE')
            AND has_table_privilege(c.oid, 'DELETE'))
        ORDER BY 1
    )""")


def takes_no_writes(session: Session) -> bool:
    """Whether the server is a standby, or all that it is asked may only read; never so on SQLite."""
    if session.connection().dialect.name == "sqlite":
        return False
    return bool(session.scalar(text("SHOW transaction_read_only")) == "on")


def lacking(session: Session, *, makes: bool) -> list[str]:
    """What on PostgreSQL the role has no right to write to; `makes` tells that tables are still to be made."""
    if session.connection().dialect.name == "sqlite":
        return []
    return [*session.scalars(_LACKING, {"makes": makes})]


_ALLOWED = text("""
    SELECT least(
        CAST(current_setting('max_connections') AS int) - CAST(current_setting('superuser_reserved_connections') AS int)
            - CAST(coalesce(current_setting('reserved_connections', true), '0') AS int),
        nullif(r.rolconnlimit, -1), nullif(d.datconnlimit, -1))
    FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database()""")


def connections(session: Session) -> int | None:
    """How many connections the server allows the role; None on SQLite, and behind a pooler, which has its own."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        return None
    driver: Any = connection.connection.dbapi_connection
    return None if driver.prepare_threshold is None else session.scalar(_ALLOWED)
