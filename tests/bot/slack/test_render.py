"""Each kind of message, drawn from what stands in the database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.delivery.payload import File, Links
from bot.slack.blocks.text import stamp
from bot.slack.render import render
from storage.engine import Database
from storage.models import Message, Notification
from tests.bot.slack import gate
from tests.bot.slack.conftest import add_alert, add_message, add_send
from tests.bot.slack.harness import buttons, words
from tests.conftest import NOW


def drawn(database: Database, message_id: int) -> dict[str, Any] | None:
    with database.read() as session:
        found = render(session, session.get_one(Message, message_id), NOW)
    assert not isinstance(found, File | Links)
    if found is None:
        return None
    told = {"text": found.text, "blocks": found.blocks}
    assert gate.problems(told) == []
    return told


def shown(database: Database, message_id: int) -> dict[str, Any]:
    found = drawn(database, message_id)
    assert found is not None
    return found


def test_an_alert(database: Database) -> None:
    message = add_message(database)
    add_alert(database, add_send(database), message)
    told = shown(database, message)
    assert list(buttons(told)) == [
        "Acknowledge", "Assign to me", "Snooze", "Mute …", "Resolve", "Contact Support", "What does this mean?",
        "Track",
    ]
    assert buttons(told)["Acknowledge"]["accessibility_label"] == "Acknowledge the alert about Jane Doe's gift"
    said = told["text"]
    for part in ("Order Received for 8 days", "For: Jane Doe, Acme\n", "From: Ann Lopez, Marketing Ops",
                 "Why now: In Order Received for more than 7 days", "This is the first alert", "Next: ", "To do: ",
                 "Limit: 7 days · Source: Send Tracker article", "Campaign: Q4 thank-you, Inventoried Sends · Custom"):
        assert part in said


@pytest.mark.parametrize(("changes", "line", "left"), [
    ({"state": "acknowledged", "acknowledged_by": "U1A", "acknowledged_at": NOW}, "Acknowledged by <@U1A>",
     ["Assign to me", "Snooze", "Mute …", "Resolve", "Contact Support", "What does this mean?", "Undo", "Track"]),
    ({"state": "acknowledged", "acknowledged_by": "U1A", "assignee": "U2B"}, "Assigned to <@U2B>", None),
    ({"state": "acknowledged", "acknowledged_by": "U1A", "acknowledged_at": NOW, "assignee": "U1A"},
     "Assigned to <@U1A>, <!date^1795446000", None),
    ({"state": "acknowledged", "support_by": "U1A", "support_at": NOW}, "Support contacted by <@U1A>", None),
    ({"reason": "raised", "support_by": "U1A", "support_at": NOW}, "Support knows of it already", None),
    ({"state": "snoozed", "snoozed_by": "U1A", "snoozed_until": NOW + timedelta(hours=1)},
     "Snoozed until <!date^1795449600",
     ["Acknowledge", "Change snooze", "Resolve", "What does this mean?", "Undo", "Track"]),
    ({"state": "resolved", "resolved_by": "U1A", "resolved_at": NOW, "resolved_reason": "told Jane"},
     "told Jane", ["What does this mean?", "Undo", "Track"]),
    ({"state": "resolved", "resolved_by": "scan", "resolved_at": NOW, "resolved_reason": "Now Shipped."},
     "Resolved by itself", ["What does this mean?", "Track"]),
    ({"state": "resolved", "resolved_by": "U1A", "resolved_reason": "baseline"}, "left alone", None),
    ({"reason": "raised"}, "passed the next limit", None), ({"reason": "snooze_ended"}, "snooze has ended", None),
    ({"reason": "reopened"}, "reopened", None), ({"reason": "baseline"}, "when Sendwatch first looked", None),
    ({"rule": "expiring", "level": "2d", "status": "opened",
      "threshold": {"words": "2 days", "ends_at": "2026-11-25T15:00:00+00:00", "assumed": True}},
     "(assumed)", None),
    ({"rule": "expiring", "level": "1d", "status": "confirming_address", "threshold": {"ends_at": "x"}},
     "address confirmation ends within 1 day", None),
    ({"rule": "expired", "status": "expired"}, "Expired: the offer is over", None),
    ({"rule": "needs_action", "status": "failed", "threshold": {"words": "at once"}},
     "Failed: somebody must act", None),
    ({"rule": "unknown_status", "status": "unknown", "status_raw": "Lost <!here>"}, "“Lost <\u2060!here>”", None),
])
def test_every_state(sqlite: Database, changes: dict[str, Any], line: str, left: list[str] | None) -> None:
    message = add_message(sqlite)
    add_alert(sqlite, add_send(sqlite), message, **changes)
    told = shown(sqlite, message)
    assert line in words(told)
    if left is not None:
        assert list(buttons(told)) == left


@pytest.mark.parametrize("contacted", [{}, {"support_by": "U1A", "support_at": NOW}])
def test_nobody_is_told_to_contact_support_as_if_nobody_had(sqlite: Database, contacted: dict[str, Any]) -> None:
    message = add_message(sqlite)
    add_alert(sqlite, add_send(sqlite), message, reason="raised", **contacted)
    said = words(shown(sqlite, message))
    assert ("Contact Sendoso Support now." in said) is (not contacted)
    assert ("*Next:* You, with" in said) is (not contacted)


@pytest.mark.parametrize("contacted", [{}, {"support_by": "U1A", "support_at": NOW}])
def test_a_group_says_so_too(sqlite: Database, contacted: dict[str, Any]) -> None:
    message = add_message(sqlite, "group")
    for number in range(1, 4):
        add_alert(sqlite, add_send(sqlite, number), message, **(contacted if number == 1 else {}))
    said = words(shown(sqlite, message))
    assert ("Support knows of some of those over the limit" in said) is bool(contacted)


def test_an_alert_about_the_bot_itself(sqlite: Database) -> None:
    message = add_message(sqlite, "notice", channel="U01ANN", body={"alert": 1, "text": "x"})
    alert = add_alert(
        sqlite, None, message, rule="stale_data", status="", status_raw="", status_since=NOW, why="No sync has worked.",
    )
    told = shown(sqlite, message)
    assert "No fresh data from Sendoso" in words(told)
    assert list(buttons(told)) == ["Acknowledge", "Assign to me", "Snooze", "Mute …", "Resolve"]
    copy = add_message(sqlite, "notice", channel="U02BEN", body={"alert": alert, "text": "x"})
    with sqlite.write() as session:
        session.add(Notification(alert_id=alert, channel="U02BEN", message_id=copy))
    assert words(shown(sqlite, copy)) == words(told)


def test_notices_are_words_only(sqlite: Database) -> None:
    message = add_message(sqlite, "notice", body={"text": "Posting fails: <!channel> *x*\nNothing is lost."})
    assert shown(sqlite, message)["text"] == "Posting fails: &lt;!channel&gt; ∗x∗\nNothing is lost."  # noqa: RUF001 - the look-alike
    reply = add_message(sqlite, "notice", body={"text": "The snooze has ended.", "alert": 1}, thread_of="a")
    assert shown(sqlite, reply)["text"] == "The snooze has ended."
    assert drawn(sqlite, add_message(sqlite, "notice", body={"alert": 404})) is None


def test_a_group_counts_truly_and_shows_the_longest(database: Database) -> None:
    message = add_message(database, "group")
    for number in range(1, 13):
        send = add_send(database, number, recipient_name=f"Person {number:02}")
        state = {"state": "resolved", "resolved_by": "U1A"} if number < 3 else {}
        add_alert(
            database, send, message, level="late", status_since=NOW - timedelta(days=number), opened_at=NOW, **state,
        )
    told = shown(database, message)
    seen = words(told)
    assert "🔔 10 gifts are late: Q4 thank-you" in seen
    assert "*To do:*" in seen
    assert "10 open, 2 resolved" in seen
    assert seen.index("Person 12") < seen.index("Person 08")
    assert "Person 07" not in seen
    assert "…and 5 more open, 2 more resolved" in seen
    assert "Resolved by <@U1A> (2)" in seen
    assert list(buttons(told)) == [
        "Show all", "Acknowledge all", "Assign all …", "Snooze all", "Mute …", "Resolve all", "Undo",
    ]
    assert buttons(told)["Assign all …"]["accessibility_label"] == "Assign 10 open alerts of this message"
    assert buttons(told)["Resolve all"]["confirm"]["text"]["text"].startswith("This resolves 10 alerts.")


def test_a_group_says_whose_its_alerts_are_and_what_is_put_off(database: Database) -> None:
    message = add_message(database, "group")
    taken: list[dict[str, Any]] = [
        {"state": "acknowledged", "acknowledged_by": "U1A", "assignee": "U2B"},
        {"state": "snoozed", "snoozed_by": "U3C", "snoozed_until": NOW + timedelta(hours=2)},
        {"state": "snoozed", "snoozed_by": "U3C", "snoozed_until": NOW + timedelta(hours=5), "assignee": "U2B"},
        {"state": "acknowledged", "acknowledged_by": "U1A"},
        {},
    ]
    for number, values in enumerate(taken, 1):
        send = add_send(database, number, recipient_name=f"Person {number}")
        add_alert(database, send, message, level="late", status_since=NOW - timedelta(days=9), **values)
    seen = words(shown(database, message))
    lines = [line for line in seen.splitlines() if line.startswith("• ")]
    # Of what nobody has taken care stands first.
    assert "Person 5" in lines[0]
    assert lines[0].endswith("Order Received for 9 days")
    assert lines[1].endswith("Order Received for 9 days · assigned to <@U2B>")
    assert "for 9 days · snoozed until <!date^" in lines[2]
    assert lines[4].endswith("· acknowledged by <@U1A>")
    assert "Acknowledged by <@U1A> (2)" in seen
    assert "Assigned to <@U2B> (1)" in seen
    assert f"Snoozed until {stamp(NOW + timedelta(hours=5))} at most by <@U3C> (2)" in seen


def test_a_summary_names_the_most_pressing_first_and_its_day(database: Database) -> None:
    message = add_message(database, "summary", body={"day": "2026-11-20"})
    for number in range(1, 8):
        send = add_send(database, number, recipient_name=f"Person {number}")
        add_alert(database, send, message, level="late", status_since=NOW - timedelta(days=30 - number))
    failed = add_send(database, 8, recipient_name="Kim Ode", status="failed")
    add_alert(database, failed, message, rule="needs_action", level="notice", status="failed", status_since=NOW)
    seen = words(shown(database, message))
    assert seen.startswith("📚 8 more alerts on Fri 20 Nov")
    assert "Kim Ode" in next(line for line in seen.splitlines() if line.startswith("• *"))


def test_what_is_settled_in_a_group_stands_last_and_is_marked(database: Database) -> None:
    message = add_message(database, "group")
    for number, settled in enumerate(("", "scan", "", "U1A", ""), 1):
        state = {"state": "resolved", "resolved_by": settled, "resolved_reason": "Now <Shipped>."} if settled else {}
        status = "blocked" if settled else "bounced"
        send = add_send(database, number, recipient_name=f"Person {number}")
        add_alert(database, send, message, rule="needs_action", level="notice", status=status, why=status, **state)
    told = shown(database, message)
    spoken = [line for line in told["text"].splitlines() if line.startswith(("🔔", "• "))]
    assert spoken[0] == "🔔 3 gifts need somebody to act: Q4 thank-you"
    assert [line.partition(" — ")[0] for line in spoken[1:]] == [
        "• Person 1 · Acme", "• Person 3 · Acme", "• Person 5 · Acme", "• ✅ Person 2 · Acme", "• ✅ Person 4 · Acme",
    ]
    assert [line.partition(" — ")[2] for line in spoken[4:]] == [
        "resolved by itself: Now &lt;Shipped&gt;.", "resolved by <@U1A>: Now &lt;Shipped&gt;.",
    ]
    # What is to be done is said of those that are open: they are alike.
    assert "*Why now:* bounced" in words(told)
    assert "*To do:*" in words(told)


def test_of_several_statuses_no_advice_is_right_but_each_has_somebody_next(sqlite: Database) -> None:
    message = add_message(sqlite, "group")
    for number, status in enumerate(("blocked", "bounced", "insufficient_funds"), 1):
        add_alert(sqlite, add_send(sqlite, number), message, rule="needs_action", level="notice", status=status)
    seen = words(shown(sqlite, message))
    assert "3 gifts need somebody to act: Q4 thank-you" in seen
    assert "Insufficient Funds · next: Admin or manager" in seen
    assert "*To do:*" not in seen


def test_a_group_that_is_settled(sqlite: Database) -> None:
    message = add_message(sqlite, "group")
    for number in (1, 2):
        add_alert(sqlite, add_send(sqlite, number), message, state="resolved", resolved_by="scan", level="support")
    told = shown(sqlite, message)
    assert "✅ Resolved: 2 gifts that were stuck" in words(told)
    assert "Resolved by itself (2)" in words(told)
    assert words(told).count("✅ *") == 2
    assert list(buttons(told)) == ["Show all"]


@pytest.mark.parametrize(("body", "part", "left"), [
    (
        {"chosen": "post", "chosen_by": "U1A", "chosen_at": NOW.isoformat()}, "Posted as alerts, chosen by <@U1A>",
        ["Undo"],
    ),
    ({"chosen": "settle", "chosen_by": "U1A", "chosen_at": NOW.isoformat()}, "Left alone", ["Undo"]),
])
def test_a_first_look(sqlite: Database, body: dict[str, Any], part: str, left: list[str]) -> None:
    by_rule = {"support": 3, "overdue": 1_200, "expired": 1, "x": 2}
    message = add_message(sqlite, "baseline", body={"by_rule": by_rule, "count": 1_206, **body})
    told = shown(sqlite, message)
    seen = words(told)
    assert "1,206 gifts already waiting" in seen
    assert "• 3 gifts are stuck: contact Support\n• 1,200 gifts are late\n• 1 offer is over\n• 2 other alerts" in seen
    assert part in seen
    assert list(buttons(told)) == left


@pytest.mark.parametrize("kind", ["alert", "group", "notice"])
def test_nothing_left_to_show(sqlite: Database, kind: str) -> None:
    assert drawn(sqlite, add_message(sqlite, kind)) is None
