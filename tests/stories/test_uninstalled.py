"""One workspace takes the app out: nothing is lost, `/readyz` says so, and a new token lets everything go on."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from bot.slack import introduction
from storage import outgoing
from storage.outgoing import WORKSPACE
from tests.stories.sending import add
from tests.stories.world import World, world


def is_paused(story: World) -> str | None:
    with story.bot.database.read() as session:
        pace = outgoing.paces(session).get(WORKSPACE)
    return pace.broken_code if pace is not None else None


@pytest.mark.parametrize("transport", ["socket", "http"])
def test_what_waits_goes_out_once_the_app_is_back(tmp_path: Path, now: datetime, transport: str) -> None:
    with world(tmp_path, now, transport="socket" if transport == "socket" else "http") as story:
        add(story, "Processing", days=8)
        story.bot.sync()
        story.bot.scan()
        story.playground.uninstall()
        assert story.playground.slack.state.wait_for(lambda: is_paused(story), 30) == "token_revoked"
        assert [one.reason for one in story.bot.health.problems() if one.name == "slack"] == [
            "Slack takes no messages: token_revoked",
        ]
        tried = len(story.playground.calls.of("chat.postMessage"))
        story.bot.deliver()
        # Not even tried: Slack would refuse it, as it has said itself.
        assert len(story.playground.calls.of("chat.postMessage")) == tried
        assert story.alerts.messages == []
        story.playground.slack.revoked = False
        story.later(hours=1)
        story.deliver()
        assert len(story.alerts.messages) == 1
        assert is_paused(story) is None


def test_tokens_of_people_pause_nothing(tmp_path: Path, now: datetime) -> None:
    with world(tmp_path, now) as story:
        add(story, "Processing", days=8)
        events = story.playground.speaking.events

        async def revoke() -> None:
            events.send({"type": "tokens_revoked", "tokens": {"oauth": ["U01ANN"], "bot": []}})

        story.playground.run(revoke())
        assert "/send-status" in story.person("ann").command("/sends help").visible_text
        story.tick()
        assert len(story.alerts.messages) == 1
        assert is_paused(story) is None


def told_by_slack(story: World) -> bool:
    """What a bot does first when it begins; gives whether something goes out now."""
    bot = story.bot
    return introduction.introduce(bot.app.client, bot.database, bot.clock, bot.rules, bot.identity)


def test_a_token_that_slack_does_not_take_is_known_before_anything_is_told(tmp_path: Path, now: datetime) -> None:
    with world(tmp_path, now) as story:
        story.playground.slack.revoked = True
        assert not told_by_slack(story)
        assert [one.name for one in story.bot.health.problems() if one.name == "slack"] == ["slack"]
        story.playground.slack.revoked = False
        assert told_by_slack(story)
        assert not told_by_slack(story)
        assert [one.name for one in story.bot.health.problems() if one.name == "slack"] == []


def test_with_a_new_token_what_waits_goes_out_when_the_bot_begins(tmp_path: Path, now: datetime) -> None:
    with world(tmp_path, now) as story:
        add(story, "Processing", days=8)
        story.bot.sync()
        story.bot.scan()
        story.playground.slack.revoked = True
        for _ in range(3):
            story.bot.deliver()
            story.later(hours=2)
        story.bot.deliver()
        story.playground.slack.revoked = False
        # The next try is up to an hour away.
        story.later(minutes=5)
        story.bot.deliver()
        assert story.alerts.messages == []
        assert told_by_slack(story)
        story.bot.deliver()
        assert len(story.alerts.messages) == 1
