"""Which of the sends that SQLite's index names are somebody's own, where they may see many, but not all.

To read the text of each to see whose it is takes long, and so does a walk that meets those of others most of the time.
The ids alone, of what the index names and of what is theirs, are read fast.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy.orm import Session

from storage import scope

TEXT = 8
"""To read a text by its id takes as long as to read so many ids from an index, or so many texts in a row
(measured)."""

_KEPT = "AS MATERIALIZED" if sqlite3.sqlite_version_info >= (3, 35) else "AS"
_NEWEST = "SELECT max(id) FROM main.sends"


def among(session: Session, asked: str, value: str, listed: int, wanted: int) -> list[int] | None:
    """Row ids of those that may be seen among the `listed` ones that a statement names, which is given one value.

    None where a walk that ends at `wanted` of them is the better way, or more than `scope.MANY` may be seen.
    """
    own = scope.number(session.connection())
    lists, values = scope.own_ids()
    if own > scope.MANY or not lists:
        return None
    # Past SQLAlchemy, where each statement is narrowed down.
    driver: Any = session.connection().connection
    every = driver.execute(_NEWEST).fetchone()[0] or 0
    if not is_faster(listed, int(own), every, wanted):
        return None
    # With the plus SQLite goes through what is theirs by its index, and looks for each of these in what was found.
    queries = " UNION ".join(f"SELECT id FROM ({one}) WHERE +id IN (SELECT id FROM found)" for one in lists)  # noqa: S608 - words of `scope`; values are bound
    rows = driver.execute(f"WITH found(id) {_KEPT} ({asked}) {queries}", (value, *values)).fetchall()
    return [row[0] for row in rows]


def is_faster(listed: int, own: int, every: int, wanted: int) -> bool:
    """Whether to compare ids is likely to be faster than to walk until as many as `wanted` have been met.

    As if what is listed were spread evenly over all, whoever sent them: where it is not, the other way works as well.
    """
    fitting = listed * own / max(every, 1)
    return listed + own + TEXT * fitting < every * wanted / max(fitting, wanted)
