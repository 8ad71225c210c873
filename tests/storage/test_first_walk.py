"""Whether a first walk through Sendoso is under way."""

from __future__ import annotations

from datetime import datetime

from storage import due, troubles
from storage.engine import Database


def test_a_trouble_of_the_bot_is_no_walk_for_which_alerts_wait(database: Database, now: datetime) -> None:
    with database.write() as session:
        troubles.begin(session, "disk", now)
        assert due.first_walk_since(session) is None
