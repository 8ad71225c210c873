"""Whoever gets something assigned is told once for each assignment, and learns when it is no longer theirs."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from storage.engine import Database
from storage.models import Alert, Message
from tests.bot.alerts.making import (
    DAY,
    add,
    alert,
    alerts,
    events,
    messages,
    move,
    no_backlog,
    press_on,
    press_on_message,
    scan,
)

ANN, BEN, DEE = "U01ANN", "U02BEN", "U04DEE"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def one(database: Database, now: datetime) -> Alert:
    with database.write() as session:
        add(session, now, "a")
    scan(database, now)
    with database.read() as session:
        return alert(session, "a")


def assign(
    database: Database, now: datetime, alert_id: int, to: str, by: str = ANN, key: str = "", note: str = "",
) -> int:
    more = {"dedupe_key": key} if key else {}
    return press_on(
        database, now, "assign", alert_id, by, args={"assignee": to, "note": note}, **more,
    ).changed


def told(database: Database, user: str) -> list[Message]:
    with database.read() as session:
        return [one for one in messages(session) if one.channel == user]


def test_the_assignee_is_told_once(database: Database, one: Alert, now: datetime) -> None:
    assert assign(database, now, one.id, BEN, key="k", note="please call them") == 1
    assert assign(database, now, one.id, BEN, key="k") == 0
    assert assign(database, now, one.id, BEN) == 0
    (notice,) = told(database, BEN)
    assert (notice.kind, notice.key, notice.thread_of) == ("notice", f"assigned:{one.id}:{BEN}:{one.id}.2", None)
    assert notice.body == {
        "notice": "assigned", "alerts": [one.id], "by": ANN, "note": "please call them", "at": now.isoformat(),
        "message": None,
    }
    with database.read() as session:
        (event,) = events(session, "assign")
    assert (event.after["assignee"], event.detail["note"]) == (BEN, "please call them")


def test_nobody_is_told_what_they_took_on_themselves(database: Database, one: Alert, now: datetime) -> None:
    assert assign(database, now, one.id, ANN) == 1
    press_on(database, now, "undo", one.id)
    press_on(database, now, "support", one.id)
    assert told(database, ANN) == []


def test_back_and_forth_each_assignment_is_told_once(database: Database, one: Alert, now: datetime) -> None:
    for to in (BEN, DEE, BEN, DEE):
        assign(database, now, one.id, to)
    assert (len(told(database, BEN)), len(told(database, DEE))) == (2, 2)


def test_an_undone_assignment_is_not_told_again_but_shown(database: Database, one: Alert, now: datetime) -> None:
    assign(database, now, one.id, BEN)
    assign(database, now, one.id, DEE, by=DEE)
    (notice,) = told(database, BEN)
    assert notice.wanted_rev == 2
    press_on(database, now, "undo", one.id, DEE)
    (notice,) = told(database, BEN)
    assert notice.wanted_rev == 3
    press_on(database, now, "snooze", one.id, DEE, args={"until": now + MINUTE})
    press_on(database, now, "resolve", one.id, DEE)
    (notice,) = told(database, BEN)
    assert notice.wanted_rev == 4
    assert told(database, DEE) == []


def test_everybody_who_ever_had_it_is_shown_who_has_it_now(database: Database, one: Alert, now: datetime) -> None:
    for to in (BEN, DEE, BEN):
        assert assign(database, now, one.id, to) == 1
    (first,) = told(database, DEE)
    with database.read() as session:
        version = alert(session, "a").version
    for _ in range(3):
        assert press_on(database, now, "undo", one.id, ANN, version=version).changed == 1
        version += 1
    (last,) = told(database, DEE)
    # Taken from them, given back, and taken from them again.
    assert last.wanted_rev >= first.wanted_rev + 3
    with database.read() as session:
        assert alert(session, "a").assignee is None


def test_what_settles_itself_is_shown_to_whom_it_was_given(database: Database, one: Alert, now: datetime) -> None:
    assign(database, now, one.id, BEN)
    with database.write() as session:
        move(session, now, "a", "shipped")
    scan(database, now)
    (notice,) = told(database, BEN)
    assert notice.wanted_rev == 2


def test_a_whole_message_is_assigned_and_told_as_one(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    with database.write() as session:
        for gid in "abcde":
            add(session, now, gid, campaign="Autumn")
    scan(database, now)
    with database.read() as session:
        (group,) = messages(session)
        first, second, *rest = alerts(session)
    press_on(database, now, "resolve", first.id, BEN)
    assign(database, now, second.id, BEN, by=BEN)
    made = press_on_message(database, now, "assign", group.id, args={"assignee": BEN, "note": ""}, dedupe_key="k")
    assert made.changed == 3
    assert press_on_message(database, now, "assign", group.id, args={"assignee": BEN}, dedupe_key="k").replayed
    (notice,) = told(database, BEN)
    assert notice.body["alerts"] == [one.id for one in rest]
    assert notice.body["message"] == group.id
    refused = press_on_message(database, now + MINUTE, "assign", group.id, DEE, args={"assignee": BEN})
    assert refused.refused is not None
    press_on_message(database, now, "undo", group.id)
    press_on_message(database, now, "assign", group.id, args={"assignee": BEN})
    assert len(told(database, BEN)) == 2


def test_who_was_first_is_told_with_when(database: Database, one: Alert, now: datetime) -> None:
    assign(database, now, one.id, BEN)
    late = {"assignee": BEN}
    refusals = [
        press_on(database, now + MINUTE, "assign", one.id, who, args=late).refused for who in (ANN, BEN, DEE)
    ]
    assert refusals == [
        f"You already assigned it to <@{BEN}> 1 minute ago.",
        f"Already assigned to you by <@{ANN}> 1 minute ago.",
        f"Already assigned to <@{BEN}> by <@{ANN}> 1 minute ago.",
    ]
    assign(database, now + MINUTE, one.id, DEE, by=DEE)
    again = press_on(database, now + 2 * MINUTE, "assign", one.id, BEN, args={"assignee": DEE})
    assert again.refused == f"Already taken on by <@{DEE}> 1 minute ago."
    assert again.refusal is not None
    assert again.refusal.people == (DEE,)


def raised(database: Database, now: datetime, gid: str = "a") -> tuple[Alert, Alert]:
    """The late alert and the one for Support that takes over from it two days later."""
    scan(database, now + 2 * DAY)
    with database.read() as session:
        late, support = alerts(session, gid)
    assert (late.state, support.state, support.level) == ("resolved", "firing", "support")
    return late, support


@pytest.fixture
def late(database: Database, now: datetime) -> Alert:
    with database.write() as session:
        add(session, now, "a", since=now - 6 * DAY)
    scan(database, now)
    with database.read() as session:
        return alert(session, "a")


def test_the_notice_shows_the_alert_that_took_over(database: Database, late: Alert, now: datetime) -> None:
    assign(database, now, late.id, BEN)
    _, support = raised(database, now)
    (notice,) = told(database, BEN)
    assert support.assignee == BEN
    assert (notice.body["alerts"], notice.body["by"], notice.wanted_rev) == ([support.id], ANN, 3)
    with database.write() as session:
        move(session, now + 2 * DAY, "a", "shipped")
    scan(database, now + 2 * DAY)
    assert told(database, BEN)[0].wanted_rev == 4


def test_of_several_only_what_was_raised_is_another(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    with database.write() as session:
        for gid, days in (("a", 6), ("b", 5.3), ("c", 6)):
            add(session, now, gid, since=now - timedelta(days=days), campaign="Autumn")
    scan(database, now)
    with database.read() as session:
        (group,) = messages(session)
    press_on_message(database, now, "assign", group.id, args={"assignee": BEN, "note": ""})
    scan(database, now + DAY)
    with database.read() as session:
        (_, first), (other,), (_, third) = (alerts(session, gid) for gid in "abc")
    (notice,) = told(database, BEN)
    assert sorted(notice.body["alerts"]) == sorted([first.id, other.id, third.id])


def test_who_had_it_before_is_told_nothing_of_the_raise(database: Database, late: Alert, now: datetime) -> None:
    assign(database, now, late.id, DEE)
    assign(database, now, late.id, BEN)
    raised(database, now)
    assert told(database, DEE)[0].body["alerts"] == [late.id]
    assert len(told(database, BEN)) == 1
