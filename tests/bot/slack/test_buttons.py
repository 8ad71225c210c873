"""What a press does: recorded once, shown where it was pressed, refused with a reason."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from sqlalchemy import func, select

from bot.slack.app import build_app
from bot.slack.blocks import group_modal, send_card, snooze_modal, support_modal
from storage import due
from storage.models import Alert, AlertEvent, Message
from tests.bot.slack.conftest import World, add_alert, add_message, add_send, alert_of
from tests.bot.slack.harness import NOWHERE, SECRET, Slack, at, buttons, words
from tests.conftest import NOW

BEN = {"user": {"id": "U02BEN", "username": "ben", "team_id": "T0DEMO"}}


def value(world: World, version: int = 1) -> dict[str, int]:
    return {"alert": world.alert, "v": version}


def events(slack: Slack) -> int:
    with slack.database.read() as session:
        return session.scalar(select(func.count()).select_from(AlertEvent)) or 0


@pytest.mark.parametrize(("action_id", "state", "check"), [
    ("alert_acknowledge", "acknowledged", "acknowledged_by"), ("alert_assign", "acknowledged", "assignee"),
    ("alert_resolve", "resolved", "resolved_by"),
])
def test_one_press_is_done_recorded_and_drawn(
    slack: Slack, world: World, action_id: str, state: str, check: str,
) -> None:
    slack.press(action_id, value(world))
    alert = alert_of(slack.database, world.alert)
    assert (alert.state, getattr(alert, check), alert.version) == (state, "U01ANN", 2)
    assert slack.woken == 1
    assert slack.said == []
    with slack.database.read() as session:
        event = session.scalars(select(AlertEvent)).one()
        message = session.get_one(Message, world.message)
    assert (event.actor, event.actor_name, event.team_id, event.channel) == ("U01ANN", "ann", "T0DEMO", "C01GIFTING")
    assert message.wanted_rev == 2


@pytest.mark.parametrize(("container", "state"), [
    ({"message_ts": "100.1"}, "firing"), ({"message_ts": "100.1", "is_ephemeral": True}, "acknowledged"),
    ({"message_ts": "100.2"}, "acknowledged"),
])
def test_a_message_that_is_older_than_the_alert_counts_only_where_it_is_drawn_from_the_database(
    slack: Slack, world: World, container: dict[str, Any], state: str,
) -> None:
    add_message(slack.database, "answer", ts="100.2")
    where = {"type": "message", "channel_id": "C01GIFTING", **container}
    slack.press("alert_acknowledge", value(world), container=where)
    assert alert_of(slack.database, world.alert).state == state


def test_the_same_delivery_twice_has_one_effect(slack: Slack, world: World) -> None:
    action = {
        "type": "button", "action_id": "alert_acknowledge", "action_ts": "7.7", "value": json.dumps(value(world)),
    }
    for _ in range(2):
        slack.press("x", actions=[action])
    assert events(slack) == 1
    assert slack.said == []


def test_a_button_from_when_the_bot_served_several_workspaces_does_the_same(slack: Slack, world: World) -> None:
    slack.press("alert_acknowledge@T0DEMO", value(world))
    assert alert_of(slack.database, world.alert).state == "acknowledged"
    assert slack.said == []


def test_a_second_press_is_told_who_was_first(slack: Slack, world: World) -> None:
    slack.press("alert_resolve", value(world))
    slack.now += timedelta(minutes=5)
    slack.press("alert_acknowledge", value(world), **BEN)
    assert slack.said[-1]["text"] == "Already resolved by <@U01ANN> 5 minutes ago."
    assert slack.said[-1]["replace_original"] is False
    assert alert_of(slack.database, world.alert).state == "resolved"
    assert events(slack) == 1


def test_undo_puts_it_back_for_the_one_who_pressed(slack: Slack, world: World) -> None:
    slack.press("alert_resolve", value(world))
    slack.press("alert_undo", value(world, 2), **BEN)
    assert slack.said[-1]["text"].startswith("Only <@U01ANN>")
    slack.press("alert_undo", value(world, 2))
    assert alert_of(slack.database, world.alert).state == "firing"


@pytest.mark.parametrize("content", [
    None, "", "no json", "[]", '{"alert":"x"}', '{"alert":-1}', '{"alert":true}', '{"alert":99999999999999999999}',
    '{"message":1}', "[" * 1999, '{"alert":1.5}', "x" * 5000,
])
@pytest.mark.parametrize("action_id", ["alert_acknowledge", "alert_snooze", "alert_support", "group_alert.1"])
def test_broken_values_are_answered(slack: Slack, world: World, action_id: str, content: str | None) -> None:
    slack.press(action_id, content)
    assert "not one that this version" in slack.said[-1]["text"]
    assert events(slack) == 0


@pytest.mark.parametrize("action_id", ["", "nonsense", "alert_", "alert_destroy.1", "x" * 255, "🎁"])
def test_unknown_buttons_are_answered(slack: Slack, action_id: str) -> None:
    slack.press(action_id, {"alert": 1})
    assert "not one that this version" in slack.said[-1]["text"]


@pytest.mark.parametrize("actions", [None, [], {}, ["x"], [None], [{}]])
def test_broken_presses_are_answered(slack: Slack, actions: object) -> None:
    slack.press("alert_acknowledge", {"alert": 1}, actions=actions)
    assert slack.said[-1]["text"]


@pytest.mark.parametrize("action_id", ["alert_acknowledge", "alert_snooze", "alert_support", "alert_meaning"])
def test_an_alert_that_is_gone(slack: Slack, action_id: str) -> None:
    slack.press(action_id, {"alert": 404, "v": 1})
    assert slack.said[-1]["text"].startswith("Sendwatch does not know this alert any more.")


def test_a_link_is_only_acknowledged(slack: Slack) -> None:
    slack.press("track")
    slack.press("track.0")
    assert slack.said == []


def opened(slack: Slack, method: str = "views.open") -> dict[str, Any]:
    slack.executor.finish()
    return slack.client.views(method)[-1]


def test_nothing_waits_for_slack(slack: Slack, world: World) -> None:
    slack.press("alert_snooze", value(world))
    assert slack.client.calls == []
    assert slack.executor.waiting


def test_snooze_asks_in_the_zone_of_the_person(slack: Slack, world: World) -> None:
    slack.client.answers["users.info"] = [{"ok": True, "user": {"tz": "Asia/Tokyo", "profile": {}}}]
    slack.client.answers["views.open"] = [{"ok": True, "view": {"id": "V5", "hash": "h5"}}]
    slack.press("alert_snooze", value(world))
    assert "(America/Los_Angeles)" in words(opened(slack))
    assert "(Asia/Tokyo)" in words(opened(slack, "views.update"))
    assert (slack.client.calls[-1][1]["view_id"], slack.client.calls[-1][1]["hash"]) == ("V5", "h5")
    slack.press("alert_snooze", value(world))
    view = opened(slack)
    assert "Wed 25 Nov, 09:00 (Asia/Tokyo)" in words(view)
    assert "Until Monday at 9:00" in words(view)
    methods = [method for method, _ in slack.client.calls]
    assert methods == ["views.open", "users.info", "views.update", "views.open"]


def test_snooze_is_recorded_when_it_is_sent_off(slack: Slack, world: World) -> None:
    slack.press("alert_snooze", value(world))
    view = opened(slack)
    chosen = view["blocks"][1]["element"]["options"][1]
    told = slack.submit(view, {snooze_modal.BLOCK: {snooze_modal.ACTION: {"selected_option": chosen}}})
    assert told == {}
    alert = alert_of(slack.database, world.alert)
    assert (alert.state, alert.snoozed_until, alert.snoozed_by) == ("snoozed", NOW + timedelta(hours=4), "U01ANN")
    assert slack.woken == 1


def snoozed(until: str) -> dict[str, Any]:
    return {snooze_modal.BLOCK: {snooze_modal.ACTION: {"selected_option": {"value": until}}}}


@pytest.mark.parametrize("until", ["", "x", "-5", "²", "9" * 30, at(NOW + timedelta(days=400))])
def test_snooze_takes_only_what_it_offered(slack: Slack, world: World, until: str) -> None:
    slack.press("alert_snooze", value(world))
    told = slack.submit(opened(slack), snoozed(until))
    assert told == {"response_action": "errors", "errors": {snooze_modal.BLOCK: "Choose one of these."}}


def test_a_snooze_that_has_passed_meanwhile(slack: Slack, world: World) -> None:
    slack.press("alert_snooze", value(world))
    told = slack.submit(opened(slack), snoozed(at(NOW)))
    assert "passed meanwhile" in told["errors"][snooze_modal.BLOCK]


def test_a_window_filled_in_too_late_says_who_was_first(slack: Slack, world: World) -> None:
    slack.press("alert_snooze", value(world))
    view = opened(slack)
    slack.press("alert_resolve", value(world), **BEN)
    told = slack.submit(view, snoozed(at(NOW + timedelta(hours=1))))
    assert told["response_action"] == "update"
    assert "Already resolved by <@U02BEN>" in words(told["view"])


def test_no_window_for_what_is_settled(slack: Slack, world: World) -> None:
    slack.press("alert_resolve", value(world))
    slack.press("alert_snooze", value(world, 2))
    assert "You already resolved it" in slack.said[-1]["text"]
    assert slack.client.calls == []


def test_contact_support(slack: Slack, world: World) -> None:
    slack.press("alert_support", value(world))
    assert alert_of(slack.database, world.alert).assignee == "U01ANN"
    view = opened(slack)
    draft = view["blocks"][1]["element"]["initial_value"]
    for part in ("Jane Doe", "jane@acme.com", "Z2lk000000000001", "Send id: 1", "Ann Lopez", "8 days", "1Z999",
                 "Order Received", "when it will move on"):
        assert part in draft
    assert slack.submit(view, {support_modal.BLOCK: {support_modal.ACTION: {"value": draft}}}) == {}
    assert alert_of(slack.database, world.alert).support_by == "U01ANN"
    again = slack.submit({**view, "hash": "other"}, {})
    assert "old Support" in words(again["view"])


@pytest.mark.parametrize("error", [
    {"ok": False, "error": "expired_trigger_id"}, {"ok": False, "error": "exchanged_trigger_id"}, TimeoutError(),
    {"ok": False, "error": "internal_error"},
])
def test_where_no_window_opens_the_words_come_anyway(slack: Slack, world: World, error: Any) -> None:  # noqa: ANN401 - an answer or an error
    for action_id, part in (
        ("alert_support", "This is the message to Support"), ("alert_snooze", "press the button once more"),
        ("alert_meaning", "waits for its turn"), ("group_show", "press the button once more"),
    ):
        slack.client.answers["views.open"] = [error]
        slack.press(action_id, {**value(world), "message": world.message})
        assert part in slack.said[-1]["text"], action_id


def test_what_does_this_mean(slack: Slack, world: World) -> None:
    slack.press("alert_meaning", value(world))
    assert "Order Received" in words(opened(slack))
    assert events(slack) == 1
    assert slack.woken == 0


def test_a_press_in_an_answer_draws_the_card_again(slack: Slack, world: World) -> None:
    told = slack.command("/send-status", "jane@acme.com")
    button = buttons(told)["Acknowledge"]
    assert button["action_id"] == "alert_acknowledge.0"
    here = {"type": "message", "message_ts": "5.5", "channel_id": "C02SALES", "is_ephemeral": True}
    slack.press(button["action_id"], button["value"], container=here)
    assert "Acknowledged by <@U01ANN>" in words(slack.said[-1])
    assert slack.said[-1]["replace_original"] is True
    with slack.database.read() as session:
        assert session.get_one(Message, world.message).wanted_rev == 2


@pytest.fixture
def group(slack: Slack) -> int:
    message = add_message(slack.database, "group")
    for number in range(1, 21):
        name = f"Person {number:02}"
        send = add_send(slack.database, number, recipient_name=name, status_since=NOW - timedelta(days=40 - number))
        add_alert(slack.database, send, message, level="late", status_since=NOW - timedelta(days=40 - number))
    return message


def states(slack: Slack) -> dict[str, int]:
    with slack.database.read() as session:
        rows = session.execute(select(Alert.state, func.count()).group_by(Alert.state)).all()
    return {state: number for state, number in rows}  # noqa: C416 - dict() does not know SQLAlchemy's rows


def test_acting_on_all(slack: Slack, group: int) -> None:
    slack.press("group_acknowledge", {"message": group})
    assert states(slack) == {"acknowledged": 20}
    slack.press("group_resolve", {"message": group}, **BEN)
    assert states(slack) == {"resolved": 20}
    slack.press("group_acknowledge", {"message": group})
    assert "Already resolved by <@U02BEN>" in slack.said[-1]["text"]
    slack.press("group_undo", {"message": group}, **BEN)
    assert states(slack) == {"acknowledged": 20}


def in_window(view: dict[str, Any], view_id: str = "V1") -> dict[str, Any]:
    return {
        "view": {**view, "id": view_id, "hash": "h1"}, "container": {"type": "view", "view_id": view_id},
        "response_url": None, "channel": None,
    }


def test_show_all_pages_and_its_menus_work(slack: Slack, group: int) -> None:
    slack.press("group_show", {"message": group})
    view = opened(slack)
    assert "Page 1 of 2" in words(view)
    assert words(view).count("*Person ") == group_modal.PAGE
    slack.press("group_page.1", buttons(view)["Next"]["value"], **in_window(view))
    second = opened(slack, "views.update")
    assert "Page 2 of 2" in words(second)
    menu = second["blocks"][2]["accessory"]
    chosen = next(option for option in menu["options"] if option["text"]["text"] == "Resolve")
    slack.press("x", actions=[{
        "type": "overflow", "action_id": menu["action_id"], "action_ts": "9.9", "selected_option": chosen,
    }], **in_window(second))
    third = opened(slack, "views.update")
    assert "Page 2 of 2" in words(third)
    assert "Resolved by <@U01ANN>" in words(third)
    assert slack.client.calls[-1][1]["hash"] == "h1"
    assert states(slack) == {"firing": 19, "resolved": 1}


def test_a_window_that_changed_meanwhile_is_drawn_once_more(slack: Slack, group: int) -> None:
    slack.press("group_show", {"message": group})
    view = opened(slack)
    slack.client.answers["views.update"] = [{"ok": False, "error": "hash_conflict"}]
    choose(slack, view, "Acknowledge")
    slack.executor.finish()
    first, second = [body for method, body in slack.client.calls if method == "views.update"]
    assert "hash" in first
    assert "hash" not in second


def choose(slack: Slack, view: dict[str, Any], text: str, **more: Any) -> None:  # noqa: ANN401 - parts of a payload
    menu = view["blocks"][2]["accessory"]
    chosen = next(option for option in menu["options"] if option["text"]["text"] == text)
    action = {"type": "overflow", "action_id": menu["action_id"], "action_ts": "9.8", "selected_option": chosen}
    slack.press("x", actions=[action], **in_window(view), **more)


def test_snooze_on_top_of_the_list(slack: Slack, group: int) -> None:
    slack.press("group_show", {"message": group})
    view = opened(slack)
    choose(slack, view, "Snooze")
    window = opened(slack, "views.push")
    told = slack.submit({**window, "previous_view_id": "V1"}, snoozed(at(NOW + timedelta(hours=1))))
    assert told == {}
    slack.executor.finish()
    method, body = slack.client.calls[-1]
    assert (method, body["view_id"]) == ("views.update", "V1")
    assert "Snoozed until <!date^" in words(body["view"])


def test_a_refusal_in_a_window_is_a_window(slack: Slack, group: int) -> None:
    slack.press("group_show", {"message": group})
    view = opened(slack)
    choose(slack, view, "Resolve")
    choose(slack, view, "Acknowledge", **BEN)
    assert "Already resolved by <@U01ANN>" in words(opened(slack, "views.push"))


def test_a_group_that_is_gone(slack: Slack) -> None:
    slack.press("group_show", {"message": 404})
    assert "does not know this alert" in slack.said[-1]["text"]
    slack.press("group_acknowledge", {"message": 404})
    assert slack.said[-1]["text"] == "Everything here is settled already."


@pytest.fixture
def baseline(slack: Slack) -> int:
    message = add_message(slack.database, "baseline", body={"count": 6, "by_rule": {"overdue": 6}})
    for number in range(1, 7):
        add_alert(slack.database, add_send(slack.database, number), message, level="late", reason="baseline")
    with slack.database.write() as session:
        due.end_first_scan(session, NOW)
    return message


def test_a_first_look_is_posted_on_request(slack: Slack, baseline: int) -> None:
    slack.press("baseline_post", {"message": baseline})
    with slack.database.read() as session:
        kinds = session.scalars(select(Message.kind).order_by(Message.id)).all()
    assert list(kinds) == ["baseline", "group"]
    slack.press("baseline_settle", {"message": baseline}, **BEN)
    assert slack.said[-1]["text"]
    assert states(slack) == {"firing": 6}


def test_a_first_look_can_be_left_alone_and_undone(slack: Slack, baseline: int) -> None:
    slack.press("baseline_settle", {"message": baseline})
    assert states(slack) == {"resolved": 6}
    slack.press("baseline_undo", {"message": baseline})
    assert states(slack) == {"firing": 6}


def test_browsing_in_a_window(slack: Slack, world: World) -> None:
    home = {"type": "home", "callback_id": "home", "private_metadata": "{}"}
    slack.press("send_open.a0", {"send": world.send}, **in_window(home))
    view = opened(slack)
    assert view["callback_id"] == send_card.CALLBACK
    assert "Jane Doe: Order Received" in words(view)
    slack.press("alert_acknowledge.0", value(world), **in_window(view, "V2"))
    assert "Acknowledged by <@U01ANN>" in words(opened(slack, "views.update"))
    slack.press("meaning_open.0", {"status": "shipped"}, **in_window(home))
    assert "Shipped" in words(opened(slack))


@pytest.mark.parametrize(("action_id", "content", "part"), [
    ("send_open.0", {"send": 404}, "not known any more"), ("send_share", {"send": 404}, "not known any more"),
    ("send_open.0", {"send": 404, "back": 5}, "not known any more"), ("send_open.0", {}, "not one that this version"),
    ("list_more.8", {"list": "nonsense"}, "not one that this version"),
    ("list_more.8", {"list": "find", "q": 5, "offset": "x"}, "Nothing matches"),
    ("list_more.8", {"list": "stuck", "offset": 150}, "Nothing is held up"),
    ("meaning_open.0", {"status": "nonsense"}, "not one that this version"),
    ("meaning_open.0", {}, "not one that this version"),
])
def test_stale_and_foreign_looks(slack: Slack, action_id: str, content: dict[str, Any], part: str) -> None:
    slack.press(action_id, content)
    assert part in slack.said[-1]["text"]


def test_what_breaks_later_is_told_with_a_number(
    slack: Slack, world: World, monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = SlackApiError("x", {"ok": False, "error": 5})  # type: ignore[no-untyped-call]
    slack.client.answers["views.open"] = [ValueError("a bug of ours"), broken]
    slack.press("alert_snooze", value(world))
    assert "tell an admin this number" in slack.said[-1]["text"]
    slack.press("alert_snooze", value(world))
    assert "once more" in slack.said[-1]["text"]


def test_a_press_while_the_bot_stops_is_still_recorded(slack: Slack, world: World) -> None:
    stopped = ThreadPoolExecutor(1)
    stopped.shutdown()
    late = Slack(slack.database, "http://127.0.0.1:9/", [])
    late.app = build_app(
        replace(late.deps, executor=stopped), token="xoxb-none", signing_secret=SECRET, api_url=NOWHERE,
    )
    late.press("alert_acknowledge", value(world))
    late.press("alert_acknowledge", {"alert": 404})
    assert alert_of(slack.database, world.alert).state == "acknowledged"


def test_a_response_url_that_is_none_of_slack_s_or_dead(slack: Slack, world: World) -> None:
    for url in (None, "", "ftp://x/", "http://127.0.0.1:9/", "http://[::1", "http://localhost:9/"):
        slack.press("alert_acknowledge", {"alert": 404}, response_url=url)
    assert slack.said == []


def test_nothing_is_sent_to_an_address_that_only_looks_like_slack_s(slack: Slack, world: World) -> None:
    # The same listener under another name than that of the host that stands in for Slack.
    elsewhere = slack.response_url.replace("127.0.0.1", "localhost")
    slack.press("alert_acknowledge", {"alert": 404}, response_url=elsewhere)
    assert slack.said == []
    slack.press("alert_acknowledge", {"alert": 404})
    assert len(slack.said) == 1
