from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from bot.alerts.policy import Budget, Escalation, Policy
from bot.alerts.press import press
from bot.alerts.quiet_hours import QuietHours
from bot.alerts.routing import Match, Rule
from bot.alerts.rulebook import Rulebook
from storage import addresses, people
from storage import alerts as stored
from storage.engine import Database
from storage.models import Alert, Message, Mute, Notification, Send
from tests.bot.alerts.making import (
    DAY,
    RULES,
    add,
    alert,
    message_of,
    messages,
    move,
    no_backlog,
    places,
    press_on,
    press_on_message,
    pressing,
    scan,
)

HOUR = timedelta(hours=1)
OPEN = "C01GIFTING"


def ruled(*rules: Rule, **policies: Policy) -> Rulebook:
    return replace(RULES, routing=replace(RULES.routing, rules=rules, policies=policies))


def told(database: Database) -> list[tuple[str, str]]:
    """Kind and channel of every message that is no reply."""
    with database.read() as session:
        return [(one.kind, one.channel) for one in messages(session) if one.thread_of is None]


def replies(database: Database) -> list[dict[str, Any]]:
    with database.read() as session:
        return [one.body | {"channel": one.channel} for one in messages(session) if one.thread_of is not None]


def late(database: Database, now: datetime, *gids: str, **values: Any) -> None:  # noqa: ANN401 - columns of every type
    with database.write() as session:
        for gid in gids:
            add(session, now, gid, **values)


def test_a_rule_leads_to_its_channel_and_to_the_sender(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    rules = ruled(Rule(name="emea", match=Match(team=("emea",)), channel="C2", dm_sender=True, policy="slow"),
                  slow=Policy(name="slow", repeat=()))
    late(database, now, "a", team="EMEA", sender_email="Sam@Acme.com")
    late(database, now, "b", team="APAC")
    assert scan(database, now, rules).messages == 3
    assert sorted(told(database)) == [("alert", OPEN), ("alert", "C2"), ("alert", "mail:sam@acme.com")]
    with database.read() as session:
        here = places(session, alert(session, "a").id)
    assert [(one.route, one.policy["name"], one.next_at) for one in here] == [("emea", "slow", None)] * 2
    assert [one.told_at for one in here] == [now, now]


def test_a_press_is_seen_in_every_place(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    late(database, now, "a", sender_email="sam@acme.com")
    scan(database, now, ruled(Rule(name="all", channel="C2", dm_sender=True)))
    with database.read() as session:
        found, shown = alert(session, "a"), messages(session)
    press_on(database, now, "acknowledge", found.id)
    with database.read() as session:
        assert [(one.wanted_rev, one.priority) for one in messages(session)] == [(2, 10)] * len(shown)


def test_quiet_hours_hold_all_but_what_may_break_through(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    night = QuietHours(zone="UTC", start=time(14), end=time(20), except_for=frozenset({"needs_action"}))
    rules = ruled(default=Policy(quiet=night, repeat=()))
    late(database, now, "a", "b", campaign="One")
    late(database, now, "x", status="failed")
    assert scan(database, now, rules).messages == 1
    with database.read() as session:
        (row,) = places(session, alert(session, "a").id)
    assert (row.held, row.next_at, row.message_id) == ("quiet", now.replace(hour=20), None)
    assert scan(database, now + HOUR, rules).messages == 0
    # Another one joins them while it is quiet: in the morning the three are one message.
    late(database, now + HOUR, "c", campaign="One")
    scan(database, now + HOUR, rules)
    assert scan(database, now.replace(hour=20), rules).messages == 1
    assert told(database) == [("alert", OPEN), ("group", OPEN)]
    with database.read() as session:
        (row,) = places(session, alert(session, "a").id)
    assert (row.held, row.reason, row.told_at) == ("", "held_quiet", now.replace(hour=20))


def test_what_is_settled_in_the_night_is_never_told(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    rules = ruled(default=Policy(quiet=QuietHours(zone="UTC", start=time(14), end=time(20))))
    late(database, now, "a")
    scan(database, now, rules)
    with database.write() as session:
        move(session, now + HOUR, "a", "shipped")
    scan(database, now + HOUR, rules)
    scan(database, now.replace(hour=21), rules)
    assert told(database) == []


def test_a_backlog_waits_for_the_end_of_the_quiet(database: Database, now: datetime) -> None:
    rules = ruled(default=Policy(quiet=QuietHours(zone="UTC", start=time(14), end=time(20))))
    late(database, now, *"abcdefg")
    scan(database, now, rules)
    assert told(database) == []
    scan(database, now.replace(hour=20), rules)
    assert told(database) == [("baseline", OPEN)]


NIGHT = QuietHours(zone="UTC", start=time(14), end=time(20), except_for=frozenset({"needs_action"}))


def test_what_may_break_through_does_not_wait_with_the_backlog(database: Database, now: datetime) -> None:
    rules = ruled(default=Policy(quiet=NIGHT, repeat=()))
    late(database, now, *"abcdefg")
    late(database, now, "x", status="failed")
    assert scan(database, now, rules).messages == 1
    assert told(database) == [("alert", OPEN)]
    assert scan(database, now + HOUR, rules).messages == 0
    scan(database, now.replace(hour=20), rules)
    assert told(database) == [("alert", OPEN), ("baseline", OPEN)]
    with database.read() as session:
        assert len(stored.for_message(session, messages(session)[1].id)) == 7
        (row,) = places(session, alert(session, "a").id)
    assert (row.held, row.reason, row.next_at) == ("baseline", "", None)


def test_a_small_backlog_says_that_it_was_held_over_the_quiet(database: Database, now: datetime) -> None:
    rules = ruled(default=Policy(quiet=NIGHT, repeat=()))
    late(database, now, "a", "b")
    scan(database, now, rules)
    scan(database, now.replace(hour=20), rules)
    with database.read() as session:
        reasons = {places(session, alert(session, gid).id)[0].reason for gid in "ab"}
    assert (told(database), reasons) == ([("alert", OPEN)] * 2, {"held_quiet"})


def test_many_that_may_break_through_are_one_summary_that_grows(database: Database, now: datetime) -> None:
    rules = ruled(default=Policy(quiet=NIGHT, repeat=()))
    late(database, now, *"abcdefg")
    late(database, now, *"rstuvw", status="failed")
    assert scan(database, now, rules).messages == 1
    scan(database, now.replace(hour=20), rules)
    assert told(database) == [("baseline", OPEN)]
    with database.read() as session:
        assert len(stored.for_message(session, messages(session)[0].id)) == 13


def test_what_was_decided_in_the_night_is_decided(database: Database, now: datetime) -> None:
    rules = ruled(default=Policy(quiet=NIGHT, repeat=()))
    late(database, now, *"abcdefg", campaign="One")
    late(database, now, *"rstuvw", status="failed")
    scan(database, now, rules)
    with database.read() as session:
        summary = messages(session)[0].id
    assert press_on_message(database, now + HOUR, "baseline_settle", summary).changed == 6
    scan(database, now.replace(hour=20), rules)
    assert told(database) == [("baseline", OPEN), ("group", OPEN)]


def test_what_is_posted_in_the_night_is_posted(database: Database, now: datetime) -> None:
    rules = ruled(default=Policy(quiet=NIGHT, repeat=()))
    late(database, now, *"rstuvw", status="failed", campaign="Two")
    scan(database, now, rules)
    with database.write() as session:
        press(session, pressing("baseline_post", message_id=messages(session)[0].id), now + HOUR, rules)
    assert told(database) == [("baseline", OPEN), ("group", OPEN)]
    scan(database, now.replace(hour=20), rules)
    assert told(database) == [("baseline", OPEN), ("group", OPEN)]


def test_many_of_another_place_wait_for_the_end_of_the_quiet(database: Database, now: datetime) -> None:
    rules = ruled(
        Rule(name="all", channel="C2", policy="open"), default=Policy(quiet=NIGHT, repeat=()),
        open=Policy(name="open", repeat=()),
    )
    late(database, now, *"abcdefg")
    scan(database, now, rules)
    assert told(database) == []
    scan(database, now.replace(hour=20), rules)
    assert told(database) == [("baseline", OPEN)]


def test_reminders_come_at_growing_distances_until_somebody_acts(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    rules = ruled(default=Policy(repeat=(DAY, 2 * DAY)))
    late(database, now, "a")
    scan(database, now, rules)
    for hours in (23, 24, 25, 71, 72, 73, 119, 120):
        scan(database, now + hours * HOUR, rules)
    assert [one["text"].partition(":")[0] for one in replies(database)] == ["Reminder 1", "Reminder 2", "Reminder 3"]
    with database.read() as session:
        found = alert(session, "a")
        (row,) = places(session, found.id)
        message = messages(session)[0]
    assert (row.repeats, row.reason, row.next_at) == (3, "repeated", now + 7 * DAY)
    assert message.wanted_rev == 4, "the card says how often it was told"
    press_on(database, now + 6 * DAY, "acknowledge", found.id)
    scan(database, now + 7 * DAY, rules)
    scan(database, now + 30 * DAY, rules)
    assert len(replies(database)) == 3
    # Taken back, it fires again, and is brought up again in its time.
    press_on(database, now + 30 * DAY, "undo", found.id)
    scan(database, now + 30 * DAY, rules)
    assert len(replies(database)) == 3
    scan(database, now + 31 * DAY, rules)
    assert [one["text"].partition(":")[0] for one in replies(database)[3:]] == ["Reminder 1"]


def test_a_group_gets_one_reminder_with_the_true_count(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    rules = ruled(default=Policy(repeat=(DAY,)))
    late(database, now, "a", "b", "c", "d", campaign="One")
    scan(database, now, rules)
    with database.read() as session:
        found = alert(session, "a")
    press_on(database, now + HOUR, "acknowledge", found.id)
    scan(database, now + DAY, rules)
    (reply,) = replies(database)
    assert "3 alerts above still open" in reply["text"]


def test_whoever_gives_up_an_alert_after_weeks_has_nobody_called_for_those_weeks(
    database: Database, now: datetime,
) -> None:
    no_backlog(database, now)
    steps = (Escalation(after=2 * DAY, mention=("U7",)),)
    rules = ruled(default=Policy(repeat=(DAY,), escalate=steps))
    late(database, now, "a")
    scan(database, now, rules)
    with database.read() as session:
        found = alert(session, "a")
    press_on(database, now + HOUR, "assign", found.id)
    scan(database, now + 20 * DAY, rules)
    press_on(database, now + 20 * DAY, "undo", found.id)
    scan(database, now + 20 * DAY, rules)
    assert replies(database) == []
    scan(database, now + 21 * DAY, rules)
    scan(database, now + 22 * DAY, rules)
    assert [one["notice"] for one in replies(database)] == ["repeated", "escalated"]


def test_escalation_calls_people_and_tells_another_channel_and_the_sender(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    steps = (
        Escalation(after=DAY, mention=("U7", "S9")), Escalation(after=2 * DAY, channel="C9", dm_sender=True),
    )
    rules = ruled(default=Policy(repeat=(), escalate=steps))
    late(database, now, "a", sender_email="sam@acme.com")
    with database.write() as session:
        people.keep(session, user_id="U07SAM", email="sam@acme.com", now=now)
    scan(database, now, rules)
    scan(database, now + DAY, rules)
    (first,) = replies(database)
    assert (first["mention"], first["channel"], first["notice"]) == (["U7", "S9"], OPEN, "escalated")
    assert scan(database, now + 2 * DAY, rules).messages == 3
    second = replies(database)[1]
    assert "mention" not in second
    assert second["text"].endswith("It is now told to another channel and the sender, too.")
    assert "too" not in first["text"]
    assert told(database) == [("alert", OPEN), ("alert", "C9"), ("alert", "mail:sam@acme.com")]
    with database.read() as session:
        home, *others = places(session, alert(session, "a").id)
    assert (home.escalations, home.reason, home.next_at) == (2, "escalated", None)
    assert [(one.reason, one.policy["name"], one.next_at) for one in others] == [("escalated", "once", None)] * 2
    scan(database, now + 90 * DAY, rules)
    assert len(told(database)) == 3


def test_an_escalation_says_nothing_of_where_it_stands_and_of_whom_nobody_knows(
    database: Database, now: datetime,
) -> None:
    no_backlog(database, now)
    steps = (Escalation(after=DAY, dm_sender=True), Escalation(after=2 * DAY, channel=OPEN))
    rules = ruled(default=Policy(repeat=(), escalate=steps))
    late(database, now, "a", sender_email="sam@acme.com")
    for days in range(3):
        scan(database, now + days * DAY, rules)
    assert ["too" in one["text"] for one in replies(database)] == [False, False]


def test_a_sender_who_was_told_is_not_told_again_by_address(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    steps = (Escalation(after=DAY, dm_sender=True),)
    rules = ruled(Rule(name="all", channel="C2", dm_sender=True), default=Policy(repeat=(), escalate=steps))
    late(database, now, "a", sender_email="sam@acme.com")
    scan(database, now, rules)
    with database.write() as session:
        # What the delivery does when Slack has said who that is.
        people.keep(session, user_id="U07SAM", email="sam@acme.com", now=now)
        for row in session.query(Notification).filter_by(channel="mail:sam@acme.com"):
            row.channel = "U07SAM"
    scan(database, now + DAY, rules)
    with database.read() as session:
        assert [one.channel for one in places(session, alert(session, "a").id)] == ["C2", "U07SAM"]


def test_the_policy_is_the_one_that_was_in_force_when_it_was_routed(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    late(database, now, "a")
    scan(database, now, ruled(default=Policy(repeat=(DAY,))))
    scan(database, now + DAY, ruled(default=Policy(repeat=())))
    assert len(replies(database)) == 1


def test_missing_funds_hide_the_sends_that_wait_for_them(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    late(database, now, "f", status="insufficient_funds", campaign="One", team="EMEA")
    late(database, now, "a", "b", status="pending_approval", campaign="One", team="EMEA")
    late(database, now, "c", status="pending_approval", campaign="Two", team="EMEA")
    scan(database, now)
    assert len(told(database)) == 2
    with database.read() as session:
        (row,) = places(session, alert(session, "a").id)
        funds = alert(session, "f")
    assert (row.held, row.message_id) == ("inhibited", None)
    press_on(database, now + HOUR, "resolve", funds.id)
    assert scan(database, now + HOUR).messages == 2
    with database.read() as session:
        (row,) = places(session, alert(session, "a").id)
    assert row.reason == "held_inhibited"


def test_a_mute_holds_and_its_end_tells_again(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    late(database, now, "old", campaign="One")
    scan(database, now)
    with database.write() as session:
        session.add(Mute(
            scope="campaign", value="one", created_by="U1", created_at=now + HOUR, ends_at=now + 3 * DAY,
        ))
    late(database, now + HOUR, "new", campaign="One")
    scan(database, now + HOUR)
    scan(database, now + 2 * DAY)
    assert (len(told(database)), replies(database)) == (1, [])
    scan(database, now + 3 * DAY)
    assert len(told(database)) == 2
    (again,) = replies(database)
    assert again["text"].startswith("The mute has ended")
    with database.read() as session:
        assert [places(session, alert(session, gid).id)[0].reason for gid in ("old", "new")] == ["mute_ended"] * 2


def test_five_thousand_at_once_are_ten_messages(sqlite: Database, now: datetime) -> None:
    no_backlog(sqlite, now)
    late(sqlite, now, *(f"gid{number}" for number in range(5_000)))
    scan(sqlite, now)
    kinds = [kind for kind, _ in told(sqlite)]
    assert sorted(set(kinds)) == ["alert", "summary"]
    assert len(kinds) == 10
    with sqlite.read() as session:
        shown = session.scalars(select(Notification.message_id)).all()
        summary = session.query(Message).filter_by(kind="summary").one()
        assert len(shown) == 5_000
        assert None not in shown
        assert sum(one == summary.id for one in shown) == 4_991


def test_a_day_has_a_budget_and_its_summary_grows(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    budget = Budget(a_day=3, at_once=2)
    rules = replace(RULES, routing=replace(RULES.routing, budget=budget))
    late(database, now, "a", "b", "c")
    scan(database, now, rules)
    assert sorted(kind for kind, _ in told(database)) == ["alert", "alert", "summary"]
    # A while later there is room for one more of the day's three; then only the summary grows.
    late(database, now + HOUR, "d", "e")
    scan(database, now + HOUR, rules)
    assert sorted(kind for kind, _ in told(database)) == ["alert", "alert", "alert", "summary"]
    late(database, now + 2 * HOUR, "f")
    scan(database, now + 2 * HOUR, rules)
    with database.read() as session:
        summary = session.query(Message).filter_by(kind="summary").one()
        inside = {message_of(session, alert(session, gid)) == summary.id for gid in "cef"}
        assert (summary.wanted_rev, summary.body, inside) == (3, {"day": "2026-11-23"}, {True})
    # Tomorrow is another day; the budget counts by the calendar's zone.
    late(database, now + DAY, "g")
    scan(database, now + DAY, rules)
    assert told(database)[-1] == ("alert", OPEN)


def test_a_person_has_one_budget_before_and_after_slack_says_who_that_is(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    routing = replace(RULES.routing, rules=(Rule(name="all", dm_sender=True),), budget=Budget(a_day=2, at_once=2))
    rules = replace(RULES, routing=routing)
    for number in range(5):
        late(database, now, f"g{number}", sender_email="sam@acme.com", campaign=f"C{number}")
        scan(database, now, rules)
        with database.write() as session:
            # What the delivery does when Slack has said who that is.
            people.keep(session, user_id="U07SAM", email="sam@acme.com", now=now)
            addresses.move(session, "mail:sam@acme.com", "U07SAM", now)
    assert told(database) == [("alert", "U07SAM")] * 2 + [("summary", "U07SAM")]


def test_the_summary_can_be_acted_on_as_a_whole(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    rules = replace(RULES, routing=replace(RULES.routing, budget=Budget(at_once=0)))
    late(database, now, "a", "b", "c")
    scan(database, now, rules)
    with database.read() as session:
        (summary,) = messages(session)
    assert press_on_message(database, now, "acknowledge", summary.id).changed == 3


def test_an_alert_from_before_there_were_routes_takes_its_route_now(database: Database, now: datetime) -> None:
    no_backlog(database, now)
    with database.write() as session:
        send = add(session, now, "a", due_at=None)
        send.due_at = None
        found = Alert(key="old", send_id=send.id, rule="overdue", level="late", due_at=now, opened_at=now)
        session.add(found)
        session.flush()
        session.add(Notification(alert_id=found.id, channel="", next_at=now))
    scan(database, now, ruled(Rule(name="all", channel="C2")))
    assert told(database) == [("alert", "C2")]


def test_two_processes_tell_everything_once(postgresql: Database, now: datetime) -> None:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - only here

    no_backlog(postgresql, now)
    late(postgresql, now, *(f"g{number}" for number in range(40)), campaign="One")
    late(postgresql, now, *(f"s{number}" for number in range(4)))
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda _: scan(postgresql, now), range(4)))
    scan(postgresql, now)
    assert sum(report.opened for report in reports) == 44
    assert sorted(told(postgresql)) == [("alert", OPEN)] * 4 + [("group", OPEN)]
    with postgresql.read() as session:
        assert session.query(Send).filter(Send.due_at <= now).count() == 0
