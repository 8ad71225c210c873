from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from storage import named, sends
from storage.engine import Database
from storage.models import Send, SendHistory
from tests.conftest import NOW


def add(database: Database, gid: str, *, due: float | None = None, status: str = "sent") -> None:
    with database.write() as session:
        session.add(Send(
            send_gid=gid, status=status, status_raw=status, status_since=NOW, first_seen_at=NOW, updated_at=NOW,
            due_at=None if due is None else NOW + timedelta(hours=due),
        ))


def test_due_sends_come_with_the_longest_waiting_first(database: Database) -> None:
    for gid, due in (("a", -1), ("b", -3), ("c", 1), ("d", None)):
        add(database, gid, due=due)
    with database.write() as session:
        assert [send.send_gid for send in sends.due(session, NOW, 10)] == ["b", "a"]
        assert [send.send_gid for send in sends.due(session, NOW, 1)] == ["b"]
        assert sends.count_due(session, NOW) == 2
        assert sends.oldest_due(session) == NOW - timedelta(hours=3)


def test_sends_that_one_scan_holds_are_left_out_of_another(postgresql: Database) -> None:
    for gid in "ab":
        add(postgresql, gid, due=-1)
    with postgresql.write() as one, postgresql.write() as other:
        assert [send.send_gid for send in sends.due(one, NOW, 1)] == ["a"]
        assert [send.send_gid for send in sends.due(other, NOW, 5)] == ["b"]


def test_nothing_is_due_in_an_empty_database(database: Database) -> None:
    with database.read() as session:
        assert sends.due(session, NOW, 5) == []
        assert sends.oldest_due(session) is None
        assert (sends.total(session), sends.count_due(session, NOW), sends.count_by_status(session)) == (0, 0, {})
        assert sends.by_gids(session, []) == {}
        assert sends.history(session, []) == {}


def test_sends_are_found_by_gid_and_by_row(database: Database) -> None:
    for gid in ("a", "b"):
        add(database, gid)
    with database.read() as session:
        found = sends.by_gids(session, ["a", "x", "a"])
        assert list(found) == ["a"]
        assert sends.by_ids(session, [found["a"].id, 10**9])[found["a"].id].send_gid == "a"
        assert sends.count_by_status(session) == {"sent": 2}
        assert sends.total(session) == 2


def test_a_history_is_in_the_order_of_its_times(database: Database) -> None:
    add(database, "a")
    add(database, "b")
    with database.write() as session:
        a, b = session.scalars(select(Send).order_by(Send.send_gid))
        for status, hours in (("opened", 2), ("sent", 1)):
            session.add(SendHistory(
                send_id=a.id, status=status, status_key=status, status_raw=status, source="api", observed_at=NOW,
                occurred_at=NOW + timedelta(hours=hours),
            ))
    with database.read() as session:
        found = sends.history(session, [a.id, b.id])
        assert [row.status for row in found[a.id]] == ["sent", "opened"]
        assert found[b.id] == []


def test_lists_are_cut_into_chunks_that_a_database_takes() -> None:
    assert list(sends.chunks(list(range(5)), 2)) == [[0, 1], [2, 3], [4]]
    assert list(sends.chunks([])) == []


def test_statistics_can_be_refreshed_anywhere(database: Database) -> None:
    with database.write() as session:
        sends.refresh_statistics(session)


def test_the_newest_sends_and_their_types(database: Database) -> None:
    with database.write() as session:
        assert sends.newest(session, 5) == []
        for number, (kind, subtype) in enumerate((("eGift", ""), ("Inventoried Sends", "Custom"), ("eGift", "Visa"))):
            session.add(Send(
                send_gid=f"g{number}", status="sent", status_raw="sent", status_since=NOW, first_seen_at=NOW,
                updated_at=NOW, created_at=NOW + timedelta(hours=number), type=kind, subtype=subtype,
            ))
        session.flush()
    with database.read() as session:
        assert [send.send_gid for send in sends.newest(session, 2)] == ["g2", "g1"]
        assert [text for text, _ in sends.newest_types(session, 9)] == ["eGift", "Visa", "Inventoried Sends", "Custom"]
        assert [text for text, _ in sends.newest_types(session, 1)] == ["eGift", "Visa"]


def sent_by(database: Database, sender: str, *minutes: int) -> None:
    """Sends of that person, made so many minutes from now."""
    with database.write() as session:
        session.add_all([
            Send(
                send_gid=f"{sender}{minute}", status="sent", status_raw="sent", status_since=NOW, first_seen_at=NOW,
                updated_at=NOW, sender_email=sender, created_at=NOW + timedelta(minutes=minute),
            )
            for minute in minutes
        ])


def test_few_and_many_of_somebody_come_with_the_newest_first(database: Database) -> None:
    sent_by(database, "ann", 2, 5, 1, 4, 3)
    sent_by(database, "ben", 9)
    column = Send.__table__.c.sender_email
    with database.read() as session:
        for limit, most, number in ((10, None, 5), (5, None, 5), (2, None, 5), (2, 3, 4)):
            counted, found = named.having(session, column, "ann", limit, most)
            assert counted == number
            assert [send.send_gid for send in found] == [f"ann{minute}" for minute in (5, 4, 3, 2, 1)[:limit]]
        assert named.having(session, column, "nobody", 1) == (0, [])


def test_an_address_that_hardly_anybody_has_is_not_looked_for_in_all_sends(sqlite: Database) -> None:
    """Of sends that one account has made, SQLite would rather read all than ask the index on the sender."""
    sent_by(sqlite, "everybody", *range(3_000))
    with sqlite.write() as session:
        session.connection().exec_driver_sql("ANALYZE")
    asked, plans = list[str](), list[str]()
    with sqlite.read() as session:
        driver: Any = session.connection().connection.driver_connection
        driver.set_trace_callback(asked.append)
        assert named.having(session, Send.__table__.c.sender_email, "nobody", 1) == (0, [])
        driver.set_trace_callback(None)
        for statement in asked:
            plans.extend(str(row[3]) for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}"))
    assert plans
    assert not [plan for plan in plans if "SCAN" in plan], plans
