"""Posting a first look can be taken back as a whole, as far as nobody has worked on its alerts."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest

from bot.alerts.lifecycle import Code
from bot.alerts.policy import ONCE
from bot.alerts.press import Outcome, press
from storage import alerts as stored
from storage import notifications
from storage.engine import Database
from storage.models import Message
from tests.bot.alerts.making import (
    DAY,
    RULES,
    add,
    alert,
    alerts,
    events,
    message_of,
    messages,
    move,
    places,
    press_on,
    press_on_message,
    pressing,
    scan,
)

ANN, BEN = "U01ANN", "U02BEN"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def summary(database: Database, now: datetime) -> Message:
    """A first look with seven findings, four of one campaign, that Ann has posted as alerts."""
    with database.write() as session:
        for number in range(4):
            add(session, now, f"s{number}", campaign="Autumn")
        for gid in "xyz":
            add(session, now, gid)
    scan(database, now)
    with database.read() as session:
        (found,) = messages(session)
    assert press_on_message(database, now, "baseline_post", found.id).changed == 7
    return found


def body(database: Database) -> dict[str, Any]:
    with database.read() as session:
        return messages(session)[0].body


def others(database: Database) -> list[Message]:
    with database.read() as session:
        return messages(session)[1:]


def test_everything_goes_back_to_the_summary(database: Database, summary: Message, now: datetime) -> None:
    shown = {one.id: one.wanted_rev for one in others(database)}
    made = press_on_message(database, now + MINUTE, "undo", summary.id)
    assert (made.changed, made.refused, len(made.alert_ids)) == (7, None, 7)
    assert body(database) == summary.body
    with database.read() as session:
        assert {message_of(session, one) for one in alerts(session)} == {summary.id}
        assert {(one.state, one.version, one.reason) for one in alerts(session)} == {("firing", 1, "baseline")}
        for one in alerts(session):
            (place,) = places(session, one.id)
            assert (place.held, place.next_at, place.repeats) == ("baseline", None, 0)
        whole, *each = events(session, "undo")
    assert (whole.alert_id, whole.detail["message"], whole.detail["changed"], whole.detail["of"]) == (
        None, summary.id, 7, "baseline_post",
    )
    assert all(one.before == one.after for one in each)
    assert len(others(database)) == len(shown) == 4
    for message in others(database):
        assert message.wanted_rev == shown[message.id] + 1
        assert (message.body["taken_back_by"], message.body["taken_back_at"]) == (ANN, (now + MINUTE).isoformat())
    assert scan(database, now + 30 * DAY).messages == 0


def test_posted_again_they_stand_in_the_same_messages(database: Database, summary: Message, now: datetime) -> None:
    before = {one.key for one in others(database)}
    with database.read() as session:
        where = {one.id: message_of(session, one) for one in alerts(session)}
    for minutes in range(1, 4):
        press_on_message(database, now + minutes * MINUTE, "undo", summary.id)
        again = press_on_message(database, now + minutes * MINUTE, "baseline_post", summary.id, BEN)
        assert again.changed == 7
        press_on_message(database, now + minutes * MINUTE, "undo", summary.id, BEN)
        press_on_message(database, now + minutes * MINUTE, "baseline_post", summary.id)
    assert {one.key for one in others(database)} == before
    with database.read() as session:
        assert {one.id: message_of(session, one) for one in alerts(session)} == where
    assert body(database)["chosen"] == "post"


def test_a_flood_is_posted_again_where_it_stood(sqlite: Database, now: datetime) -> None:
    with sqlite.write() as session:
        for number in range(40):
            add(session, now, f"s{number}")
    scan(sqlite, now)
    with sqlite.read() as session:
        (summary,) = messages(session)
    press_on_message(sqlite, now, "baseline_post", summary.id)
    with sqlite.read() as session:
        where = {one.id: message_of(session, one) for one in alerts(session)}
    assert len(set(where.values())) == 10
    press_on_message(sqlite, now, "undo", summary.id)
    press_on_message(sqlite, now, "baseline_post", summary.id)
    with sqlite.read() as session:
        assert {one.id: message_of(session, one) for one in alerts(session)} == where


def test_what_somebody_has_worked_on_stays(database: Database, summary: Message, now: datetime) -> None:
    with database.read() as session:
        first, second, *_ = alerts(session)
        x = alert(session, "x")
    press_on(database, now, "acknowledge", first.id, BEN)
    press_on(database, now, "acknowledge", second.id, BEN)
    press_on(database, now, "undo", second.id, BEN)
    press_on(database, now, "meaning", x.id, BEN)
    with database.write() as session:
        move(session, now, "y", "shipped")
    scan(database, now)
    assert press_on_message(database, now + MINUTE, "undo", summary.id).changed == 4
    with database.read() as session:
        back = {one.id for one in stored.for_message(session, summary.id)}
        assert back.isdisjoint({first.id, second.id, alert(session, "y").id})
        assert x.id in back
        group = session.get_one(Message, message_of(session, first))
        assert "taken_back_by" not in group.body
    assert (body(database)["count"], sum(body(database)["by_rule"].values())) == (4, 4)
    # What is posted again is only what had gone back.
    assert press_on_message(database, now + MINUTE, "baseline_post", summary.id).changed == 4


def test_where_everything_has_been_worked_on_nothing_goes_back(
    database: Database, summary: Message, now: datetime,
) -> None:
    with database.read() as session:
        found = alerts(session)
    for one in found:
        press_on(database, now, "acknowledge", one.id, BEN)
    refused = press_on_message(database, now + MINUTE, "undo", summary.id)
    assert refused.refused == "Too late to undo: every one of them has been worked on since."
    assert body(database)["chosen"] == "post"


def test_only_who_posted_can_take_it_back_and_only_once(database: Database, summary: Message, now: datetime) -> None:
    refused = press_on_message(database, now + MINUTE, "undo", summary.id, BEN)
    assert refused.refused == f"Only <@{ANN}>, who posted them 1 minute ago, can undo that."
    assert press_on_message(database, now + MINUTE, "undo", summary.id, dedupe_key="x").changed == 7
    assert press_on_message(database, now + MINUTE, "undo", summary.id, dedupe_key="x").replayed
    again = press_on_message(database, now + 2 * MINUTE, "undo", summary.id)
    assert again.refused == "You already undid it 1 minute ago."
    assert press_on_message(database, now + 2 * MINUTE, "undo", summary.id, BEN).refused == (
        f"Already undone by <@{ANN}> 1 minute ago."
    )


def test_places_of_an_escalation_are_forgotten(database: Database, summary: Message, now: datetime) -> None:
    with database.write() as session:
        one = stored.of_sends(session, [alert(session, "x").send_id or 0])
        (found,) = next(iter(one.values()))
        notifications.add(session, [{
            "alert_id": found.id, "channel": "C09BOSS", "policy": ONCE.as_json(), "reason": "escalated", "next_at": now,
        }])
    scan(database, now)
    press_on_message(database, now, "undo", summary.id)
    with database.read() as session:
        assert [one.channel for one in places(session, found.id)] == ["C01GIFTING"]
        escalated = [one for one in messages(session) if one.channel == "C09BOSS"]
    assert [one.body["taken_back_by"] for one in escalated] == [ANN]


def test_two_at_once_take_it_back_once(postgresql: Database, now: datetime) -> None:
    with postgresql.write() as session:
        for number in range(12):
            add(session, now, f"s{number}", campaign=f"Campaign {number % 3}")
    scan(postgresql, now)
    with postgresql.read() as session:
        (summary,) = messages(session)
    press_on_message(postgresql, now, "baseline_post", summary.id)
    outcomes: list[Outcome] = []
    barrier = Barrier(4)

    def go() -> None:
        barrier.wait()
        with postgresql.write() as session:
            outcomes.append(press(session, pressing("undo", message_id=summary.id), now, RULES))

    threads = [Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made.changed for made in outcomes) == [0, 0, 0, 12]
    assert {made.refusal.code for made in outcomes if made.refusal} == {Code.UNDONE}
    with postgresql.read() as session:
        assert len(events(session, "undo")) == 13
