"""Finished gifts go after a while, where that is set; whatever is on its way or needs somebody stays."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from tests.stories.sending import add
from tests.stories.world import world


def test_what_has_arrived_goes_and_what_needs_somebody_stays(tmp_path: Path, now: datetime) -> None:
    with world(tmp_path, now, keep_sends=timedelta(days=60)) as story:
        add(story, "Delivered", days=3, name="Jane Doe")
        add(story, "Failed", days=3, name="Max Moll")
        story.tick()
        [alert] = story.alerts.messages
        ann = story.person("ann")
        story.bot.tidy()
        assert "Jane Doe" in ann.command("/send-status jane", channel="#sales").visible_text

        story.later(days=70)
        story.bot.tidy()
        assert "Nothing" in ann.command("/send-status jane", channel="#sales").visible_text
        assert "Max Moll" in ann.command("/send-status max", channel="#sales").visible_text
        # Sendoso still tells of it, and it is not taken in again.
        story.tick()
        assert "Nothing" in ann.command("/send-status jane@acme.example", channel="#sales").visible_text
        assert "are no longer kept here" in ann.command("/sends report 90 days", channel="#sales").visible_text

        ann.press(alert.latest(), "Resolve")
        story.tick()
        story.bot.tidy()
        assert "Max Moll" in ann.command("/send-status max", channel="#sales").visible_text
        story.later(days=61)
        add(story, "Processing", days=0, name="Kim Ott")
        story.tick()
        story.bot.tidy()
        assert "Nothing" in ann.command("/send-status max", channel="#sales").visible_text
        story.tick()
        # What Slack shows stays there, and a press on it is answered.
        for button in ("Undo", "What does this mean?"):
            assert "does not know this alert any more" in ann.press(alert.latest(), button).visible_text
