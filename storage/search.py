"""Finding sends by fragments of their text: few through the index of trigrams, many by a walk from the newest on.

What is typed may be in one send or in nearly all, all over the years or in one month of them. The index is asked for
what is rare in it, and how many it knows decides where to look. Where there is no index, every row is read.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Table,
    bindparam,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.orm import Session

from storage import scope
from storage.models import Send
from storage.search_index import is_indexed
from storage.sends import LONG_AGO
from storage.trigrams import Needle, Trigrams

FEW = 2_000
"""So many rows are read one by one, as the index names them, in about 6 ms (measured)."""

WALKED = 10_000
"""So many of the newest texts are read one after another in about 4 ms (measured)."""

Statement = TypeVar("Statement", bound=Select[Any])
Match = tuple[int, datetime | None, str]
"""A send's id, when it was created, and its search text."""

_SENDS: Table = Send.__table__  # type: ignore[assignment]
_CREATED = _SENDS.c.created_at
_THREE_LETTERS = re.compile(r"[^\W_]{3}")
_SPECIAL = re.compile(r"[\\%_]")

# Built once: to put such statements together costs more than to run them.
_FTS = table("sends_search", column("rowid"), column("sends_search"))
_MATCHES = _FTS.c.sends_search.bool_op("MATCH")(bindparam("expression"))
_LIMIT = bindparam("limit", type_=Integer)
_TEXTS = select(_SENDS.c.id, _CREATED, _SENDS.c.search_text)
_SOME = _TEXTS.limit(_LIMIT)
_NEWEST = _SOME.order_by(_CREATED.desc().nulls_last())
_NEWEST_SINCE = _NEWEST.where(bindparam("since", type_=_CREATED.type) <= _CREATED)
_LAST_WALKED = select(_CREATED).order_by(_CREATED.desc()).limit(1).offset(bindparam("walked", type_=Integer))
_LISTED = select(_FTS.c.rowid).where(_MATCHES)
_COUNT_LISTED = select(func.count()).select_from(_LISTED.limit(_LIMIT).subquery())
# With the plus SQLite goes from the newest on and looks for each in the list, instead of reading every row of the list.
_NEWEST_LISTED = _NEWEST.where(literal_column("+sends.id").in_(_LISTED))
# Joined, not IN: a subquery would be read to its end before the limit counts.
_LOOKED_UP = _SOME.join_from(_FTS, _SENDS, _SENDS.c.id == _FTS.c.rowid).where(_MATCHES)
_NEWEST_LOOKED_UP = _LOOKED_UP.order_by(_CREATED.desc())
_FIRST = _LISTED.limit(_LIMIT).subquery()
# As one text: two thousand rows for each of several questions would have the garbage collector busy.
_SOME_LISTED = select(func.count(), func.json_group_array(_FIRST.c.rowid)).select_from(_FIRST)
_IDS = func.json_each(bindparam("ids")).table_valued("value")
_OF_IDS = _TEXTS.where(_SENDS.c.id.in_(select(_IDS.c.value)))


class Search:
    """Sends whose text contains every needle, each in one of its spellings."""

    def __init__(self, session: Session, needles: Sequence[Needle]) -> None:
        self._session = session
        on_sqlite = session.get_bind().dialect.name == "sqlite"
        # PostgreSQL's planner takes its index for LIKE by itself.
        self._index = Trigrams(session, needles) if on_sqlite and is_indexed(session) else None
        self._spellings, self._escaped = tuple(map(len, needles)), on_sqlite
        self._needles = tuple(needles)
        patterns = (_pattern(spelling) for needle in needles for spelling in needle)
        self._patterns = {f"pattern_{place}": pattern for place, pattern in enumerate(patterns)}

    def few(self, limit: int) -> list[Match] | None:
        """All of them, the newest first; None where there are more than `limit`, or it would take long to tell."""
        if self._are_many:
            return None
        if self._rough:
            return self._fitting if len(self._fitting) <= limit else None
        rows = self._read(_SOME, limit + 1)
        return sorted(rows, key=_created, reverse=True) if len(rows) <= limit else None

    def recent(self, limit: int) -> Sequence[Match]:
        """At most `limit` of those among the newest of all sends, the newest first."""
        since = self._walked_since
        return self._read(_NEWEST, limit) if since is None else self._read(_NEWEST_SINCE, limit, since=since)

    def newest(self, limit: int) -> Sequence[Match]:
        """At most `limit` of them, the newest first."""
        if not self._rough:
            return self._read(_NEWEST, limit)
        if not self._are_many:
            return self._fitting[:limit]
        found = self.recent(limit)
        return found if len(found) == limit or self._walked_since is None else self._older(limit)

    @property
    def _walked_since(self) -> datetime | None:
        """When the last of the newest that are walked was made; None where there are not so many."""
        if "sends_walked" not in self._session.info:
            self._session.info["sends_walked"] = self._session.scalar(_LAST_WALKED, {"walked": WALKED})
        since: datetime | None = self._session.info["sends_walked"]
        return since

    def _older(self, limit: int) -> Sequence[Match]:
        """The newest of those that seemed to be many, though hardly any of the newest is one: an old campaign."""
        exact = self._index.exact if self._index else ""
        # With `closer` it was asked already, and there were many.
        if self._index and exact and exact != self._index.closer and self._listed(exact, FEW + 1) <= FEW:
            return self._read(_NEWEST_LOOKED_UP, limit, expression=exact)
        return self._read(_NEWEST_LISTED, limit, expression=exact or self._rough)

    def some(self, limit: int) -> Sequence[Match]:
        """At most `limit` of them, whichever comes first."""
        if self._index and self._index.exact:
            asked = {"expression": self._index.exact, "limit": limit}
            return self._session.execute(_LOOKED_UP, asked).all()
        return self._read(_SOME, limit)

    def count(self, most: int | None = None) -> int:
        """How many there are; it may stop at one more than `most`."""
        limit = -1 if most is None else most + 1
        if self._rough and not self._are_many:
            return len(self._fitting)
        # The index alone knows nothing of whose sends they are.
        if self._index and self._index.exact and scope.current() is None:
            is_known = self._index.exact == self._index.closer and 0 < limit <= self._known[0]
            return limit if is_known else self._listed(self._index.exact, limit)
        counting = _counting(self._spellings, escaped=self._escaped, bounded=most is not None)
        return self._session.execute(counting, {"limit": limit, **self._patterns}).scalar_one()

    @property
    def _rough(self) -> str:
        return self._index.rough if self._index else ""

    @property
    def _are_many(self) -> bool:
        """Whether the index knows of more than a few that may fit."""
        return bool(self._rough) and self._known[0] > FEW

    @cached_property
    def _known(self) -> tuple[int, str]:
        """How many may fit as the index has them, and their row ids as JSON; of many only a few are asked for."""
        known = self._ids(self._rough)
        if self._index is None or known[0] <= FEW or self._index.closer == self._rough:
            return known
        # Many have the trigrams; those that have them side by side may be few.
        return self._ids(self._index.closer)

    def _ids(self, expression: str) -> tuple[int, str]:
        number, ids = self._session.execute(_SOME_LISTED, {"expression": expression, "limit": FEW + 1}).one()
        return number, ids

    @cached_property
    def _fitting(self) -> list[Match]:
        """Those of a few that do fit, the newest first: the index is asked once for all that is wanted of them."""
        number, ids = self._known
        rows = self._session.execute(_OF_IDS, {"ids": ids}).all() if number else ()
        return sorted(filter(self._fits, rows), key=_created, reverse=True)

    def _fits(self, row: Match) -> bool:
        return all(any(spelling in row[2] for spelling in needle) for needle in self._needles)

    def _listed(self, expression: str, limit: int) -> int:
        return self._session.execute(_COUNT_LISTED, {"expression": expression, "limit": limit}).scalar_one()

    def _read(self, statement: Select[int, datetime | None, str], limit: int, **asked: object) -> Sequence[Match]:
        matching = _matching(statement, self._spellings, escaped=self._escaped)
        return self._session.execute(matching, {**asked, "limit": limit, **self._patterns}).all()


def samples(session: Session, pieces: Sequence[str], each: int) -> dict[int, str]:
    """Texts, by id, of up to `each` sends for each of the pieces: what a misspelt query may have meant."""
    texts: dict[int, str] = {}
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    for piece in pieces:
        # PostgreSQL's trigrams leave out all but letters and digits: such a piece would cost a look at every row.
        if not on_sqlite and not _THREE_LETTERS.search(piece):
            continue
        texts.update((row[0], row[2]) for row in Search(session, [(piece,)]).some(each))
    return texts


def _created(row: Match) -> datetime:
    return row[1] or LONG_AGO


def _pattern(spelling: str) -> str:
    return "%" + _SPECIAL.sub(r"\\\g<0>", spelling) + "%"


def _likes(spellings: Sequence[int], *, escaped: bool) -> Iterator[ColumnElement[bool]]:
    """For each needle, of which so many spellings are given, whether the text holds one of them."""
    # PostgreSQL knows the backslash by itself, and uses its index best for a plain pattern.
    escape, names = "\\" if escaped else None, (f"pattern_{place}" for place in itertools.count())
    for number in spellings:
        yield or_(*(_SENDS.c.search_text.like(bindparam(next(names)), escape=escape) for _ in range(number)))


@lru_cache(maxsize=512)
def _matching(statement: Statement, spellings: tuple[int, ...], *, escaped: bool) -> Statement:
    """The statement about texts that hold needles of so many spellings each."""
    return statement.where(*_likes(spellings, escaped=escaped))


@lru_cache(maxsize=128)
def _counting(spellings: tuple[int, ...], *, escaped: bool, bounded: bool) -> Select[int]:
    found = select(_SENDS.c.id).where(*_likes(spellings, escaped=escaped))
    return select(func.count()).select_from((found.limit(_LIMIT) if bounded else found).subquery())
