"""Questions in messages: taken once, answered where they were asked, and in a channel without what is private."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from sqlalchemy import select

from bot.slack import conversations, question_answers
from bot.slack.blocks import send_card
from bot.slack.blocks.send_card import SendFacts
from bot.slack.questions import Question
from bot.slack.render import render
from storage import people
from storage.engine import Database
from storage.messages import PRESS_PRIORITY
from storage.models import Message, Send
from tests.bot.slack import gate
from tests.bot.slack.conftest import World, add_alert, add_send
from tests.bot.slack.harness import Slack, buttons, words
from tests.bot.slack.rows import HOSTILE, STORABLE, sends
from tests.conftest import NOW
from tests.hostile import hostile

MENTION: dict[str, Any] = {
    "type": "app_mention", "user": "U02BEN", "channel": "C02SALES", "ts": "1700000000.000100",
    "event_ts": "1700000000.000100", "team": "T0DEMO",
}
DIRECT: dict[str, Any] = {
    "type": "message", "channel_type": "im", "user": "U02BEN", "channel": "D02BEN", "ts": "1700000000.000200",
    "event_ts": "1700000000.000200", "team": "T0DEMO",
}


def kept(database: Database) -> list[Message]:
    with database.read() as session:
        return list(session.scalars(select(Message).where(Message.kind == "answer").order_by(Message.id)))


def answer(slack: Slack, text: str, event: dict[str, Any] = MENTION, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """What is posted for a question; it must be one that Slack takes."""
    assert slack.event({**event, "text": text, **more}).status == 200
    row = kept(slack.database)[-1]
    with slack.database.read() as session:
        drawn = render(session, session.get_one(Message, row.id), NOW)
    assert drawn is not None
    told = {"text": drawn.text, "blocks": drawn.blocks}  # type: ignore[union-attr] # it is no file
    assert gate.problems(told) == []
    return told


def everything(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False).replace("\u2060", "")


def test_a_mention_is_answered_in_its_thread_before_anything_else(slack: Slack, world: World) -> None:
    told = answer(slack, "<@U0SENDWATCH> where is Jane's gift?")
    [row] = kept(slack.database)
    assert (row.key, row.channel, row.thread_of) == (
        "answer:C02SALES:1700000000.000100", "C02SALES", "ts:1700000000.000100",
    )
    assert (row.priority, slack.woken) == (PRESS_PRIORITY, 1)
    assert "Jane Doe: Order Received for 8 days" in words(told)


def test_in_a_thread_it_is_answered_in_that_thread(slack: Slack, world: World) -> None:
    answer(slack, "<@U0SENDWATCH> jane", thread_ts="1690000000.000001")
    answer(slack, "jane", DIRECT)
    answer(slack, "jane", DIRECT, ts="1700000000.000300", thread_ts="1690000000.000002")
    assert [row.thread_of for row in kept(slack.database)] == ["ts:1690000000.000001", None, "ts:1690000000.000002"]


def test_the_same_event_again_is_the_same_answer(slack: Slack, world: World) -> None:
    for text in ("<@U0SENDWATCH> jane", "<@U0SENDWATCH> jane", "<@U0SENDWATCH> bob"):
        answer(slack, text)
    assert len(kept(slack.database)) == 1
    assert kept(slack.database)[0].body["cuts"] == ["jane"]


@pytest.mark.parametrize("event", [
    {**MENTION, "bot_id": "B1"}, {**MENTION, "edited": {"user": "U02BEN", "ts": "1.0"}}, {**MENTION, "hidden": True},
    {**MENTION, "subtype": "bot_message"}, {**DIRECT, "subtype": "message_changed", "message": {"text": "x"}},
    {**DIRECT, "subtype": "message_deleted"}, {**DIRECT, "user": "U0SENDWATCH"}, {**DIRECT, "user": None},
    {**DIRECT, "channel": "<!here>"}, {**DIRECT, "ts": "x"}, {**DIRECT, "channel_type": "channel", "channel": "C1X"},
    {**DIRECT, "channel_type": "mpim", "channel": "G1X"}, {"type": "message"}, {"type": "app_mention"},
    {**MENTION, "ts": 5, "text": ["x"]},
])
def test_bots_edits_and_other_peoples_talk_are_not_answered(slack: Slack, event: dict[str, Any]) -> None:
    assert slack.event({"text": "where is jane", **event}).status == 200
    assert kept(slack.database) == []
    assert slack.woken == 0


def test_with_a_file_it_is_a_question_all_the_same(slack: Slack, world: World) -> None:
    assert "Jane Doe" in words(answer(slack, "where is jane", DIRECT, subtype="file_share", files=[{"id": "F1"}]))


@pytest.mark.parametrize("more", [{"user_team": "T9OTHER"}, {"source_team": "T9OTHER"}])
def test_people_of_another_organisation_are_shown_nothing(slack: Slack, world: World, more: dict[str, Any]) -> None:
    told = answer(slack, "<@U0SENDWATCH> where is Jane's gift?", **more)
    assert "another organisation" in words(told)
    assert "Jane" not in everything(told)
    assert slack.event({**MENTION, "ts": "5.5", "text": "jane"}, is_ext_shared_channel=True).status == 200
    assert kept(slack.database)[-1].body["what"] == "elsewhere"


def test_people_of_an_organisation_of_workspaces_are_no_strangers(slack: Slack, world: World) -> None:
    own = [{"team_id": "T0DEMO", "enterprise_id": "E1", "user_id": "U0SENDWATCH", "is_bot": True}]
    event = {**MENTION, "ts": "6.6", "text": "<@U0SENDWATCH> jane", "user_team": "E1", "source_team": "T0DEMO"}
    slack.event(event, authorizations=own)
    slack.event({**event, "ts": "7.7", "user_team": "E9"}, authorizations=own)
    assert [one.body["what"] for one in kept(slack.database)] == ["find", "elsewhere"]


def test_a_channel_sees_no_address_and_no_cost_and_a_direct_message_all(slack: Slack, world: World) -> None:
    public, private = answer(slack, "jane@acme.com"), answer(slack, "jane@acme.com", DIRECT)
    assert "jane@acme.com" not in everything(public)
    assert "25.00" not in everything(public)
    assert list(buttons(public)) == ["Show me more", "Track"]
    assert "jane@acme.com" in everything(private)
    assert "25.00 USD" in everything(private)
    assert "Share in channel" not in buttons(private)


def test_show_me_more_answers_the_presser_alone(slack: Slack, world: World) -> None:
    button = buttons(answer(slack, "jane"))["Show me more"]
    slack.press(button["action_id"], button["value"])
    assert slack.said[-1]["response_type"] == "ephemeral"
    assert "jane" in everything(slack.said[-1])


def test_several_are_listed_with_a_button_each(slack: Slack) -> None:
    for number in range(12):
        add_send(slack.database, number, recipient_name="", recipient_email=f"j{number}@acme.com")
    told = answer(slack, "where is acme's gift")
    assert "12 sends match" in words(told)
    assert "@acme" not in everything(told)
    assert list(buttons(told)) == ["Open", "Show more"]
    assert "j1@acme.com" in everything(answer(slack, "acme", DIRECT))


def test_nothing_found_names_the_nearest_but_no_address_in_a_channel(slack: Slack) -> None:
    add_send(slack.database, recipient_name="Katherine Johnson", recipient_email="katherine.johnson@acme.com")
    told = answer(slack, "where is Kathrine Jonson?")
    assert "Katherine Johnson" in buttons(told)
    assert "@acme" not in everything(told)
    assert "Look up a send" in buttons(told)


def test_a_status_that_is_no_name_is_explained(slack: Slack, world: World) -> None:
    for text in ("what is shipped", "shipped", "what does shipped mean?"):
        assert "🚚 Shipped" in words(answer(slack, text, DIRECT, ts=f"{len(text)}.1"))


def test_the_sends_of_a_mentioned_person_are_found_without_telling_their_address(slack: Slack) -> None:
    with slack.database.write() as session:
        people.keep(session, user_id="U03CHI", team_id="", name="", email="ann@example.com", tz="", now=NOW)
    for number in range(7):
        add_send(slack.database, number, recipient_email=f"j{number}@acme.com")
    told = answer(slack, "where are <@U03CHI>'s gifts?")
    assert "7 sends of that person" in words(told)
    assert "ann@example.com" not in everything(told)
    more = buttons(told)["Show more"]
    slack.press(more["action_id"], more["value"])
    assert "6 to 7 of 7" in words(slack.said[-1])


def test_what_is_mine_is_not_for_everybody(slack: Slack, world: World) -> None:
    told = answer(slack, "my sends")
    assert "Jane" not in everything(told)
    with slack.database.write() as session:
        people.keep(session, user_id="U03CHI", team_id="", name="", email="ann@example.com", tz="", now=NOW)
    slack.press(buttons(told)["My sends"]["action_id"], {}, user={"id": "U03CHI"})
    assert "Jane Doe" in words(slack.said[-1])
    assert slack.said[-1]["response_type"] == "ephemeral"


def test_mine_in_a_direct_message_waits_until_slack_has_said_who_asks(slack: Slack, world: World) -> None:
    slack.client.answers["users.info"] = [{
        "ok": True, "user": {"id": "U02BEN", "tz": "UTC", "profile": {"email": "ann@example.com"}},
    }]
    assert "Looking you up" in words(answer(slack, "my sends", DIRECT))
    slack.executor.finish()
    [row] = kept(slack.database)
    assert row.wanted_rev == 2
    assert "Jane Doe" in words(answer(slack, "my sends", DIRECT))


def met(slack: Slack) -> None:
    with slack.database.write() as session:
        people.keep(session, user_id="U02BEN", team_id="", name="", email="ann@example.com", tz="", now=NOW)


def test_mine_is_drawn_anew_for_whom_another_request_has_made_known_meanwhile(slack: Slack, world: World) -> None:
    answer(slack, "my sends", DIRECT)
    met(slack)
    slack.executor.finish()
    [row] = kept(slack.database)
    assert row.wanted_rev == 2
    assert [call for call in slack.client.calls if call[0] == "users.info"] == []


def test_mine_of_whom_the_bot_knows_is_drawn_once(slack: Slack, world: World) -> None:
    met(slack)
    assert "Jane Doe" in words(answer(slack, "my sends", DIRECT))
    conversations.go_on(slack.deps)
    slack.executor.finish()
    [row] = kept(slack.database)
    assert row.wanted_rev == 1


def test_mine_is_drawn_anew_by_the_next_process_where_one_was_killed_before_it_had_asked(
    slack: Slack, world: World,
) -> None:
    slack.client.answers["users.info"] = [{
        "ok": True, "user": {"id": "U02BEN", "tz": "UTC", "profile": {"email": "ann@example.com"}},
    }]
    answer(slack, "my sends", DIRECT)
    answer(slack, "what is stuck", DIRECT, ts="7.1")
    slack.executor.waiting.clear()
    for _ in range(2):
        conversations.go_on(slack.deps)
        slack.executor.finish()
    [mine, other] = kept(slack.database)
    assert (mine.wanted_rev, other.wanted_rev) == (2, 1)
    assert "Jane Doe" in words(answer(slack, "my sends", DIRECT))
    assert len([call for call in slack.client.calls if call[0] == "users.info"]) == 1


def test_mine_where_slack_does_not_say_who_asks(slack: Slack, world: World) -> None:
    slack.client.answers["users.info"] = [{"ok": False, "error": "missing_scope"}]
    answer(slack, "my sends", DIRECT)
    slack.executor.finish()
    assert "does not tell me your e-mail" in words(answer(slack, "my sends", DIRECT))


@pytest.mark.parametrize(("text", "public", "private"), [
    ("what is stuck", "Jane Doe", "Jane Doe"), ("alerts", "There is 1 open alert.", "Jane Doe"),
    ("what is stuck at acme", "1 send held up that fits “acme”", "1 send held up that fits “acme”"),
    ("mutes", "shown to you alone", "mute"), ("help", "Ask me about your sends", "Ask me about your sends"),
    ("thanks!", "You are welcome", "You are welcome"), ("/sends mute jane for 2 days", "/sends mute", "/sends mute"),
    ("where do alerts about jane@acme.com go", "I know that send", "I know that send"),
    ("what expires soon", "I know no open alert about that", "No open alert fits “expiring”"),
    ("where do alerts about nobody at all go", "Nothing matches", "Nothing matches"),
])
def test_other_questions(slack: Slack, world: World, text: str, public: str, private: str) -> None:
    assert public in words(answer(slack, text))
    assert private in words(answer(slack, text, DIRECT))


def test_no_alert_and_several(slack: Slack, world: World) -> None:
    other = add_send(slack.database, 2)
    add_alert(slack.database, other, None)
    assert "There are 2 open alerts." in words(answer(slack, "alerts"))


def test_buttons_of_an_answer_lead_on(slack: Slack, world: World) -> None:
    for text in ("alerts", "where do alerts about jane@acme.com go", "help"):
        offered = buttons(answer(slack, text, ts=f"{len(text)}.9"))
        assert offered, text
        for found in offered.values():
            slack.press(found["action_id"], found["value"])
    slack.executor.finish()
    assert not any("not one that this version" in words(body) for body in slack.said)


def test_a_press_on_an_answer_draws_it_anew(slack: Slack, world: World) -> None:
    answer(slack, "jane", DIRECT)
    [row] = kept(slack.database)
    with slack.database.write() as session:
        session.get_one(Message, row.id).ts = "1700000001.000001"
    slack.press(
        "alert_acknowledge.0", {"alert": world.alert, "v": 1}, channel={"id": "D02BEN"},
        container={"type": "message", "message_ts": "1700000001.000001", "channel_id": "D02BEN"},
    )
    slack.executor.finish()
    assert kept(slack.database)[0].wanted_rev == row.wanted_rev + 1


@pytest.mark.parametrize("number", [0, 1, 50, 500])
@pytest.mark.parametrize("event", [MENTION, DIRECT])
def test_any_number_of_sends_and_hostile_names(slack: Slack, number: int, event: dict[str, Any]) -> None:
    for place in range(number):
        name = STORABLE[place % len(STORABLE)]
        add_send(slack.database, place, recipient_name=name, recipient_company="Acme", campaign=name, sender_name=name)
    for place, text in enumerate(("where is acme", "what is stuck", "alerts", "my sends", *HOSTILE)):
        answer(slack, text, event, ts=f"{place}.1")


@hostile(60)
@given(sends)
def test_nothing_private_of_any_send_is_in_a_public_answer(found: Send) -> None:
    secret = "very-private@secret.example"
    for changes in ({"recipient_name": ""}, {"recipient_name": secret}, {"recipient_company": secret}):
        send = Send(**{
            name: getattr(found, name) for name in Send.__table__.columns.keys() if name != "id"  # noqa: SIM118
        })
        send.id, send.recipient_email, send.sender_email = found.id, secret, secret
        send.tracking_url = None
        for name, value in changes.items():
            setattr(send, name, value)
        drawn = send_card.public(SendFacts(send=send), NOW)
        assert secret not in everything({"text": drawn.text, "blocks": drawn.blocks})
        assert gate.problems({"text": drawn.text, "blocks": drawn.blocks}) == []


def test_a_row_of_another_version_is_not_answered(slack: Slack) -> None:
    with slack.database.write() as session:
        session.add(Message(key="answer:x", kind="answer", channel="C1", body={"what": "dance"}, created_at=NOW))
    with slack.database.read() as session:
        assert render(session, session.scalars(select(Message)).one(), NOW) is None


def test_a_question_is_kept_as_it_was_understood() -> None:
    body = question_answers.body(Question(what="find", cuts=("Jane",)), "U02BEN", is_private=False)
    assert body == {"what": "find", "cuts": ["Jane"], "user": "", "beside": "", "asked_by": "U02BEN",
                    "private": False}


def test_of_several_people_none_is_passed_over(slack: Slack, world: World) -> None:
    add_send(slack.database, 50, recipient_name="Tom Ray")
    for text in ("Jane Doe and Tom Ray", "where are the gifts for jane doe & tom ray?"):
        told = answer(slack, text, DIRECT, ts=f"17{len(text)}.1")
        assert list(buttons(told))[:2] == ["Jane Doe", "Tom Ray"], text


def test_what_is_not_understood_is_answered_with_what_is(slack: Slack, world: World) -> None:
    told = words(answer(slack, "which gifts have not arrived", DIRECT))
    assert "Nothing matches “which gifts have not arrived”" in told
    assert "What I understand, for example: Where is Jane's gift?" in told
    told = words(answer(slack, "is it true that zebediah got it", DIRECT, ts="1700000001.1"))
    assert "Nothing matches “is it true that zebediah got it”" in told


def test_what_buttons_do_is_answered_with_the_alerts_that_have_them(slack: Slack, world: World) -> None:
    add_send(slack.database, 50, recipient_name="Resolve Roe", recipient_company="Resolve Health")
    for number, text in enumerate(("snooze jane 2h", "assign jane to ben", "resolve the alert about jane")):
        assert "about “jane”" in words(answer(slack, text, DIRECT, ts=f"17{number}.1")), text
    assert "Jane" not in words(answer(slack, "<@U0SENDWATCH> snooze jane 2h")).replace("jane", "")
    assert "Resolve Roe:" in words(answer(slack, "resolve health", DIRECT, ts="1700000002.1"))
    assert "Nothing matches" in words(answer(slack, "resolve zebediah", DIRECT, ts="1700000003.1"))


@pytest.mark.parametrize(("status", "first"), [("delivered", "Late Lee"), ("shipped", "Early Eve")])
def test_of_what_has_arrived_the_latest_come_first(slack: Slack, status: str, first: str) -> None:
    for number, (name, days) in enumerate((("Early Eve", 9), ("Late Lee", 1)), 60):
        since = NOW - timedelta(days=days)
        add_send(slack.database, number, recipient_name=name, status=status, status_since=since)
    told = words(answer(slack, f"which gifts are {status}?", DIRECT))
    assert min("Early Eve", "Late Lee", key=told.index) == first
