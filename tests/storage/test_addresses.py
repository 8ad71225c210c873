from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import addresses, messages, outgoing
from storage.engine import Database
from storage.models import Alert, ChannelPace, Message, Notification

HOUR = timedelta(hours=1)
JANE = "mail:jane@acme.example"


def wish(session: Session, key: str, now: datetime, channel: str = JANE, **values: Any) -> Message:  # noqa: ANN401 - columns
    message = messages.want(session, key=key, kind="alert", channel=channel, now=now)
    for name, value in values.items():
        setattr(message, name, value)
    session.flush()
    return message


def alert(session: Session, now: datetime, *shown_in: Message | tuple[str, None]) -> int:
    """An alert that stands in these messages, or is wanted in these places and told nowhere yet."""
    count = len(session.scalars(select(Alert)).all())
    made = Alert(key=f"overdue:{count}", rule="overdue", level="late", due_at=now, opened_at=now)
    session.add(made)
    session.flush()
    for one in shown_in:
        channel, message_id = (one.channel, one.id) if isinstance(one, Message) else one
        session.add(Notification(alert_id=made.id, channel=channel, message_id=message_id))
    session.flush()
    return made.id


def places(session: Session, alert_id: int) -> list[str]:
    query = select(Notification.channel).where(Notification.alert_id == alert_id).order_by(Notification.id)
    return list(session.scalars(query))


def again(session: Session, message: Message) -> Message:
    session.refresh(message)
    return message


def test_messages_and_their_alerts_go_to_whom_the_address_belongs(database: Database, now: datetime) -> None:
    with database.write() as session:
        first, second = wish(session, "a", now), wish(session, "b", now, attempts=3, next_at=now + HOUR)
        other = wish(session, "c", now, channel="mail:joe@acme.example")
        one, two = alert(session, now, first, wish(session, "d", now, channel="C1")), alert(session, now, second)
        three = alert(session, now, other)
        assert addresses.move(session, JANE, "U1", now) == 2
        assert [again(session, one).channel for one in (first, second, other)] == ["U1", "U1", "mail:joe@acme.example"]
        assert (second.next_at, second.attempts) == (now, 0)
        assert [places(session, one) for one in (one, two, three)] == [
            ["U1", "C1"], ["U1"], ["mail:joe@acme.example"],
        ]


def test_what_is_told_to_that_person_already_keeps_its_place(database: Database, now: datetime) -> None:
    with database.write() as session:
        told = wish(session, "told", now, channel="U1", ts="1.1", next_at=None)
        twice = alert(session, now, told, wish(session, "a", now))
        assert addresses.move(session, JANE, "U1", now) == 1
        assert places(session, twice) == ["U1", JANE]


def test_what_somebody_has_begun_or_slack_shows_is_left_alone(database: Database, now: datetime) -> None:
    begun: list[dict[str, Any]] = [
        {"phase": "posting", "attempt": "x", "lease_until": now + HOUR}, {"phase": "unclear"}, {"ts": "1.1"},
        {"next_at": None},
    ]
    with database.write() as session:
        for number, values in enumerate(begun):
            wish(session, str(number), now, **values)
        assert addresses.move(session, JANE, "U1", now) == 0
        assert addresses.fall_back(session, JANE, "C1", now, "users_not_found") == (0, 0)
        assert set(session.scalars(select(Message.channel))) == {JANE}


def notified(session: Session, alert_id: int) -> Notification:
    """How the alert stands in the only place where it is, or is to be, told."""
    return session.query(Notification).filter_by(alert_id=alert_id).populate_existing().one()


def test_what_is_for_nobody_and_shown_nowhere_else_is_to_be_told_in_the_channel(
    database: Database, now: datetime,
) -> None:
    with database.write() as session:
        lone, told, silent = wish(session, "lone", now), wish(session, "told", now), wish(session, "silent", now)
        alone = alert(session, now, lone)
        elsewhere = alert(session, now, told, wish(session, "there", now, channel="C2"))
        assert addresses.fall_back(session, JANE, "C3", now, "users_not_found") == (1, 1)
        for one in (lone, told):
            again(session, one)
            assert (one.channel, one.next_at, one.posted_rev) == (JANE, None, one.wanted_rev)
            assert one.last_error == "users_not_found"
        assert again(session, silent).channel == "C3", "it has no alert that could be told anew"
        row = notified(session, alone)
        assert (row.channel, row.message_id, row.next_at, row.told_at) == ("C3", None, now, None)
        assert row.policy == {"for_sender": True}
        assert places(session, elsewhere) == [JANE, "C2"]


@pytest.mark.parametrize(("repeats", "escalations", "reason"), [(0, 0, "held_quiet"), (1, 0, ""), (0, 1, "")])
def test_what_is_told_anew_begins_again(
    database: Database, now: datetime, repeats: int, escalations: int, reason: str,
) -> None:
    with database.write() as session:
        row = notified(session, alert(session, now, wish(session, "a", now)))
        row.repeats, row.escalations, row.reason, row.told_at, row.held = repeats, escalations, "held_quiet", now, "x"
        session.flush()
        assert addresses.fall_back(session, JANE, "C3", now, "users_not_found") == (0, 1)
        row = notified(session, row.alert_id)
        assert (row.repeats, row.escalations, row.reason, row.told_at, row.held) == (0, 0, reason, None, "")


@pytest.mark.parametrize("next_at", [HOUR, None])
def test_a_place_in_the_channel_that_shows_nothing_yet_is_the_one(
    database: Database, now: datetime, next_at: timedelta | None,
) -> None:
    with database.write() as session:
        found = alert(session, now, wish(session, "a", now), ("C1", None))
        mail, there = session.query(Notification).order_by(Notification.id).all()
        mail.next_at, there.next_at = now + HOUR, now + next_at if next_at else None
        session.flush()
        assert addresses.fall_back(session, JANE, "C1", now, "users_not_found") == (0, 1)
        mail, there = session.query(Notification).order_by(Notification.id).populate_existing().all()
        assert places(session, found) == [JANE, "C1"]
        assert there.next_at == (now + HOUR if next_at else now), "what is held there goes on being held"


def test_of_a_group_what_stands_nowhere_else_is_told_anew(database: Database, now: datetime) -> None:
    with database.write() as session:
        group, there = wish(session, "group", now), wish(session, "there", now, channel="C1", ts="1.1", next_at=None)
        both, one = alert(session, now, group, there), alert(session, now, group)
        assert addresses.fall_back(session, JANE, "C1", now, "users_not_found") == (0, 1)
        assert (places(session, both), places(session, one)) == ([JANE, "C1"], ["C1"])


def test_of_two_messages_for_nobody_one_remains(database: Database, now: datetime) -> None:
    joe = "mail:joe@acme.example"
    with database.write() as session:
        both = alert(session, now, wish(session, "jane", now), wish(session, "joe", now, channel=joe))
        assert addresses.fall_back(session, JANE, "C1", now, "users_not_found") == (0, 0)
        assert addresses.fall_back(session, joe, "C1", now, "users_not_found") == (0, 1)
        assert places(session, both) == [JANE, "C1"]


def test_a_settled_message_does_not_show_anything(database: Database, now: datetime) -> None:
    with database.write() as session:
        empty = wish(session, "empty", now, channel="C2", next_at=None)
        alert(session, now, empty, wish(session, "jane", now))
        assert addresses.fall_back(session, JANE, "C1", now, "users_not_found") == (0, 1)


def test_an_unknown_address_is_remembered_for_a_while(database: Database, now: datetime) -> None:
    with database.write() as session:
        outgoing.hold(session, "C1", now - HOUR)
        assert addresses.unknown_until(session, JANE, now) is None
        addresses.unknown(session, JANE, now + HOUR, now)
        assert addresses.unknown_until(session, JANE, now) == now + HOUR
        assert addresses.unknown_until(session, JANE, now + HOUR) is None
        addresses.unknown(session, "mail:joe@acme.example", now + 3 * HOUR, now + 2 * HOUR)
        assert set(session.scalars(select(ChannelPace.channel))) == {"C1", "mail:joe@acme.example"}


def test_what_waits_goes_on_waiting(database: Database, now: datetime) -> None:
    with database.write() as session:
        message = wish(session, "a", now)
        assert addresses.tries(session, JANE) == 0
        addresses.postpone(session, JANE, now + HOUR, "timeout")
        assert addresses.tries(session, JANE) == 1
        assert (again(session, message).next_at, message.last_error) == (now + HOUR, "timeout")
        assert addresses.tries(session, "mail:nobody@acme.example") == 0


def test_a_row_of_paces_holds_until_its_time(database: Database, now: datetime) -> None:
    with database.write() as session:
        outgoing.hold(session, "C1", now)
        assert not addresses.held(session, ["C1", "C2"], now)
        assert addresses.held(session, ["C2", "C1"], now - HOUR)
