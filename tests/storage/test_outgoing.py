from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from storage import messages, outgoing
from storage.engine import Database
from storage.models import Message
from storage.outgoing import Claim

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def wish(session: Session, key: str, now: datetime, channel: str = "C1", **values: object) -> Message:
    message = messages.want(session, key=key, kind="notice", channel=channel, now=now)
    for name, value in values.items():
        setattr(message, name, value)
    session.flush()
    return message


def claim(session: Session, now: datetime, *, updates: bool = True, attempt: str = "mine") -> Claim | None:
    return outgoing.claim_next(
        session, "C1", now, updates=updates, attempt=attempt, lease_until=now + MINUTE,
    )


def claimed(session: Session, now: datetime) -> Claim:
    found = claim(session, now)
    assert found is not None
    return found


def test_waiting_is_told_by_channel_and_by_posts_and_redraws(database: Database, now: datetime) -> None:
    with database.write() as session:
        wish(session, "a", now - SECOND)
        wish(session, "b", now, priority=10)
        wish(session, "c", now, ts="1.1")
        wish(session, "later", now + MINUTE, channel="C2", priority=10)
        wish(session, "shown", now, channel="C3", next_at=None)
        found = {(one.channel, one.is_update): one for one in outgoing.waiting(session, now)}
    assert set(found) == {("C1", False), ("C1", True), ("C2", False)}
    posts = found["C1", False]
    assert (posts.next_at, posts.priority, posts.count) == (now - SECOND, 10, 2)
    assert found["C2", False].priority == -1


def test_the_index_serves_what_is_waiting(sqlite: Database, now: datetime) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, query: str, values: Any, *_: object) -> None:  # noqa: ANN401 - of the driver
        if "FROM messages" in query:
            asked.append((query, values))

    event.listen(sqlite.engine, "before_cursor_execute", note)
    with sqlite.write() as session:
        outgoing.waiting(session, now)
        outgoing.abandoned(session, now, MINUTE)
        outgoing.release_abandoned(session, now, MINUTE, MINUTE)
        claim(session, now)
        outgoing.claim_unclear(session, "C1", now, attempt="a", lease_until=now)
    event.remove(sqlite.engine, "before_cursor_execute", note)
    assert len(asked) == 5
    with sqlite.engine.connect() as connection:
        for query, values in asked:
            plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values).all())
            assert "INDEX ix_messages_next_at" in plan, query


def test_presses_go_first_then_the_oldest(database: Database, now: datetime) -> None:
    with database.write() as session:
        wish(session, "old", now)
        wish(session, "new", now)
        wish(session, "pressed", now, priority=10, ts="1.1")
        wish(session, "later", now + MINUTE)
        wish(session, "elsewhere", now, channel="C2")
        order = []
        while (found := claim(session, now)) is not None:
            order.append((found.key, found.ts, found.is_search))
    assert order == [("pressed", "1.1", False), ("old", None, False), ("new", None, False)]


def test_redraws_can_be_passed_over(database: Database, now: datetime) -> None:
    with database.write() as session:
        wish(session, "redraw", now, ts="1.1")
        assert claim(session, now, updates=False) is None
        wish(session, "post", now)
        found = claim(session, now, updates=False)
        assert found is not None
        assert found.key == "post"


def test_a_claim_stores_the_intent(database: Database, now: datetime) -> None:
    with database.write() as session:
        message_id = wish(session, "a", now).id
        claimed(session, now)
    with database.read() as session:
        message = session.get_one(Message, message_id)
        assert (message.phase, message.attempt, message.lease_until) == ("posting", "mine", now + MINUTE)
        assert (message.next_at, message.first_attempt_at, message.attempts) == (now + MINUTE, now, 1)


def test_nothing_is_recorded_by_who_has_lost_the_claim(database: Database, now: datetime) -> None:
    with database.write() as session:
        message = wish(session, "a", now)
        mine = claimed(session, now)
        message.attempt = "another"
        session.flush()
        assert not outgoing.shown(session, mine, rev=1, now=now, ts="1.1", channel="C1")
        assert not outgoing.unsent(session, mine, now=now, error="x")
        assert not outgoing.failed(session, mine, again_at=now, error="x")
        assert not outgoing.unclear(session, mine, again_at=now, error="x")
        assert not outgoing.absent(session, mine, now=now)
        assert not outgoing.gone(session, mine, now=now, error="x")
        session.refresh(message)
        assert (message.ts, message.attempt, message.last_error) == (None, "another", None)


def test_what_was_certainly_not_sent_is_as_if_never_tried(database: Database, now: datetime) -> None:
    with database.write() as session:
        message = wish(session, "a", now)
        assert outgoing.unsent(session, claimed(session, now), now=now, error="ratelimited")
        session.refresh(message)
        assert (message.phase, message.attempts, message.first_attempt_at) == ("idle", 0, None)
        assert (message.next_at, message.last_error) == (now, "ratelimited")


def test_the_first_of_several_tries_is_remembered(database: Database, now: datetime) -> None:
    with database.write() as session:
        message = wish(session, "a", now)
        outgoing.unclear(session, claimed(session, now), again_at=now, error="x")
        search, = outgoing.claim_unclear(session, "C1", now, attempt="look", lease_until=now + MINUTE)
        assert search.is_search
        outgoing.absent(session, search, now=now)
        later = now + 10 * MINUTE
        again = claimed(session, later)
        assert again.first_attempt_at == now
        outgoing.unsent(session, again, now=later, error=None)
        session.refresh(message)
        assert message.first_attempt_at == now


def test_a_newer_revision_stays_due(database: Database, now: datetime) -> None:
    with database.write() as session:
        message = wish(session, "a", now, wanted_rev=3, priority=10)
        outgoing.shown(session, claimed(session, now), rev=2, now=now, ts="1.1", channel="C1")
        session.refresh(message)
        assert (message.posted_rev, message.next_at, message.priority) == (2, now, 10)
        outgoing.shown(session, claimed(session, now), rev=3, now=now)
        session.refresh(message)
        assert (message.posted_rev, message.next_at, message.priority, message.ts) == (3, None, 0, "1.1")


def test_lapsed_claims_are_taken_back(database: Database, now: datetime) -> None:
    late = now + MINUTE
    with database.write() as session:
        post, redraw = wish(session, "post", now), wish(session, "redraw", now, ts="1.1")
        search = wish(session, "search", now, phase="unclear")
        claimed(session, now)
        claimed(session, now)
        outgoing.claim_unclear(session, "C1", now, attempt="look", lease_until=late)
        assert not outgoing.abandoned(session, late - SECOND, MINUTE)
        assert outgoing.abandoned(session, late, MINUTE)
        assert outgoing.release_abandoned(session, late, MINUTE, MINUTE) == 3
        session.flush()
        assert not outgoing.abandoned(session, late, MINUTE)
        assert [(one.phase, one.next_at, one.attempt) for one in (post, redraw, search)] == [
            ("unclear", late + MINUTE, None), ("idle", late, None), ("unclear", late, None),
        ]


def test_a_late_post_counts_only_while_nobody_else_is_at_it(database: Database, now: datetime) -> None:
    with database.write() as session:
        message = wish(session, "a", now)
        mine = claimed(session, now)
        assert outgoing.adopt_late(session, mine.message_id, ts="1.1", channel="C1", rev=1, now=now) is None
        outgoing.release_abandoned(session, now + MINUTE, MINUTE, MINUTE)
        session.flush()
        assert outgoing.adopt_late(session, mine.message_id, ts="1.1", channel="C1", rev=1, now=now) == "1.1"
        assert outgoing.adopt_late(session, mine.message_id, ts="2.2", channel="C1", rev=1, now=now) == "1.1"
        session.refresh(message)
        assert (message.ts, message.phase, message.next_at) == ("1.1", "idle", None)


def test_broken_channels_keep_since_when(database: Database, now: datetime) -> None:
    with database.write() as session:
        outgoing.broke(session, "C1", "is_archived", now)
        outgoing.broke(session, "C1", "not_in_channel", now + MINUTE)
        outgoing.hold(session, "C1", now + MINUTE)
        pace = outgoing.paces(session)["C1"]
        assert (pace.broken_code, pace.broken_since, pace.not_before) == ("not_in_channel", now, now + MINUTE)
        assert outgoing.mend(session, "C1")
        assert not outgoing.mend(session, "C1")
        assert not outgoing.mend(session, "C2")


def test_touching_respects_attempts_and_grace_but_not_retries(database: Database, now: datetime) -> None:
    with database.write() as session:
        for phase, then in (("posting", now + MINUTE), ("unclear", now + MINUTE), ("idle", now)):
            message = wish(session, phase, now, phase=phase, next_at=now + MINUTE)
            messages.touch(session, [message.id], now)
            session.refresh(message)
            assert (message.next_at, message.wanted_rev) == (then, 2)


def test_only_one_of_two_workers_gets_a_message(postgresql: Database, now: datetime) -> None:
    with postgresql.write() as session:
        for number in range(4):
            wish(session, str(number), now)
    first_has_claimed, first_may_end = threading.Event(), threading.Event()
    keys: list[str] = []

    def work(attempt: str, claimed_: threading.Event, may_end: threading.Event) -> None:
        with postgresql.write() as session:
            found = claim(session, now, attempt=attempt)
            assert found is not None
            keys.append(found.key)
            claimed_.set()
            assert may_end.wait(10)

    first = threading.Thread(target=work, args=("one", first_has_claimed, first_may_end))
    first.start()
    assert first_has_claimed.wait(10)
    done = threading.Event()
    done.set()
    work("two", threading.Event(), done)
    first_may_end.set()
    first.join(10)
    assert keys == ["0", "1"]


@pytest.mark.parametrize("times", [2])
def test_a_pace_row_is_made_once(database: Database, now: datetime, times: int) -> None:
    for _ in range(times):
        with database.write() as session:
            assert outgoing.lock_pace(session, "C1").broken_code is None
    with database.read() as session:
        assert list(outgoing.paces(session)) == ["C1"]
