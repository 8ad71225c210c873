"""An admin asks in Slack whether everything is set up right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

import pytest

from tests.bot.slack import gate
from tests.stories.world import World, world


@pytest.fixture(params=["socket", "http"])
def either(tmp_path: Path, now: datetime, request: pytest.FixtureRequest) -> Iterator[World]:
    transport: Literal["socket", "http"] = request.param
    with world(tmp_path, now, transport=transport) as made:
        yield made


def test_sends_check_says_at_once_that_it_looks_and_then_what_it_found(either: World) -> None:
    either.tick()
    either.alerts.remove_bot()
    ann = either.person("ann")
    first = ann.command("/sends check", "#sales").message
    assert "Checking the set-up" in first.visible_text
    found = ann.sees("Set-up: 1 thing to mend", "#sales", 15)
    assert {first.ephemeral_for, found.ephemeral_for} == {ann.id}
    seen = found.visible_text
    assert "Must be mended: Channel #gifting-alerts\nthe bot is not in it (ALERT_CHANNEL)" in seen.replace("\u2060", "")
    assert "/invite @Sendwatch" in seen.replace("\u2060", "")
    assert gate.problems({"text": found.text, "blocks": list(found.blocks)}) == []

    either.alerts.invite_bot()
    ann.press(found, "Check again")
    assert "to mend" not in found.expect_update("Set-up: ", 15).visible_text


def test_who_may_not_change_settings_is_told_who_may(story: World) -> None:
    told = story.person("ben").command("/sends check").visible_text
    assert "You may not do that here. It is for" in told
    assert "Ask @Ann Lopez." in told
    assert story.playground.calls.of("conversations.info") == []
