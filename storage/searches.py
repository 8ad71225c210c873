"""Which way sends are searched for: by SQLite's index of trigrams, or where PostgreSQL's planner knows of one itself.

The planner has no count of what its index knows, only a guess. Asked for the newest few of what it takes for frequent
it goes through all sends from the newest on, and where there are few or none after all it takes seconds for a million
(measured). So the newest are looked at first, and what is then still wanted is found before it is put in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, func, select
from sqlalchemy.orm import Session

from storage import scope
from storage.own_texts import Match
from storage.prepared import Prepared
from storage.search import SENDS, Search, likes
from storage.statements import PLANNED_ANEW
from storage.trigrams import Needle

NEWEST = 1_000
"""So many of the newest texts are read in about 3 ms (measured)."""

DENSE = 100
"""What so many of the newest have, thousands have: to find a thousand of them from the newest on takes less time than
to have the index list all (measured)."""

COMMON = 50
"""What so many of the newest have is not looked for at the beginnings of old texts as well: the index knows no
beginnings, and every text that has it would be read."""

_LIMIT = bindparam("limit", type_=Integer)
_ID, _CREATED, _TEXT = SENDS.c.id, SENDS.c.created_at, SENDS.c.search_text
_LOOKED_AT = bindparam("looked_at", type_=Integer)
_ROWS = select(_ID, _CREATED, _TEXT)
_NEWEST = Prepared(_ROWS.order_by(_CREATED.desc().nulls_last()).limit(_LOOKED_AT))


def of(session: Session, needles: Sequence[Needle]) -> Search:
    """The search for sends whose text contains every needle, each in one of its spellings."""
    # Of whoever may see less the newest are far apart, and no index knows which these are.
    is_planned = session.get_bind().dialect.name == "postgresql" and scope.number(session.connection()) > scope.MANY
    return Planned(session, needles) if is_planned else Search(session, needles)


class Planned(Search):
    """A search on PostgreSQL, of whoever may see everything, or a great part of it."""

    def __init__(self, session: Session, needles: Sequence[Needle]) -> None:
        super().__init__(session, needles)
        self._least = 0
        # Its trigrams are made of letters and digits. Signs alone are looked for among the newest: no index has them.
        self._is_indexed = any(all(any(map(str.isalnum, one)) for one in needle) for needle in needles)

    def few(self, limit: int) -> Sequence[Match] | None:
        if not self._is_indexed:
            return self._among_newest if len(self._among_newest) <= limit else None
        if len(self._among_newest) >= DENSE:
            return None
        found = super().few(limit)
        self._least = limit + 1 if found is None else len(found)
        return found

    @property
    def are_common(self) -> bool:
        return len(self._among_newest) >= COMMON

    @property
    def met(self) -> Sequence[Match]:
        return self._among_newest

    def recent(self, limit: int) -> Sequence[Match]:
        return self._among_newest[:limit]

    def newest(self, limit: int) -> Sequence[Match]:
        found = self.recent(limit)
        if len(found) == limit or not self._is_indexed:
            return found
        return self._session.execute(_newest_found(self._spellings), {"limit": limit, **self._patterns}).all()

    def count(self, most: int | None = None) -> int:
        if not self._is_indexed:
            return len(self._among_newest)
        if most is None:
            return super().count()
        if self._least > most:
            return most + 1
        if len(self._among_newest) < DENSE:
            return super().count(most)
        return self._session.execute(_counted(self._spellings), {"limit": most + 1, **self._patterns}).scalar_one()

    @cached_property
    def _among_newest(self) -> Sequence[Match]:
        return self._of(_newest(self._session))


def _newest(session: Session) -> Sequence[Match]:
    """The newest of all texts, the newest first: read once for all that is looked for in one look."""
    return scope.once(session, "newest_texts", lambda: _NEWEST.rows(session, looked_at=NEWEST))


@lru_cache(maxsize=512)
def _newest_found(spellings: tuple[int, ...]) -> Select[Any]:
    found = _ROWS.where(*likes(spellings, _TEXT, escaped=False)).cte("found").prefix_with("MATERIALIZED")
    newest = select(found).order_by(found.c.created_at.desc().nulls_last()).limit(_LIMIT)
    return newest.execution_options(**{PLANNED_ANEW: True})


@lru_cache(maxsize=128)
def _counted(spellings: tuple[int, ...]) -> Select[int]:
    found = select(_ID).where(*likes(spellings, _TEXT, escaped=False)).order_by(_CREATED.desc().nulls_last())
    counted = select(func.count()).select_from(found.limit(_LIMIT).subquery())
    return counted.execution_options(**{PLANNED_ANEW: True})
