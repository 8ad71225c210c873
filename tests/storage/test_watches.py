from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import event

from storage import watches as stored
from storage.engine import Database
from storage.messages import want
from storage.models import Send, Watch
from tests.storage.test_alerts import a_send

HOUR = timedelta(hours=1)
ANN, BEN = "U01ANN", "U02BEN"


def begin(database: Database, send_id: int, now: datetime, user: str = ANN) -> Watch:
    with database.write() as session:
        send = stored.locked_send(session, send_id)
        assert send is not None
        return stored.begin(session, user, send, now)


def test_one_person_watches_a_send_once(database: Database, now: datetime) -> None:
    send = a_send(database, now)
    first = begin(database, send, now)
    again = begin(database, send, now + HOUR)
    assert (again.id, again.created_at, again.told_seq) == (first.id, now, 1)
    begin(database, send, now, BEN)
    with database.read() as session:
        assert stored.count(session, ANN) == stored.count(session, BEN) == 1
        assert [watch.user_id for watch in stored.of_sends(session, [send])] == [ANN, BEN]
        assert stored.watched(session, ANN, [send, send + 1]) == {send}
        assert stored.watched(session, "U03CHI", [send]) == frozenset()
        assert stored.of(session, "U03CHI", send) is None
        assert stored.locked_send(session, 404) is None


def test_what_was_stopped_begins_anew_from_where_the_send_stands(database: Database, now: datetime) -> None:
    send = a_send(database, now)
    first = begin(database, send, now)
    with database.write() as session:
        assert stored.stop(session, ANN, send, now + HOUR)
        assert not stored.stop(session, ANN, send, now + HOUR)
        assert stored.of_sends(session, [send]) == []
        ended = stored.by_id(session, first.id)
        assert ended is not None
        assert (ended.ended_at, ended.ended_why) == (now + HOUR, "stopped")
        session.get_one(Send, send).status_seq = 4
    again = begin(database, send, now + 2 * HOUR)
    assert (again.id, again.told_seq, again.created_at) == (first.id, 4, now + 2 * HOUR)
    assert (again.ended_at, again.ended_why) == (None, "")


def test_whoever_has_left_watches_nothing_any_more(database: Database, now: datetime) -> None:
    sends = [a_send(database, now, f"g{number}") for number in range(3)]
    for send in sends:
        begin(database, send, now)
    begin(database, sends[0], now, BEN)
    with database.write() as session:
        stored.stop(session, ANN, sends[2], now)
        assert stored.end_of_person(session, ANN, now) == 2
        assert stored.end_of_person(session, ANN, now) == 0
        assert [watch.user_id for watch in stored.of_sends(session, sends)] == [BEN]


def test_the_list_has_what_was_begun_last_first(database: Database, now: datetime) -> None:
    for number in range(5):
        begin(database, a_send(database, now, f"g{number}"), now + number * HOUR)
    with database.read() as session:
        assert [send.send_gid for _, send in stored.page(session, ANN, 0, 3)] == ["g4", "g3", "g2"]
        assert [send.send_gid for _, send in stored.page(session, ANN, 3, 3)] == ["g1", "g0"]
        assert stored.page(session, BEN, 0, 3) == []


def test_what_was_told_is_noted_and_the_end_ends_it(database: Database, now: datetime) -> None:
    send = a_send(database, now)
    watch = begin(database, send, now)
    with database.write() as session:
        stored.told(session, session.get_one(Watch, watch.id), 2, now, is_over=False)
        assert [(one.told_seq, one.ended_at) for one in stored.of_sends(session, [send])] == [(2, None)]
        stored.told(session, session.get_one(Watch, watch.id), 3, now, is_over=True)
        assert stored.of_sends(session, [send]) == []
        assert session.get_one(Watch, watch.id).ended_why == "final"


def test_a_deleted_send_is_watched_by_nobody(database: Database, now: datetime) -> None:
    send = a_send(database, now)
    begin(database, send, now)
    with database.write() as session:
        session.delete(session.get_one(Send, send))
    with database.read() as session:
        assert stored.count(session, ANN) == 0


def test_no_other_watch_has_the_key_of_one_that_is_gone(sqlite: Database, now: datetime) -> None:
    """SQLite gives the number of the last row away again once that is deleted."""
    send = a_send(sqlite, now)
    first = begin(sqlite, send, now)
    with sqlite.write() as session:
        session.delete(session.get_one(Send, send))
    again = begin(sqlite, a_send(sqlite, now, "other"), now + HOUR)
    assert again.id == first.id
    assert stored.key(again, 2) != stored.key(first, 2)


def test_its_messages_are_those_of_this_watch(database: Database, now: datetime) -> None:
    watch = begin(database, a_send(database, now), now)
    with database.write() as session:
        for key, channel in (
            (stored.key(watch, 2), ANN), (stored.key(watch, 3), ANN), (f"watch:{watch.id}1:2", ANN), ("other", ANN),
        ):
            want(session, key=key, kind="notice", channel=channel, now=now)
        found = stored.messages_of(session, watch)
    assert len(found) == 2


def test_looking_for_watchers_costs_what_is_asked_about(sqlite: Database, now: datetime) -> None:
    sends = [a_send(sqlite, now, f"g{number}") for number in range(20)]
    for send in sends:
        begin(sqlite, send, now)
    with sqlite.read() as session:
        asked: list[str] = []
        event.listen(sqlite.engine, "before_cursor_execute", lambda _c, _k, text, *_: asked.append(text))
        assert len(stored.of_sends(session, sends[:3])) == 3
        look = next(text for text in asked if "FROM watches" in text)
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {look}", (*sends[:3],)).all()
    assert "ix_watches_ended_at (ended_at=? AND send_id=?)" in str(plan)
