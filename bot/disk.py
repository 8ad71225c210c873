"""The room that the database takes, and the room that is left for it."""

from __future__ import annotations

import shutil
from pathlib import Path

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from storage.engine import Database, is_in_memory

log = structlog.get_logger()


def size(database: Database, session: Session) -> int | None:
    """Bytes of the database, its log included; None where that cannot be told now."""
    if database.is_sqlite:
        files = [Path(f"{database.url.database}{end}") for end in ("", "-wal")]
        return sum(file.stat().st_size for file in files if file.is_file())
    try:
        return int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    except SQLAlchemyError:
        log.debug("database_size_unknown")
        return None


def free(database: Database) -> int | None:
    """Bytes that are free beside a SQLite file; None where nobody can tell, or another server keeps the database."""
    if not database.is_sqlite or is_in_memory(database.url):
        return None
    try:
        return shutil.disk_usage(Path(str(database.url.database)).resolve().parent).free
    except OSError:
        # The folder is gone, or nobody may look into it.
        return None
