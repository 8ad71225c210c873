"""What goes out tells whose it is, and what comes in is as if it had never told."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.origin import ALONE, Origin, signer, unsigned

OAK = Origin(workspace="T0OAK")
BUTTON = {"type": "button", "action_id": "acknowledge.2", "value": '{"alert":1}'}
MESSAGE = {"text": "a", "blocks": [
    {"type": "section", "text": {"type": "mrkdwn", "text": "b"}, "accessory": BUTTON},
    {"type": "actions", "elements": [BUTTON, {"type": "users_select", "action_id": "assign"}]},
]}
WINDOW = {"type": "modal", "private_metadata": '{"alert":1}', "blocks": [
    {"type": "input", "block_id": "note", "element": {"type": "plain_text_input", "action_id": "note"}},
]}


def pressed(element: dict[str, Any]) -> dict[str, Any]:
    return {"type": "block_actions", "actions": [{**element, "action_ts": "1.2"}], "user": {"id": "U1"}}


def test_a_bot_of_one_workspace_writes_nothing() -> None:
    assert ALONE.signed(MESSAGE) is MESSAGE
    assert ALONE.signed(WINDOW) is WINDOW
    assert ALONE.mark == {}


def test_what_was_signed_tells_its_workspace_and_is_then_as_it_was() -> None:
    before = copy.deepcopy(MESSAGE)
    drawn = OAK.signed(MESSAGE)
    assert before == MESSAGE
    for element, own in zip(
        [drawn["blocks"][0]["accessory"], *drawn["blocks"][1]["elements"]],
        [BUTTON, BUTTON, {"type": "users_select", "action_id": "assign"}], strict=True,
    ):
        assert signer(pressed(element)) == "T0OAK"
        assert unsigned(pressed(element)) == pressed(own)
    suggestion = {"type": "block_suggestion", "action_id": drawn["blocks"][0]["accessory"]["action_id"], "value": "j"}
    assert (signer(suggestion), unsigned(suggestion)["action_id"]) == ("T0OAK", "acknowledge.2")


@pytest.mark.parametrize("view", [WINDOW, {"type": "home", "blocks": []}])
def test_a_view_tells_it_by_its_private_metadata(view: dict[str, Any]) -> None:
    answer = OAK.signed({"response_action": "update", "view": view})
    for kind in ("view_submission", "view_closed", "block_actions", "block_suggestion"):
        body = {"type": kind, "view": answer["view"]}
        assert signer(body) == "T0OAK"
        assert unsigned(body) == {"type": kind, "view": {"private_metadata": "", **view}}
    assert answer["view"]["blocks"] == view["blocks"]


@pytest.mark.parametrize("body", [
    {}, pressed(BUTTON), {"view": WINDOW}, {"actions": "acknowledge@T0OAK"}, {"actions": ["a@T0OAK", None]},
    {"view": {"private_metadata": 7}}, {"action_id": ["a@T0OAK"]}, {"command": "/sends", "text": "jane@T0OAK"},
    pressed({"action_id": "a@oak.example"}), pressed({"action_id": "a", "value": "b@T0OAK"}),
])
def test_nothing_else_tells_a_workspace(body: dict[str, Any]) -> None:
    assert signer(body) == ""
    assert unsigned(body) is body


JSON = st.recursive(
    st.none() | st.integers() | st.sampled_from(["a@T0OAK", "T0OAK@{}", "a", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["action_id", "actions", "view", "private_metadata", "type"]), inner,
    ),
)


@given(st.dictionaries(st.sampled_from(["action_id", "actions", "view"]), JSON))
def test_bodies_of_any_shape_are_taken(body: dict[str, Any]) -> None:
    assert signer(body) in {"", "T0OAK"}
    assert signer(unsigned(body)) == "" or unsigned(body) != body
