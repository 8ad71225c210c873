"""“Route alerts here” warns before alerts are led to a channel that people of another organisation read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.slack.blocks import route_here_modal, welcome_card
from tests.bot.slack.harness import Slack, words

WARNED = "shared with another organisation"


def opened(slack: Slack) -> dict[str, Any]:
    slack.press(welcome_card.ROUTE, {"channel": "C04OPS"})
    slack.executor.finish()
    return slack.client.views()[-1]


def test_it_warns_of_a_channel_that_is_shared_in_each_window(slack: Slack) -> None:
    slack.client.answers["conversations.info"] = [{"ok": True, "channel": {"id": "C04OPS", "is_ext_shared": True}}]
    first = opened(slack)
    assert WARNED in words(first)
    chosen = {route_here_modal.KIND: {route_here_modal.KIND: {
        "type": "static_select", "selected_option": {"value": json.dumps({"kind": "rule"})},
    }}, f"{route_here_modal.WHAT}.rule": {f"{route_here_modal.WHAT}.rule": {
        "type": "static_select", "selected_option": {"value": "overdue"},
    }}}
    confirm = slack.submit({**first, "id": "V1", "hash": "h"}, chosen)["view"]
    assert WARNED in words(confirm)
    assert [name for name, _ in slack.client.calls] == ["conversations.info", "views.open"]


@pytest.mark.parametrize("answer", [
    {"ok": True, "channel": {"id": "C04OPS"}}, {"ok": True}, {"ok": False, "error": "missing_scope"}, TimeoutError(),
    SlackApiError("refused", {"error": "ratelimited"}),  # type: ignore[no-untyped-call]
])
def test_where_slack_does_not_say_so_the_window_opens_all_the_same(slack: Slack, answer: Any) -> None:  # noqa: ANN401
    slack.client.answers["conversations.info"] = [answer]
    first = opened(slack)
    assert "shall come to" in words(first)
    assert WARNED not in words(first)
