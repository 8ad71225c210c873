"""Everything that somebody may do in Slack, whole and broken in its shape: an answer, one effect, and never an error.

Through the real routes with Slack's signature, and through Socket Mode. What buttons carry is fuzzed in `test_fuzzed`.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from hypothesis import example, given
from hypothesis import strategies as st

from bot.playground.http_mode import FORM
from bot.slack import buttons, modals
from tests.bot.slack.knocking import EMAIL, ODD, TOKEN, Door, broken, changed
from tests.hostile import hostile

ANN = {"id": "U01ANN", "username": "ann", "name": "ann", "team_id": "T0DEMO"}
PERSON = {
    "user": ANN, "api_app_id": "A0", "token": "v",
    "team": {"id": "T0DEMO", "domain": "demo"}, "enterprise": None, "is_enterprise_install": False, "trigger_id": "1.2",
}
IN_MESSAGE = {
    "container": {"type": "message", "message_ts": "100.1", "channel_id": "C01GIFTING", "is_ephemeral": False},
    "channel": {"id": "C01GIFTING", "name": "gifting"}, "message": {"ts": "100.1", "text": f"{EMAIL} {TOKEN}"},
}
VIEW = {
    "id": "V1", "type": "modal", "hash": "h", "private_metadata": '{"alert": 1}', "root_view_id": "V1",
    "previous_view_id": None, "app_installed_team_id": "T0DEMO", "team_id": "T0DEMO",
    "state": {"values": {"b": {"a": {"type": "plain_text_input", "value": f"{EMAIL} {TOKEN}"}}}},
}
CARRIED = json.dumps({"alert": 1, "v": 1, "send": 1, "message": 1, "group": 1})
OLD = (
    "interactive_message", "dialog_submission", "dialog_suggestion", "dialog_cancellation", "workflow_step_edit",
    "function_executed", "something_new", "", "event_callback", "url_verification", "block_actions",
)
"""Kinds of payloads that nothing of ours sends for, and such as Slack may yet think of."""


def in_view(callback: str) -> dict[str, Any]:
    return {"view": {**VIEW, "callback_id": callback}, "container": {"type": "view", "view_id": "V1"}}


def pressed(action: str, place: dict[str, Any]) -> dict[str, Any]:
    one = {"type": "button", "action_id": action, "block_id": "b", "action_ts": "1.0", "value": CARRIED}
    return {"type": "block_actions", **PERSON, "actions": [one], **place}


PRESSES = {
    **{name: pressed(name, IN_MESSAGE) for name in [*buttons.HANDLERS, "not_ours", "alert_not_ours.1"]},
    **{f"{name} in a window": pressed(name, in_view("x")) for name in [*buttons.HANDLERS, "not_ours"]},
}
OTHERS: dict[str, dict[str, Any]] = {
    **{name: {"type": "view_submission", **PERSON, **in_view(name)} for name in [*modals.HANDLERS, "not_ours"]},
    "closed": {"type": "view_closed", **PERSON, **in_view("snooze_modal"), "is_cleared": False},
    **{f"typed {name}": {
        "type": "block_suggestion", **PERSON, "action_id": name, "block_id": "b", "value": "jane", **in_view("x"),
    } for name in ("lookup_find", "assign_user", "mute_target", "setting_find", "not_ours")},
    "shortcut": {"type": "shortcut", **PERSON, "callback_id": "look_up_send", "action_ts": "1.0"},
    "of a message": {
        "type": "message_action", **PERSON, "callback_id": "which_sends", "message_ts": "100.1", **IN_MESSAGE,
    },
    **{f"old {kind}": {
        "type": kind, **PERSON, "callback_id": "x", "actions": [{"name": "x", "value": TOKEN}], "name": "x",
        "value": EMAIL, "state": EMAIL, "submission": {"x": TOKEN}, "workflow_step": {"step_id": "1"}, **IN_MESSAGE,
    } for kind in OLD},
}
TYPED = {
    "command": "/sends", "text": f"watch {EMAIL}", "user_id": "U01ANN", "user_name": "ann", "team_id": "T0DEMO",
    "token": TOKEN, "channel_id": "C02SALES", "channel_name": "sales", "trigger_id": "1.2", "api_app_id": "A0",
    "response_url": "https://evil.example/x", "is_enterprise_install": "false",
}


def listened_to(body: dict[str, Any]) -> bool:
    """Whether it is a press of a button or a window that the bot has; anything else may change nothing."""
    if body.get("type") == "block_actions":
        actions = body.get("actions")
        first = actions[0] if isinstance(actions, list) and actions else None
        named = first.get("action_id") if isinstance(first, dict) else None
        return isinstance(named, str) and named.partition(".")[0] in buttons.HANDLERS
    return body.get("type") == "view_submission"


@hostile(100)
@given(body=broken(PRESSES) | broken(OTHERS))
@example(body=pressed("alert_acknowledge", IN_MESSAGE) | {"user": {**ANN, "username": "\ud800\x00"}})
@example(body=pressed("snooze_back", in_view("x")) | {"view": {**VIEW, "callback_id": ["x"]}})
@example(body={**OTHERS["typed lookup_find"], "action_id": ["lookup_find"]})
@example(body={**OTHERS["old interactive_message"], "callback_id": ["x"]})
@example(body={**OTHERS["shortcut"], "callback_id": None})
def test_nothing_that_somebody_does_fails(door: Door, body: dict[str, Any]) -> None:
    door.reset()
    before = door.stored()
    answer = door.interact(body)
    door.finish()
    after = door.stored()
    assert answer.status_code == 200 or (answer.status_code == 400 and answer.json["error"]), door.logged()
    assert changed(before, after) <= (set(after) if listened_to(body) else {"people"})
    # A press may have the next scan look at its send; what became of a gift is Sendoso's to say.
    assert "send_history" not in changed(before, after)
    door.logged()
    door.interact(body)
    door.finish()
    assert changed(after, door.stored()) == set(), "the same once more, and something else comes of it"
    door.logged()


@hostile(50)
@given(body=broken(PRESSES) | broken(OTHERS))
@example(body={**OTHERS["typed lookup_find"], "type": ["block_suggestion"]})
@example(body={**OTHERS["shortcut"], "team": 7})
def test_nothing_fails_by_socket(door: Door, body: dict[str, Any]) -> None:
    door.reset()
    [answer] = door.by_socket(body, "interactive")
    assert answer["envelope_id"] == "e1"
    door.finish()
    door.logged()


odd_words = st.sampled_from([str(one) for one in ODD]) | st.text(max_size=20)
HEADERS = ("X-Slack-Retry-Num", "X-Slack-Retry-Reason", "X-Slack-Bolt-Lazy-Only", "X-Slack-Bolt-Lazy-Function-Name")


@hostile(60)
@given(
    name=st.sampled_from(["/sends", "/send-status", "/send-meaning", "/not-ours"]),
    changes=st.dictionaries(st.sampled_from(sorted(TYPED)), odd_words | st.none(), max_size=4),
    doubled=st.lists(st.sampled_from(sorted(TYPED)), max_size=2),
    headers=st.dictionaries(
        st.sampled_from(HEADERS), st.sampled_from(["", "1", "-1", "9" * 99, "http_timeout", "listen"]), max_size=3,
    ),
)
def test_no_command_of_any_shape_fails(
    door: Door, name: str, changes: dict[str, str | None], doubled: list[str], headers: dict[str, str],
) -> None:
    door.reset()
    before = door.stored()
    fields = [(key, value) for key, value in ({**TYPED, "command": name} | changes).items() if value is not None]
    fields += [(key, value) for key, value in fields if key in doubled]
    answer = door.knock(urlencode(fields, errors="surrogatepass").encode(), FORM, headers)
    door.finish()
    assert answer.status_code in {200, 400}
    assert answer.status_code == 200 or answer.json["error"]
    assert changed(before, door.stored()) <= {"people", "watches", "messages", "alert_events"}
    door.logged()


def test_every_window_that_can_be_sent_off_is_tried() -> None:
    assert {one["view"]["callback_id"] for one in OTHERS.values() if one["type"] == "view_submission"} >= set(
        modals.HANDLERS,
    )
