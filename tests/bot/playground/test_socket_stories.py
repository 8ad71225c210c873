"""The unmodified SDK in Socket Mode, driven by people."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bot.playground.server import Playground
from tests.bot.playground.trivial import TrivialApp, actions, button, option, section


def test_a_command_is_answered_for_the_person_alone(playground: Playground, app: TrivialApp) -> None:
    ann, ben = playground.person("ann"), playground.person("ben")
    reply = ann.command("/send-status jane@acme.com")
    assert reply.text == "you typed jane@acme.com"
    assert reply.visible_text.splitlines()[0] == "you typed jane@acme.com"
    assert reply.buttons[0] == "Press"
    assert reply.message.ephemeral_for == ann.id
    assert ben.channel().messages == []
    assert playground.channel("#gifting-alerts").messages == []


def test_a_command_carries_what_slack_sends(playground: Playground, app: TrivialApp) -> None:
    playground.person("ben").command("/send-status  AT&T <b>", channel="#sales")
    body = app.body("command")
    assert body["text"] == "AT&amp;T &lt;b&gt;"
    assert (body["command"], body["channel_id"], body["channel_name"]) == ("/send-status", "C02SALES", "sales")
    assert (body["user_id"], body["user_name"], body["team_id"]) == ("U02BEN", "ben", "T0DEMO")
    assert body["api_app_id"] == "A0SENDWATCH"
    assert body["response_url"].startswith(playground.url)
    assert re.fullmatch(r"\d+\.\d+\.[0-9a-f]{32}", body["trigger_id"])


def test_an_answer_can_be_for_all(playground: Playground, app: TrivialApp) -> None:
    assert playground.person("ann").command("/send-status public").text == "for all"
    assert [seen.text for seen in playground.channel("#gifting-alerts").messages] == ["for all"]


def test_a_command_may_be_answered_with_nothing(playground: Playground, app: TrivialApp) -> None:
    ann = playground.person("ann")
    reply = ann.command("/send-status silent")
    assert reply.error is None
    assert reply.find(within=0) is None
    assert ann.notices == []


def test_what_goes_wrong_with_a_command_is_told(
    playground: Playground, app: TrivialApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    playground.slack.ack_timeout = 0.2
    ann = playground.person("ann")
    assert ann.command("/send-status broken").error == "invalid_command_response"
    assert ann.command("/send-status late").error == "operation_timeout"
    assert ann.command("/send-status crash").error == "operation_timeout"
    assert ann.command("/unheard-of").error == "unknown_command"
    playground.channel("#sales").archive()
    assert ann.command("/send-status x", channel="#sales").error == "is_archived"
    assert ann.notices[1] == '/send-status failed with the error "operation_timeout"'
    assert playground.person("ben").notices == []
    monkeypatch.setattr("bot.playground.reply.PATIENCE", 0)
    with pytest.raises(AssertionError, match="no answer came; error: operation_timeout"):
        _ = ann.command("/send-status late").message


def test_without_a_connection_a_command_fails(playground: Playground) -> None:
    ann = playground.person("ann")
    assert ann.command("/send-status x").error == "dispatch_failed"
    assert ann.notices == ['/send-status failed with the error "dispatch_failed"']


def test_a_button_of_an_ephemeral_message(playground: Playground, app: TrivialApp) -> None:
    ann = playground.person("ann")
    first = ann.command("/send-status x").message
    assert ann.press(first, "Press").text == "pressed"
    body = app.body("press")
    assert body["container"] == {
        "type": "message",
        "message_ts": first.ts,
        "channel_id": "C01GIFTING",
        "is_ephemeral": True,
    }
    assert "message" not in body
    assert body["actions"][0]["value"] == "1"
    assert ann.press(first, "Replace").text == "replaced"
    assert first.expect_update("replaced").text == "replaced"


def test_an_ephemeral_message_can_be_deleted(playground: Playground, app: TrivialApp) -> None:
    ann = playground.person("ann")
    first = ann.command("/send-status x").message
    ann.press(first, "Delete")
    first.expect_gone()
    with pytest.raises(AssertionError, match="was deleted"):
        ann.press(first, "Press")


def test_a_button_of_a_message_for_all(playground: Playground, app: TrivialApp) -> None:
    blocks = [section("A gift"), actions(button("Press", "press", "7"))]
    metadata = {"event_type": "gift", "event_payload": {"key": "7"}}
    app.client.chat_postMessage(channel="C01GIFTING", text="A gift", blocks=blocks, metadata=metadata)
    seen = playground.channel("#gifting-alerts").expect("A gift")
    dee = playground.person("dee")
    assert dee.press(seen, "Press").text == "pressed"
    body = app.body("press")
    assert body["message"]["ts"] == seen.ts
    assert body["message"]["metadata"] == metadata
    assert body["message"]["blocks"] == seen.blocks
    assert body["user"] == {"id": "U04DEE", "username": "dee", "name": "dee", "team_id": "T0DEMO"}
    assert body["channel"] == {"id": "C01GIFTING", "name": "gifting-alerts"}
    assert body["state"] == {"values": {}}
    assert "thread_ts" not in body["container"]
    action = body["actions"][0]
    assert action["block_id"] == seen.blocks[1]["block_id"]
    assert (action["type"], action["action_id"], action["value"]) == ("button", "press", "7")
    assert float(action["action_ts"]) > float(seen.ts)


def test_a_button_in_a_thread(playground: Playground, app: TrivialApp) -> None:
    parent = app.client.chat_postMessage(channel="C01GIFTING", text="top")["ts"]
    blocks = [actions(button("Press", "press"))]
    attachments = [{"text": "old style"}]
    app.client.chat_postMessage(
        channel="C01GIFTING", text="x", thread_ts=parent, blocks=blocks, attachments=attachments
    )
    (reply,) = playground.channel("C01GIFTING").messages[0].replies
    answer = playground.person("ben").press(reply, "Press")
    assert (answer.text, answer.blocks) == ("pressed", [])
    body = app.body("press")
    assert body["container"]["thread_ts"] == body["message"]["thread_ts"] == parent
    assert body["message"]["attachments"] == attachments


def test_a_button_that_is_gone_can_only_be_pressed_by_who_still_sees_it(
    playground: Playground, app: TrivialApp
) -> None:
    app.client.chat_postMessage(channel="C01GIFTING", text="A gift", blocks=[actions(button("Press", "press"))])
    old = playground.channel("C01GIFTING").messages[0]
    app.client.chat_update(channel="C01GIFTING", ts=old.ts, text="Done")
    ann = playground.person("ann")
    with pytest.raises(AssertionError, match="no button 'Press', only \\[\\] in:\nDone"):
        ann.press(old, "Press")
    assert ann.press(old, "Press", stale=True).text == "pressed"
    assert app.body("press")["message"]["text"] == "Done"


def test_menus_and_pickers_of_a_message(playground: Playground, app: TrivialApp) -> None:
    menus: list[dict[str, Any]] = [
        {"type": "static_select", "action_id": "pick", "options": [option("Tea")]},
        {"type": "datepicker", "action_id": "day", "initial_date": "2026-11-30"},
        {"type": "overflow", "action_id": "more", "options": [option("Share")]},
    ]
    app.client.chat_postMessage(channel="C01GIFTING", text="Pick", blocks=[{**actions(*menus), "block_id": "b"}])
    ann, seen = playground.person("ann"), playground.channel("C01GIFTING").messages[0]
    ann.choose(seen, "pick", "Tea")
    body = app.body("pick")
    tea = option("Tea")
    assert body["actions"][0]["selected_option"] == tea
    assert body["state"]["values"]["b"] == {
        "pick": {"type": "static_select", "selected_option": tea},
        "day": {"type": "datepicker", "selected_date": "2026-11-30"},
    }
    with pytest.raises(AssertionError, match="no option 'Coal', only \\['Tea'\\]"):
        ann.choose(seen, "pick", "Coal")
    with pytest.raises(AssertionError, match="no field 'nothing', only"):
        ann.choose(seen, "nothing", "Coal")
    playground.slack.ack_timeout = 0.2
    assert ann.choose(seen, "more", "Share").error == "operation_timeout"
    assert "did not answer" in ann.notices[0]


def test_nobody_presses_what_only_another_sees(playground: Playground, app: TrivialApp) -> None:
    hers = playground.person("ann").command("/send-status x").message
    with pytest.raises(AssertionError, match="Ben Okafor cannot see this message"):
        playground.person("ben").press(hers, "Press")


def test_the_home_tab(playground: Playground, app: TrivialApp) -> None:
    ann = playground.person("ann")
    home = ann.home("Welcome")
    assert home.buttons == ["Go"]
    first = app.body("home")
    assert first["event"]["type"] == "app_home_opened"
    assert first["event"]["tab"] == "home"
    assert "view" not in first["event"]
    assert first["event_id"].startswith("Ev")
    ann.home("Welcome")
    assert app.body("home", 2)["event"]["view"]["type"] == "home"
    ann.press(home, "Go")
    body = app.body("pick")
    assert body["container"]["type"] == "view"
    assert "response_url" not in body


def test_messages_of_people_reach_the_app_where_it_listens(playground: Playground, app: TrivialApp) -> None:
    ann = playground.person("ann")
    assert ann.say("hello @ben & #sales", channel="#marketing").text == "hello <@U02BEN> &amp; <#C02SALES>"
    said = ann.say("@sendwatch where is it?")
    assert said.visible_text == "@sendwatch where is it?"
    assert app.body("mention")["event"]["text"] == "<@U0SENDWATCH> where is it?"
    ann.say("only you", channel="U01ANN")
    event = app.body("message")["event"]
    assert (event["channel"], event["channel_type"], event["user"]) == ("D01ANN", "im", "U01ANN")
    assert ann.dm().messages[0].text == "only you"
    ann.say("the bot is not here", channel="#ops")
    assert len(app.bodies("message")) == 1
