from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import false, text, true

from storage import due, mute_names, notifications
from storage import mutes as stored
from storage.engine import Database
from storage.models import Alert, AlertEvent, Mute, Send, SyncCursor
from storage.mutes import Spelt
from tests.storage.test_alerts import a_send, an_alert

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def a_mute(database: Database, now: datetime, **values: Any) -> int:  # noqa: ANN401 - columns of every type
    known: dict[str, Any] = {
        "scope": "campaign", "value": "autumn box", "created_by": "U01ANN", "created_at": now, "ends_at": now + DAY,
    }
    with database.write() as session:
        return stored.make(session, **known | values).id


def mute_of(database: Database, mute_id: int) -> Mute:
    with database.read() as session:
        found = stored.by_id(session, mute_id)
        assert found is not None
        return found


def test_in_force_is_what_has_begun_and_not_ended(database: Database, now: datetime) -> None:
    long, short = a_mute(database, now, ends_at=now + 2 * DAY), a_mute(database, now)
    ended = a_mute(database, now)
    with database.write() as session:
        found = session.get_one(Mute, ended)
        stored.end(session, found, "U02BEN", now + HOUR)
    with database.read() as session:
        assert [one.id for one in stored.in_force(session, now + HOUR)] == [short, long]
        assert [one.id for one in stored.in_force(session, now + DAY)] == [long]
        page, total = stored.page_in_force(session, now + HOUR, 1, 5)
        assert ([one.id for one in page], total) == ([long], 2)
        page, total = stored.page_over(session, now + DAY, 0, 5)
        assert ([one.id for one in page], total) == ([short, ended], 2)
        assert stored.page_over(session, now + DAY, 1, 5)[0][0].ended_by == "U02BEN"


def test_in_force_of_one_person(database: Database, now: datetime) -> None:
    with database.write() as session:
        for label, by, ends, ended in (
            ("later", "U01ANN", 2, None), ("sooner", "U01ANN", 1, None), ("bens", "U02BEN", 1, None),
            ("over", "U01ANN", -1, None), ("ended", "U01ANN", 3, now),
        ):
            session.add(Mute(
                scope="campaign", value=label, label=label, created_by=by, created_at=now, ends_at=now + ends * DAY,
                ended_at=ended,
            ))
        session.flush()
        assert [one.label for one in stored.in_force(session, now, "U01ANN")] == ["sooner", "later"]


def test_one_that_was_changed_knows_what_stands_in_its_place(database: Database, now: datetime) -> None:
    first = a_mute(database, now)
    second = a_mute(database, now, replaces=first)
    with database.read() as session:
        assert {old: new.id for old, new in stored.replacing(session, [first, second]).items()} == {first: second}
        assert stored.by_id(session, 404) is None


def test_the_record_leads_to_the_mute(database: Database, now: datetime) -> None:
    mute = a_mute(database, now)
    with database.write() as session:
        for key, detail in (("a", {"mute": mute}), ("b", {}), ("c", {"mute": mute})):
            session.add(AlertEvent(action="mute", actor="U01ANN", occurred_at=now, dedupe_key=key, detail=detail))
    with database.read() as session:
        found = stored.recorded(session, "a")
        assert found is not None
        assert found.id == mute
        assert stored.recorded(session, "b") is None
        assert stored.recorded(session, "z") is None
        assert [event.dedupe_key for event in stored.events_of(session, found)] == ["c", "a"]


def test_what_ran_out_is_told_once(database: Database, now: datetime) -> None:
    first = a_mute(database, now)
    a_mute(database, now, ends_at=now + 2 * DAY)
    by_hand = a_mute(database, now)
    with database.write() as session:
        stored.end(session, session.get_one(Mute, by_hand), "U01ANN", now)
    with database.write() as session:
        assert stored.run_out(session, now) == []
        assert [one.id for one in stored.run_out(session, now + DAY)] == [first]
    with database.write() as session:
        assert stored.run_out(session, now + DAY) == []
    assert mute_of(database, first).told_end_at == now + DAY


@pytest.fixture
def alerts(database: Database, now: datetime) -> list[int]:
    """Three alerts about sends of two campaigns, one about the bot, one that is settled."""
    found = []
    for number, campaign in enumerate(("Autumn Box", "autumn  box", "Spring")):
        send = a_send(database, now, gid=f"g{number}")
        with database.write() as session:
            row = session.get_one(Send, send)
            row.campaign, row.team, row.sender_email = campaign, "EMEA", "sam@acme.com"
        found.append(an_alert(database, now, f"a{number}", send_id=send))
    found.append(an_alert(database, now, "bot", rule="stale_data"))
    found.append(an_alert(database, now, "done", state="resolved", send_id=send, level="support"))
    return found


@pytest.mark.parametrize(("scope", "values", "places"), [
    ("campaign", ("Autumn Box", "autumn  box"), [0, 1]), ("campaign", (), []), ("team", ("EMEA",), [0, 1, 2]),
    ("sender", ("sam@acme.com",), [0, 1, 2]), ("send", ("g2",), [2]), ("rule", ("stale_data",), [3]),
    ("rule", ("overdue",), [0, 1, 2]), ("status", ("order_received",), []),
])
def test_what_a_mute_concerns(
    database: Database, alerts: list[int], scope: str, values: tuple[str, ...], places: list[int],
) -> None:
    with database.read() as session:
        wanted = stored.concerns([Spelt(scope=scope, values=values)])
        found, total = stored.open_page(session, wanted, 0, 10)
        rest, _ = stored.open_page(session, ~wanted, 0, 10)
        assert stored.tally(session, wanted, false()) == (len(places), 0, 0)
        assert stored.tally(session, wanted, true()) == (len(places), 0, len(places))
    assert sorted(alert.id for alert, _ in found) == [alerts[place] for place in places]
    assert total == len(places)
    # An alert without a send is no alert of no campaign either: it is simply not concerned.
    assert len(found) + len(rest) == 4


def test_several_at_once_and_none(database: Database, alerts: list[int]) -> None:
    with database.read() as session:
        several = stored.concerns([
            Spelt(scope="campaign", values=("Spring",)), Spelt(scope="rule", values=("stale_data",)),
        ])
        found, _ = stored.open_page(session, several, 0, 10)
        assert {alert.id for alert, _ in found} == {alerts[2], alerts[3]}
        assert stored.open_page(session, stored.concerns([]), 0, 10) == ([], 0)
        assert [alert.id for alert, _ in stored.open_page(session, true(), 1, 2)[0]] == alerts[1:3][::-1]
        assert [stored.open_page(session, true(), offset, 2)[1] for offset in (0, 3, 4, 99)] == [4] * 4


def test_those_told_are_counted(database: Database, now: datetime, alerts: list[int]) -> None:
    with database.write() as session:
        notifications.add(session, [
            {"alert_id": alerts[0], "channel": "C1", "told_at": now},
            {"alert_id": alerts[0], "channel": "C2", "told_at": now},
            {"alert_id": alerts[1], "channel": "C1"},
        ])
        assert stored.tally(session, true(), false()) == (4, 1, 0)
        held = stored.places(session, alerts)
        assert [(row.alert_id, row.state, row.held) for row in held] == [
            (alerts[0], "firing", ""), (alerts[0], "firing", ""), (alerts[1], "firing", ""),
        ]


def test_names_are_those_of_open_alerts_with_how_many_have_each(database: Database, alerts: list[int]) -> None:
    with database.read() as session:
        campaigns = {one.text: one.alerts for one in mute_names.in_open_alerts(session, "campaign")}
        assert campaigns == {"Autumn Box": 1, "autumn  box": 1, "Spring": 1}
        assert {(one.text, one.alerts, one.send_id) for one in mute_names.in_open_alerts(session, "rule")} == {
            ("overdue", 3, None), ("stale_data", 1, None),
        }
        (team,) = mute_names.in_open_alerts(session, "team")
        assert (team.text, team.alerts) == ("EMEA", 3)
        newest = mute_names.recent(session, "campaign", 2)
        assert [one.text for one in newest] == ["Spring", "autumn  box"]
        assert team.send_id == newest[0].send_id


def test_a_sender_with_several_names_is_one_called_as_in_the_newest_send(
    database: Database, now: datetime, alerts: list[int],
) -> None:
    with database.write() as session:
        for place, name in ((0, "Zoe Sample"), (1, "Zoe Sample"), (2, "Ann Sample")):
            session.get_one(Send, session.get_one(Alert, alerts[place]).send_id).sender_name = name
        (sender,) = mute_names.in_open_alerts(session, "sender")
        assert (sender.text, sender.called, sender.alerts) == ("sam@acme.com", "Ann Sample", 3)
        (newest,) = mute_names.recent(session, "sender", 3)
        assert (newest.text, newest.called, newest.alerts) == ("sam@acme.com", "Ann Sample", 0)
        assert newest.send_id == sender.send_id == session.get_one(Alert, alerts[2]).send_id


def test_open_alerts_come_page_by_page(database: Database, alerts: list[int]) -> None:
    with database.write() as session:
        assert stored.open_ids(session, 0, 3) == alerts[:3]
        assert stored.open_ids(session, alerts[2], 3) == [alerts[3]]
        stored.hold_still(session, alerts)
        rows = stored.subjects(session, alerts[2:4])
    assert [(row.id, row.rule, row.campaign, row.send_gid) for row in rows] == [
        (alerts[2], "overdue", "Spring", "g2"), (alerts[3], "stale_data", None, None),
    ]


def test_a_walk_goes_on_where_it_was(database: Database, now: datetime) -> None:
    first, second = a_mute(database, now), a_mute(database, now)
    with database.write() as session:
        assert stored.next_walk(session) is None
        stored.walk(session, first)
        stored.walk(session, second, undone=True)
    with database.write() as session:
        stored.walk_on(session, second, 7)
    with database.write() as session:
        walk = stored.next_walk(session, second)
        assert walk is not None
        assert (walk.mute.id, walk.after, walk.undone) == (second, 7, True)
        stored.walk_on(session, second, None)
        assert stored.next_walk(session, second) is None
        stored.walk(session, first)
        stored.walk_on(session, first, None)
    with database.read() as session:
        assert session.query(SyncCursor).all() == []


def test_the_walk_of_a_mute_is_no_walk_through_a_source(database: Database, now: datetime) -> None:
    mute = a_mute(database, now)
    with database.write() as session:
        stored.walk(session, mute)
        assert due.first_walk_since(session) is None


def test_two_processes_make_mutes_one_after_the_other(postgresql: Database) -> None:
    with postgresql.write() as first:
        stored.alone(first)
        with postgresql.write() as second:
            free = second.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": stored.LOCK})
    assert free is False
