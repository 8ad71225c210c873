"""What SQLite and PostgreSQL have both, but each in its own words."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def insert_of(session: Session) -> Callable[..., sqlite.Insert | postgresql.Insert]:
    """The INSERT of this database, which can say what happens where the row is there already."""
    return sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
