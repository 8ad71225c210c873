from __future__ import annotations

from datetime import datetime, timedelta

from storage import leases, sync
from storage.engine import Database
from storage.models import Send, WebhookDelivery

MINUTE = timedelta(minutes=1)


def delivery(svix_id: str, now: datetime, gid: str = "g1", event: str | None = "send.sent") -> WebhookDelivery:
    return WebhookDelivery(
        svix_id=svix_id, received_at=now, event=event, send_gid=gid, status_changed_at=now, pending_at=now,
    )


def test_a_cursor_is_written_only_by_the_walk_with_the_highest_number(database: Database, now: datetime) -> None:
    with database.write() as session:
        assert sync.cursor(session, "sendoso") is None
        sync.begin(session, "sendoso", 1, now, afresh=True)
        assert sync.save(session, "sendoso", 1, cursor={"page": 3})
        sync.begin(session, "sendoso", 2, now + MINUTE, afresh=False)
        assert not sync.save(session, "sendoso", 1, cursor={"page": 4})
        found = sync.cursor(session, "sendoso")
    assert found is not None
    assert (found.cursor, found.fencing, found.started_at) == ({"page": 3}, 2, now)


def test_a_walk_begun_afresh_forgets_the_former_one(database: Database, now: datetime) -> None:
    with database.write() as session:
        sync.begin(session, "sendoso", 1, now, afresh=True)
        sync.save(session, "sendoso", 1, cursor={"page": 3}, last_ok_at=now)
        sync.begin(session, "sendoso", 2, now + MINUTE, afresh=True)
        found = sync.cursor(session, "sendoso")
    assert found is not None
    assert (found.cursor, found.started_at, found.last_ok_at) == ({}, now + MINUTE, now)


def send(gid: str, now: datetime, wanted: datetime | None) -> Send:
    return Send(
        send_gid=gid, status="sent", status_raw="Sent", status_since=now, first_seen_at=now, updated_at=now,
        refresh_wanted_at=wanted,
    )


def test_a_full_walk_settles_what_was_asked_for_before_it(database: Database, now: datetime) -> None:
    with database.write() as session:
        assert not sync.refresh_wanted(session)
        session.add_all([send("a", now, now - MINUTE), send("b", now, now + MINUTE), send("c", now, None)])
    with database.write() as session:
        assert sync.refresh_wanted(session)
        sync.refreshed(session, now)
        assert sync.refresh_wanted(session)
        sync.refreshed(session, now + MINUTE)
        assert not sync.refresh_wanted(session)


def test_a_delivery_is_kept_once(database: Database, now: datetime) -> None:
    with database.write() as session:
        assert sync.keep_delivery(session, delivery("m1", now))
        assert not sync.keep_delivery(session, delivery("m1", now, gid="other"))
        assert sync.delivery_of(session, "m1").send_gid == "g1"
        assert sync.pending_count(session) == 1


def test_the_oldest_deliveries_come_first_and_are_sorted_by_send(database: Database, now: datetime) -> None:
    with database.write() as session:
        for place, gid in enumerate(["z", "a", "m"]):
            sync.keep_delivery(session, delivery(f"m{place}", now + place * MINUTE, gid=gid))
    with database.write() as session:
        assert [one.send_gid for one in sync.pending_deliveries(session, 2)] == ["a", "z"]


def test_deliveries_that_another_process_holds_are_left_out(postgresql: Database, now: datetime) -> None:
    with postgresql.write() as session:
        sync.keep_delivery(session, delivery("m1", now))
        sync.keep_delivery(session, delivery("m2", now))
    with postgresql.write() as one, postgresql.write() as other:
        assert [found.svix_id for found in sync.pending_deliveries(one, 1)] == ["m1"]
        assert [found.svix_id for found in sync.pending_deliveries(other, 5)] == ["m2"]


def test_a_walk_is_no_later_than_a_clock_that_was_put_back(database: Database, now: datetime) -> None:
    with database.write() as session:
        sync.begin(session, "api", 1, now, afresh=True)
        sync.save(session, "api", 1, last_ok_at=now)
        for put_back, last in ((leases.SKEW, now), (timedelta(hours=1), now - timedelta(hours=1))):
            sync.follow_the_clock(session, "api", now - put_back)
            cursor = sync.cursor(session, "api")
            assert cursor is not None
            assert cursor.last_ok_at == last
