from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Table, select

from storage import rows
from storage.engine import Database
from storage.models import Send
from storage.models.base import NaiveTimeError
from storage.sends import BLANK

SENDS: Table = Send.__table__  # type: ignore[assignment]
AT = datetime(2026, 11, 20, 12, 30, 15, 250_000, tzinfo=UTC)


def row(gid: str, **values: Any) -> dict[str, Any]:  # noqa: ANN401 - columns of every type
    return {
        **BLANK, "send_gid": gid, "status": "shipped", "status_raw": "Shipped", "status_since": AT, "complete": True,
        "first_seen_at": AT, "updated_at": AT, "created_at": None, "cost_minor": None, **values,
    }


def test_rows_are_stored_as_they_are_by_any_other_way(database: Database) -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=9)))
    with database.write() as session:
        rows.add(session, SENDS, [
            row("a", recipient_name="Jané % 'Doe'; --", created_at=elsewhere, complete=False, cost_minor=2**40),
            row("b", status_since=AT + timedelta(microseconds=999)),
        ])
        rows.add(session, SENDS, [])
    with database.read() as session:
        first, second = session.scalars(select(Send).order_by(Send.send_gid))
    assert (first.recipient_name, first.created_at, first.complete) == ("Jané % 'Doe'; --", AT, False)
    assert (first.cost_minor, first.due_at) == (2**40, None)
    assert (second.status_since, second.created_at, second.complete) == (AT, None, True)


def test_what_is_there_already_is_passed_over(database: Database) -> None:
    with database.write() as session:
        rows.add(session, SENDS, [row("a", recipient_name="Jane")])
        rows.add(session, SENDS, [row("a", recipient_name="Other"), row("b")])
    with database.read() as session:
        assert [*session.scalars(select(Send.recipient_name).order_by(Send.send_gid))] == ["Jane", ""]


def test_postgresql_tells_the_ids_of_new_rows_by_the_way(database: Database) -> None:
    with database.write() as session:
        first = rows.add(session, SENDS, [row("a")], "send_gid")
        then = rows.add(session, SENDS, [row("a"), row("b")], "send_gid")
    with database.read() as session:
        ids = {send.send_gid: send.id for send in session.scalars(select(Send))}
    assert (first, then) == (({}, {}) if database.is_sqlite else ({"a": ids["a"]}, {"b": ids["b"]}))


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(NaiveTimeError), database.write() as session:
        rows.add(session, SENDS, [row("a", created_at=AT.replace(tzinfo=None))])
