from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from threading import Barrier, Thread

import pytest
from sqlalchemy import event

from bot.alerts import scan as scans
from bot.alerts.scan import ScanReport
from storage import alerts as stored
from storage.engine import Database
from storage.models import JobRun, Message, Notification, Send, SyncCursor
from tests.bot.alerts.making import (
    DAY,
    NO_ADMINS,
    RULES,
    add,
    alert,
    alerts,
    events,
    message_of,
    messages,
    move,
    no_backlog,
    places,
    press_on,
    scan,
    the_send,
)

OFFER = {"status": "sent", "kind": "egift", "type": "eGifts USA"}


def test_a_stuck_send_becomes_an_alert_with_a_message(database: Database, now: datetime) -> None:
    with database.write() as session:
        add(session, now, "a")
    assert scan(database, now) == ScanReport(checked=1, opened=1, messages=1)
    with database.read() as session:
        found = alert(session, "a")
        (message,) = messages(session)
        (event,) = events(session)
    assert (found.rule, found.level, found.state, found.reason) == ("overdue", "support", "firing", "first")
    assert (found.status, found.opened_at, found.version) == ("order_received", now, 1)
    assert found.why.startswith("In Order Received for more than 7 days")
    assert found.threshold["amount"] == 7
    assert (message.kind, message.channel, message.next_at) == ("alert", "C01GIFTING", now)
    assert message_of(session, found) == message.id
    assert (event.action, event.actor, event.alert_id) == ("opened", "scan", found.id)


def test_scanning_again_changes_nothing(database: Database, now: datetime) -> None:
    with database.write() as session:
        for gid in "abcd":
            add(session, now, gid, campaign="One")
        add(session, now, "e", status="mystery", status_raw="Mystery")
        session.get_one(Send, the_send(session, "e").id).status = "unknown"
    scan(database, now)
    before = everything_in(database)
    assert scan(database, now) == ScanReport()
    assert everything_in(database) == before


def everything_in(database: Database) -> list[object]:
    with database.read() as session:
        return [
            [(one.key, one.state, one.version, message_of(session, one)) for one in alerts(session)],
            [(one.key, one.wanted_rev) for one in messages(session)],
            [one.dedupe_key for one in events(session)],
            [(one.send_gid, one.due_at, one.due_rule) for one in session.query(Send).order_by(Send.id)],
        ]


def test_a_send_is_looked_at_again_only_when_there_is_more_to_say(database: Database, now: datetime) -> None:
    with database.write() as session:
        since = add(session, now, "a", since=now - 6 * DAY).status_since
    scan(database, now)
    with database.read() as session:
        send = the_send(session, "a")
        assert (send.due_at, send.due_rule) == (since + 7 * DAY, "overdue")
    scan(database, since + 7 * DAY)
    with database.read() as session:
        assert the_send(session, "a").due_at is None


def test_late_is_raised_to_contact_support(database: Database, now: datetime) -> None:
    with database.write() as session:
        add(session, now, "a", since=now - 6 * DAY)
    scan(database, now)
    with database.read() as session:
        late = alert(session, "a")
    press_on(database, now, "assign", late.id, "U02BEN")
    report = scan(database, now + 2 * DAY)
    assert (report.opened, report.raised, report.resolved, report.messages) == (1, 1, 1, 1)
    with database.read() as session:
        milder, stronger = alerts(session, "a")
        old, new = messages(session)
    assert (milder.level, milder.state, milder.resolved_by) == ("late", "resolved", "scan")
    assert milder.resolved_reason == "The next limit has passed: a new alert says so."
    assert (stronger.level, stronger.state, stronger.reason, stronger.assignee) == (
        "support", "firing", "raised", "U02BEN",
    )
    assert (old.wanted_rev, new.wanted_rev, message_of(session, stronger)) == (3, 1, new.id)


def test_an_alert_goes_away_when_the_send_moves_on(database: Database, now: datetime) -> None:
    with database.write() as session:
        add(session, now, "a")
    scan(database, now)
    with database.write() as session:
        move(session, now, "a", "shipped")
    assert scan(database, now + DAY).resolved == 1
    with database.read() as session:
        found = alert(session, "a")
        (message,) = messages(session)
        resolved = events(session, "moved_on")
    assert (found.state, found.resolved_by, found.resolved_at) == ("resolved", "scan", now + DAY)
    assert found.resolved_reason == "Now Shipped: the send moved on."
    assert message.wanted_rev == 2
    assert (resolved[0].before["state"], resolved[0].after["state"]) == ("firing", "resolved")


def test_coming_back_to_a_status_alerts_again(database: Database, now: datetime) -> None:
    with database.write() as session:
        add(session, now, "a")
    scan(database, now)
    with database.write() as session:
        move(session, now, "a", "fulfillment_issue")
        move(session, now, "a", "order_received")
    scan(database, now)
    later = now + 8 * DAY
    scan(database, later)
    with database.read() as session:
        first, again = alerts(session, "a")
    assert (first.state, again.state, again.reason, again.status_seq) == ("resolved", "firing", "reopened", 3)


def test_what_was_resolved_by_hand_stays_so_for_this_stay(database: Database, now: datetime) -> None:
    with database.write() as session:
        add(session, now, "a", since=now - 6 * DAY)
    scan(database, now)
    with database.read() as session:
        late = alert(session, "a")
    press_on(database, now, "resolve", late.id)
    assert scan(database, now + 3 * DAY) == ScanReport(checked=1)
    with database.read() as session:
        assert len(alerts(session)) == 1
        assert the_send(session, "a").due_at is None


def test_undoing_a_resolve_lets_the_raise_through(database: Database, now: datetime) -> None:
    with database.write() as session:
        add(session, now, "a", since=now - 6 * DAY)
    scan(database, now)
    with database.read() as session:
        late = alert(session, "a")
    press_on(database, now, "resolve", late.id)
    scan(database, now + 3 * DAY)
    assert press_on(database, now + 4 * DAY, "undo", late.id).changed == 1
    assert scan(database, now + 4 * DAY).raised == 1


def test_a_snooze_ends_with_the_reason_and_a_word_below_the_message(database: Database, now: datetime) -> None:
    with database.write() as session:
        add(session, now, "a")
    scan(database, now)
    with database.read() as session:
        found = alert(session, "a")
    press_on(database, now, "acknowledge", found.id)
    press_on(database, now, "snooze", found.id, args={"until": now + DAY})
    assert scan(database, now + DAY - timedelta(seconds=1)) == ScanReport()
    assert scan(database, now + DAY) == ScanReport(checked=1, woken=1, messages=1)
    assert scan(database, now + DAY) == ScanReport()
    with database.read() as session:
        found = alert(session, "a")
        message, reply = messages(session)
    assert (found.state, found.reason, found.snoozed_until, found.acknowledged_by) == (
        "firing", "snooze_ended", None, None,
    )
    assert (reply.kind, reply.thread_of, reply.channel) == ("notice", message.key, message.channel)
    assert reply.body["text"] == (
        "The snooze has ended and nothing has moved: still Order Received for 9 days (Recipient a)."
    )


def test_a_snoozed_alert_is_resolved_silently_when_the_send_moves_on(database: Database, now: datetime) -> None:
    with database.write() as session:
        add(session, now, "a")
    scan(database, now)
    with database.read() as session:
        found = alert(session, "a")
    press_on(database, now, "snooze", found.id, args={"until": now + DAY})
    with database.write() as session:
        move(session, now, "a", "delivered")
    scan(database, now + 2 * DAY)
    with database.read() as session:
        found = alert(session, "a")
        assert (found.state, found.snoozed_until, found.reason) == ("resolved", None, "first")
        assert len(messages(session)) == 1


def test_a_snooze_holds_the_raise_until_it_ends(database: Database, now: datetime) -> None:
    with database.write() as session:
        add(session, now, "a", since=now - 6 * DAY)
    scan(database, now)
    with database.read() as session:
        late = alert(session, "a")
    press_on(database, now, "snooze", late.id, args={"until": now + 3 * DAY})
    assert scan(database, now + 2 * DAY) == ScanReport(checked=1)
    with database.read() as session:
        assert (the_send(session, "a").due_at, alert(session, "a").state) == (now + 3 * DAY, "snoozed")
    assert scan(database, now + 3 * DAY) == ScanReport(checked=1, opened=1, raised=1, resolved=1, messages=1)


def test_acknowledging_a_snoozed_alert_lets_a_held_raise_through(database: Database, now: datetime) -> None:
    with database.write() as session:
        add(session, now, "a", since=now - 6 * DAY)
    scan(database, now)
    with database.read() as session:
        late = alert(session, "a")
    press_on(database, now, "snooze", late.id, args={"until": now + 9 * DAY})
    scan(database, now + 2 * DAY)
    press_on(database, now + 2 * DAY, "acknowledge", late.id)
    assert scan(database, now + 2 * DAY).raised == 1


def test_an_alert_closed_by_better_data_comes_back_when_it_is_true_again(database: Database, now: datetime) -> None:
    with database.write() as session:
        add(session, now, "a", since=now - DAY, expires_at=now + 6 * DAY, **OFFER)
    scan(database, now)
    with database.write() as session:
        send = the_send(session, "a")
        send.expires_at, send.due_at = now + 60 * DAY, now
    assert scan(database, now).resolved == 1
    with database.read() as session:
        found = alert(session, "a")
        assert found.level == "7d"
        assert found.resolved_reason == "No longer so, by what Sendoso tells and the limits in force."
        assert the_send(session, "a").due_at == now + 53 * DAY
    assert scan(database, now + 53 * DAY) == ScanReport(checked=1, opened=1, messages=1)
    with database.read() as session:
        found = alert(session, "a")
        first, again = messages(session)
        told_in = message_of(session, found)
    assert (found.state, found.reason, found.resolved_by) == ("firing", "reopened", None)
    assert told_in == again.id
    assert first.key != again.key


def test_expired_ends_what_was_about_to_end(database: Database, now: datetime) -> None:
    with database.write() as session:
        add(session, now, "a", since=now - DAY, expires_at=now + DAY, **OFFER)
    scan(database, now)
    scan(database, now + DAY)
    with database.read() as session:
        ending, ended = alerts(session, "a")
    assert (ending.rule, ending.state, ending.resolved_reason) == (
        "expiring", "resolved", "The offer is over: a new alert says so.",
    )
    assert (ended.rule, ended.state) == ("expired", "firing")
    assert scan(database, now + DAY) == ScanReport()


def test_an_unknown_status_is_told_to_each_admin_once_per_spelling(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    with database.write() as session:
        add(session, now, "a", status="unknown", status_raw="Lost in space")
        add(session, now, "b", status="unknown", status_raw="lost  in SPACE")
        add(session, now, "c", status="unknown", status_raw="Eaten")
    scan(database, now)
    with database.write() as session:
        add(session, now, "d", status="unknown", status_raw="LOST IN SPACE")
    assert scan(database, now + DAY) == ScanReport(checked=1)
    with database.read() as session:
        found = alerts(session)
        told = messages(session)
        shown = {one.id: [row.status_raw for row in stored.for_message(session, one.id)] for one in told}
    assert [one.status_raw for one in found] == ["Lost in space", "Eaten"]
    assert sorted((one.channel, shown[one.id]) for one in told) == [
        ("U01ANN", ["Eaten"]), ("U01ANN", ["Lost in space"]), ("U02BEN", ["Eaten"]), ("U02BEN", ["Lost in space"]),
    ]
    assert {one.kind for one in told} == {"alert"}


def test_without_admins_an_unknown_status_is_told_in_the_channel(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    with database.write() as session:
        add(session, now, "a", status="unknown", status_raw="Eaten")
    scan(database, now, NO_ADMINS)
    with database.read() as session:
        assert [(one.kind, one.channel) for one in messages(session)] == [("alert", "C01GIFTING")]


def test_every_copy_of_a_notice_is_drawn_anew(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    with database.write() as session:
        add(session, now, "a", status="unknown", status_raw="Eaten")
    scan(database, now)
    with database.write() as session:
        move(session, now, "a", "shipped")
    scan(database, now)
    with database.read() as session:
        assert [one.wanted_rev for one in messages(session)] == [2, 2]


def test_three_of_one_rule_and_campaign_become_one_message(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    with database.write() as session:
        for gid in "abcd":
            add(session, now, gid, campaign="Autumn", campaign_id=4)
        for gid in "ef":
            add(session, now, gid, campaign="Spring", campaign_id=5)
        add(session, now, "g", status="failed", campaign="Autumn", campaign_id=4)
    assert scan(database, now).messages == 4
    with database.read() as session:
        kinds = {one.id: one.kind for one in messages(session)}
        by_message = [(kinds[message_of(session, one) or 0], one.rule) for one in alerts(session)]
    assert sorted(by_message) == [("alert", "needs_action")] + [("alert", "overdue")] * 2 + [("group", "overdue")] * 4


def test_a_group_is_formed_over_all_batches(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch,
) -> None:
    no_backlog(database, now)
    monkeypatch.setattr(scans, "BATCH", 2)
    with database.write() as session:
        for gid in "abcde":
            add(session, now, gid, campaign="Autumn")
    assert scan(database, now) == ScanReport(checked=5, opened=5, messages=1)
    with database.read() as session:
        assert len({message_of(session, one) for one in alerts(session)}) == 1


def test_a_scan_that_was_cut_short_is_told_by_the_next(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch,
) -> None:
    no_backlog(database, now)
    monkeypatch.setattr(scans, "BATCH", 2)
    with database.write() as session:
        for gid in "abc":
            add(session, now, gid, campaign="Autumn")
    with database.write() as session:
        scans.run(session, now, RULES)
    assert scan(database, now + DAY) == ScanReport(checked=1, opened=1, messages=1)
    with database.read() as session:
        assert [one.kind for one in messages(session)] == ["group"]


def backlog(database: Database, now: datetime, number: int) -> None:
    with database.write() as session:
        for place in range(number):
            add(session, now, f"old{place}", campaign=f"Campaign {place % 4}")


def test_the_first_scan_over_a_backlog_posts_one_summary(database: Database, now: datetime) -> None:
    backlog(database, now, 9)
    assert scan(database, now) == ScanReport(checked=9, opened=9, messages=1)
    with database.read() as session:
        (message,) = messages(session)
        assert (message.key, message.kind) == ("baseline", "baseline")
        assert message.body == {"count": 9, "by_rule": {"support": 9}}
        assert {(one.reason, message_of(session, one)) for one in alerts(session)} == {("baseline", message.id)}


def test_there_is_no_second_summary(database: Database, now: datetime) -> None:
    backlog(database, now, 6)
    scan(database, now)
    with database.write() as session:
        for gid in "abcdefg":
            add(session, now, gid)
    scan(database, now + DAY)
    with database.read() as session:
        assert sorted(one.kind for one in messages(session)) == ["alert"] * 7 + ["baseline"]


def test_five_findings_are_no_backlog(database: Database, now: datetime) -> None:
    with database.write() as session:
        for gid in "abcde":
            add(session, now, gid)
    scan(database, now)
    with database.read() as session:
        assert [one.kind for one in messages(session)] == ["alert"] * 5


def test_an_empty_database_has_no_first_scan_yet(database: Database, now: datetime) -> None:
    scan(database, now)
    backlog(database, now, 6)
    scan(database, now + DAY)
    with database.read() as session:
        assert [one.kind for one in messages(session)] == ["baseline"]
        assert session.query(JobRun).one().name == "first_scan"


def test_nothing_is_told_before_the_first_walk_is_through(database: Database, now: datetime) -> None:
    with database.write() as session:
        session.add(SyncCursor(source="sendoso", started_at=now))
    backlog(database, now, 2)
    scan(database, now)
    with database.write() as session:
        for gid in "abcde":
            add(session, now, gid)
        session.get_one(SyncCursor, "sendoso").last_ok_at = now
    scan(database, now + timedelta(minutes=2))
    with database.read() as session:
        assert [(one.kind, one.body["count"]) for one in messages(session)] == [("baseline", 7)]


@pytest.mark.parametrize("error", [None, "401"])
def test_a_first_walk_that_never_ends_does_not_keep_alerts_back(
    database: Database, now: datetime, error: str | None,
) -> None:
    with database.write() as session:
        session.add(SyncCursor(source="sendoso", started_at=now, last_error=error))
        add(session, now, "a")
    report = scan(database, now) + scan(database, now + timedelta(hours=1))
    assert report.messages == 1


def test_two_replicas_open_each_alert_once(
    postgresql: Database, now: datetime, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scans, "BATCH", 7)
    no_backlog(postgresql, now)
    with postgresql.write() as session:
        for place in range(120):
            add(session, now, f"s{place}", campaign=f"Campaign {place % 3}")
        for place in range(20):
            add(session, now, f"u{place}", status="unknown", status_raw="Eaten")
    reports = list[ScanReport]()
    together(*[lambda: reports.append(scan(postgresql, now))] * 4)
    scan(postgresql, now)
    total = sum(reports, ScanReport())
    assert (total.checked, total.opened) == (140, 121)
    with postgresql.read() as session:
        found = alerts(session)
        assert len({one.key for one in found}) == len(found) == 121
        assert all(message_of(session, one) for one in found)
        kinds = [one.kind for one in messages(session)]
        assert (kinds.count("group"), kinds.count("notice"), kinds.count("alert")) == (3, 0, 2)
        assert len(events(session, "opened")) == 121


def test_of_replicas_one_reminds_of_what_goes_along_while_people_press(postgresql: Database, now: datetime) -> None:
    no_backlog(postgresql, now)
    with postgresql.write() as session:
        for place in range(40):
            add(session, now, f"s{place}", campaign="Autumn")
    scan(postgresql, now)
    with postgresql.write() as session:
        for minutes, row in enumerate(session.query(Notification).order_by(Notification.id)):
            # Told one after the other, so that some are due and the others nearly are.
            row.told_at = row.last_told_at = now + timedelta(minutes=minutes)
            row.next_at = row.told_at + DAY
        ids = [one.id for one in alerts(session)]
    later = now + DAY + timedelta(minutes=5)
    pressers = [partial(press_on, postgresql, later, "acknowledge", alert_id) for alert_id in (ids[2], ids[30])]
    together(*[partial(scan, postgresql, later)] * 4, *pressers)
    scan(postgresql, later)
    with postgresql.read() as session:
        replies = [one for one in messages(session) if one.thread_of is not None]
        assert len(replies) == 1
        reminded = set(replies[0].body["alerts"])
        assert set(ids) - {ids[2], ids[30]} <= reminded
        for alert_id in ids:
            (told,) = places(session, alert_id)
            assert (told.repeats, told.last_told_at == later) == ((1, True) if alert_id in reminded else (0, False))


def together(*tasks: Callable[[], object]) -> None:
    """Do all of it at the same time, as processes on one database would."""
    barrier, failures = Barrier(len(tasks)), list[Exception]()

    def run(task: Callable[[], object]) -> None:
        barrier.wait()
        try:
            task()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test is to fail with it
            failures.append(error)

    threads = [Thread(target=run, args=(task,)) for task in tasks]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failures == []


def test_a_scan_makes_as_many_statements_for_many_findings_as_for_few(sqlite: Database, now: datetime) -> None:
    no_backlog(sqlite, now)
    statements: list[str] = []
    event.listen(sqlite.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    counts = []
    for number in (3, 60):
        with sqlite.write() as session:
            for place in range(number):
                add(session, now, f"{number}-{place}", campaign=f"Campaign {number}")
        statements.clear()
        assert scan(sqlite, now).opened == number
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_a_report_adds_up_and_is_told_as_json() -> None:
    total = ScanReport(checked=1, opened=2) + ScanReport(checked=3, raised=1, messages=4)
    assert total.as_json() == {
        "checked": 4, "opened": 2, "raised": 1, "woken": 0, "resolved": 0, "settled": 0, "messages": 4,
    }


def test_a_message_already_gone_does_not_stop_a_snooze_from_ending(database: Database, now: datetime) -> None:
    with database.write() as session:
        add(session, now, "a")
    with database.write() as session:
        scans.run(session, now, RULES)  # opened, but not told yet
    with database.read() as session:
        found = alert(session, "a")
    press_on(database, now, "snooze", found.id, args={"until": now + DAY})
    with database.write() as session:
        assert scans.run(session, now + DAY, RULES).woken == 1
        assert session.query(Message).count() == 0
