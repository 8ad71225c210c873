"""The window that asks until when: choices, words that are shown back, the way back, whole messages."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.slack.blocks import snooze_modal
from storage import people
from storage.models import Alert, AlertEvent
from tests.bot.slack.conftest import World, add_alert, add_message, add_send, alert_of
from tests.bot.slack.harness import Slack, at, buttons, words
from tests.conftest import NOW

BERLIN = ZoneInfo("Europe/Berlin")
BEN = {"user": {"id": "U02BEN", "username": "ben", "team_id": "T0DEMO"}}
Json = dict[str, Any]


@pytest.fixture(autouse=True)
def ann(slack: Slack) -> None:
    """Ann's clock shows Berlin's time, and that is known."""
    with slack.database.write() as session:
        people.keep(
            session, user_id="U01ANN", team_id="T0DEMO", name="Ann", email="ann@example.com", tz="Europe/Berlin",
            now=NOW,
        )


def opened(slack: Slack, method: str = "views.open") -> Json:
    slack.executor.finish()
    return slack.client.views(method)[-1]


def ask(slack: Slack, world: World) -> Json:
    slack.press("alert_snooze", {"alert": world.alert, "v": 1})
    return opened(slack)


def said(text: str, choice: str = "") -> Json:
    """What is sent off: words, and the choice that stands above them."""
    radio: Json = {"selected_option": {"value": choice}} if choice else {}
    return {
        snooze_modal.WORDS_BLOCK: {snooze_modal.WORDS_ACTION: {"value": text}},
        snooze_modal.BLOCK: {snooze_modal.ACTION: radio},
    }


def events(slack: Slack) -> list[AlertEvent]:
    with slack.database.read() as session:
        return list(session.scalars(select(AlertEvent).order_by(AlertEvent.id)))


def test_words_are_shown_back_and_count_when_that_is_sent_off(slack: Slack, world: World) -> None:
    view = ask(slack, world)
    told = slack.submit(view, said("3 business days at 9am", at(NOW + timedelta(hours=1))))
    assert told["response_action"] == "update"
    second = told["view"]
    assert "*Quiet until* Friday 27 Nov, 09:00 (Europe/Berlin), in 4 days, which is 3 business days." in words(second)
    assert "Jane Doe" in words(second)
    assert events(slack) == []
    assert alert_of(slack.database, world.alert).state == "firing"

    assert slack.submit(second, {}) == {}
    alert = alert_of(slack.database, world.alert)
    assert (alert.state, alert.snoozed_by) == ("snoozed", "U01ANN")
    assert alert.snoozed_until == datetime(2026, 11, 27, 9, 0, tzinfo=BERLIN)
    assert [event.action for event in events(slack)] == ["snooze"]
    assert slack.woken == 1


@pytest.mark.parametrize(("text", "sentence"), [
    ("whenever", "does not understand that as a time. For example: 2h, tomorrow 9am"),
    ("3/4", "Write “4 Mar” or “3 Apr”"),
    ("2 years", "Years differ"),
    ("yesterday <!channel>", "does not understand"),
    ("x" * 2500, "too long"),
])
def test_words_that_are_not_understood_are_answered_beside_the_field(
    slack: Slack, world: World, text: str, sentence: str,
) -> None:
    told = slack.submit(ask(slack, world), said(text, at(NOW + timedelta(hours=1))))
    assert told["response_action"] == "errors"
    assert list(told["errors"]) == [snooze_modal.WORDS_BLOCK]
    assert sentence in told["errors"][snooze_modal.WORDS_BLOCK]
    assert events(slack) == []


def test_no_words_are_no_words(slack: Slack, world: World) -> None:
    assert slack.submit(ask(slack, world), said("   ", at(NOW + timedelta(hours=4)))) == {}
    assert alert_of(slack.database, world.alert).snoozed_until == NOW + timedelta(hours=4)


def test_back_to_the_choices_with_the_words(slack: Slack, world: World) -> None:
    second = slack.submit(ask(slack, world), said("tomorrow 9am"))["view"]
    button = buttons(second)["Back"]
    window = {**second, "id": "V9", "hash": "h9"}
    slack.press(button["action_id"], button["value"], view=window, container={"type": "view", "view_id": "V9"})
    view = opened(slack, "views.update")
    field = next(block for block in view["blocks"] if block.get("block_id") == snooze_modal.WORDS_BLOCK)
    assert field["element"]["initial_value"] == "tomorrow 9am"
    assert json.loads(view["private_metadata"]) == {"alert": world.alert, "v": 1}
    assert (slack.client.calls[-1][1]["view_id"], slack.client.calls[-1][1]["hash"]) == ("V9", "h9")
    assert events(slack) == []


@pytest.mark.parametrize("content", [None, "no json", {"words": 5}, {"words": "x" * 500}])
def test_back_with_a_broken_button(slack: Slack, world: World, content: Json | str | None) -> None:
    second = slack.submit(ask(slack, world), said("tomorrow 9am"))["view"]
    slack.press(snooze_modal.BACK, content, view={**second, "id": "V9"}, container={"type": "view"})
    assert "Be quiet about it" in words(opened(slack, "views.update"))


def test_back_when_somebody_has_settled_it(slack: Slack, world: World) -> None:
    second = slack.submit(ask(slack, world), said("tomorrow 9am"))["view"]
    slack.press("alert_resolve", {"alert": world.alert, "v": 1}, **BEN)
    slack.press(snooze_modal.BACK, {"words": "x"}, view={**second, "id": "V9"}, container={"type": "view"})
    assert "Already resolved by <@U02BEN>" in words(opened(slack, "views.update"))


def test_words_for_what_is_settled_meanwhile(slack: Slack, world: World) -> None:
    view = ask(slack, world)
    slack.press("alert_resolve", {"alert": world.alert, "v": 1}, **BEN)
    told = slack.submit(view, said("tomorrow 9am"))
    assert "Already resolved by <@U02BEN>" in words(told["view"])


def test_the_second_step_too_late_says_who_was_first(slack: Slack, world: World) -> None:
    second = slack.submit(ask(slack, world), said("tomorrow 9am"))["view"]
    slack.press("alert_resolve", {"alert": world.alert, "v": 1}, **BEN)
    assert "Already resolved by <@U02BEN>" in words(slack.submit(second, {})["view"])


def test_the_second_step_after_its_time_asks_again(slack: Slack, world: World) -> None:
    second = slack.submit(ask(slack, world), said("5 min"))["view"]
    slack.now += timedelta(minutes=5)
    told = slack.submit(second, {})
    assert told["response_action"] == "update"
    assert told["view"]["callback_id"] == snooze_modal.CALLBACK
    assert "That time has passed meanwhile" in words(told["view"])
    assert events(slack) == []


@pytest.mark.parametrize("until", [None, "x", -1, 10**40, True])
def test_a_second_step_with_a_broken_instant_asks_again(slack: Slack, world: World, until: object) -> None:
    second = slack.submit(ask(slack, world), said("5 min"))["view"]
    data = json.loads(second["private_metadata"]) | {"until": until}
    told = slack.submit({**second, "private_metadata": json.dumps(data)}, {})
    assert told["view"]["callback_id"] == snooze_modal.CALLBACK
    assert events(slack) == []


@pytest.fixture
def group(slack: Slack) -> int:
    """A message with three alerts of three sends."""
    message = add_message(slack.database, "group")
    for number in range(11, 14):
        add_alert(slack.database, add_send(slack.database, number), message)
    return message


def states(slack: Slack) -> list[str]:
    with slack.database.read() as session:
        return sorted(session.scalars(select(Alert.state)))


def test_a_whole_message_is_snoozed_at_once_by_a_choice(slack: Slack, group: int) -> None:
    slack.press("group_snooze", {"message": group})
    view = opened(slack)
    assert (view["title"]["text"], json.loads(view["private_metadata"])) == ("Snooze all", {"group": group})
    assert "3 gifts are stuck" in words(view)
    assert slack.submit(view, said("", at(NOW + timedelta(hours=4)))) == {}
    assert states(slack) == ["snoozed"] * 3
    whole, *each = events(slack)
    assert (whole.alert_id, whole.detail["message"], whole.detail["changed"]) == (None, group, 3)
    assert len(each) == 3


def test_a_whole_message_is_snoozed_in_words_and_undone(slack: Slack, group: int) -> None:
    slack.press("group_snooze", {"message": group})
    second = slack.submit(opened(slack), said("next week"))["view"]
    assert "Monday 30 Nov, 09:00 (Europe/Berlin), in 7 days, which is 4 business days" in words(second)
    assert slack.submit(second, {}) == {}
    assert states(slack) == ["snoozed"] * 3
    slack.press("group_undo", {"message": group})
    assert states(slack) == ["firing"] * 3


def test_a_message_without_anything_open(slack: Slack, group: int) -> None:
    slack.press("group_resolve", {"message": group})
    slack.press("group_snooze", {"message": group})
    assert slack.said[-1]["text"] == "Everything here is settled already."
    slack.press("group_snooze", {"message": 404})
    assert "does not know this alert any more" in slack.said[-1]["text"]
    assert slack.client.calls == []


@pytest.mark.parametrize("data", [{}, {"group": "x"}, {"alert": 404}, {"group": 404}])
def test_a_window_about_nothing_is_answered(slack: Slack, world: World, data: Json) -> None:
    view = {**ask(slack, world), "private_metadata": json.dumps(data)}
    answer = slack.interact({
        "type": "view_submission", "view": {"hash": "h", **view, "id": "V9", "state": {"values": said("2h")}},
    })
    assert answer.status == 200
    assert events(slack) == []


def test_from_the_window_of_a_group_it_comes_on_top_and_the_one_beneath_is_drawn_anew(
    slack: Slack, group: int,
) -> None:
    slack.press("group_show", {"message": group})
    beneath = {**opened(slack), "id": "V1", "type": "modal"}
    alert = json.loads(next(
        option["value"] for block in beneath["blocks"] if "accessory" in block
        for option in block["accessory"]["options"] if '"snooze"' in option["value"]
    ))
    slack.press("group_alert.1", alert, view=beneath, container={"type": "view", "view_id": "V1"})
    top = opened(slack, "views.push")
    second = slack.submit({**top, "previous_view_id": "V1"}, said("tomorrow"))["view"]
    answer = slack.interact({
        "type": "view_submission",
        "view": {**second, "id": "V9", "hash": "h", "root_view_id": "V1", "previous_view_id": "V1",
                 "state": {"values": {}}},
    })
    assert answer.status == 200
    assert "Snoozed until" in words(opened(slack, "views.update"))
