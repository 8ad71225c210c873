"""Which way sends are searched for: by SQLite's index of trigrams, or where PostgreSQL's planner knows of one itself.

The planner has no count of what its index knows, only a guess. Asked for the newest few of what it takes for frequent
it goes through all sends from the newest on, and where there are few or none after all it takes seconds for a million
(measured). So the newest are looked at first, and what is then still wanted is found before it is put in order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, cast

from sqlalchemy import ColumnElement, Integer, Result, Select, bindparam, func, select, text
from sqlalchemy.orm import Session

from storage import scope
from storage.hints import hints
from storage.own_texts import Match, created
from storage.prepared import Prepared
from storage.search import SENDS, Search, likes, pattern
from storage.statements import PLANNED_ANEW
from storage.trigrams import Needle

Statement = Callable[[tuple[int, ...], int], Select[Any]]
NEWEST = 1_000
"""So many of the newest texts are read in about 3 ms (measured)."""

DENSE = 100
"""What so many of the newest have, thousands have: to find a thousand of them from the newest on takes less time than
to have the index list all (measured)."""

COMMON = 50
"""What so many of the newest have is not looked for at the beginnings of old texts as well: the index knows no
beginnings, and every text that has it would be read."""

FREQUENT = 35
"""What so many of the newest have, tens of thousands have among a million. That there are more than a thousand is known
sooner from the texts at the end of the table (7 ms) than from the index, which lists all first (18 ms, measured)."""

PAGED = 10
"""Of a table's pages each has room for at least so many sends."""

TID_RANGES = (14,)
"""Since this version PostgreSQL reads a part of a table without reading all of it."""

WALKED = 10_000
"""So many of the newest texts are gone through for a few that are wanted, if these should be among a half of them: in
at most 15 ms. To find all that have it takes longer, the more there are (measured)."""

SAMPLED = 300
"""By so many of the newest texts it is judged what is rare."""

_LIMIT, _LOOKED_AT = bindparam("limit", type_=Integer), bindparam("looked_at", type_=Integer)
_ID, _CREATED, _TEXT = SENDS.c.id, SENDS.c.created_at, SENDS.c.search_text
_ROWS = select(_ID, _CREATED, _TEXT)
_NEWEST_FIRST = _CREATED.desc().nulls_last()
_AT_END = text("""
    ctid >= (SELECT CAST('(' || greatest(
        0, pg_relation_size('sends') / CAST(current_setting('block_size') AS bigint) - :pages
    ) || ',0)' AS tid))""").bindparams(bindparam("pages", type_=Integer))
_NEWEST = Prepared(_ROWS.order_by(_NEWEST_FIRST).limit(_LOOKED_AT))


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
        found = None if self._are_more_than(limit) else self._found(_few, limit + 1)
        if found is None or len(found) > limit:
            self._least = limit + 1
            return None
        self._least = len(found)
        return sorted(found, key=created, reverse=True)

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
        if 2 * self._before(limit) <= WALKED:
            found = self._found(_walked, limit, looked_at=WALKED)
        return found if len(found) == limit else self._found(_newest_found, limit)

    def count(self, most: int | None = None) -> int:
        if not self._is_indexed:
            return len(self._among_newest)
        if most is None:
            return super().count()
        if self._least > most or self._are_more_than(most):
            return most + 1
        return self._number(_counted, most + 1)

    def _are_more_than(self, limit: int) -> bool:
        """Whether that is seen from the texts at the end of the table, by a few more than it should take.

        Of its pages only so many are read: a part of it may be empty, where thousands were changed or deleted. Then
        what most texts have is counted from the newest on, for twice as long.
        """
        version = self._session.get_bind().dialect.server_version_info or ()
        if len(self._among_newest) < FREQUENT or scope.current() is not None:
            return False
        texts = math.ceil(self._before(limit + 1) * 1.25)
        if version >= TID_RANGES:
            pages = math.ceil(texts / PAGED)
            if self._number(_counted_at_end, limit + 1, pages=pages) > limit:
                return True
        return len(self._among_newest) >= DENSE and self._number(_counted_walked, limit + 1, looked_at=texts) > limit

    def _before(self, number: int) -> float:
        """How many texts should have so many of them among them, as the newest have."""
        there = len(self._among_newest)
        return number * len(_newest(self._session)) / there if there else math.inf

    @cached_property
    def _among_newest(self) -> Sequence[Match]:
        return self._of(_newest(self._session))

    @cached_property
    def asked_for(self) -> tuple[str, ...]:
        """Patterns by which the index is asked, in place of those of the needles."""
        if any(len(needle) > 1 for needle in self._needles):
            return ()
        words, texts = [word for (word,) in self._needles], [row[2] for row in _newest(self._session)[:SAMPLED]]
        return tuple(map(pattern, hints(words, texts)))

    def _found(self, statement: Statement, limit: int, **asked: object) -> Sequence[Match]:
        return cast("Sequence[Match]", self._ask(statement, limit, asked).all())

    def _number(self, statement: Statement, limit: int, **asked: object) -> int:
        return cast("int", self._ask(statement, limit, asked).scalar_one())

    def _ask(self, statement: Statement, limit: int, asked: Mapping[str, object]) -> Result[Any]:
        """Run a statement about texts that have what is looked for."""
        by_index = {f"hint_{place}": hint for place, hint in enumerate(self.asked_for)}
        return self._session.execute(
            statement(self._spellings, len(by_index)), {**asked, "limit": limit, **self._patterns, **by_index},
        )


def _newest(session: Session) -> Sequence[Match]:
    """The newest of all texts, the newest first: read once for all that is looked for in one look."""
    return scope.once(session, "newest_texts", lambda: _NEWEST.rows(session, looked_at=NEWEST))


def _has(spellings: tuple[int, ...], hints: int) -> list[ColumnElement[bool]]:
    """What is true of a text that holds needles of so many spellings each; with hints the index is asked for these."""
    held_by = _TEXT + "" if hints else _TEXT
    by_index = [_TEXT.like(bindparam(f"hint_{place}")) for place in range(hints)]
    return [*by_index, *likes(spellings, held_by, escaped=False)]


def _planned(make: Statement) -> Statement:
    """The same, kept for each number of spellings and hints, and planned for what is typed."""

    @lru_cache(maxsize=128)
    def planned(spellings: tuple[int, ...], hints: int) -> Select[Any]:
        return make(spellings, hints).execution_options(**{PLANNED_ANEW: True})

    return planned


@_planned
def _few(spellings: tuple[int, ...], hints: int) -> Select[Any]:
    return _ROWS.where(*_has(spellings, hints)).limit(_LIMIT)


@_planned
def _newest_found(spellings: tuple[int, ...], hints: int) -> Select[Any]:
    found = _ROWS.where(*_has(spellings, hints)).cte("found").prefix_with("MATERIALIZED")
    return select(found).order_by(found.c.created_at.desc().nulls_last()).limit(_LIMIT)


@_planned
def _walked(spellings: tuple[int, ...], _hints: int) -> Select[Any]:
    walked = _ROWS.order_by(_NEWEST_FIRST).limit(_LOOKED_AT).subquery()
    found = select(walked).where(*likes(spellings, walked.c.search_text, escaped=False))
    return found.order_by(walked.c.created_at.desc().nulls_last()).limit(_LIMIT)


@_planned
def _counted_walked(spellings: tuple[int, ...], _hints: int) -> Select[Any]:
    walked = select(_TEXT).order_by(_NEWEST_FIRST).limit(_LOOKED_AT).subquery()
    found = select(walked).where(*likes(spellings, walked.c.search_text, escaped=False)).limit(_LIMIT)
    return select(func.count()).select_from(found.subquery())


@_planned
def _counted(spellings: tuple[int, ...], hints: int) -> Select[Any]:
    return select(func.count()).select_from(select(_ID).where(*_has(spellings, hints)).limit(_LIMIT).subquery())


@_planned
def _counted_at_end(spellings: tuple[int, ...], _hints: int) -> Select[Any]:
    # Fenced off: the planner would rather look for the texts by the index, and then which of them are there.
    last = select(_TEXT).where(_AT_END).offset(0).subquery()
    found = select(last).where(*likes(spellings, last.c.search_text, escaped=False)).limit(_LIMIT)
    return select(func.count()).select_from(found.subquery())
