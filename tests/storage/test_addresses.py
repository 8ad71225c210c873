from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

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
        assert addresses.fall_back(session, JANE, "C1", now, "users_not_found") == 0
        assert set(session.scalars(select(Message.channel))) == {JANE}


def test_what_is_for_nobody_and_shown_nowhere_else_goes_to_the_channel(database: Database, now: datetime) -> None:
    with database.write() as session:
        lone, told, silent = wish(session, "lone", now), wish(session, "told", now), wish(session, "silent", now)
        alone = alert(session, now, lone, ("C1", None))
        elsewhere = alert(session, now, told, wish(session, "there", now, channel="C2"))
        assert addresses.fall_back(session, JANE, "C3", now, "users_not_found") == 2
        assert (again(session, lone).channel, lone.next_at, lone.last_error) == ("C3", now, "users_not_found")
        assert again(session, silent).channel == "C3", "it has no alert that another could show"
        assert (again(session, told).channel, told.next_at, told.posted_rev) == (JANE, None, told.wanted_rev)
        assert (places(session, alone), places(session, elsewhere)) == (["C3", "C1"], [JANE, "C2"])


def test_a_group_of_which_one_alert_stands_nowhere_else_is_kept(database: Database, now: datetime) -> None:
    with database.write() as session:
        group, there = wish(session, "group", now), wish(session, "there", now, channel="C1", ts="1.1", next_at=None)
        alert(session, now, group, there)
        alert(session, now, group)
        assert addresses.fall_back(session, JANE, "C1", now, "users_not_found") == 1


def test_of_two_messages_for_nobody_one_remains(database: Database, now: datetime) -> None:
    joe = "mail:joe@acme.example"
    with database.write() as session:
        both = alert(session, now, wish(session, "jane", now), wish(session, "joe", now, channel=joe))
        assert addresses.fall_back(session, JANE, "C1", now, "users_not_found") == 0
        assert addresses.fall_back(session, joe, "C1", now, "users_not_found") == 1
        assert places(session, both) == [JANE, "C1"]


def test_a_settled_message_does_not_show_anything(database: Database, now: datetime) -> None:
    with database.write() as session:
        empty = wish(session, "empty", now, channel="C2", next_at=None)
        alert(session, now, empty, wish(session, "jane", now))
        assert addresses.fall_back(session, JANE, "C1", now, "users_not_found") == 1


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
