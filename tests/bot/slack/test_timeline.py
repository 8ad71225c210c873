"""Everything that happened to an alert, in the order in which it happened, page by page."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.alerts.policy import ONCE
from bot.slack.timeline import entries_of
from storage import events, mutes
from storage.models import Alert, Message, Mute, Notification
from tests.bot.slack.conftest import World, add_alert, add_message, add_send, alert_of
from tests.bot.slack.harness import Slack, buttons, words
from tests.conftest import NOW

BEN = {"user": {"id": "U02BEN", "username": "ben", "team_id": "T0DEMO"}}
MINUTE = timedelta(minutes=1)


def ask(slack: Slack, alert_id: int, **place: Any) -> None:  # noqa: ANN401 - parts of a payload
    option = {"text": {"type": "plain_text", "text": "x"}, "value": json.dumps({"alert": alert_id, "do": "timeline"})}
    action = {"type": "overflow", "action_id": "alert_more", "action_ts": "8.8", "selected_option": option}
    slack.press("x", actions=[action], **place)


def opened(slack: Slack, method: str = "views.open") -> dict[str, Any]:
    slack.executor.finish()
    return slack.client.views(method)[-1]


def said(slack: Slack, alert_id: int) -> list[str]:
    with slack.database.read() as session:
        return [entry.words for entry in entries_of(session, session.get_one(Alert, alert_id), slack.now)]


def record(slack: Slack, number: int = 1, **values: Any) -> None:  # noqa: ANN401 - columns of an event
    with slack.database.write() as session:
        events.record(session, [{
            "actor": "scan", "occurred_at": NOW + number * MINUTE, "dedupe_key": f"k{number}", **values,
        }])


def test_a_whole_life_in_words(slack: Slack, world: World) -> None:
    alert = {"alert": world.alert, "v": 1}
    record(slack, 0, alert_id=world.alert, action="opened", after={"state": "firing", "reason": "first", "version": 1})
    for number, (action_id, who) in enumerate((
        ("alert_acknowledge", {}), ("alert_meaning", BEN), ("alert_assign", BEN), ("alert_support", BEN),
        ("alert_resolve", {}), ("alert_undo", {}),
    ), 1):
        slack.now = NOW + number * MINUTE
        slack.press(action_id, alert, **who)
    slack.executor.finish()
    assert said(slack, world.alert) == [
        f"Sendwatch opened the alert: {alert_of(slack.database, world.alert).why}",
        "Told in <#C01GIFTING>",
        "<@U01ANN> acknowledged it",
        "<@U02BEN> asked what the status means",
        "<@U02BEN> took it on",
        "<@U02BEN> opened the message to Support",
        "<@U01ANN> resolved it",
        "<@U01ANN> undid the step before: it is acknowledged by <@U01ANN> again, assigned to <@U02BEN>",
    ]


@pytest.mark.parametrize(("event", "sentence"), [
    ({"action": "opened", "after": {"reason": "raised"}},
     "Sendwatch opened the alert, since the next limit had passed: because"),
    ({"action": "opened", "actor": "scan", "after": {"reason": "raised", "support_by": "U02BEN"}},
     "Sendwatch opened the alert, since the next limit had passed, and <@U02BEN> had told Support: because"),
    ({"action": "assign", "actor": "U01ANN", "after": {"assignee": "U02BEN"}, "detail": {"note": "<!here> *call*"}},
     "<@U01ANN> assigned it to <@U02BEN>, who was told directly: “&lt;!here&gt; ∗call∗”"),  # noqa: RUF001 - the look-alike
    ({"action": "assign", "actor": "U01ANN", "before": {"assignee": "U02BEN"}, "after": {"assignee": "U01ANN"}},
     "<@U01ANN> took it on from <@U02BEN>"),
    ({"action": "snooze", "actor": "U01ANN", "after": {"snoozed_until": "2026-11-30T17:00:00+00:00"}},
     "<@U01ANN> snoozed it until <!date^1796058000^{date_short_pretty} at {time}|2026-11-30 17:00 UTC>"),
    ({"action": "snooze", "actor": "U01ANN", "after": {"snoozed_until": "soon"}}, "<@U01ANN> snoozed it"),
    ({"action": "snooze", "actor": "U01ANN", "before": {"state": "snoozed"}, "after": {"snoozed_until": "soon"}},
     "<@U01ANN> changed its snooze"),
    ({"action": "snooze_ended"}, "The snooze ended: it is open again"),
    ({"action": "moved_on", "after": {"state": "resolved", "resolved_reason": "Now Shipped: the send moved on."}},
     "Sendwatch resolved it: Now Shipped: the send moved on."),
    ({"action": "resolve", "actor": "U01ANN", "after": {"resolved_reason": "reshipped"}},
     "<@U01ANN> resolved it: reshipped"),
    ({"action": "reopened"}, "Sendwatch opened it again"),
    ({"action": "support", "actor": "U01ANN", "after": {"assignee": "U01ANN"}},
     "<@U01ANN> opened the message to Support and took it on"),
    ({"action": "support_sent", "actor": "U01ANN", "after": {"follow_up_at": "2026-11-30T17:00:00+00:00"}},
     "<@U01ANN> told Support, to follow up <!date^1796058000^{date_short_pretty} at {time}|2026-11-30 17:00 UTC>"),
    ({"action": "follow_up", "detail": {"support_by": "U01ANN"}},
     "Sendwatch reminded <@U01ANN> of having told Support"),
    ({"action": "undo", "actor": "U01ANN", "after": {"state": "firing"}},
     "<@U01ANN> undid the step before: it is open again"),
    ({"action": "undo", "actor": "U01ANN", "detail": {"of": "baseline_post"}},
     "<@U01ANN> took it back to the summary of the first look"),
    ({"action": "baseline_post", "actor": "U01ANN"}, "<@U01ANN> had it posted out of the first look"),
    ({"action": "baseline_settle", "actor": "U01ANN"}, "<@U01ANN> left it alone with the first backlog"),
    ({"action": "refused", "actor": "U02BEN", "detail": {"wanted": "resolve", "who": ["admins", "S01MARK", "U03CHI"]}},
     "<@U02BEN> wanted to resolve it, which is for admins, <!subteam^S01MARK>, <@U03CHI>: not done"),
    ({"action": "refused", "actor": "U02BEN"}, "<@U02BEN> wanted to do something with it: not done"),
    ({"action": "teleported_<x>", "actor": "U02BEN", "before": {"state": "firing"}, "after": {"state": "beyond"}},
     "<@U02BEN>: teleported &lt;x&gt; (beyond)"),
])
def test_each_kind_of_event(slack: Slack, event: dict[str, Any], sentence: str) -> None:
    alert = add_alert(slack.database, add_send(slack.database), None, why="because")
    record(slack, alert_id=alert, **event)
    assert said(slack, alert) == [sentence]


def test_what_was_told_where(slack: Slack, world: World) -> None:
    with slack.database.write() as session:
        first = session.get_one(Message, world.message)
        replies: list[tuple[str, dict[str, Any]]] = [
            ("repeated", {"text": "Reminder 1: nobody has acted"}), ("follow_up", {"text": "You told Support"}),
            ("escalated", {"text": "Nobody has acted on this", "mention": ["U07BOSS", "S01MARK"]}),
        ]
        for number, (notice, more) in enumerate(replies, 1):
            session.add(Message(
                key=f"r{number}", kind="notice", channel="C01GIFTING", thread_of=first.key,
                created_at=NOW + number * MINUTE, body={"notice": notice, "alert": world.alert, **more},
            ))
        session.add(Message(
            key="other", kind="notice", channel="C01GIFTING", thread_of=first.key, created_at=NOW + MINUTE,
            body={"notice": "repeated", "alert": 999, "alerts": [998, 999], "text": "x"},
        ))
    boss = add_message(slack.database, channel="C09BOSS", created_at=NOW + 5 * MINUTE)
    sender = add_message(slack.database, channel="mail:ben@example.com", created_at=NOW + 6 * MINUTE)
    person = add_message(slack.database, "summary", channel="U02BEN", created_at=NOW + 7 * MINUTE)
    with slack.database.write() as session:
        for channel, message_id in (("C09BOSS", boss), ("mail:ben@example.com", sender), ("U02BEN", person)):
            session.add(Notification(
                alert_id=world.alert, channel=channel, message_id=message_id, policy=ONCE.as_json(),
                reason="escalated" if channel == "C09BOSS" else "",
            ))
        session.add(Notification(
            alert_id=world.alert, channel="C05LATE", held="quiet", next_at=NOW + 9 * MINUTE,
        ))
        session.add(Notification(alert_id=world.alert, channel="C06SOON", next_at=NOW + 9 * MINUTE))
    assert said(slack, world.alert) == [
        "Told in <#C01GIFTING>",
        "Reminded in <#C01GIFTING>: Reminder 1: nobody has acted",
        "Escalated in <#C01GIFTING>, calling <@U07BOSS>, <!subteam^S01MARK>: Nobody has acted on this",
        "Escalated: told in <#C09BOSS>",
        "Told the sender directly",
        "Told <@U02BEN> directly, in the summary of the day",
        "Not told in <#C05LATE> before then: held back over the quiet hours",
    ]


def test_in_a_group_and_in_a_first_look(slack: Slack) -> None:
    for kind, sentence in (
        ("group", "Told in <#C01GIFTING>, together with others of its campaign"),
        ("baseline", "Counted in the summary of the first look in <#C01GIFTING>"),
    ):
        alert = add_alert(slack.database, add_send(slack.database, len(kind)), add_message(slack.database, kind))
        assert said(slack, alert) == [sentence]


def test_a_summary_of_the_day_is_older_than_what_came_into_it(slack: Slack) -> None:
    message = add_message(slack.database, "summary", created_at=NOW - timedelta(hours=9))
    alert = add_alert(slack.database, add_send(slack.database), message)
    record(slack, 0, alert_id=alert, action="opened")
    assert [one.split()[0] for one in said(slack, alert)] == ["Sendwatch", "Told"]


def test_the_window_also_of_what_is_settled(slack: Slack, world: World) -> None:
    slack.press("alert_resolve", {"alert": world.alert, "v": 1})
    assert alert_of(slack.database, world.alert).state == "resolved"
    ask(slack, world.alert)
    assert slack.client.calls == []
    view = opened(slack)
    for part in ("✅ Resolved: Order Received", "*Jane Doe* · Acme", "2 steps", "<!date^1795446000",
                 "<@U01ANN> resolved it"):
        assert part in words(view)
    assert buttons(view) == {}


def test_a_long_life_has_pages(slack: Slack, world: World) -> None:
    for number in range(1, 71):
        record(slack, number, alert_id=world.alert, action="meaning", actor=f"U{number:03}")
    ask(slack, world.alert)
    first = opened(slack)
    assert "Page 1 of 3" in words(first)
    assert words(first).count("asked what") == 29
    assert list(buttons(first)) == ["Next"]
    container = {"type": "view", "view_id": "V1"}
    here = {"view": {**first, "id": "V1", "hash": "h1"}, "container": container, "channel": None}
    slack.press("timeline_turn.1", buttons(first)["Next"]["value"], **here)
    second = opened(slack, "views.update")
    assert list(buttons(second)) == ["Earlier", "Next"]
    assert slack.client.calls[-1][1]["hash"] == "h1"
    slack.press("timeline_turn.99", {"alert": world.alert, "page": 99}, **here)
    last = opened(slack, "views.update")
    assert "<@U070> asked" in words(last)
    slack.press("timeline_turn.0", {"alert": 404, "page": 0}, **here)
    assert "does not know this alert" in words(opened(slack, "views.update"))


def test_where_no_window_opens_the_latest_is_told(slack: Slack, world: World) -> None:
    slack.press("alert_acknowledge", {"alert": world.alert, "v": 1})
    slack.client.answers["views.open"] = [{"ok": False, "error": "expired_trigger_id"}]
    ask(slack, world.alert)
    told = slack.said[-1]
    assert "<@U01ANN> acknowledged it" in told["text"]
    ask(slack, 404)
    assert "does not know this alert" in slack.said[-1]["text"]


def test_an_alert_about_the_bot_itself_has_a_timeline(slack: Slack) -> None:
    alert = add_alert(slack.database, None, None, rule="stale_data", status="", status_raw="")
    ask(slack, alert)
    assert "Nothing is on record." in words(opened(slack))


# --- mutes --------------------------------------------------------------------------------------------


def a_mute(slack: Slack, at: int, *, lasts: int = 60, **values: Any) -> int:  # noqa: ANN401 - columns of a mute
    """A mute of the campaign, made so many minutes after the alert, for so many minutes; gives its row id."""
    fields = {"scope": "campaign", "value": "q4 thank-you", "label": "Q4 <!channel>", "created_by": "U02BEN"}
    with slack.database.write() as session:
        return mutes.make(session, **fields | {
            "created_at": NOW + at * MINUTE, "ends_at": NOW + (at + lasts) * MINUTE, **values,
        }).id


def ended(slack: Slack, mute_id: int, at: int, by: str = "U01ANN") -> None:
    with slack.database.write() as session:
        mutes.end(session, session.get_one(Mute, mute_id), by, NOW + at * MINUTE)


def about_mutes(slack: Slack, alert_id: int) -> list[str]:
    """What the timeline says of mutes; names from outside must mention nobody."""
    found = [words for words in said(slack, alert_id) if "mute" in words.casefold()]
    assert all("<!channel>" not in words for words in found)
    return [words.partition(" until ")[0].partition(",")[0].partition(":")[0] for words in found]


def test_mutes_that_held_it_are_told_with_who_did_it(slack: Slack, world: World) -> None:
    first = a_mute(slack, 1)
    ended(slack, first, 5)
    second = a_mute(slack, 5, replaces=first, created_by="U01ANN")
    ended(slack, second, 9)
    a_mute(slack, 12, replaces=second, created_by="U01ANN", lasts=8)
    slack.now = NOW + 60 * MINUTE
    assert about_mutes(slack, world.alert) == [
        "<@U02BEN> muted it", "<@U01ANN> changed the mute", "<@U01ANN> ended the mute",
        "<@U01ANN> put the mute in force again", "The mute ran out",
    ]


def test_only_what_held_it_while_it_was_open_is_told(slack: Slack, world: World) -> None:
    opened_at = alert_of(slack.database, world.alert).opened_at
    before = int((opened_at - NOW) / MINUTE)
    a_mute(slack, before - 30, lasts=20)
    a_mute(slack, before - 5, lasts=600, value="another campaign")
    a_mute(slack, before - 5, lasts=600)
    slack.now = NOW + 2 * MINUTE
    assert about_mutes(slack, world.alert) == ["Muted when it came"]
    with slack.database.write() as session:
        alert = session.get_one(Alert, world.alert)
        alert.state, alert.resolved_at = "resolved", NOW + MINUTE
    a_mute(slack, 2)
    slack.now = NOW + 900 * MINUTE
    assert about_mutes(slack, world.alert) == ["Muted when it came"]


def test_the_reason_of_a_mute_is_told_and_formats_nothing(slack: Slack, world: World) -> None:
    a_mute(slack, 1, reason="*Holidays* <@U03>")
    slack.now = NOW + 2 * MINUTE
    (told,) = [words for words in said(slack, world.alert) if "muted it" in words]
    reason = told.partition("Reason: ")[2]
    assert "Holidays" in reason
    assert "*" not in reason
    assert "<@U03>" not in reason
