"""The window in which a send is looked up."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.slack import lookups
from bot.slack.blocks import send_card, send_search
from tests.bot.slack.conftest import World, add_send
from tests.bot.slack.harness import Slack, words
from tests.bot.slack.rows import HOSTILE, STORABLE
from tests.conftest import NOW

LOOKUP = {"id": "V1", "hash": "h1", "type": "modal", "callback_id": send_card.CALLBACK, "private_metadata": "{}"}


def chosen(slack: Slack, option: dict[str, Any], view: dict[str, Any] = LOOKUP) -> None:
    """Choose what the field has offered, in a window."""
    action = {
        "type": "external_select", "action_id": send_search.FIND, "block_id": send_search.BLOCK, "action_ts": "1.0",
        "selected_option": option,
    }
    slack.interact({
        "type": "block_actions", "actions": [action], "trigger_id": "1.t", "view": view,
        "container": {"type": "view", "view_id": view["id"]},
    })
    slack.executor.finish()


def test_the_shortcut_opens_the_window(slack: Slack) -> None:
    slack.interact({"type": "shortcut", "callback_id": "look_up_send", "trigger_id": "7.t", "action_ts": "1.0"})
    assert slack.client.calls == []
    slack.executor.finish()
    [view] = slack.client.views()
    assert view["title"]["text"] == "Look up a send"
    assert slack.client.calls[0][1]["trigger_id"] == "7.t"


def test_a_button_opens_it_too_and_in_a_window_on_top(slack: Slack) -> None:
    slack.press(lookups.OPEN, {})
    slack.press(lookups.OPEN, {}, view=LOOKUP, container={"type": "view", "view_id": "V1"})
    slack.executor.finish()
    assert len(slack.client.views("views.open")) == len(slack.client.views("views.push")) == 1


def test_what_is_typed_is_completed_and_the_choice_shows_the_card(slack: Slack, world: World) -> None:
    for typed in ("jane", "acme", "Q4", "jane@acme.com", "Z2lk000000000001"):
        [option] = slack.options(send_search.FIND, typed)
        assert option["text"]["text"] == "Jane Doe · Order Received"
        assert option["description"]["text"] == "for 8 days · Acme · Q4 thank-you · jane@acme.com"
        assert json.loads(option["value"]) == {"send": world.send}
    chosen(slack, option)
    [view] = slack.client.views("views.update")
    assert "Jane Doe: Order Received" in words(view)
    assert json.loads(view["private_metadata"]) == {"send": world.send}
    assert slack.client.calls[-1][1]["hash"] == "h1"


def test_another_can_be_found_where_one_is_shown(slack: Slack, world: World) -> None:
    bob = add_send(slack.database, 2, recipient_name="Bob Ray")
    slack.press("send_open.0", {"send": world.send}, view=LOOKUP, container={"type": "view", "view_id": "V1"})
    slack.executor.finish()
    [first] = slack.client.views("views.push")
    [option] = slack.options(send_search.FIND, "bob")
    chosen(slack, option, {**first, "id": "V2", "hash": "h2"})
    [second] = slack.client.views("views.update")
    assert "Bob Ray: Order Received" in words(second)
    assert json.loads(second["private_metadata"]) == {"send": bob}


def test_a_send_that_is_gone_leaves_the_window_to_look_on(slack: Slack) -> None:
    chosen(slack, {"text": {"type": "plain_text", "text": "x"}, "value": json.dumps({"send": 404})})
    [view] = slack.client.views("views.update")
    assert "not known any more" in words(view)
    assert view["blocks"][-2]["elements"][0]["action_id"] == send_search.FIND


@pytest.mark.parametrize("number", [0, 1, 50, 500])
def test_any_number_of_sends_can_be_offered(slack: Slack, number: int) -> None:
    for place in range(number):
        name = STORABLE[place % len(STORABLE)]
        add_send(
            slack.database, place + 1, recipient_name=name, campaign=name, recipient_company=name,
            recipient_email="" if place % 2 else f"p{place}@acme.com", created_at=NOW,
        )
    for typed in ("", "a", "acme.com", "p1"):
        assert len(slack.options(send_search.FIND, typed)) <= send_search.MOST
    assert len(slack.options(send_search.FIND, "")) == min(number, send_search.MOST)


@pytest.mark.parametrize("typed", [*HOSTILE, "x" * 3_000, None, 5, ["a"]])
def test_whatever_is_typed_is_answered(slack: Slack, world: World, typed: Any) -> None:  # noqa: ANN401 - any JSON
    slack.options(send_search.FIND, typed)


@pytest.mark.parametrize("value", ["", "5", "[]", json.dumps({"send": "1"}), json.dumps({"send": -1}), "x" * 3_000])
def test_a_forged_choice_is_refused_in_words(slack: Slack, world: World, value: str) -> None:
    chosen(slack, {"text": {"type": "plain_text", "text": "x"}, "value": value})
    assert slack.client.views("views.update") == []
    [view] = slack.client.views("views.push")
    assert "not one that this version" in words(view)
