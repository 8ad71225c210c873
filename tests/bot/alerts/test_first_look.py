"""Posting a first look can be taken back as a whole, as far as nobody has worked on its alerts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest

from bot.alerts.lifecycle import Code
from bot.alerts.permissions import Permissions
from bot.alerts.policy import ONCE, Escalation, Policy
from bot.alerts.press import press
from bot.alerts.pressed import Outcome
from bot.alerts.rulebook import Rulebook
from bot.alerts.scan import plan
from storage import alerts as stored
from storage import notifications, people
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
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


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


# --- a choice about the whole backlog -----------------------------------------------------------------


CHOICES = ("baseline_post", "baseline_settle")


@pytest.fixture
def undecided(database: Database, now: datetime) -> Message:
    """A first look with seven findings about which nobody has decided; two of the gifts are Ben's."""
    with database.write() as session:
        people.keep(session, user_id=BEN, now=now, email="ben@acme.com")
        for number in range(7):
            sender = "Ben@Acme.com" if number < 2 else "dee@acme.com"
            add(session, now, f"s{number}", campaign="Autumn", sender_email=sender)
    scan(database, now)
    with database.read() as session:
        (found,) = messages(session)
    return found


def ruled(**allowed: tuple[str, ...]) -> Rulebook:
    """Rules in which nobody but Ann is an admin."""
    routing = replace(RULES.routing, admins=(ANN,))
    return replace(RULES, routing=routing, permissions=Permissions(allowed=allowed))


def do(database: Database, now: datetime, action: str, message_id: int, user: str, rules: Rulebook) -> Outcome:
    with database.write() as session:
        return press(session, pressing(action, user, message_id=message_id), now, rules)


@pytest.mark.parametrize(("who", "said"), [
    (("sender",), "the admins of Sendwatch"),
    (("sender", "U03CHI", "S9"), "the admins of Sendwatch, <@U03CHI> or <!subteam^S9>"),
])
@pytest.mark.parametrize("action", CHOICES)
def test_who_may_decide_about_some_decides_about_none(
    database: Database, undecided: Message, now: datetime, action: str, who: tuple[str, ...], said: str,
) -> None:
    rules = ruled(**{action: who})
    refused = do(database, now, action, undecided.id, BEN, rules)
    assert refused.refused == (
        f"That is about all of these gifts at once, and some of them are not yours. It is for {said}."
    )
    assert refused.changed == 0
    with database.read() as session:
        assert messages(session)[0].body == undecided.body
        assert {message_of(session, one) for one in alerts(session)} == {undecided.id}
        assert {one.state for one in alerts(session)} == {"firing"}
        (row,) = events(session, "refused")
    assert (row.actor, row.detail["wanted"], row.detail["message"]) == (BEN, action, undecided.id)
    assert row.detail["who"] == ["admins", *(word for word in who if word != "sender")]
    # The choice is open still, for somebody who may decide about all.
    assert do(database, now, action, undecided.id, ANN, rules).changed == 7


@pytest.mark.parametrize("action", CHOICES)
def test_only_what_is_open_counts(database: Database, undecided: Message, now: datetime, action: str) -> None:
    with database.write() as session:
        for number in range(2, 7):
            move(session, now, f"s{number}", "delivered")
    scan(database, now)
    assert do(database, now, action, undecided.id, BEN, ruled(**{action: ("sender",)})).changed == 2


@pytest.mark.parametrize("action", CHOICES)
def test_a_choice_that_is_nobodys_is_said_to_be_for_admins(
    database: Database, undecided: Message, now: datetime, action: str,
) -> None:
    refused = do(database, now, action, undecided.id, "U09EVE", ruled(**{action: ("sender",)}))
    assert refused.refused == "You may not do that here. It is for the admins of Sendwatch."


@pytest.mark.parametrize("action", CHOICES)
def test_a_choice_is_taken_back_as_a_whole(
    database: Database, undecided: Message, now: datetime, action: str,
) -> None:
    rules = ruled(undo=("sender",))
    assert do(database, now, action, undecided.id, BEN, rules).changed == 7
    refused = do(database, now + MINUTE, "undo", undecided.id, BEN, rules)
    assert refused.refusal is not None
    assert (refused.refusal.code, refused.refusal.detail, refused.changed) == (Code.NOT_ALL, "admins", 0)
    assert body(database)["chosen_by"] == BEN
    assert do(database, now + MINUTE, "undo", undecided.id, BEN, ruled()).changed == 7
    assert "chosen" not in body(database)


def test_the_sender_of_all_of_them_may_decide(database: Database, now: datetime) -> None:
    with database.write() as session:
        people.keep(session, user_id=BEN, now=now, email="ben@acme.com")
        for number in range(7):
            add(session, now, f"s{number}", sender_email="ben@acme.com")
    scan(database, now)
    rules = ruled(baseline_post=("sender",), undo=("sender",))
    refused = do(database, now, "baseline_post", 1, "U09EVE", rules)
    assert refused.refused == "You may not do that here. It is for the sender of the gift."
    assert do(database, now, "baseline_post", 1, BEN, rules).changed == 7
    assert do(database, now, "undo", 1, BEN, rules).changed == 7


# --- an alert that only stands in the summary ---------------------------------------------------------


ESCALATING = replace(RULES, routing=replace(RULES.routing, policies={
    "default": Policy(repeat=(DAY,), escalate=(Escalation(after=2 * DAY, channel="C09BOSS"),)),
}))


@pytest.fixture
def waiting(database: Database, now: datetime) -> Message:
    """A first look with seven findings, by a policy that repeats and escalates."""
    with database.write() as session:
        for number in range(7):
            add(session, now, f"s{number}", campaign="Autumn")
    scan(database, now, ESCALATING)
    with database.read() as session:
        (found,) = messages(session)
    return found


def days_pass(database: Database, now: datetime, days: int) -> None:
    for day in range(1, days + 1):
        scan(database, now + day * DAY, ESCALATING)


@pytest.mark.parametrize("action", ["acknowledge", "assign", "resolve", "snooze"])
def test_what_is_undone_waits_for_the_choice_as_before(
    database: Database, waiting: Message, now: datetime, action: str,
) -> None:
    with database.read() as session:
        one = alert(session, "s0").id
    press_on(database, now, action, one, args={"until": now + 2 * HOUR} if action == "snooze" else {})
    press_on(database, now + MINUTE, "undo", one)
    days_pass(database, now, 9)
    with database.read() as session:
        assert [message.id for message in messages(session)] == [waiting.id]
        (place,) = places(session, one)
        assert (place.held, place.next_at, place.message_id, place.escalations) == ("baseline", None, waiting.id, 0)
    assert press_on_message(database, now + 9 * DAY, "baseline_post", waiting.id).changed == 7


def test_a_snooze_ends_with_an_alert_of_its_own(database: Database, waiting: Message, now: datetime) -> None:
    with database.read() as session:
        one = alert(session, "s0").id
    press_on(database, now, "snooze", one, args={"until": now + 2 * HOUR})
    (foreseen,) = plan_at(database, now + 2 * HOUR)
    assert foreseen.startswith("Order Received")
    before = wanted(database, waiting.id)
    assert scan(database, now + 2 * HOUR, ESCALATING).messages == 1
    with database.read() as session:
        shown = messages(session)[-1]
        (place,) = places(session, one)
    assert (shown.kind, shown.channel, shown.thread_of) == ("alert", "C01GIFTING", None)
    assert (place.message_id, place.reason, place.told_at) == (shown.id, "snooze_ended", now + 2 * HOUR)
    assert wanted(database, waiting.id) > before
    # From then on it is repeated and escalated as any other, and the choice is about the rest.
    scan(database, now + 2 * HOUR + 2 * DAY, ESCALATING)
    with database.read() as session:
        assert [one.channel for one in messages(session) if one.kind == "alert"] == ["C01GIFTING", "C09BOSS"]
    assert press_on_message(database, now + 3 * DAY, "baseline_settle", waiting.id).changed == 6


def test_once_the_others_are_decided_what_is_undone_is_told_by_itself(
    database: Database, waiting: Message, now: datetime,
) -> None:
    with database.read() as session:
        one, two = alert(session, "s0").id, alert(session, "s1").id
    press_on(database, now, "resolve", one)
    press_on_message(database, now, "baseline_settle", waiting.id)
    press_on(database, now + MINUTE, "undo", one)
    press_on(database, now + MINUTE, "undo", two)
    assert scan(database, now + MINUTE, ESCALATING).messages == 2
    with database.read() as session:
        assert [message.kind for message in messages(session)] == ["baseline", "alert", "alert"]
    # The choice itself can be taken back for the others still.
    assert press_on_message(database, now + 2 * MINUTE, "undo", waiting.id).changed == 5
    scan(database, now + 3 * MINUTE, ESCALATING)
    with database.read() as session:
        assert len(messages(session)) == 3


def wanted(database: Database, message_id: int) -> int:
    with database.read() as session:
        return session.get_one(Message, message_id).wanted_rev


def plan_at(database: Database, now: datetime) -> list[str]:
    with database.read() as session:
        return [one.text for one in plan(session, now, ESCALATING).messages]
