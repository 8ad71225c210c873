"""What was read from a database, kept until something is written there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from storage.changes import Mark
from storage.engine import Database

T = TypeVar("T")


class Kept(Generic[T]):
    """What `read` finds in a database, for threads of any number: asked for at every request, and seldom another."""

    def __init__(self, database: Database, read: Callable[[Session], T]) -> None:
        self._database, self._read = database, read
        self._known: tuple[Mark, T] | None = None

    def now(self) -> T:
        """What is there now; read anew only if something has been written, or where that cannot be told."""
        # The mark first: what is written while it is read makes the next one another.
        mark, known = self._database.mark(), self._known
        if known is not None and known[0] == mark:
            return known[1]
        with self._database.glance() as session:
            found = self._read(session)
        if mark is not None:
            self._known = mark, found
        return found
