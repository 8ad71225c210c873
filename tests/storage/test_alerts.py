from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from storage import alerts as stored
from storage import notifications
from storage.alerts import LostRaceError, Write
from storage.engine import Database
from storage.messages import want
from storage.models import Alert, Send

HOUR = timedelta(hours=1)


def a_send(database: Database, now: datetime, gid: str = "gid", campaign: str = "") -> int:
    with database.write() as session:
        send = Send(
            send_gid=gid, status="shipped", status_raw="Shipped", status_since=now, first_seen_at=now, updated_at=now,
            campaign=campaign,
        )
        session.add(send)
        session.flush()
        return send.id


def an_alert(database: Database, now: datetime, key: str, **values: object) -> int:
    with database.write() as session:
        row = {"key": key, "rule": "overdue", "level": "late", "due_at": now, "opened_at": now} | values
        return stored.add(session, [row])[key]


def test_adding_the_same_key_again_leaves_the_first(database: Database, now: datetime) -> None:
    first = an_alert(database, now, "a", why="first", threshold={"amount": 3})
    with database.write() as session:
        row = {"rule": "overdue", "level": "late", "due_at": now, "opened_at": now, "why": "second"}
        made = stored.add(session, [row | {"key": "a"}, row | {"key": "b", "status_seq": 2}])
        assert set(made) == {"b"}
        assert stored.add(session, []) == {}
    with database.read() as session:
        found = stored.by_id(session, first)
        assert found is not None
        assert (found.why, found.threshold, found.state, found.version) == ("first", {"amount": 3}, "firing", 1)


def test_one_stay_has_one_alert_of_a_rule_and_level_whatever_its_key(database: Database, now: datetime) -> None:
    send_id = a_send(database, now)
    an_alert(database, now, "a", send_id=send_id)
    with database.write() as session:
        row = {"key": "b", "rule": "overdue", "level": "late", "due_at": now, "opened_at": now, "send_id": send_id}
        assert stored.add(session, [row]) == {}


def test_a_write_raises_the_version_and_needs_the_one_that_was_read(database: Database, now: datetime) -> None:
    ids = [an_alert(database, now, key) for key in "ab"]
    with database.write() as session:
        values = {"state": "resolved", "resolved_at": now}
        stored.save(session, [Write(alert_id=one, version=1, values=values) for one in ids])
        stored.save(session, [])
    with database.read() as session:
        assert {(one.state, one.version, one.resolved_at) for one in session.query(Alert)} == {("resolved", 2, now)}
    late = [
        Write(alert_id=alert_id, version=version, values={"state": "firing"})
        for alert_id, version in zip(ids, (1, 2), strict=True)
    ]
    with pytest.raises(LostRaceError, match="1 of 2 alerts"), database.write() as session:
        stored.save(session, late)
    with database.read() as session:
        assert {one.state for one in session.query(Alert)} == {"resolved"}


def test_open_alerts_come_in_pages_the_newest_first_with_the_true_count(database: Database, now: datetime) -> None:
    for place in range(5):
        an_alert(database, now, f"k{place}", opened_at=now + place * HOUR)
    an_alert(database, now, "done", state="resolved")
    with database.read() as session:
        page, total = stored.open_alerts(session, 2, 2)
        assert ([one.key for one in page], total) == (["k2", "k1"], 5)


def test_alerts_of_a_person(database: Database, now: datetime) -> None:
    an_alert(database, now, "mine", assignee="U1")
    an_alert(database, now, "done", assignee="U1", state="resolved")
    an_alert(database, now, "other", assignee="U2")
    with database.read() as session:
        assert [one.key for one in stored.of_assignee(session, "U1")] == ["mine"]


def test_alerts_of_sends(database: Database, now: datetime) -> None:
    first, second = a_send(database, now, "a"), a_send(database, now, "b")
    an_alert(database, now, "open", send_id=first)
    an_alert(database, now, "done", send_id=first, state="resolved", status_seq=2)
    with database.read() as session:
        still_open = stored.open_for_sends(session, [first, second])
        every = stored.of_sends(session, [first, second])
        assert {send: [one.key for one in found] for send, found in still_open.items()} == {first: ["open"], second: []}
        assert [one.key for one in every[first]] == ["open", "done"]
        assert every[second] == []
        pairs = stored.with_sends(session, every[first])
        assert [send.send_gid if send else None for _, send in pairs] == ["a", "a"]


def test_alerts_about_the_bot_itself(database: Database, now: datetime) -> None:
    an_alert(database, now, "a", send_id=a_send(database, now))
    an_alert(database, now, "b", rule="stale_data")
    an_alert(database, now, "c", rule="stale_data", state="resolved")
    with database.read() as session:
        assert [one.key for one in stored.of_bot(session, "stale_data")] == ["b", "c"]


def test_a_message_and_its_alerts_know_each_other(database: Database, now: datetime) -> None:
    ids = [an_alert(database, now, key) for key in "abc"]
    with database.write() as session:
        group = want(session, key="group", kind="group", channel="C1", now=now)
        first, copy = (want(session, key=user, kind="notice", channel=user, now=now) for user in ("U1", "U2"))
        notifications.add(session, [
            {"alert_id": ids[0], "channel": "C1", "message_id": group.id},
            {"alert_id": ids[1], "channel": "C1", "message_id": group.id},
            {"alert_id": ids[2], "channel": "U1", "message_id": first.id},
            {"alert_id": ids[2], "channel": "U2", "message_id": copy.id},
        ])
    with database.read() as session:
        assert [one.key for one in stored.for_message(session, group.id)] == ["a", "b"]
        assert [one.key for one in stored.for_message(session, copy.id)] == ["c"]
        assert stored.for_message(session, 4711) == []
        assert stored.messages_of(session, stored.refresh(session, ids[:2])) == {group.id}
        assert stored.messages_of(session, stored.refresh(session, ids[2:])) == {first.id, copy.id}
        assert stored.messages_of(session, []) == set()


def test_alerts_that_explain_others_away(database: Database, now: datetime) -> None:
    send = a_send(database, now)
    poor = a_send(database, now, "gid-P", campaign="Autumn Box")
    an_alert(database, now, "funds", rule="needs_action", level="notice", status="insufficient_funds", send_id=poor)
    an_alert(
        database, now, "settled", rule="needs_action", level="x", status="insufficient_funds", state="resolved",
        send_id=poor,
    )
    an_alert(database, now, "failed", rule="needs_action", level="y", status="failed")
    an_alert(database, now, "over", rule="expired", level="notice", send_id=send)
    with database.read() as session:
        assert [one.key for one, _ in stored.that_hide(session, [], ["Autumn Box"])] == ["funds"]
        assert [one.key for one, _ in stored.that_hide(session, [send], ["Autumn Box"])] == ["funds", "over"]
        assert [one.key for one, _ in stored.that_hide(session, [send], ["Spring"])] == ["over"]
        assert stored.that_hide(session, [], []) == []


def test_which_keys_exist(database: Database, now: datetime) -> None:
    an_alert(database, now, "a")
    with database.read() as session:
        assert stored.keys(session, ["a", "b"]) == {"a"}
        assert stored.keys(session, []) == set()


def test_locked_alerts_are_read_anew(database: Database, now: datetime) -> None:
    alert_id = an_alert(database, now, "a")
    with database.write() as session:
        before = stored.by_id(session, alert_id)
        stored.save(session, [Write(alert_id=alert_id, version=1, values={"state": "acknowledged"})])
        (after,) = stored.locked(session, [alert_id])
        assert after is before
        assert after.state == "acknowledged"
