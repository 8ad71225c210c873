"""What nobody needs any more is forgotten."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from storage import answered, messages
from storage.engine import Database
from storage.models import Message
from tests.conftest import NOW

WEEK = timedelta(days=7)


def test_only_what_is_old_at_rest_and_of_these_kinds_goes(database: Database) -> None:
    with database.write() as session:
        for key, kind, age in (
            ("old", "answer", 8), ("waiting", "answer", 8), ("new", "answer", 6), ("digest", "digest", 8),
            ("link", "unfurl", 8),
        ):
            made = messages.want(session, key=key, kind=kind, channel="C1", now=NOW - timedelta(days=age))
            made.next_at = NOW if key == "waiting" else None
    with database.write() as session:
        assert answered.forget(session, ["answer", "unfurl"], NOW - WEEK, limit=1) == 1
        assert answered.forget(session, ["answer", "unfurl"], NOW - WEEK) == 1
        assert answered.forget(session, ["answer", "unfurl"], NOW - WEEK) == 0
    with database.read() as session:
        assert set(session.scalars(select(Message.key))) == {"waiting", "new", "digest"}
