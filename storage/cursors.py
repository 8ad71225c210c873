"""Small facts that are kept in `sync_cursors` beside the walks: one row for each, by its name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table
from sqlalchemy.orm import Session

from storage.dialect import insert_of
from storage.models import SyncCursor

CURSORS: Table = SyncCursor.__table__  # type: ignore[assignment]


def put(session: Session, source: str, **told: Any) -> None:  # noqa: ANN401 - columns of the row
    """Keep these columns under that name, whether there is such a row or not; its other columns stay."""
    session.execute(
        insert_of(session)(CURSORS).values(source=source, fencing=0, **told)
        .on_conflict_do_update(index_elements=[CURSORS.c.source], set_=told),
    )
