"""Finding sends by fragments of their text: few through the index of trigrams, many by a walk from the newest on.

What is typed may be in one send or in nearly all, all over the years or in one month of them. The index is asked for
what is rare in it, and how many it knows decides where to look. Where there is no index, every row is read.

Whoever may see a few sends only has all of those gone through (`storage.own_texts`). For whoever may see many, but not
all, the index is of use where it knows few. Many that have what is typed might all be somebody else's: a walk tells, or
a comparison of the ids that the index names with those of their own (`storage.own_found`), whichever is faster.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Sequence
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
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session

from storage import own_found, own_texts, scope
from storage.models import Send
from storage.own_texts import Match, created
from storage.search_index import is_indexed
from storage.statements import PLANNED_ANEW
from storage.trigrams import Needle, Trigrams

FEW = 2_000
"""So many rows are read one by one, as the index names them, in about 6 ms (measured). Half as many for several words,
which take the index several times as long to find together."""

OWN = 5_000
"""So many rows are read one by one for whoever sees many sends but not all: in about 20 ms, and a walk that meets those
of others most of the time takes up to ten times as long (measured with a million)."""

LISTED = 100_000
"""So many ids are taken from the index to be compared with somebody's own: in about 30 ms (measured)."""

WANTED = 1_000
"""So many are looked for in a walk: as many as are counted while somebody waits."""

SAMPLED = 200
"""So many of those that the index names are looked at where some of somebody's own are wanted, whichever these are."""

WALKED = 10_000
"""So many of the newest texts are read one after another in about 4 ms (measured)."""

Statement = TypeVar("Statement", bound=Select[Any])
SENDS: Table = Send.__table__  # type: ignore[assignment]
_CREATED = SENDS.c.created_at
_LETTERS = re.compile(r"[^\W_]{3,}")
_SPECIAL = re.compile(r"[\\%_]")

# Built once: to put such statements together costs more than to run them.
_FTS = table("sends_search", column("rowid"), column("sends_search"))
_MATCHES = _FTS.c.sends_search.bool_op("MATCH")(bindparam("expression"))
_LIMIT = bindparam("limit", type_=Integer)
_TEXTS = select(SENDS.c.id, _CREATED, SENDS.c.search_text)
_SOME = _TEXTS.limit(_LIMIT)
_NEWEST = _SOME.order_by(_CREATED.desc().nulls_last())
_NEWEST_OWN = _NEWEST.execution_options(**{scope.OWN_FIRST: True})
_NEWEST_SINCE = _NEWEST.where(bindparam("since", type_=_CREATED.type) <= _CREATED)
_LAST_WALKED = select(_CREATED).order_by(_CREATED.desc()).limit(1).offset(bindparam("walked", type_=Integer))
_LISTED = select(_FTS.c.rowid).where(_MATCHES)
_NAMED = str(_LISTED.compile(dialect=sqlite.dialect()))
_COUNT_LISTED = select(func.count()).select_from(_LISTED.limit(_LIMIT).subquery())
# With the plus SQLite goes from the newest on and looks for each in the list, instead of reading every row of the list.
_NEWEST_LISTED = _NEWEST.where(literal_column("+sends.id").in_(_LISTED))
# Joined, not IN: a subquery would be read to its end before the limit counts.
_LOOKED_UP = _SOME.join_from(_FTS, SENDS, SENDS.c.id == _FTS.c.rowid).where(_MATCHES)
_NEWEST_LOOKED_UP = _LOOKED_UP.order_by(_CREATED.desc())
_FIRST = _LISTED.limit(_LIMIT).subquery()
# As one text: two thousand rows for each of several questions would have the garbage collector busy.
_SOME_LISTED = select(func.count(), func.json_group_array(_FIRST.c.rowid)).select_from(_FIRST)
_IDS = func.json_each(bindparam("ids")).table_valued("value")
# Of many it is not known whether one may be seen: so many are looked at.
_LOOKED_THROUGH = _LISTED.limit(bindparam("most", type_=Integer)).subquery()
_SOME_LOOKED_UP = _SOME.where(SENDS.c.id.in_(select(_LOOKED_THROUGH.c.rowid)))
_OF_IDS = _TEXTS.where(SENDS.c.id.in_(select(_IDS.c.value)))


class Search:
    """Sends whose text contains every needle, each in one of its spellings."""

    def __init__(self, session: Session, needles: Sequence[Needle]) -> None:
        self._session = session
        on_sqlite = session.get_bind().dialect.name == "sqlite"
        self._on_sqlite = on_sqlite
        self._own = own_texts.of(session)
        self._is_limited = scope.current() is not None
        # PostgreSQL's planner takes its index for LIKE by itself.
        has_index = on_sqlite and self._own is None and is_indexed(session)
        self._index = Trigrams(session, needles) if has_index else None
        self._spellings, self._escaped = tuple(map(len, needles)), on_sqlite
        self._needles = tuple(needles)
        self._few = OWN if self._is_limited else FEW if len(needles) == 1 else FEW // 2
        patterns = (pattern(spelling) for needle in needles for spelling in needle)
        self._patterns = {f"pattern_{place}": pattern for place, pattern in enumerate(patterns)}

    def few(self, limit: int) -> Sequence[Match] | None:
        """All of them, the newest first; None where there are more than about `limit`, or it would take long."""
        if self._is_walked:
            return self.walked if self._has_walked_to(limit + 1) and len(self.walked) <= limit else None
        if self._are_many:
            return None
        if self._are_known:
            # Of whoever sees some only, those that are known have all been read by now.
            return self._fitting if len(self._fitting) <= limit or self._is_limited else None
        rows = self._read(_SOME, limit + 1)
        return sorted(rows, key=created, reverse=True) if len(rows) <= limit else None

    @cached_property
    def walked(self) -> Sequence[Match]:
        """The newest of them, at most one more than `WANTED`; nothing where there are better ways than a walk.

        For whoever sees many sends but not all, and asks for what many have: perhaps none of these is to be seen. One
        walk answers then all that is wanted.
        """
        return self._read(_NEWEST_OWN, WANTED + 1) if self._is_walked else ()

    @property
    def are_common(self) -> bool:
        """Whether so many have it that to look for the better ones among all would take long."""
        return False

    @property
    def met(self) -> Sequence[Match]:
        """Some of the newest of them, where some were met on the way to anything else."""
        return self.walked

    def _has_walked_to(self, limit: int) -> bool:
        """Whether so many have been found (-1: all), or there are no more."""
        return 0 <= limit <= len(self.walked) or len(self.walked) <= WANTED

    def recent(self, limit: int) -> Sequence[Match]:
        """At most `limit` of those among the newest of all sends, the newest first."""
        if self._is_walked or self._own is not None:
            return self.newest(limit)
        since = self._walked_since
        return self._read(_NEWEST, limit) if since is None else self._read(_NEWEST_SINCE, limit, since=since)

    def newest(self, limit: int) -> Sequence[Match]:
        """At most `limit` of them, the newest first."""
        if self._is_walked:
            # One walk for all only where more was asked before.
            has_walked = "walked" in self.__dict__ and self._has_walked_to(limit)
            return self.walked[:limit] if has_walked else self._read(_NEWEST_OWN, limit)
        if self._are_known:
            return self._fitting[:limit]
        if not self._rough:
            return self._read(_NEWEST, limit)
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
        return self._read(_NEWEST_LISTED, limit, expression=self._rough)

    def some(self, limit: int) -> Sequence[Match]:
        """At most `limit` of them, whichever comes first."""
        if self._own is not None:
            return self._fitting[:limit]
        if self._index and self._index.exact:
            asked = {"expression": self._index.exact, "limit": limit, "most": SAMPLED}
            return self._session.execute(_SOME_LOOKED_UP if self._is_limited else _LOOKED_UP, asked).all()
        return self._read(_SOME, limit)

    def count(self, most: int | None = None) -> int:
        """How many there are; it may stop at one more than `most`."""
        limit = -1 if most is None else most + 1
        exact = self._index.exact if self._index and not self._is_limited else ""
        if exact and "_known" not in self.__dict__:
            return self._listed(exact, limit)
        if self._are_known:
            return len(self._fitting)
        if self._is_walked and self._has_walked_to(limit):
            return len(self.walked)
        # The index alone knows nothing of whose sends they are.
        if self._index and exact:
            is_known = exact == self._index.closer and 0 < limit <= self._known[0]
            return limit if is_known else self._listed(exact, limit)
        counting = _counting(self._spellings, escaped=self._escaped, bounded=most is not None)
        return self._session.execute(counting, {"limit": limit, **self._patterns}).scalar_one()

    @property
    def _rough(self) -> str:
        return self._index.rough if self._index else ""

    @property
    def _are_many(self) -> bool:
        """Whether the index knows of more than a few that may fit."""
        return bool(self._rough) and self._known[0] > self._few

    @property
    def _is_walked(self) -> bool:
        return self._is_limited and self._own is None and self._on_sqlite and (self._are_many or not self._rough)

    @property
    def _are_known(self) -> bool:
        """Whether all that may fit are a few, known by name."""
        return self._own is not None or (bool(self._rough) and not self._are_many)

    @cached_property
    def _known(self) -> tuple[int, str]:
        """How many may fit as the index has them, and their row ids as JSON; of many only a few are asked for."""
        if self._index is None:
            return 0, "[]"
        known = self._known_own if self._is_limited else self._ids(self._rough)
        if known[0] <= self._few or self._index.closer == self._rough:
            return known
        # Many have the trigrams; those that have them side by side may be few.
        return self._ids(self._index.closer)

    @property
    def _known_own(self) -> tuple[int, str]:
        """The same by `rough` for whoever sees some only: of many that are listed, those that are theirs, if few."""
        number = self._listed(self._rough, LISTED + 1)
        if number <= self._few:
            return self._ids(self._rough)
        own = own_found.among(self._session, _NAMED, self._rough, number, WANTED) if number <= LISTED else None
        return (number, "[]") if own is None else (len(own), json.dumps(own))

    def _ids(self, expression: str) -> tuple[int, str]:
        number, ids = self._session.execute(_SOME_LISTED, {"expression": expression, "limit": self._few + 1}).one()
        return number, ids

    @cached_property
    def _fitting(self) -> list[Match]:
        """Those of a few that do fit, the newest first: the index is asked once for all that is wanted of them."""
        if self._own is not None:
            return self._of(self._own)
        number, ids = self._known
        rows = self._session.execute(_OF_IDS, {"ids": ids}).all() if number else ()
        return sorted(self._of(rows), key=created, reverse=True)

    def _of(self, rows: Iterable[Match]) -> list[Match]:
        """Those of the rows that fit."""
        fit = [*rows]
        for needle in self._needles:
            # Nearly all have one spelling, and there may be thousands of rows.
            first, *others = needle
            fit = [row for row in fit if first in row[2] or (others and any(one in row[2] for one in others))]
        return fit

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
        # PostgreSQL's trigrams leave out all but letters and digits: a sign more, and it reads all that have the rest.
        wanted = piece if on_sqlite else max(_LETTERS.findall(piece), key=len, default="")
        if wanted:
            texts.update((row[0], row[2]) for row in Search(session, [(wanted,)]).some(each))
    return texts


def pattern(spelling: str) -> str:
    """What LIKE is asked in order to find a piece of text anywhere."""
    return "%" + _SPECIAL.sub(r"\\\g<0>", spelling) + "%"


def likes(spellings: Sequence[int], column: ColumnElement[str], *, escaped: bool) -> Iterator[ColumnElement[bool]]:
    """For each needle, of which so many spellings are given, whether the text in the column holds one of them.

    The patterns are given by name: `pattern_0` and so on.
    """
    # PostgreSQL knows the backslash by itself, and uses its index best for a plain pattern.
    escape, names = "\\" if escaped else None, (f"pattern_{place}" for place in itertools.count())
    for number in spellings:
        yield or_(*(column.like(bindparam(next(names)), escape=escape) for _ in range(number)))


@lru_cache(maxsize=512)
def _matching(statement: Statement, spellings: tuple[int, ...], *, escaped: bool) -> Statement:
    """The statement about texts that hold needles of so many spellings each."""
    matching = statement.where(*likes(spellings, SENDS.c.search_text, escaped=escaped))
    return matching.execution_options(**{PLANNED_ANEW: True})


@lru_cache(maxsize=128)
def _counting(spellings: tuple[int, ...], *, escaped: bool, bounded: bool) -> Select[int]:
    found = select(SENDS.c.id).where(*likes(spellings, SENDS.c.search_text, escaped=escaped))
    counted = select(func.count()).select_from((found.limit(_LIMIT) if bounded else found).subquery())
    return counted.execution_options(**{PLANNED_ANEW: True})
