"""Assigning to anybody: the window, who is refused in it, and what the assignee reads."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.alerts.permissions import Permissions
from bot.slack import colleagues
from bot.slack.blocks import assign_modal, group_modal
from bot.slack.blocks.drawn import Drawn
from bot.slack.render import render
from storage.models import Alert, AlertEvent, Message, Person, Send
from tests.bot.slack import gate
from tests.bot.slack.conftest import World, add_alert, add_message, add_send, alert_of
from tests.bot.slack.harness import RULES, Slack, buttons, words
from tests.conftest import NOW

BEN = {"user": {"id": "U02BEN", "username": "ben", "team_id": "T0DEMO"}}
PERSON = {"id": "U02BEN", "team_id": "T0DEMO", "real_name": "Ben Okafor", "tz": "Europe/Berlin",
          "profile": {"email": "Ben@example.com"}}


def value(world: World) -> dict[str, Any]:
    return {"alert": world.alert, "v": 1}


def more(slack: Slack, action_id: str, content: dict[str, Any], do: str, **place: Any) -> None:  # noqa: ANN401 - parts of a payload
    """Choose from the menu of one alert."""
    option = {"text": {"type": "plain_text", "text": do}, "value": json.dumps({**content, "do": do})}
    action = {"type": "overflow", "action_id": action_id, "action_ts": f"{do}.1", "selected_option": option}
    slack.press("x", actions=[action], **place)


def opened(slack: Slack, method: str = "views.open") -> dict[str, Any]:
    slack.executor.finish()
    return slack.client.views(method)[-1]


def picked(user: str, note: str = "") -> dict[str, Any]:
    return {
        assign_modal.BLOCK: {assign_modal.ACTION: {"type": "users_select", "selected_user": user}},
        assign_modal.NOTE_BLOCK: {assign_modal.NOTE_ACTION: {"type": "plain_text_input", "value": note}},
    }


def in_window(view: dict[str, Any], view_id: str = "V9") -> dict[str, Any]:
    return {
        "view": {**view, "id": view_id, "hash": "h1"}, "container": {"type": "view", "view_id": view_id},
        "response_url": None, "channel": None,
    }


def choose(slack: Slack, view: dict[str, Any], user: str) -> None:
    action = {"type": "users_select", "action_id": assign_modal.ACTION, "action_ts": user, "selected_user": user}
    slack.press("x", actions=[action], **in_window(view))


@pytest.fixture
def window(slack: Slack, world: World) -> dict[str, Any]:
    more(slack, "alert_more", value(world), "assign_to")
    assert slack.client.calls == []
    return opened(slack)


def notices(slack: Slack, user: str) -> list[dict[str, Any]]:
    """What stands in somebody's direct messages, drawn."""
    with slack.database.read() as session:
        found = session.query(Message).filter_by(channel=user).order_by(Message.id).all()
        drawn = [render(session, message, NOW) for message in found]
    told = [{"text": one.text, "blocks": one.blocks} for one in drawn if isinstance(one, Drawn)]
    assert [gate.problems(one) for one in told] == [[]] * len(told)
    return told


def test_the_window_has_the_presser_chosen_and_searches_among_people(window: dict[str, Any]) -> None:
    field = next(block for block in window["blocks"] if block.get("block_id") == assign_modal.BLOCK)
    assert field["element"]["type"] == "users_select"
    assert field["element"]["initial_user"] == "U01ANN"
    assert "Jane Doe" in words(window)


def test_to_oneself_it_is_recorded_at_once_and_nobody_is_asked(
    slack: Slack, world: World, window: dict[str, Any],
) -> None:
    assert slack.submit(window, picked("U01ANN")) == {}
    assert alert_of(slack.database, world.alert).assignee == "U01ANN"
    assert [method for method, _ in slack.client.calls] == ["views.open"]
    assert notices(slack, "U01ANN") == []
    assert slack.woken == 1


def test_who_was_looked_at_when_chosen_is_assigned_at_once(slack: Slack, world: World, window: dict[str, Any]) -> None:
    slack.client.answers["users.info"] = [{"ok": True, "user": PERSON}]
    choose(slack, window, "U02BEN")
    assert [method for method, _ in slack.client.calls] == ["views.open"]
    known = opened(slack, "views.update")
    assert "⚠️" not in words(known)
    calls = len(slack.client.calls)
    assert slack.submit(known, picked("U02BEN", "please call them")) == {}
    assert len(slack.client.calls) == calls
    assert alert_of(slack.database, world.alert).assignee == "U02BEN"
    (told,) = notices(slack, "U02BEN")
    said = words(told)
    for part in ("<@U01ANN> assigned this alert to you.", "“please call them”", "Jane Doe", "*Why:* In Order Received",
                 "*Next:* You, with Sendoso Support", "*To do:* ", "In <#C01GIFTING>"):
        assert part in said
    assert buttons(told)["Open"]["value"] == f'{{"send":{world.send}}}'
    with slack.database.read() as session:
        person = session.get_one(Person, "U02BEN")
    assert (person.name, person.email, person.tz) == ("Ben Okafor", "ben@example.com", "Europe/Berlin")


REFUSED = [
    ({"is_bot": True}, colleagues.APP), ({"id": "USLACKBOT"}, colleagues.APP),
    ({"deleted": True}, colleagues.SWITCHED_OFF), ({"is_stranger": True}, colleagues.STRANGER),
    ({"team_id": "T9OTHER"}, colleagues.STRANGER),
    ({"team_id": "T9OTHER", "enterprise_user": {"id": "W", "enterprise_id": "E9"}}, colleagues.STRANGER),
]


@pytest.mark.parametrize(("changes", "problem"), REFUSED)
def test_apps_the_deactivated_and_strangers_are_refused_in_the_field(
    slack: Slack, world: World, window: dict[str, Any], changes: dict[str, Any], problem: str,
) -> None:
    slack.client.answers["users.info"] = [{"ok": True, "user": PERSON | changes}]
    choose(slack, window, "U02BEN")
    again = opened(slack, "views.update")
    assert problem in words(again)
    told = slack.submit(again, picked("U02BEN"))
    assert told == {"response_action": "errors", "errors": {assign_modal.BLOCK: problem}}
    # Another choice makes that go.
    choose(slack, again, "U01ANN")
    third = opened(slack, "views.update")
    assert "⚠️" not in words(third)
    assert slack.submit(third, picked("U01ANN")) == {}


@pytest.mark.parametrize(("changes", "problem"), REFUSED)
def test_who_is_not_known_yet_is_looked_at_after_the_answer(
    slack: Slack, world: World, window: dict[str, Any], changes: dict[str, Any], problem: str,
) -> None:
    slack.client.answers["users.info"] = [{"ok": True, "user": PERSON | changes}]
    told = slack.submit(window, picked("U02BEN", "call them"))
    assert (told["response_action"], "Asking Slack" in words(told["view"])) == ("update", True)
    assert [method for method, _ in slack.client.calls] == ["views.open"]
    again = opened(slack, "views.update")
    assert problem in words(again)
    assert again["blocks"][-2]["element"]["initial_value"] == "call them"
    assert alert_of(slack.database, world.alert).assignee is None


def test_who_turns_out_to_be_a_person_is_assigned_after_the_answer(
    slack: Slack, world: World, window: dict[str, Any],
) -> None:
    in_the_organisation = PERSON | {"team_id": "T9", "enterprise_user": {"id": "W", "enterprise_id": "E1"}}
    slack.client.answers["auth.test"] = [{"ok": True, "enterprise_id": "E1"}]
    slack.client.answers["users.info"] = [{"ok": True, "user": in_the_organisation}]
    slack.submit(window, picked("U02BEN"))
    assert "Assigned to <@U02BEN>." in words(opened(slack, "views.update"))
    assert alert_of(slack.database, world.alert).assignee == "U02BEN"


@pytest.mark.parametrize(("answer", "problem"), [
    ({"ok": False, "error": "user_not_found"}, colleagues.STRANGER),
    ({"ok": False, "error": "user_not_visible"}, colleagues.STRANGER),
    ({"ok": False, "error": "internal_error"}, colleagues.SILENT), (TimeoutError(), colleagues.SILENT),
    ({"ok": True, "user": None}, colleagues.SILENT),
])
def test_where_slack_does_not_say_who_it_is_nothing_is_done(
    slack: Slack, world: World, window: dict[str, Any], answer: Any, problem: str,  # noqa: ANN401 - an answer or an error
) -> None:
    slack.client.answers["users.info"] = [answer]
    slack.submit(window, picked("U02BEN"))
    assert problem in words(opened(slack, "views.update"))
    assert alert_of(slack.database, world.alert).assignee is None


@pytest.mark.parametrize("user", ["", "nobody", "<@U02BEN>"])
def test_somebody_must_be_chosen(slack: Slack, window: dict[str, Any], user: str) -> None:
    told = slack.submit(window, picked(user))
    assert told == {"response_action": "errors", "errors": {assign_modal.BLOCK: "Choose a person."}}


def test_sent_off_twice_it_is_told_once(slack: Slack, world: World, window: dict[str, Any]) -> None:
    slack.client.answers["users.info"] = [{"ok": True, "user": PERSON}] * 3
    choose(slack, window, "U02BEN")
    known = opened(slack, "views.update")
    slack.submit(known, picked("U02BEN"))
    slack.submit(known, picked("U02BEN"))
    late = slack.submit({**known, "hash": "other"}, picked("U02BEN"))
    assert "You already assigned it to <@U02BEN>" in words(late["view"])
    assert len(notices(slack, "U02BEN")) == 1


def test_no_window_for_what_is_settled_or_gone_or_not_allowed(slack: Slack, world: World) -> None:
    more(slack, "alert_more", {"alert": 404, "v": 1}, "assign_to")
    assert slack.said[-1]["text"].startswith("Sendwatch does not know this alert any more.")
    only_admins = replace(RULES, permissions=Permissions(allowed={"assign": ("admins",)}))
    object.__setattr__(slack.deps, "rules", lambda _session: only_admins)
    more(slack, "alert_more", value(world), "assign_to", **BEN)
    assert "It is for the admins of Sendwatch" in slack.said[-1]["text"]
    slack.press("alert_resolve", value(world))
    more(slack, "alert_more", value(world), "assign_to")
    assert "You already resolved it" in slack.said[-1]["text"]
    assert [method for method, _ in slack.client.calls] == []


@pytest.mark.parametrize(("action", "do"), [("assign", "assign_to"), ("resolve", "resolve_why"), ("snooze", "snooze")])
def test_who_may_not_is_told_before_a_window_opens_and_it_is_on_record(
    slack: Slack, world: World, action: str, do: str,
) -> None:
    only_admins = replace(RULES, permissions=Permissions(allowed={action: ("admins",)}))
    object.__setattr__(slack.deps, "rules", lambda _session: only_admins)
    more(slack, "alert_more", value(world), do, **BEN)
    assert "It is for the admins of Sendwatch" in slack.said[-1]["text"]
    assert [method for method, _ in slack.client.calls] == []
    with slack.database.read() as session:
        rows = session.query(AlertEvent).filter_by(action="refused").all()
        assert [(row.actor, row.alert_id, row.detail["wanted"]) for row in rows] == [("U02BEN", world.alert, action)]


def test_a_window_filled_in_too_late_says_who_was_first(slack: Slack, world: World, window: dict[str, Any]) -> None:
    slack.press("alert_resolve", value(world), **BEN)
    assert "Already resolved by <@U02BEN>" in words(slack.submit(window, picked("U01ANN"))["view"])


@pytest.fixture
def group(slack: Slack) -> int:
    message = add_message(slack.database, "group")
    for number in range(1, 9):
        send = add_send(slack.database, number, recipient_name=f"Person {number:02}")
        add_alert(slack.database, send, message, level="late", status_since=NOW - timedelta(days=40 - number))
    return message


def for_senders(slack: Slack) -> None:
    rules = replace(RULES, permissions=Permissions(allowed={"assign": ("sender", "S01OPS")}))
    object.__setattr__(slack.deps, "rules", lambda _session: rules)
    slack.client.answers["usergroups.users.list"] = [{"ok": True, "users": []}]
    slack.client.answers["users.info"] = [{"ok": True, "user": PERSON}]


def test_the_window_says_how_many_are_really_assigned(slack: Slack, group: int) -> None:
    for_senders(slack)
    with slack.database.write() as session:
        for number, send in enumerate(session.query(Send).order_by(Send.id)):
            send.sender_email = "ben@example.com" if number < 2 else "sam@example.com"
    slack.press("group_assign", {"message": group}, **BEN)
    view = opened(slack)
    assert (
        "This assigns 2 of 8 open alerts. The other 6 are for the sender of the gift or <!subteam^S01OPS> to assign. "
        "Each can be undone on its own."
    ) in words(view)
    slack.interact({
        "type": "view_submission", **BEN,
        "view": {**view, "hash": "h", "id": "V9", "root_view_id": "V9", "state": {"values": picked("U02BEN")}},
    })
    assert assignees(slack) == ["U02BEN"] * 2 + [None] * 6


def test_no_window_where_nothing_of_a_message_is_theirs_to_assign(slack: Slack, group: int) -> None:
    for_senders(slack)
    slack.press("group_assign", {"message": group}, **BEN)
    assert "It is for the sender of the gift or <!subteam^S01OPS>" in slack.said[-1]["text"]
    assert slack.client.views() == []


def test_a_sender_who_is_new_gets_the_window(slack: Slack) -> None:
    for_senders(slack)
    send = add_send(slack.database, 1, sender_email="ben@example.com")
    alert = add_alert(slack.database, send, None)
    more(slack, "alert_more", {"alert": alert, "v": 1}, "assign_to", **BEN)
    assert "Who takes it on?" in str(opened(slack))


def assignees(slack: Slack) -> list[str | None]:
    with slack.database.read() as session:
        return [one.assignee for one in session.query(Alert).order_by(Alert.id)]


def test_all_that_is_open_of_a_message_is_assigned(slack: Slack, group: int) -> None:
    slack.press("alert_resolve", {"alert": 1, "v": 1})
    slack.press("group_assign", {"message": group})
    view = opened(slack)
    assert "This assigns 7 open alerts." in words(view)
    slack.client.answers["users.info"] = [{"ok": True, "user": PERSON}]
    choose(slack, view, "U02BEN")
    assert slack.submit(opened(slack, "views.update"), picked("U02BEN")) == {}
    assert assignees(slack) == [None] + ["U02BEN"] * 7
    (told,) = notices(slack, "U02BEN")
    assert "<@U01ANN> assigned 7 alerts to you." in words(told)
    assert "…and 2 more" in words(told)
    assert buttons(told)["Show all"]["value"] == f'{{"message":{group}}}'
    slack.press("group_undo", {"message": group})
    assert assignees(slack) == [None] * 8
    assert "Nothing of this is left for you to do." in words(notices(slack, "U02BEN")[0])


def test_nothing_is_left_to_assign_in_a_group(slack: Slack, group: int) -> None:
    slack.press("group_resolve", {"message": group})
    slack.press("group_assign", {"message": group})
    assert slack.said[-1]["text"] == "Everything here is settled already."
    slack.press("group_assign", {"message": 404})
    assert "does not know this alert" in slack.said[-1]["text"]


def test_from_the_window_of_a_group(slack: Slack, group: int) -> None:
    slack.press("group_show", {"message": group})
    view = opened(slack)
    assert view["callback_id"] == group_modal.CALLBACK
    more(slack, "group_alert.1", {"alert": 1, "v": 1, "p": 0}, "assign_to", **in_window(view, "V1"))
    window = opened(slack, "views.push")
    assert slack.submit({**window, "previous_view_id": "V1"}, picked("U01ANN")) == {}
    assert "Assigned to <@U01ANN>" in words(opened(slack, "views.update"))


def test_behind_open_is_all_that_can_be_done(slack: Slack, group: int) -> None:
    slack.press("group_show", {"message": group})
    more(slack, "group_alert.1", {"alert": 1, "v": 1, "p": 0}, "open", **in_window(opened(slack), "V1"))
    card = opened(slack, "views.push")
    assert {"Contact Support", "Track"} <= set(buttons(card))
    more(slack, "group_alert.1", {"alert": 404, "v": 1, "p": 0}, "open")
    assert "does not know this alert" in slack.said[-1]["text"]


def test_a_menu_that_names_itself_is_foreign(slack: Slack, world: World) -> None:
    more(slack, "alert_more", value(world), "more")
    assert "not one that this version" in slack.said[-1]["text"]


def test_the_notice_says_when_it_is_no_longer_theirs(slack: Slack, world: World, window: dict[str, Any]) -> None:
    slack.client.answers["users.info"] = [{"ok": True, "user": PERSON}]
    slack.submit(window, picked("U02BEN"))
    slack.executor.finish()
    seen = value(world) | {"v": 2}
    slack.press("alert_assign", seen, user={"id": "U04DEE", "username": "dee", "team_id": "T0DEMO"})
    (told,) = notices(slack, "U02BEN")
    assert "Not yours any more: assigned to <@U04DEE> now." in words(told)
    slack.press("alert_resolve", value(world))
    (told,) = notices(slack, "U02BEN")
    assert "Nothing of this is left for you to do." in words(told)
    assert "Resolved by <@U01ANN>" in words(told)
