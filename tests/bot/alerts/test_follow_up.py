"""Whoever told Support is reminded once, where the alert is, and only of what is still open."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts import follow_up
from bot.statuses.working_time import us_calendar
from storage import people
from storage.engine import Database
from storage.models import Alert, Message
from tests.bot.alerts.making import (
    DAY,
    RULES,
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

ANN, BEN = "U01ANN", "U02BEN"
PACIFIC, TOKYO = ZoneInfo("America/Los_Angeles"), ZoneInfo("Asia/Tokyo")
CALENDAR = us_calendar()
DUE = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)
"""Nine in the morning in Los Angeles, two business days after the Monday on which it is `now`."""


@pytest.mark.parametrize(("days", "zone", "expected"), [
    (1, PACIFIC, datetime(2026, 11, 24, 9, tzinfo=PACIFIC)),
    (2, PACIFIC, datetime(2026, 11, 25, 9, tzinfo=PACIFIC)),
    # Thanksgiving lies between, and the week-end.
    (3, PACIFIC, datetime(2026, 11, 27, 9, tzinfo=PACIFIC)),
    (5, PACIFIC, datetime(2026, 12, 1, 9, tzinfo=PACIFIC)),
    # There it is Tuesday already.
    (1, TOKYO, datetime(2026, 11, 25, 9, tzinfo=TOKYO)),
])
def test_a_follow_up_is_due_on_the_morning_of_a_business_day(
    now: datetime, days: int, zone: ZoneInfo, expected: datetime,
) -> None:
    assert follow_up.due_at(now, days, CALENDAR, zone) == expected


@given(
    st.integers(0, 15 * 366 * 24).map(lambda hours: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=hours)),
    st.sampled_from(follow_up.CHOICES),
    st.sampled_from([PACIFIC, TOKYO, ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Apia")]),
)
def test_a_follow_up_is_always_later_than_now_and_on_a_business_day(now: datetime, days: int, zone: ZoneInfo) -> None:
    at = follow_up.due_at(now, days, CALENDAR, zone)
    assert at > now
    assert CALENDAR.is_business_day(at.astimezone(zone).date())
    assert CALENDAR.business_days_after(now.astimezone(zone).date(), at.astimezone(zone).date()) == days


@pytest.fixture
def told(database: Database, now: datetime) -> Alert:
    """An alert of which Ben has told Support, and wants to follow up in two business days."""
    with database.write() as session:
        add(session, now, "a")
    scan(database, now)
    with database.read() as session:
        found = alert(session, "a")
    press_on(database, now, "support_sent", found.id, BEN, args={"follow_up_at": DUE})
    return fresh(database)


def fresh(database: Database, gid: str = "a") -> Alert:
    with database.read() as session:
        return alert(session, gid)


def replies(database: Database) -> list[Message]:
    with database.read() as session:
        return [one for one in messages(session) if one.thread_of is not None]


def test_nothing_is_said_before_its_time(database: Database, told: Alert) -> None:
    scan(database, DUE - timedelta(seconds=1))
    assert [one for one in replies(database) if one.body["notice"] == "follow_up"] == []
    assert fresh(database).follow_up_at == DUE


def test_one_reply_calls_only_the_one_who_told_support(database: Database, told: Alert) -> None:
    before = fresh(database)
    with database.read() as session:
        shown = messages(session)[0].wanted_rev
    for minutes in range(3):
        scan(database, DUE + timedelta(minutes=minutes))
    (reply,) = [one for one in replies(database) if one.body["notice"] == "follow_up"]
    assert reply.body == {
        "notice": "follow_up", "alert": told.id, "mention": [BEN],
        "text": "You told Support 2 business days ago, and it is still Order Received, now for 10 days.",
    }
    with database.read() as session:
        first = messages(session)[0]
        (event,) = events(session, "follow_up")
    assert (reply.thread_of, reply.channel, reply.kind) == (first.key, "C01GIFTING", "notice")
    assert first.wanted_rev == shown + 1
    assert (event.alert_id, event.actor, event.occurred_at) == (told.id, "scan", DUE)
    assert (event.before["follow_up_at"], event.after.get("follow_up_at")) == (DUE.isoformat(), None)
    assert (fresh(database).follow_up_at, fresh(database).version) == (None, before.version)


def test_the_days_are_those_of_the_persons_own_clock(database: Database, told: Alert, now: datetime) -> None:
    with database.write() as session:
        people.keep(session, user_id=BEN, now=now, tz="Asia/Tokyo")
    later = follow_up.due_at(now, 2, CALENDAR, TOKYO)
    press_on(database, now, "undo", told.id, BEN)
    press_on(database, now, "support_sent", told.id, BEN, args={"follow_up_at": later})
    scan(database, later)
    assert "2 business days ago" in replies(database)[-1].body["text"]


def test_what_is_settled_is_let_go_without_a_word(database: Database, told: Alert, now: datetime) -> None:
    press_on(database, now, "resolve", told.id)
    scan(database, DUE)
    assert (fresh(database).follow_up_at, replies(database)) == (None, [])


def test_what_has_moved_on_is_let_go_without_a_word(database: Database, told: Alert) -> None:
    with database.write() as session:
        move(session, DUE, "a", "shipped")
        # The scan has not come to it yet, and so the alert is still open.
        assert follow_up.remind(session, DUE, RULES) == 1
    assert (fresh(database).state, fresh(database).follow_up_at, replies(database)) == ("acknowledged", None, [])


@pytest.fixture
def late(database: Database, now: datetime) -> Alert:
    """An alert that will be raised in a day; Ben has told Support of it and wants to follow up after that."""
    with database.write() as session:
        add(session, now, "a", since=now - 6 * DAY)
    scan(database, now)
    press_on(database, now, "support_sent", fresh(database).id, BEN, args={"follow_up_at": DUE})
    return fresh(database)


def test_a_further_limit_takes_the_follow_up_along(database: Database, late: Alert, now: datetime) -> None:
    scan(database, now + DAY + timedelta(hours=1))
    with database.read() as session:
        milder, raised = alerts(session, "a")
        first, second = messages(session)
    assert (milder.level, milder.state, milder.support_by, milder.follow_up_at) == ("late", "resolved", BEN, None)
    assert (raised.level, raised.state, raised.assignee) == ("support", "firing", BEN)
    assert (raised.support_by, raised.support_at, raised.follow_up_at) == (BEN, now, DUE)
    for minutes in range(3):
        scan(database, DUE + timedelta(minutes=minutes))
    (reply,) = [one for one in replies(database) if one.body["notice"] == "follow_up"]
    assert (reply.thread_of, reply.body["alert"], reply.body["mention"]) == (second.key, raised.id, [BEN])
    assert reply.body["text"].startswith("You told Support 2 business days ago, and it is still Order Received")
    assert first.key != second.key


def test_what_was_followed_up_before_the_further_limit_is_not_followed_up_again(
    database: Database, now: datetime,
) -> None:
    with database.write() as session:
        add(session, now, "a", since=now - 6 * DAY)
    scan(database, now)
    soon = now + timedelta(hours=2)
    press_on(database, now, "support_sent", fresh(database).id, BEN, args={"follow_up_at": soon})
    scan(database, soon)
    scan(database, now + 3 * DAY)
    with database.read() as session:
        _, raised = alerts(session, "a")
    assert (raised.support_by, raised.support_at, raised.follow_up_at) == (BEN, now, None)
    assert len([one for one in replies(database) if one.body["notice"] == "follow_up"]) == 1


def test_the_raised_alert_knows_that_support_was_told(database: Database, late: Alert, now: datetime) -> None:
    scan(database, now + DAY + timedelta(hours=1))
    with database.read() as session:
        _, raised = alerts(session, "a")
        opened = events(session, "opened")[-1]
    assert (opened.alert_id, opened.after["support_by"]) == (raised.id, BEN)
    again = press_on(database, now + timedelta(hours=23), "support_sent", raised.id, ANN)
    assert again.refused == f"Already reported to Support by <@{BEN}> 23 hours ago."


def test_no_follow_up_was_wanted(database: Database, now: datetime) -> None:
    with database.write() as session:
        add(session, now, "a")
    scan(database, now)
    press_on(database, now, "support_sent", fresh(database).id, BEN, args={"follow_up_at": None})
    scan(database, DUE)
    assert [one.body["notice"] for one in replies(database)] == []


def test_in_a_group_the_reply_says_of_which_gift_it_speaks(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    with database.write() as session:
        for gid in "abc":
            add(session, now, gid, campaign="Autumn")
    scan(database, now)
    press_on(database, now, "support_sent", fresh(database, "b").id, BEN, args={"follow_up_at": DUE})
    scan(database, DUE)
    (reply,) = [one for one in replies(database) if one.body["notice"] == "follow_up"]
    assert "the gift for Recipient b is still Order Received" in reply.body["text"]


def test_what_stands_only_in_the_first_look_is_told_directly(database: Database, now: datetime) -> None:
    with database.write() as session:
        for gid in "abcdefg":
            add(session, now, gid)
    scan(database, now)
    press_on(database, now, "support_sent", fresh(database, "b").id, BEN, args={"follow_up_at": DUE})
    scan(database, DUE)
    with database.read() as session:
        notice = messages(session)[-1]
    assert (notice.channel, notice.thread_of, "mention" in notice.body) == (BEN, None, False)
    assert "the gift for Recipient b is still Order Received" in notice.body["text"]


def test_below_what_only_somebody_else_reads_nobody_is_reminded(database: Database, now: datetime) -> None:
    to_ann = replace(RULES, routing=replace(RULES.routing, alert_channel="U01ANN"))
    no_backlog(database, now)
    with database.write() as session:
        for gid in ("a", "b", "c"):
            add(session, now, gid, campaign="Autumn")
    scan(database, now, to_ann)
    for gid in ("a", "b"):
        press_on(database, now, "support_sent", fresh(database, gid).id, BEN, args={"follow_up_at": DUE})
    press_on(database, now, "support_sent", fresh(database, "c").id, "U01ANN", args={"follow_up_at": DUE})
    scan(database, DUE, to_ann)
    with database.read() as session:
        found = [one for one in messages(session) if one.body.get("notice") == "follow_up"]
    assert [(one.channel, one.thread_of is None) for one in found] == [(BEN, True), ("U01ANN", False)]
    assert found[0].body["text"] == (
        "You told Support of 2 gifts 2 business days ago, and they are still open (2 Order Received): Recipient a, "
        "Recipient b."
    )


def test_undo_takes_the_follow_up_away(database: Database, told: Alert, now: datetime) -> None:
    press_on(database, now, "undo", told.id, BEN)
    assert (fresh(database).follow_up_at, fresh(database).support_by) == (None, None)
    scan(database, DUE)
    assert [one.body["notice"] for one in replies(database) if one.body["notice"] == "follow_up"] == []


def test_an_undone_resolve_brings_a_missed_follow_up_back_once(database: Database, told: Alert, now: datetime) -> None:
    press_on(database, now, "resolve", told.id)
    scan(database, DUE)
    press_on(database, DUE, "undo", told.id)
    assert fresh(database).follow_up_at == DUE
    for minutes in range(3):
        scan(database, DUE + timedelta(minutes=minutes))
    assert len([one for one in replies(database) if one.body["notice"] == "follow_up"]) == 1


def test_an_undo_after_the_follow_up_was_told_does_not_tell_it_again(database: Database, told: Alert) -> None:
    press_on(database, DUE - DAY, "assign", told.id, ANN)
    scan(database, DUE)
    press_on(database, DUE, "undo", told.id, ANN)
    assert fresh(database).follow_up_at is None
    scan(database, DUE + DAY)
    assert len([one for one in replies(database) if one.body["notice"] == "follow_up"]) == 1


def test_support_can_be_told_again_once_a_day_has_passed(database: Database, told: Alert, now: datetime) -> None:
    soon = press_on(database, now + timedelta(hours=3), "support_sent", told.id, ANN)
    assert soon.refused == f"Already reported to Support by <@{BEN}> 3 hours ago."
    again = press_on(database, DUE, "support_sent", told.id, ANN, args={"follow_up_at": DUE + DAY})
    assert (again.changed, fresh(database).support_by, fresh(database).follow_up_at) == (1, ANN, DUE + DAY)


def test_several_processes_remind_once(postgresql: Database, now: datetime) -> None:
    no_backlog(postgresql, now)
    with postgresql.write() as session:
        for number in range(20):
            add(session, now, f"s{number}", campaign="Autumn")
    scan(postgresql, now)
    with postgresql.read() as session:
        found, (group,) = alerts(session), messages(session)
    press_on_message(postgresql, now, "support_sent", group.id, BEN, args={"follow_up_at": DUE})
    barrier = Barrier(4)

    def one() -> None:
        barrier.wait()
        with postgresql.write() as session:
            follow_up.remind(session, DUE, RULES)

    threads = [Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with postgresql.read() as session:
        assert len(events(session, "follow_up")) == len(found) == 20
    (reply,) = replies(postgresql)
    assert reply.body["text"] == (
        "You told Support of 20 of these gifts 2 business days ago, and they are still open (20 Order Received)."
    )


def test_a_due_time_is_a_date_that_counts() -> None:
    assert follow_up.due_at(datetime(2026, 12, 24, 20, tzinfo=UTC), 1, CALENDAR, PACIFIC).date() == date(2026, 12, 28)
