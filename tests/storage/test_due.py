from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import OperationalError

from storage import alerts, due
from storage.engine import Database
from storage.models import JobRun, Send, SyncCursor

HOUR = timedelta(hours=1)


def a_send(database: Database, now: datetime, gid: str, due_at: datetime | None = None) -> int:
    with database.write() as session:
        send = Send(
            send_gid=gid, status="shipped", status_raw="Shipped", status_since=now, first_seen_at=now, updated_at=now,
            due_at=due_at,
        )
        session.add(send)
        session.flush()
        return send.id


def snoozed(database: Database, now: datetime, send_id: int, until: datetime) -> None:
    with database.write() as session:
        made = alerts.add(session, [{
            "key": f"k{send_id}", "send_id": send_id, "rule": "overdue", "level": "late", "due_at": now,
            "opened_at": now, "state": "snoozed",
        }])
        write = alerts.Write(alert_id=made[f"k{send_id}"], version=1, values={"snoozed_until": until})
        alerts.save(session, [write])


def due_of(database: Database) -> dict[str, datetime | None]:
    with database.read() as session:
        return {send.send_gid: send.due_at for send in session.query(Send)}


def test_sends_whose_snooze_has_ended_become_due(database: Database, now: datetime) -> None:
    snoozed(database, now, a_send(database, now, "ended", now + 9 * HOUR), now)
    snoozed(database, now, a_send(database, now, "nothing else"), now - HOUR)
    snoozed(database, now, a_send(database, now, "asleep"), now + HOUR)
    snoozed(database, now, a_send(database, now, "due anyway", now - 2 * HOUR), now)
    with database.write() as session:
        assert due.wake(session, now, 200) == 2
    assert due_of(database) == {
        "ended": now, "nothing else": now, "asleep": None, "due anyway": now - 2 * HOUR,
    }


def test_rows_in_other_hands_are_left_out_or_waited_for(postgresql: Database, now: datetime) -> None:
    send_id = a_send(postgresql, now, "a")
    with postgresql.write() as holder, postgresql.write() as other:
        due.make_due(holder, [send_id], now)
        assert due.make_due(other, [send_id, None], now, wait=False) == 0


def test_pages_hold_every_send_to_look_at_once(database: Database, now: datetime) -> None:
    for place in range(5):
        a_send(database, now, f"s{place}", now - place * HOUR)
    a_send(database, now, "later", now + HOUR)
    snoozed(database, now, a_send(database, now, "woken"), now)
    with database.read() as session:
        pages = [[send.send_gid for send in page] for page in due.pages(session, now, 4)]
    assert pages == [["s0", "s1", "s2", "s3"], ["s4", "woken"]]


def test_due_times_are_set_together(database: Database, now: datetime) -> None:
    first, second = a_send(database, now, "a", now), a_send(database, now, "b", now)
    with database.write() as session:
        due.set_due(session, [(first, now + HOUR, "overdue"), (second, None, None)])
        due.set_due(session, [])
    assert due_of(database) == {"a": now + HOUR, "b": None}


def test_the_first_scan_ends_once(database: Database, now: datetime) -> None:
    with database.write() as session:
        assert not due.first_scan_is_over(session)
        assert due.end_first_scan(session, now)
        assert not due.end_first_scan(session, now + HOUR)
        assert due.first_scan_is_over(session)
        assert session.get_one(JobRun, due.FIRST_SCAN).last_started_at == now


def test_whether_any_send_is_known(database: Database, now: datetime) -> None:
    with database.read() as session:
        assert not due.any_send(session)
    a_send(database, now, "a")
    with database.read() as session:
        assert due.any_send(session)


def test_only_a_first_walk_that_goes_on_counts(database: Database, now: datetime) -> None:
    with database.write() as session:
        session.add(SyncCursor(source="done", started_at=now - 5 * HOUR, last_ok_at=now))
        session.add(SyncCursor(source="failed", started_at=now - 4 * HOUR, last_error="401"))
        session.flush()
        assert due.first_walk_since(session) is None
        session.add(SyncCursor(source="walking", started_at=now - HOUR))
        session.flush()
        assert due.first_walk_since(session) == now - HOUR


def test_the_walk_after_a_change_of_limits_is_no_walk_through_a_source(database: Database, now: datetime) -> None:
    with database.write() as session:
        due.begin_walk(session, now)
        assert due.first_walk_since(session) is None


def test_a_walk_is_noted_from_its_beginning_to_its_end(database: Database, now: datetime) -> None:
    with database.write() as session:
        assert due.walked_to(session) is None
        due.begin_walk(session, now)
    with database.write() as session:
        assert due.walked_to(session, lock=True) == 0
        due.walk_on(session, 700)
        assert due.walked_to(session) == 700
        due.begin_walk(session, now)
        assert due.walked_to(session) == 0
        due.end_walk(session, now + HOUR)
        assert due.walked_to(session) is None
    with database.write() as session:
        cursor = session.get_one(SyncCursor, due.WALK)
        assert (cursor.started_at, cursor.last_ok_at) == (now, now + HOUR)


def test_a_page_goes_on_behind_a_row_and_may_keep_to_some_statuses(database: Database, now: datetime) -> None:
    ids = [a_send(database, now, f"s{place}", now + place * HOUR) for place in range(5)]
    with database.write() as session:
        session.get_one(Send, ids[3]).status = "sent"
    with database.read() as session:
        assert [row.id for row in due.page(session, 0, 2)] == ids[:2]
        assert [row.due_at for row in due.page(session, ids[1], 9)] == [now + place * HOUR for place in (2, 3, 4)]
        assert [row.id for row in due.page(session, ids[0], 9, {"sent", "opened"})] == [ids[3]]
        assert due.page(session, ids[4], 9) == []


def test_rows_are_held_in_the_order_of_intake_and_as_they_are_now(database: Database, now: datetime) -> None:
    second, first = a_send(database, now, "b"), a_send(database, now, "a")
    with database.write() as session:
        known = session.get_one(Send, first)
        session.connection().execute(update(due.SENDS).values(status="sent"))
        assert [send.id for send in due.locked(session, {second, first})] == [first, second]
        assert known.status == "sent"


def test_a_change_of_limits_waits_for_those_who_go_by_the_former(postgresql: Database, now: datetime) -> None:
    with postgresql.write() as one, postgresql.write() as other:
        due.hold_limits(one)
        due.hold_limits(other)  # as many as want to
        with postgresql.write() as changing:
            changing.execute(text("SET LOCAL lock_timeout = '50ms'"))
            with pytest.raises(OperationalError, match="lock timeout"):
                due.begin_walk(changing, now)
            changing.rollback()
    with postgresql.write() as changing, postgresql.write() as one:
        due.begin_walk(changing, now)
        one.execute(text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(OperationalError, match="lock timeout"):
            due.hold_limits(one)
        one.rollback()
