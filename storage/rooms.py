"""A database of its own for each workspace, beside the main one: a file of SQLite, or a schema of PostgreSQL."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, create_engine, delete, inspect
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from storage import advisory, cursors, schema, search_index, workspaces
from storage.engine import Database, gone_after, is_in_memory, normalise, options_of
from storage.models import SyncCursor
from storage.servers import OF_A_WORKSPACE, SEARCH_PATH

TEAM = re.compile(r"[TE][A-Z0-9]{2,30}", re.ASCII)
"""What Slack's ids of workspaces look like; nothing else becomes a part of a file's or a schema's name."""
MAKE_LOCK = 0x5E4D_0B0E
"""Names the advisory lock under which replicas that start together take turns at making schemas."""
_NOTED = "room:"
"""Begins the names of their rows in `sync_cursors`; the id of the workspace follows."""
_BEFORE = ".before-"
_STAMP = re.compile(r"\d{8}T\d{6}Z", re.ASCII)


def url_of(main: str, team_id: str) -> str:
    """The URL of a workspace's database, given that of the main one. ValueError for what is no workspace's id."""
    url, name = normalise(main), _checked(team_id)
    if url.get_backend_name() == "sqlite":
        if is_in_memory(url):
            raise ValueError("several workspaces need a SQLite file: one in memory has no place beside it")
        path = Path(str(url.database))
        return _whole(url.set(database=str(path.with_name(f"{path.stem}-{name}{path.suffix}"))))
    options = options_of(url)
    return _whole(url.update_query_dict({"options": f"{options} -csearch_path={schema_of(name)}".strip()}))


def schema_of(team_id: str) -> str:
    """The name of a workspace's schema."""
    return f"{OF_A_WORKSPACE}{_checked(team_id).lower()}"


def make(main: str, team_id: str) -> str:
    """See to it that there is a place for the workspace's tables; gives its URL."""
    url = normalise(main)
    if url.get_backend_name() != "sqlite":
        # Despite IF NOT EXISTS PostgreSQL refuses what another process makes at the same moment.
        with _connected(url) as connection:
            advisory.wait_for(connection, MAKE_LOCK)
            connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {schema_of(team_id)}")
    return url_of(main, team_id)


def exists(main: str, team_id: str) -> bool:
    """Whether there is a place with the workspace's tables already. Makes none."""
    url = normalise(url_of(main, team_id))
    if url.get_backend_name() == "sqlite":
        return Path(str(url.database)).exists()
    engine = create_engine(url, connect_args=gone_after(url))
    try:
        with engine.connect() as connection:
            return inspect(connection).has_table("sends", schema_of(team_id))
    finally:
        engine.dispose()


def note(session: Session, team_id: str, now: datetime) -> None:
    """Remember in the main database that the workspace has one of its own: `is_gone` tells by that where it is lost."""
    cursors.put(session, f"{_NOTED}{team_id}", cursor={}, started_at=now)


def is_noted(session: Session, team_id: str) -> bool:
    """Whether that is remembered."""
    return session.get(SyncCursor, f"{_NOTED}{team_id}") is not None


def forget(session: Session, team_id: str) -> None:
    """Its database is deleted, and nobody will miss it."""
    session.execute(delete(SyncCursor).where(SyncCursor.source == f"{_NOTED}{team_id}"))


def is_gone(session: Session, main: str, team_id: str) -> bool:
    """Whether the workspace's database was there once, and was moved or deleted; `session` is of the main one."""
    return is_noted(session, team_id) and not exists(main, team_id)


def place(main: str, team_id: str) -> str:
    """Where the workspace's database is, in words that tell no password."""
    url = normalise(url_of(main, team_id))
    if url.get_backend_name() == "sqlite":
        return str(Path(str(url.database)).absolute())
    return f"the schema {schema_of(team_id)}"


def every(session: Session, main: str) -> dict[str, str]:
    """The URLs of the databases that there are of workspaces, by the id of each; `session` is of the main one."""
    teams = dict.fromkeys(row.team_id for row in workspaces.every(session) if row.team_id)
    return {one: url_of(main, one) for one in teams if exists(main, one)}


def whose(url: str) -> tuple[str, str] | None:
    """The URL of the main database and the workspace's id, where a URL is that of a workspace; None for any other.

    The name alone does not tell, for a main database may be called likewise: the main one must know the workspace.
    """
    main, team_id = _apart(normalise(url))
    if main is None or not TEAM.fullmatch(team_id):
        return None
    if main.get_backend_name() == "sqlite" and not Path(str(main.database)).is_file():
        return None
    database = Database(_whole(main), pool_size=1)
    try:
        if not schema.is_current(database):
            return None
        with database.read() as session:
            return (_whole(main), team_id) if workspaces.by_team(session, team_id) is not None else None
    except SQLAlchemyError:
        return None
    finally:
        database.close()


def remove(main: str, team_id: str) -> None:
    """Delete all that is kept of a workspace, for good. Nobody may be working on it."""
    url = normalise(main)
    if url.get_backend_name() != "sqlite":
        name = schema_of(team_id)
        with _connected(url) as connection:
            search_index.move_out(connection, name)
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {name} CASCADE")
        return
    path = Path(str(normalise(url_of(main, team_id)).database))
    for one in (path, *_put_aside(path)):
        for end in ("", "-wal", "-shm", "-journal", ".lock"):
            one.with_name(f"{one.name}{end}").unlink(missing_ok=True)


def put_aside(path: Path, now: datetime) -> Path:
    """Where a database file is kept when a back-up takes its place."""
    return path.with_name(f"{path.name}{_BEFORE}{now:%Y%m%dT%H%M%SZ}")


def _put_aside(path: Path) -> list[Path]:
    """All that were kept so; what people have put beside the file under names of their own is not among them."""
    start = f"{path.name}{_BEFORE}"
    return [
        one for one in path.parent.glob(f"{glob.escape(start)}*") if _STAMP.fullmatch(one.name.removeprefix(start))
    ]


def _apart(url: URL) -> tuple[URL | None, str]:
    """What `url_of` has put together, by the name alone."""
    if url.get_backend_name() == "sqlite":
        if is_in_memory(url):
            return None, ""
        path = Path(str(url.database))
        stem, dash, team_id = path.stem.rpartition("-")
        return (url.set(database=str(path.with_name(f"{stem}{path.suffix}"))) if stem and dash else None), team_id
    options = options_of(url)
    found = SEARCH_PATH.search(options)
    if found is None:
        return None, ""
    rest = options[:found.start()]
    url = url.difference_update_query(["options"])
    return (url.update_query_dict({"options": rest}) if rest else url), found[1].upper()


def _checked(team_id: str) -> str:
    if not TEAM.fullmatch(team_id):
        raise ValueError(f"{team_id!r} is not the id of a workspace; one looks like T0123ABCD")
    return team_id


def _whole(url: URL) -> str:
    return url.render_as_string(hide_password=False)


@contextmanager
def _connected(url: URL) -> Iterator[Connection]:
    """A transaction in a database of PostgreSQL's."""
    engine = create_engine(url, connect_args=gone_after(url))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()
