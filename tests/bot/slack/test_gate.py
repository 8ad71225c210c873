"""The gate itself: one broken thing at a time is caught, and the whole thing passes."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.slack.blocks import alert_card, snooze_modal
from bot.statuses.working_time import us_calendar
from tests.bot.slack import gate
from tests.bot.slack.rows import alert, send
from tests.conftest import NOW

Message = dict[str, Any]


def message() -> Message:
    drawn = alert_card.build(alert(), send(), NOW)
    return copy.deepcopy({"text": drawn.text, "blocks": drawn.blocks})


def first_button(told: Message) -> Message:
    found: Message = gate.elements(told["blocks"][-1])[0]
    return found


BREAKS: list[tuple[str, Callable[[Message], object]]] = [
    ("no text", lambda m: m.update(text=" ")),
    ("text of", lambda m: m.update(text="x" * 4001)),
    ("blocks", lambda m: m.update(blocks=[])),
    ("blocks", lambda m: m.update(blocks=m["blocks"] * 20)),
    ("times action_id", lambda m: first_button(m).update(action_id="alert_assign")),
    ("times block_id", lambda m: [block.update(block_id="b") for block in m["blocks"]]),
    ("accessibility_label", lambda m: first_button(m).pop("accessibility_label")),
    ("accessibility_label", lambda m: first_button(m).update(accessibility_label="x" * 76)),
    ("button.text", lambda m: first_button(m)["text"].update(text="😀" * 38)),
    ("button value", lambda m: first_button(m).update(value="x" * 2001)),
    ("button url", lambda m: first_button(m).update(url="javascript:alert(1)")),
    ("emoji codes", lambda m: first_button(m)["text"].update(emoji=True)),
    ("must be plain_text", lambda m: first_button(m)["text"].update(type="mrkdwn", verbatim=True)),
    ("header.text", lambda m: m["blocks"][0]["text"].update(text="x" * 151)),
    ("not verbatim", lambda m: m["blocks"][2]["text"].update(verbatim=False)),
    ("mention", lambda m: m.update(text="hello <!channel>")),
    ("mention", lambda m: m["blocks"][2]["text"].update(text="hello @here")),
    ("loose sign", lambda m: m.update(text="<https://evil.com|x>")),
    ("loose sign", lambda m: m.update(text="a & b")),
    ("link", lambda m: m.update(text="https://evil.com")),
    ("surrogate", lambda m: m.update(text="\ud800")),
    ("in a message", lambda m: m["blocks"].append({"type": "alert", "text": {"type": "mrkdwn", "text": "x"}})),
    ("in context", lambda m: m["blocks"].append({"type": "context", "elements": []})),
    ("in actions", lambda m: m["blocks"].append({"type": "actions", "elements": []})),
    ("empty section", lambda m: m["blocks"].append({"type": "section"})),
    ("action_id length", lambda m: first_button(m).update(action_id="")),
]


def test_a_whole_message_passes() -> None:
    assert gate.problems(message()) == []


@pytest.mark.parametrize(("problem", "change"), BREAKS)
def test_each_break_is_caught(problem: str, change: Callable[[Message], object]) -> None:
    broken = message()
    change(broken)
    assert any(problem in found for found in gate.problems(broken))


VIEW_BREAKS: list[tuple[str, Callable[[Message], object]]] = [
    ("type", lambda v: v.update(type="home")),
    ("no title", lambda v: v.pop("title")),
    ("view.title", lambda v: v["title"].update(text="x" * 25)),
    ("without submit", lambda v: v.pop("submit")),
    ("private_metadata", lambda v: v.update(private_metadata="x" * 3001)),
    ("view_too_large", lambda v: v.update(private_metadata="x" * 250_001)),
    ("radio_buttons options", lambda v: v["blocks"][1]["element"].update(options=[])),
    ("option value", lambda v: v["blocks"][1]["element"]["options"][0].update(value="x" * 151)),
    ("input.label", lambda v: v["blocks"][1]["label"].update(text="x" * 2001)),
    ("initial_value", lambda v: v["blocks"][1]["element"].update(initial_value="x" * 3001)),
]


@pytest.mark.parametrize(("problem", "change"), VIEW_BREAKS)
def test_each_break_of_a_window_is_caught(problem: str, change: Callable[[Message], object]) -> None:
    about = snooze_modal.about_alert(alert(), send(), NOW)
    view = copy.deepcopy(snooze_modal.build(about, NOW, ZoneInfo("UTC"), us_calendar()))
    change(view)
    assert any(problem in found for found in gate.problems(view, gate.MODAL))
