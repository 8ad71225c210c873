"""A page of Sendoso's list that cannot be read: what stands behind it is watched, and admins hear which it was."""

from __future__ import annotations

import pytest

from bot.sends.sync import UnreadPagesError
from tests.stories.sending import add
from tests.stories.world import World


def test_the_other_pages_are_read_and_the_admins_are_told_which_was_not(
    story: World, monkeypatch: pytest.MonkeyPatch,
) -> None:
    add(story, "Processing", days=8, name="Jane Doe")
    for number in range(200):
        add(story, "Delivered", days=1, name=f"Person {number}")
    listed = story.sendoso.listed
    monkeypatch.setattr(story.sendoso, "listed", lambda page, size: {} if page == 2 else listed(page, size))
    with pytest.raises(UnreadPagesError, match="page 2 holds no list of sends"):
        story.bot.sync()
    story.bot.scan()
    story.deliver()
    # The oldest stands on the third page.
    assert "Jane Doe" in story.only_alert().visible_text
    assert 'sendwatch_sends_read_total{source="api",verdict="new"} 101.0' in story.bot.metrics.text().decode()
    story.later(hours=2)
    story.bot.scan()
    story.deliver()
    [told] = story.person("ann").dm().messages
    assert "The last one said: Sendoso's answer for page 2 holds no list of sends." in told.visible_text
    assert "All pages could be read but this one" in told.visible_text

    monkeypatch.undo()
    story.tick()
    story.later(minutes=1)
    story.tick()
    assert "again" in told.latest().visible_text
    assert "Person 60" in story.person("ann").command("/send-status person 60").visible_text
