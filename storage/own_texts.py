"""The texts of all sends that somebody may see, where these are few: read once, they answer whatever is searched.

Through the index of all texts it would take longer, the more sends of others have what was typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from storage import scope
from storage.models import Send
from storage.sends import LONG_AGO

Match = tuple[int, datetime | None, str]
"""A send's id, when it was created, and its search text."""

_SENDS: Table = Send.__table__  # type: ignore[assignment]
# In no order: asked for the newest, SQLite might go through the sends of all.
_TEXTS = select(_SENDS.c.id, _SENDS.c.created_at, _SENDS.c.search_text)


def of(session: Session) -> Sequence[Match] | None:
    """All of them, the newest first; None where they are not few, or where everything may be seen."""
    if scope.current() is None or not scope.sees_few(session.connection()):
        return None
    return scope.once(
        session, "own_texts", lambda: sorted(session.execute(_TEXTS).all(), key=created, reverse=True),
    )


def created(row: Match) -> datetime:
    """When the send was made; long ago where nobody knows."""
    return row[1] or LONG_AGO
