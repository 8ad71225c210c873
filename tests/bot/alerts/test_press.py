from __future__ import annotations

from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest

from bot.alerts.lifecycle import Code
from bot.alerts.press import press
from bot.alerts.pressed import Outcome, Press
from storage.engine import Database
from storage.messages import PRESS_PRIORITY
from storage.models import Alert, Message, Send
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
    no_backlog,
    press_on,
    press_on_message,
    pressing,
    scan,
    the_send,
)

ANN, BEN, DEE = "U01ANN", "U02BEN", "U04DEE"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def one(database: Database, now: datetime) -> Alert:
    """An alert in the channel."""
    with database.write() as session:
        add(session, now, "a")
    scan(database, now)
    with database.read() as session:
        return alert(session, "a")


def fresh(database: Database) -> Alert:
    with database.read() as session:
        return alert(session, "a")


def test_a_press_changes_the_alert_is_recorded_and_has_the_message_drawn_first(
    database: Database, one: Alert, now: datetime,
) -> None:
    made = press_on(
        database, now, "acknowledge", one.id, team_id="T0DEMO", channel="C01GIFTING", message_ts="1.2", version=1,
    )
    assert made == Outcome(changed=1, alert_ids=(one.id,))
    assert (fresh(database).state, fresh(database).acknowledged_by, fresh(database).version) == ("acknowledged", ANN, 2)
    with database.read() as session:
        (event,) = events(session, "acknowledge")
        (message,) = messages(session)
    assert (event.actor, event.actor_name, event.team_id, event.channel) == (ANN, "u01ann", "T0DEMO", "C01GIFTING")
    assert event.occurred_at == now
    assert event.before == {"state": "firing", "version": 1}
    assert event.after == {
        "state": "acknowledged", "acknowledged_by": ANN, "acknowledged_at": now.isoformat(), "version": 2,
    }
    assert event.detail == {"press": event.dedupe_key, "message_ts": "1.2", "seen_version": 1}
    assert (message.wanted_rev, message.priority) == (2, PRESS_PRIORITY)


def test_a_second_press_is_answered_with_who_was_first_and_leaves_no_trace(
    database: Database, one: Alert, now: datetime,
) -> None:
    press_on(database, now, "acknowledge", one.id, BEN)
    refused = press_on(database, now + 3 * MINUTE, "acknowledge", one.id)
    assert (refused.changed, refused.refused) == (0, f"Already acknowledged by <@{BEN}> 3 minutes ago.")
    again = press_on(database, now + 3 * MINUTE, "acknowledge", one.id, BEN)
    assert again.refused == "You already acknowledged it 3 minutes ago."
    with database.read() as session:
        assert len(events(session, "acknowledge")) == 1
        assert messages(session)[0].wanted_rev == 2


def test_a_replayed_press_has_no_second_effect(database: Database, one: Alert, now: datetime) -> None:
    first = press_on(database, now, "snooze", one.id, dedupe_key="same", args={"until": now + DAY})
    again = press_on(database, now + MINUTE, "snooze", one.id, dedupe_key="same", args={"until": now + DAY})
    assert (first.changed, first.replayed, again.changed, again.replayed, again.refused) == (1, False, 0, True, None)
    with database.read() as session:
        assert len(events(session, "snooze")) == 1
    assert fresh(database).version == 2


def test_a_press_on_a_settled_alert_is_told_who_settled_it(database: Database, one: Alert, now: datetime) -> None:
    press_on(database, now, "resolve", one.id, BEN, args={"reason": "reshipped"})
    for action in ("acknowledge", "assign", "resolve", "support", "support_sent"):
        refused = press_on(database, now + 2 * timedelta(hours=1), action, one.id)
        assert refused.refused == f"Already resolved by <@{BEN}> 2 hours ago."
    after = fresh(database)
    assert (after.state, after.resolved_reason, after.version) == ("resolved", "reshipped", 2)


def test_a_press_on_what_the_scan_settled_says_so(database: Database, one: Alert, now: datetime) -> None:
    with database.write() as session:
        move(session, now, "a", "shipped")
    scan(database, now)
    refused = press_on(database, now + MINUTE, "acknowledge", one.id)
    assert refused.refused == "Already resolved by Sendwatch 1 minute ago. Now Shipped: the send moved on."


def test_an_alert_that_is_not_there(database: Database, now: datetime) -> None:
    gone = press_on(database, now, "acknowledge", 4711)
    assert gone.refusal is not None
    assert (gone.refusal.code, gone.changed) == (Code.GONE, 0)


def test_asking_for_the_meaning_is_recorded_and_nothing_else(database: Database, one: Alert, now: datetime) -> None:
    made = press_on(database, now, "meaning", one.id)
    assert (made.changed, made.refused, made.alert_ids) == (0, None, (one.id,))
    assert press_on(database, now, "meaning", one.id, dedupe_key="x").refused is None
    with database.read() as session:
        assert len(events(session, "meaning")) == 2
        assert messages(session)[0].wanted_rev == 1
    assert fresh(database).version == 1


def test_opening_the_draft_again_is_recorded_without_a_change(database: Database, one: Alert, now: datetime) -> None:
    assert press_on(database, now, "support", one.id).changed == 1
    assert press_on(database, now, "support", one.id).changed == 0
    assert press_on(database, now, "support_sent", one.id).changed == 1
    with database.read() as session:
        assert [one.action for one in events(session)] == ["opened", "support", "support", "support_sent"]
    assert (fresh(database).support_by, fresh(database).version) == (ANN, 3)


def test_undo_puts_back_what_was(database: Database, one: Alert, now: datetime) -> None:
    press_on(database, now, "assign", one.id)
    press_on(database, now, "resolve", one.id)
    press_on(database, now, "meaning", one.id, BEN)
    made = press_on(database, now + MINUTE, "undo", one.id)
    assert made.changed == 1
    back = fresh(database)
    assert (back.state, back.assignee, back.resolved_by, back.resolved_at, back.version) == (
        "acknowledged", ANN, None, None, 4,
    )


def test_a_second_undo_is_refused(database: Database, one: Alert, now: datetime) -> None:
    press_on(database, now, "acknowledge", one.id)
    press_on(database, now, "undo", one.id)
    assert press_on(database, now + MINUTE, "undo", one.id).refused == "You already undid it 1 minute ago."
    assert press_on(database, now + MINUTE, "undo", one.id, BEN).refused == f"Already undone by <@{ANN}> 1 minute ago."
    assert fresh(database).state == "firing"


def test_after_an_undo_the_press_before_it_can_be_undone(database: Database, one: Alert, now: datetime) -> None:
    press_on(database, now, "support", one.id)
    press_on(database, now, "support_sent", one.id)
    assert press_on(database, now, "undo", one.id, version=3).changed == 1
    # Pressed twice on the same look it is one undo; on the next look it goes further back.
    assert press_on(database, now, "undo", one.id, version=3).refused == "You already undid it just now."
    assert (fresh(database).state, fresh(database).assignee) == ("acknowledged", ANN)
    assert press_on(database, now, "undo", one.id, version=4).changed == 1
    assert (fresh(database).state, fresh(database).assignee, fresh(database).version) == ("firing", None, 5)
    assert press_on(database, now, "undo", one.id, version=5).refused == "You already undid it just now."


def test_what_another_undid_leaves_the_own_press_undoable(database: Database, one: Alert, now: datetime) -> None:
    press_on(database, now, "acknowledge", one.id, BEN)
    press_on(database, now, "assign", one.id, DEE)
    press_on(database, now, "undo", one.id, DEE)
    refused = press_on(database, now, "undo", one.id, DEE).refused
    assert refused == f"Only <@{BEN}>, who acknowledged it just now, can undo that."
    assert press_on(database, now, "undo", one.id, BEN).changed == 1
    assert (fresh(database).state, fresh(database).assignee) == ("firing", None)
    # What is pressed after an undo is the next to be undone again.
    press_on(database, now, "acknowledge", one.id, DEE)
    assert press_on(database, now, "undo", one.id, DEE).changed == 1
    assert press_on(database, now, "undo", one.id, DEE).refused == "You already undid it just now."


def test_only_the_own_last_press_can_be_undone(database: Database, one: Alert, now: datetime) -> None:
    press_on(database, now, "acknowledge", one.id, BEN)
    refused = press_on(database, now + MINUTE, "undo", one.id)
    assert refused.refused == f"Only <@{BEN}>, who acknowledged it 1 minute ago, can undo that."
    press_on(database, now, "assign", one.id)
    assert press_on(database, now, "undo", one.id, BEN).refusal is not None
    assert press_on(database, now, "undo", one.id).changed == 1


def test_an_untouched_alert_has_nothing_to_undo(database: Database, one: Alert, now: datetime) -> None:
    assert press_on(database, now, "undo", one.id).refused == "There is nothing of yours to undo here."


def test_undo_is_refused_once_the_send_has_moved_on(database: Database, one: Alert, now: datetime) -> None:
    press_on(database, now, "resolve", one.id)
    with database.write() as session:
        move(session, now, "a", "shipped")
    assert press_on(database, now, "undo", one.id).refused == "Too late to undo. The send has moved on."
    scan(database, now)
    assert press_on(database, now, "undo", one.id).refused == "Too late to undo. The send has moved on."


def test_undo_of_what_the_scan_has_settled_since_says_why(database: Database, one: Alert, now: datetime) -> None:
    press_on(database, now, "acknowledge", one.id)
    with database.write() as session:
        move(session, now, "a", "unknown", status_raw="<!channel> eaten")
    scan(database, now)
    refused = press_on(database, now, "undo", one.id).refused
    assert refused == "Too late to undo. Now “&lt;!channel&gt; eaten”: the send moved on."


def test_a_snooze_that_has_ended_while_it_was_overridden_is_told_when_it_comes_back(
    database: Database, one: Alert, now: datetime,
) -> None:
    press_on(database, now, "snooze", one.id, BEN, args={"until": now + timedelta(hours=2)})
    press_on(database, now + timedelta(hours=1), "acknowledge", one.id)
    scan(database, now + timedelta(hours=3))
    assert press_on(database, now + timedelta(hours=4), "undo", one.id).changed == 1
    assert scan(database, now + timedelta(hours=4)).woken == 1
    with database.read() as session:
        replies = [row for row in messages(session) if row.thread_of is not None]
        assert alert(session, "a").state == "firing"
    assert [row.body["text"] for row in replies] == [
        "The snooze has ended and nothing has moved: still Order Received for 8 days (Recipient a).",
    ]


def test_undoing_a_snooze_clears_its_end(database: Database, one: Alert, now: datetime) -> None:
    press_on(database, now, "snooze", one.id, args={"until": now + DAY})
    press_on(database, now, "undo", one.id)
    assert (fresh(database).state, fresh(database).snoozed_until, fresh(database).snoozed_by) == ("firing", None, None)
    assert scan(database, now + DAY).woken == 0


def race(database: Database, now: datetime, *presses: Press) -> list[Outcome]:
    """All presses at once, each in a process of its own as far as the database can tell."""
    barrier, outcomes = Barrier(len(presses)), []

    def go(one: Press) -> None:
        barrier.wait()
        with database.write() as session:
            outcomes.append(press(session, one, now, RULES))

    people = [Thread(target=go, args=(one,)) for one in presses]
    for one in people:
        one.start()
    for one in people:
        one.join()
    return outcomes


def test_of_two_people_at_once_one_wins_and_the_other_is_told(database: Database, one: Alert, now: datetime) -> None:
    outcomes = race(database, now, *(
        pressing("acknowledge", user, alert_ids=(one.id,)) for user in (ANN, BEN, "U03CHI", "U04DEE")
    ))
    assert sorted(made.changed for made in outcomes) == [0, 0, 0, 1]
    winner = fresh(database).acknowledged_by
    assert {made.refused for made in outcomes if made.refused} == {f"Already acknowledged by <@{winner}> just now."}
    with database.read() as session:
        assert len(events(session, "acknowledge")) == 1


def test_one_press_delivered_several_times_at_once(database: Database, one: Alert, now: datetime) -> None:
    outcomes = race(database, now, *(
        pressing("acknowledge", alert_ids=(one.id,), dedupe_key="same") for _ in range(4)
    ))
    assert sorted((made.changed, made.replayed) for made in outcomes) == [(0, True)] * 3 + [(1, False)]
    assert fresh(database).version == 2


def test_a_scan_and_presses_at_once_leave_one_history(postgresql: Database, now: datetime) -> None:
    with postgresql.write() as session:
        for place in range(30):
            add(session, now, f"s{place}", campaign="Autumn", since=now - 6 * DAY)
    no_backlog(postgresql, now - DAY)
    scan(postgresql, now)
    with postgresql.read() as session:
        found = alerts(session)
    later = now + 3 * DAY
    barrier = Barrier(3)
    presses = [pressing("acknowledge", ANN, alert_ids=(one.id,)) for one in found]

    def person(some: list[Press]) -> None:
        barrier.wait()
        for each in some:
            with postgresql.write() as session:
                press(session, each, later, RULES)

    def scanner() -> None:
        barrier.wait()
        scan(postgresql, later)

    threads = [Thread(target=person, args=(some,)) for some in (presses, presses[::-1])] + [Thread(target=scanner)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with postgresql.read() as session:
        for one in alerts(session):
            own = [event for event in events(session) if event.alert_id == one.id]
            assert [event.after["version"] for event in own] == list(range(1, one.version + 1))


@pytest.fixture
def group(database: Database, now: datetime) -> Message:
    """A message of four alerts of one campaign."""
    no_backlog(database, now)
    with database.write() as session:
        for gid in "abcd":
            add(session, now, gid, campaign="Autumn")
    scan(database, now)
    with database.read() as session:
        (found,) = messages(session)
    return found


def test_a_press_on_a_group_acts_on_all_that_are_open(database: Database, group: Message, now: datetime) -> None:
    with database.read() as session:
        first, *rest = alerts(session)
    press_on(database, now, "resolve", first.id, BEN)
    made = press_on_message(database, now, "acknowledge", group.id)
    assert (made.changed, set(made.alert_ids)) == (3, {one.id for one in rest})
    with database.read() as session:
        assert sorted(one.state for one in alerts(session)) == ["acknowledged"] * 3 + ["resolved"]
        whole, *single = events(session, "acknowledge")
        assert (whole.alert_id, whole.detail["message"], whole.detail["changed"]) == (None, group.id, 3)
        assert len({event.dedupe_key for event in single}) == 3
        assert messages(session)[0].wanted_rev == 3


def test_a_press_on_a_group_where_nothing_is_left(database: Database, group: Message, now: datetime) -> None:
    press_on_message(database, now, "resolve", group.id, BEN)
    refused = press_on_message(database, now + MINUTE, "resolve", group.id)
    assert refused.refused == f"Already resolved by <@{BEN}> 1 minute ago."
    assert press_on_message(database, now, "resolve", 4711).refused == "Everything here is settled already."


def test_a_replayed_press_on_a_group(database: Database, group: Message, now: datetime) -> None:
    press_on_message(database, now, "resolve", group.id, dedupe_key="same")
    assert press_on_message(database, now, "resolve", group.id, dedupe_key="same").replayed


def test_undo_on_a_group_takes_back_what_the_last_press_did(database: Database, group: Message, now: datetime) -> None:
    with database.read() as session:
        first, *_ = alerts(session)
    press_on(database, now, "acknowledge", first.id)
    press_on_message(database, now, "resolve", group.id)
    assert press_on_message(database, now, "undo", group.id, BEN).refusal is not None
    assert press_on_message(database, now, "undo", group.id).changed == 4
    with database.read() as session:
        assert sorted(one.state for one in alerts(session)) == ["acknowledged", "firing", "firing", "firing"]
    assert press_on_message(database, now, "undo", group.id).refusal is not None


def _version(database: Database) -> int:
    """As a button of a message is drawn that shows all alerts."""
    with database.read() as session:
        return sum(one.version for one in alerts(session))


def _states(database: Database) -> list[str]:
    with database.read() as session:
        return [one.state for one in alerts(session)]


def test_undo_on_a_group_goes_back_press_by_press(database: Database, group: Message, now: datetime) -> None:
    with database.read() as session:
        first, *_ = alerts(session)
    press_on(database, now, "acknowledge", first.id)
    press_on_message(database, now, "assign", group.id)
    press_on_message(database, now, "resolve", group.id)
    seen = _version(database)
    assert press_on_message(database, now, "undo", group.id, version=seen).changed == 4
    assert set(_states(database)) == {"acknowledged"}
    # Pressed twice on the same look it is one undo.
    again = press_on_message(database, now, "undo", group.id, version=seen)
    assert again.refused == "You already undid it just now."
    assert press_on_message(database, now, "undo", group.id, version=_version(database)).changed == 4
    assert _states(database) == ["acknowledged", "firing", "firing", "firing"]
    assert press_on_message(database, now, "undo", group.id, version=_version(database)).changed == 1
    assert set(_states(database)) == {"firing"}
    nothing = press_on_message(database, now, "undo", group.id, version=_version(database))
    assert nothing.refused == "You already undid it just now."


def test_what_was_undone_of_one_alert_does_not_hide_what_was_done_to_all(
    database: Database, group: Message, now: datetime,
) -> None:
    with database.read() as session:
        first, *_ = alerts(session)
    press_on(database, now, "acknowledge", first.id)
    press_on(database, now, "undo", first.id)
    press_on(database, now, "resolve", first.id, BEN)
    press_on_message(database, now, "acknowledge", group.id)
    press_on(database, now, "undo", first.id, BEN)
    assert _states(database) == ["firing", *["acknowledged"] * 3]
    assert press_on_message(database, now, "undo", group.id, version=_version(database)).changed == 3
    assert set(_states(database)) == {"firing"}


def test_undo_on_a_group_by_another_names_who_did_the_last_press(
    database: Database, group: Message, now: datetime,
) -> None:
    with database.read() as session:
        first, second, *_ = alerts(session)
    press_on(database, now, "resolve", first.id, BEN)
    # The other alerts have nobody who did anything.
    refused = press_on_message(database, now + MINUTE, "undo", group.id, DEE)
    assert refused.refused == f"Only <@{BEN}>, who resolved alerts of this message 1 minute ago, can undo that."
    assert refused.refusal is not None
    assert refused.refusal.people == (BEN,)
    press_on(database, now + MINUTE, "acknowledge", second.id)
    refused = press_on_message(database, now + 2 * MINUTE, "undo", group.id, DEE)
    assert refused.refused == f"Only <@{ANN}>, who acknowledged alerts of this message 1 minute ago, can undo that."
    # Whoever did something takes back what is theirs.
    assert press_on_message(database, now + 3 * MINUTE, "undo", group.id, BEN).changed == 1


def test_what_the_scan_settled_last_does_not_hide_who_pressed(
    database: Database, group: Message, now: datetime,
) -> None:
    with database.read() as session:
        gid = alerts(session)[0].send_id
    assert gid is not None
    press_on_message(database, now, "acknowledge", group.id)
    with database.write() as session:
        move(session, now, session.get_one(Send, gid).send_gid, "shipped")
    scan(database, now + MINUTE)
    refused = press_on_message(database, now + 2 * MINUTE, "undo", group.id, BEN)
    assert refused.refused == f"Only <@{ANN}>, who acknowledged alerts of this message 2 minutes ago, can undo that."


def test_undo_on_an_untouched_group(database: Database, group: Message, now: datetime) -> None:
    assert press_on_message(database, now, "undo", group.id).refused == "There is nothing of yours to undo here."


@pytest.fixture
def summary(database: Database, now: datetime) -> Message:
    """A first look with seven findings: four of one campaign, and three of others."""
    with database.write() as session:
        for place in range(4):
            add(session, now, f"s{place}", campaign="Autumn")
        for gid in "xyz":
            add(session, now, gid)
    scan(database, now)
    with database.read() as session:
        (found,) = messages(session)
    return found


def body(database: Database) -> dict[str, Any]:
    with database.read() as session:
        return messages(session)[0].body


def test_posting_a_first_look_makes_the_usual_messages_of_what_is_open(
    database: Database, summary: Message, now: datetime,
) -> None:
    with database.read() as session:
        done = alert(session, "x")
    press_on(database, now, "resolve", done.id)
    made = press_on_message(database, now, "baseline_post", summary.id, channel="C01GIFTING")
    assert (made.changed, made.refused) == (6, None)
    with database.read() as session:
        first, *others = messages(session)
        assert sorted(one.kind for one in others) == ["alert", "alert", "group"]
        assert {one.channel for one in others} == {"C01GIFTING"}
        assert message_of(session, alert(session, "x")) == summary.id
        assert message_of(session, alert(session, "y")) != summary.id
        whole, *each = events(session, "baseline_post")
        assert (whole.alert_id, whole.detail["changed"], len(each)) == (None, 6, 6)
        assert all(one.before == one.after == {"state": "firing", "version": 1} for one in each)
    assert first.wanted_rev > summary.wanted_rev
    assert body(database) == {
        "count": 6, "by_rule": {"support": 6}, "chosen": "post", "chosen_by": ANN, "chosen_at": now.isoformat(),
    }


def test_settling_a_first_look_resolves_everything(database: Database, summary: Message, now: datetime) -> None:
    assert press_on_message(database, now, "baseline_settle", summary.id).changed == 7
    with database.read() as session:
        assert {(one.state, one.resolved_by, one.resolved_reason) for one in alerts(session)} == {
            ("resolved", ANN, "baseline"),
        }
        assert len(events(session, "baseline_settle")) == 8
        assert len(messages(session)) == 1
    assert body(database)["chosen"] == "settle"
    assert scan(database, now + 30 * DAY).opened == 0


@pytest.mark.parametrize("second", ["baseline_post", "baseline_settle"])
@pytest.mark.parametrize("first", ["baseline_post", "baseline_settle"])
def test_the_choice_is_made_once(
    database: Database, summary: Message, now: datetime, first: str, second: str,
) -> None:
    press_on_message(database, now, first, summary.id, BEN)
    refused = press_on_message(database, now + MINUTE, second, summary.id)
    assert refused.refused == f"Already decided by <@{BEN}> 1 minute ago."


def test_two_people_choose_at_once(database: Database, summary: Message, now: datetime) -> None:
    outcomes = race(
        database, now,
        pressing("baseline_post", ANN, message_id=summary.id), pressing("baseline_settle", BEN, message_id=summary.id),
    )
    assert sorted(made.changed for made in outcomes) == [0, 7]


def test_one_choice_delivered_twice_at_once(database: Database, summary: Message, now: datetime) -> None:
    outcomes = race(database, now, *(
        pressing("baseline_post", message_id=summary.id, dedupe_key="same") for _ in range(3)
    ))
    assert sorted((made.changed, made.replayed) for made in outcomes) == [(0, True), (0, True), (7, False)]


def test_settling_can_be_undone_and_chosen_anew(database: Database, summary: Message, now: datetime) -> None:
    press_on_message(database, now, "baseline_settle", summary.id)
    assert press_on_message(database, now, "undo", summary.id).changed == 7
    assert body(database) == summary.body
    assert press_on_message(database, now, "baseline_post", summary.id).changed == 7


def test_a_choice_where_nothing_is_open_or_no_summary_is(database: Database, summary: Message, now: datetime) -> None:
    press_on_message(database, now, "resolve", summary.id)
    assert press_on_message(database, now, "baseline_post", summary.id).refused == "Everything here is settled already."
    gone = press_on_message(database, now, "baseline_settle", 4711)
    assert gone.refused == "Sendwatch does not know this alert any more."


def test_the_press_that_takes_up_a_woken_send_leaves_its_due_time_in_order(
    database: Database, one: Alert, now: datetime,
) -> None:
    press_on(database, now, "snooze", one.id, args={"until": now + DAY})
    press_on(database, now, "acknowledge", one.id)
    assert scan(database, now).checked == 1
    with database.read() as session:
        assert the_send(session, "a").due_at is None


@pytest.mark.parametrize(("first", "late", "told"), [
    (("assign", {}), ("assign", {}), "Already taken on by <@U02BEN> just now."),
    (("assign", {}), ("assign", {"assignee": "U04DEE"}), "Already taken on by <@U02BEN> just now."),
    (("assign", {"assignee": "U04DEE"}), ("assign", {}), "Already assigned to <@U04DEE> by <@U02BEN> just now."),
    (("snooze", {"until": 72}), ("snooze", {"until": 2}), "Already snoozed by <@U02BEN> just now."),
    (("snooze", {"until": 72}), ("acknowledge", {}), "Already snoozed by <@U02BEN> just now."),
    (("snooze", {"until": 72}), ("assign", {}), "Already snoozed by <@U02BEN> just now."),
    (("acknowledge", {}), ("snooze", {"until": 2}), "Already acknowledged by <@U02BEN> just now."),
    (("acknowledge", {}), ("assign", {}), None),
    (("acknowledge", {}), ("resolve", {}), None),
    (("snooze", {"until": 72}), ("resolve", {}), None),
    (("assign", {}), ("support", {}), None),
])
def test_who_presses_on_an_old_look_takes_nothing_from_who_was_first(
    database: Database, now: datetime, one: Alert, first: tuple[str, dict[str, Any]], late: tuple[str, dict[str, Any]],
    told: str | None,
) -> None:
    def args(given: dict[str, Any]) -> dict[str, Any]:
        return {name: now + timedelta(hours=of) if name == "until" else of for name, of in given.items()}

    seen = one.version
    assert press_on(database, now, first[0], one.id, "U02BEN", version=seen, args=args(first[1])).changed == 1
    was = fresh(database)
    outcome = press_on(database, now, late[0], one.id, "U01ANN", version=seen, args=args(late[1]))
    assert outcome.refused == told
    if told is None:
        return
    stands = fresh(database)
    assert (stands.version, stands.state, stands.assignee, stands.snoozed_until) == (
        was.version, was.state, was.assignee, was.snoozed_until,
    )
    # Knowing what was done, anybody may change it.
    again = press_on(database, now, late[0], one.id, "U01ANN", version=was.version, args=args(late[1]))
    assert (again.changed, again.refused) == (1, None)


def test_ones_own_earlier_press_is_no_other(database: Database, now: datetime, one: Alert) -> None:
    until = now + timedelta(hours=3)
    seen = one.version
    assert press_on(database, now, "snooze", one.id, version=seen, args={"until": until}).changed == 1
    later = press_on(database, now, "snooze", one.id, version=seen, args={"until": until + timedelta(hours=1)})
    assert (later.changed, later.refused) == (1, None)


def test_what_was_undone_since_is_in_nobodys_way(database: Database, now: datetime, one: Alert) -> None:
    seen = one.version
    assert press_on(database, now, "assign", one.id, "U02BEN", version=seen).changed == 1
    assert press_on(database, now, "undo", one.id, "U02BEN", version=seen + 1).changed == 1
    assert press_on(database, now, "assign", one.id, version=seen).changed == 1


def test_who_is_given_all_works_on_all_and_who_gave_it_may_think_better(
    database: Database, group: Message, now: datetime,
) -> None:
    assert press_on_message(database, now, "assign", group.id, BEN, args={"assignee": DEE}).changed == 4
    until = {"until": now + timedelta(hours=2)}
    refused = press_on_message(database, now, "snooze", group.id, ANN, args=until)
    assert refused.refused == f"Already acknowledged by <@{BEN}> just now."
    assert press_on_message(database, now, "snooze", group.id, DEE, args=until).changed == 4
    assert press_on_message(database, now, "undo", group.id, DEE, version=_version(database)).changed == 4
    # A third person leaves it; the one who assigned it does not have to.
    refused = press_on_message(database, now, "assign", group.id, ANN, args={"assignee": ANN})
    assert refused.refused == f"Already assigned to <@{DEE}> by <@{BEN}> just now."
    assert press_on_message(database, now, "assign", group.id, BEN, args={"assignee": ANN}).changed == 4


@pytest.mark.parametrize(("action", "args", "told"), [
    ("acknowledge", {}, "Done with 1 alert. Another one is left as it is: <@U02BEN> took care of it."),
    ("assign", {}, "Done with 2 alerts. 2 others are left as they are: <@U02BEN> and <@U04DEE> took care of them."),
    (
        "snooze", {"until": 2},
        "Done with 1 alert. 3 others are left as they are: <@U02BEN>, <@U04DEE> and <@U05CHI> took care of them.",
    ),
    ("resolve", {}, None),
])
def test_all_is_all_that_no_colleague_has_decided_about(
    database: Database, now: datetime, action: str, args: dict[str, int], told: str | None,
) -> None:
    with database.write() as session:
        for name in "abcd":
            add(session, now, name, campaign="One")
    scan(database, now)
    with database.read() as session:
        snoozed, assigned, acknowledged, free = (alert(session, name) for name in "abcd")
        message = messages(session)[0].id
    press_on(database, now, "snooze", snoozed.id, "U02BEN", args={"until": now + timedelta(days=3)})
    press_on(database, now, "assign", assigned.id, "U04DEE")
    press_on(database, now, "acknowledge", acknowledged.id, "U05CHI")
    given = {name: now + timedelta(hours=of) for name, of in args.items()}
    outcome = press_on_message(database, now, action, message, args=given)
    assert outcome.partly == told
    with database.read() as session:
        states = {name: alert(session, name) for name in "abcd"}
    assert free.id == states["d"].id
    if told is not None:
        assert (states["a"].state, states["a"].snoozed_until) == ("snoozed", now + timedelta(days=3))
        assert states["b"].assignee == "U04DEE"
