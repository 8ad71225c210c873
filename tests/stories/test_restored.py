"""An older back-up is put back: what was posted since stands in Slack still."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import app as bot_app
from storage import backup, restore
from storage.models import Alert, Send
from tests.stories.sending import add
from tests.stories.world import World, world


@pytest.fixture
def story(tmp_path: Path, now: datetime) -> Iterator[World]:
    """A world of which a back-up was taken before anything had come in."""
    with world(tmp_path, now) as made:
        made.tick()
        backup.save(tmp_path / "story.db", tmp_path / "saved.db")
        yield made


def put_back(story: World, folder: Path) -> None:
    """Stop the bot, restore the back-up, and start the bot again."""
    story.bot.stop()
    restore.restore([(folder / "saved.db", folder / "story.db")], story.clock())
    story.bot = bot_app.build(story.bot.settings, clock=story.clock)
    assert story.bot.socket is not None
    story.bot.socket.start()
    story.playground.wait_until_connected()


def states(story: World) -> dict[str, str]:
    """How the alert of each recipient stands."""
    with story.bot.database.read() as session:
        rows = session.execute(select(Send.recipient_name, Alert.state).join(Alert, Alert.send_id == Send.id)).all()
    return {row.recipient_name: row.state for row in rows}


def test_a_button_of_a_message_that_came_after_the_back_up_does_nothing_to_another_alert(
    story: World, tmp_path: Path,
) -> None:
    jane = add(story, "Undeliverable", days=1)
    story.tick()
    old = story.only_alert()
    story.later(hours=1)
    story.sendoso.move(jane, "Delivered")
    put_back(story, tmp_path)
    add(story, "Undeliverable", days=2, name="Max Moll")
    story.tick()
    # Max's alert has the number now that Jane's had.
    ben = story.person("ben")
    assert "does not know this message any more" in ben.press(old, "Resolve").visible_text
    assert states(story) == {"Max Moll": "firing"}
    new = next(one for one in story.alerts.messages if "Max Moll" in one.visible_text)
    ben.press(new, "Resolve")
    story.deliver()
    assert "Resolved by @Ben Okafor" in new.latest().visible_text


def test_the_same_holds_for_the_alerts_of_a_message(story: World, tmp_path: Path) -> None:
    for name in ("Jane Doe", "Kim Lee", "Olga Ott"):
        add(story, "Undeliverable", days=1, name=name)
    story.tick()
    old = story.only_alert()
    story.later(hours=1)
    for send in list(story.sendoso.find("")):
        story.sendoso.move(send["send_gid"], "Delivered")
    put_back(story, tmp_path)
    for name in ("Max Moll", "Ada Abara", "Eve Eng"):
        add(story, "Undeliverable", days=1, name=name)
    story.tick()
    assert "does not know this message any more" in story.person("ben").press(old, "Resolve all").visible_text
    assert set(states(story).values()) == {"firing"}
