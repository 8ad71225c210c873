from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from traceback import format_exception
from typing import Any

import psycopg
import pytest
from sqlalchemy import Table, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from storage import rows
from storage.copying import copied
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


def new(session: Session, some: Sequence[dict[str, Any]], ids: Sequence[int] = ()) -> None:
    rows.add_new(session, SENDS, list(row("")), iter(some), ids=ids)


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


def test_new_rows_are_stored_as_they_are_by_any_other_way(database: Database) -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=9)))
    odd = "Jané\t% 'Doe'\\N; --\r\n\\.\n\\"
    with database.write() as session:
        ids = rows.ids_for(session, SENDS, 2)
        new(session, [
            row("a", recipient_name=odd, created_at=elsewhere, complete=False, cost_minor=2**40),
            row("b", status_since=AT + timedelta(microseconds=999)),
        ], ids)
        new(session, [])
        new(session, [row("c")])
    with database.read() as session:
        first, second, _ = session.scalars(select(Send).order_by(Send.send_gid))
    assert (first.recipient_name, first.created_at, first.complete) == (odd, AT, False)
    assert (first.cost_minor, first.due_at) == (2**40, None)
    assert (second.status_since, second.created_at, second.complete) == (AT, None, True)
    assert ids == ([] if database.is_sqlite else [first.id, second.id])


def test_postgresql_refuses_what_is_not_new_as_it_refuses_it_from_sqlalchemy(postgresql: Database) -> None:
    with postgresql.write() as session:
        new(session, [row("a")])
    with pytest.raises(IntegrityError) as refused, postgresql.write() as session:
        new(session, [row("b"), row("a", recipient_name="Jane Doe")])
    assert "Jane" not in str(refused.value.statement)
    assert not refused.value.connection_invalidated
    with postgresql.write() as session:
        # What was refused inside a savepoint leaves the rest as it is.
        new(session, [row("c")])
        with pytest.raises(IntegrityError), session.begin_nested():
            new(session, [row("c")])
        new(session, [row("d")])
    with postgresql.read() as session:
        assert [*session.scalars(select(Send.send_gid).order_by(Send.send_gid))] == ["a", "c", "d"]


def test_what_goes_wrong_while_rows_are_given_quotes_none_of_them(postgresql: Database) -> None:
    some = [row("a"), row("b", recipient_name="Jane Doe", status_seq=0)]
    with pytest.raises(IntegrityError) as refused, postgresql.write() as session:
        new(session, some)
    told = "".join(format_exception(refused.value))
    assert "ck_sends_status_seq" in told
    assert "Jane" not in told


def test_a_connection_that_ends_while_rows_are_given_is_given_up(postgresql: Database) -> None:
    with pytest.raises(OperationalError) as lost, postgresql.write() as session:
        driver: Any = session.connection().connection.driver_connection
        with psycopg.connect(driver.info.dsn, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 10000)", (driver.info.backend_pid,))
        copied(session.connection(), "sends", ["send_gid"], [["a"]])
    assert lost.value.connection_invalidated
    with postgresql.write() as session:
        new(session, [row("a")])
    with postgresql.read() as session:
        assert [*session.scalars(select(Send.send_gid))] == ["a"]


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(NaiveTimeError), database.write() as session:
        rows.add(session, SENDS, [row("a", created_at=AT.replace(tzinfo=None))])


def test_what_fails_while_rows_are_made_is_told_as_it_is_and_none_is_added(database: Database) -> None:
    def poisoned() -> Iterator[dict[str, Any]]:
        yield row("b")
        raise ZeroDivisionError

    with database.write() as session:
        new(session, [row("a")])
        with pytest.raises(ZeroDivisionError), session.begin_nested():
            rows.add_new(session, SENDS, list(row("")), poisoned())
        new(session, [row("c")])
    with database.read() as session:
        assert [*session.scalars(select(Send.send_gid).order_by(Send.send_gid))] == ["a", "c"]
