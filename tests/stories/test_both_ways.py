"""Socket Mode and HTTP: whatever somebody does, Slack is sent the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import pytest

from bot.playground.seen import SeenMessage
from bot.playground.seen_view import SeenView
from tests.bot.slack import gate
from tests.stories.sending import add
from tests.stories.test_snoozing import WORDS, window
from tests.stories.test_working_an_alert import assign
from tests.stories.world import World, world

Step = Callable[[World], SeenMessage | SeenView]
HER_ZONE = "(America/Los_Angeles)"
"""Dee's, which stands in a window once Slack has told it; until then the window may change at any moment."""
MADE_UP = 5
"""Length of the ids that the playground's Slack makes up for blocks, anew each time."""


def an_answer(story: World) -> SeenMessage | SeenView:
    return story.person("dee").command("/send-status jane").message


def a_list(story: World) -> SeenMessage | SeenView:
    return story.person("dee").command("/send-status acme").message


def help_for_a_slip(story: World) -> SeenMessage | SeenView:
    return story.person("dee").command("/sends stukc").message


def an_answer_that_asks_slack_first(story: World) -> SeenMessage | SeenView:
    ben = story.person("ben")
    ben.command("/sends mine")
    return ben.sees("of yours")


def an_alert(story: World) -> SeenMessage | SeenView:
    return story.only_alert()


def a_pressed_alert(story: World) -> SeenMessage | SeenView:
    alert = story.only_alert()
    story.person("dee").press(alert, "Acknowledge")
    story.deliver()
    return alert.expect_update("Acknowledged by @Dee")


def a_press_that_comes_too_late(story: World) -> SeenMessage | SeenView:
    alert = story.only_alert()
    a_pressed_alert(story)
    ben = story.person("ben")
    ben.press(alert, "Acknowledge", stale=True)
    return ben.sees("Already acknowledged")


def a_window(story: World) -> SeenMessage | SeenView:
    dee = story.person("dee")
    dee.press(story.only_alert(), "Snooze")
    return window(dee, HER_ZONE).seen


def a_window_shown_back(story: World) -> SeenMessage | SeenView:
    dee = story.person("dee")
    dee.press(story.only_alert(), "Snooze")
    window(dee, HER_ZONE).fill(WORDS, "tomorrow 9am").submit()
    return window(dee, "Quiet until").seen


def a_direct_message(story: World) -> SeenMessage | SeenView:
    assign(story, story.only_alert(), "dee", "ben")
    return story.person("ben").dm().messages[-1]


def the_home_tab(story: World) -> SeenMessage | SeenView:
    return story.person("ben").home("Jane Doe")


STEPS: list[Step] = [
    an_answer, a_list, help_for_a_slip, an_answer_that_asks_slack_first, an_alert, a_pressed_alert,
    a_press_that_comes_too_late, a_window, a_window_shown_back, a_direct_message, the_home_tab,
]


def sent(folder: Path, now: datetime, transport: Literal["socket", "http"], step: Step) -> dict[str, Any]:
    """What Slack has of the step's message, window or tab in a world of its own."""
    folder.mkdir()
    with world(folder, now, transport=transport) as story:
        add(story, "Processing", days=8, campaign="حملة الخريف", cost_minor=123456, currency="USD")
        add(story, "Delivered", days=1, name="أحمد العربي")
        story.tick()
        seen = step(story)
        payload = seen.view.content if isinstance(seen, SeenView) else {"text": seen.text, "blocks": seen.blocks}
        told: dict[str, Any] = _without_made_up(payload)
        return told


def _without_made_up(node: Any) -> Any:  # noqa: ANN401 - any part of a payload
    """The payload without the ids of blocks that the playground's Slack makes up where the bot gives none."""
    if isinstance(node, list):
        return [_without_made_up(child) for child in node]
    if not isinstance(node, dict):
        return node
    kept = {name: child for name, child in node.items() if name != "block_id" or len(child) != MADE_UP}
    return {name: _without_made_up(child) for name, child in kept.items()}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_the_same_payload_comes_by_both_ways(step: Step, tmp_path: Path, now: datetime) -> None:
    by_socket, by_http = (sent(tmp_path / way, now, way, step) for way in ("socket", "http"))
    assert by_socket == by_http
    assert gate.problems(by_socket, by_socket.get("type", gate.MESSAGE)) == []
