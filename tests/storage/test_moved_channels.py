"""What was wanted in a channel is wanted at its new id."""

from __future__ import annotations

from sqlalchemy import select

from storage import messages, moved_channels
from storage.engine import Database
from storage.models import Alert, Message, Notification
from tests.bot.slack import rows
from tests.conftest import NOW

OLD, NEW = "C0OLD", "C0NEW"


def test_messages_and_what_was_told_go_along(database: Database) -> None:
    with database.write() as session:
        for key, channel in (("a", OLD), ("b", OLD), ("c", "C0ELSE")):
            messages.want(session, key=key, kind="notice", channel=channel, now=NOW)
        session.scalars(select(Message).where(Message.key == "a")).one().posted_channel = OLD
        alerts = [_new(rows.alert(key=key)) for key in ("one", "two")]
        session.add_all(alerts)
        session.flush()
        for alert, channels in zip(alerts, ((OLD,), (OLD, NEW)), strict=True):
            session.add_all(Notification(alert_id=alert.id, channel=one, told_at=NOW) for one in channels)
    with database.write() as session:
        assert moved_channels.move(session, OLD, NEW) == 2
        assert moved_channels.move(session, OLD, NEW) == 0
    with database.read() as session:
        assert {row.key: row.channel for row in session.scalars(select(Message))} == {
            "a": NEW, "b": NEW, "c": "C0ELSE",
        }
        assert set(session.scalars(select(Message.posted_channel))) == {NEW, None}
        # An alert that was told at both keeps both.
        assert sorted(session.scalars(select(Notification.channel))) == [NEW, NEW, OLD]


def _new(alert: Alert) -> Alert:
    del alert.id
    alert.send_id = None
    return alert


def test_what_is_wanted_later_is_led_on_as_far_as_it_goes(database: Database) -> None:
    def remember(old: str, new: str) -> dict[str, str]:
        with database.write() as session:
            moved_channels.remember(session, old, new, NOW)
            return moved_channels.known(session)

    assert remember("C1", "C2") == {"C1": "C2"}
    assert remember("C2", "C3") == {"C1": "C3", "C2": "C3"}
    with database.write() as session:
        assert moved_channels.waiting(session) == {}
        messages.want(session, key="a", kind="notice", channel="C1", now=NOW)
        assert moved_channels.waiting(session) == {"C1": "C3"}
    # Back to the first id: nothing is led in a circle.
    assert remember("C3", "C1") == {"C2": "C1", "C3": "C1"}
