from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from storage import notifications as stored
from storage.engine import Database
from storage.messages import want
from storage.models import Notification
from tests.storage.test_alerts import a_send, an_alert

HOUR = timedelta(hours=1)


def rows(database: Database) -> list[Notification]:
    with database.read() as session:
        return session.query(Notification).order_by(Notification.id).all()


def a_place(database: Database, alert_id: int, channel: str = "C1", **values: Any) -> None:  # noqa: ANN401 - columns
    with database.write() as session:
        assert stored.add(session, [{"alert_id": alert_id, "channel": channel, **values}]) == 1


def test_a_place_is_wanted_once(database: Database, now: datetime) -> None:
    alert = an_alert(database, now, "a")
    a_place(database, alert, route="emea", policy={"name": "slow"}, next_at=now)
    with database.write() as session:
        again = [{"alert_id": alert, "channel": "C1", "route": "other"}, {"alert_id": alert, "channel": "C2"}]
        assert stored.add(session, again) == 1
        assert stored.add(session, []) == 0
    assert [(one.channel, one.route, one.policy) for one in rows(database)] == [
        ("C1", "emea", {"name": "slow"}), ("C2", "", {}),
    ]


def test_what_is_due_comes_with_its_alert_and_send(database: Database, now: datetime) -> None:
    send = a_send(database, now)
    first, second, bot = (
        an_alert(database, now, "a", send_id=send), an_alert(database, now, "b", level="support", send_id=send),
        an_alert(database, now, "c", rule="stale_data"),
    )
    for alert, at in ((first, now), (second, now + HOUR), (bot, now)):
        a_place(database, alert, next_at=at)
    a_place(database, first, "C2")
    with database.write() as session:
        assert stored.any_due(session, now)
        assert not stored.any_due(session, now - HOUR)
        found = stored.due(session, now, lock=True)
        assert [(row.channel, alert.key, send.send_gid if send else None) for row, alert, send in found] == [
            ("C1", "a", "gid"), ("C1", "c", None),
        ]
        assert [alert.key for _, alert, _ in stored.due(session, now, about_sends=False)] == ["c"]
        assert [alert.key for _, alert, _ in stored.due(session, now + HOUR)] == ["a", "b", "c"]


def test_waking_and_starting_over(database: Database, now: datetime) -> None:
    alert, other = an_alert(database, now, "a"), an_alert(database, now, "b")
    with database.write() as session:
        message = want(session, key="k", kind="alert", channel="C1", now=now).id
    for one in (alert, other):
        a_place(database, one, message_id=message, told_at=now, last_told_at=now, repeats=2, held="quiet")
    with database.write() as session:
        stored.wake(session, [alert], now + HOUR, held="muted")
    assert [(one.next_at, one.held) for one in rows(database)] == [(now + HOUR, "muted"), (None, "quiet")]
    with database.write() as session:
        stored.start_over(session, [alert], now)
    first, second = rows(database)
    assert (first.next_at, first.message_id, first.told_at, first.repeats, first.held) == (now, None, None, 0, "")
    assert second.message_id == message


def test_columns_are_written_row_by_row(database: Database, now: datetime) -> None:
    for key in "ab":
        a_place(database, an_alert(database, now, key))
    first, second = rows(database)
    with database.write() as session:
        stored.change(session, [
            {"id": first.id, "held": "quiet", "next_at": now}, {"id": second.id, "held": "", "next_at": None},
        ])
        stored.change(session, [])
    assert [(one.held, one.next_at) for one in rows(database)] == [("quiet", now), ("", None)]


def test_only_one_process_decides_at_a_time(postgresql: Database) -> None:
    with postgresql.write() as first:
        assert stored.alone(first)
        with postgresql.write() as second:
            assert not stored.alone(second)
    with postgresql.write() as third:
        assert stored.alone(third)


def test_posts_of_a_channel_are_counted_without_replies_and_notices(database: Database, now: datetime) -> None:
    with database.write() as session:
        for key, kind, channel, at, parent in (
            ("a", "alert", "C1", now, None), ("b", "group", "C1", now - HOUR, None), ("c", "notice", "C1", now, None),
            ("d", "alert", "C2", now, None), ("e", "alert", "C1", now - 2 * HOUR, None), ("f", "alert", "C1", now, "a"),
        ):
            want(session, key=key, kind=kind, channel=channel, now=at, thread_of=parent)
        found = stored.posted_since(session, ["C1"], now - HOUR)
    assert sorted(found) == [("C1", now - HOUR), ("C1", now)]


def test_what_was_for_nobody_and_never_shown_is_not_counted(database: Database, now: datetime) -> None:
    with database.write() as session:
        want(session, key="a", kind="alert", channel="mail:a@b.example", now=now).next_at = None
        shown = want(session, key="b", kind="alert", channel="mail:a@b.example", now=now)
        shown.next_at, shown.ts = None, "1.1"
        session.flush()
        assert len(stored.posted_since(session, ["mail:a@b.example"], now)) == 1
