"""A digest comes to its channel in the morning, once, with its picture; and somebody asks for a report at once."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

import pytest
from sqlalchemy import select

from bot.playground.seen import PATIENCE, SeenMessage
from bot.sends.snapshots import StatusUpdate
from storage.models import Message
from tests.stories.sending import add
from tests.stories.world import World, world

SET = """
calendar: {zone: America/Los_Angeles}
routes:
  - {name: emea, when: {team: EMEA}, channel: C02SALES}
digests:
  - {every: day, at: 08:00}
  - {every: day, at: 08:00, route: emea, picture: no}
"""


EXPECTED = ["sendwatch-2026-10-24-to-2026-11-23.csv", "sendwatch-2026-10-24-to-2026-11-23.png"]


def files_wanted(story: World) -> list[Message]:
    with story.bot.database.read() as session:
        return list(session.scalars(select(Message).where(Message.kind == "file")))


def morning(story: World) -> None:
    """The next eight o'clock in Los Angeles; stories begin at seven."""
    story.later(hours=1)
    story.tick()


def digests(story: World) -> list[SeenMessage]:
    return [message for message in story.alerts.messages if "📊" in message.visible_text]


def test_the_digest_of_the_day_comes_once_with_its_picture_in_the_thread(story: World) -> None:
    story.tick()
    story.configure(SET)
    made = story.ago(days=3)
    add(story, "Delivered", days=2, name="Jane Doe", created_at=made, updates=(
        StatusUpdate(status_raw="Shipped", occurred_at=story.ago(days=2.5)),
        StatusUpdate(status_raw="Delivered", occurred_at=story.ago(days=2)),
    ))
    add(story, "Shipped", days=1, name="Zoe Ito", team="EMEA")
    story.tick()
    assert digests(story) == []
    morning(story)
    [digest] = digests(story)
    seen = digest.visible_text
    # It is a Monday, so that it tells of Friday to Sunday.
    assert "📊 Gifts, 20 to 22 Nov 2026" in seen
    assert "Sent\n2, 2 more than the 3 days before" in seen
    assert "Delivered\n1, 1 more" in seen
    assert "Opened or shipped\n2, 2 more" in seen
    assert "Sent to arrived 1 day" in seen
    [picture] = digest.latest().replies
    assert "as a picture" in picture.visible_text
    sales = story.playground.channel("#sales").expect("📊 Gifts")
    assert "Only the route “emea”." in sales.visible_text
    assert "Sent\n1, 1 more" in sales.visible_text
    assert sales.latest().replies == []
    for _ in range(3):
        story.later(hours=2)
        story.tick()
    assert len(digests(story)) == 1


def test_after_days_of_silence_the_latest_digest_comes_and_says_that_it_is_late(story: World) -> None:
    story.tick()
    story.configure("digests: [{every: day, at: 08:00, days: mon-sun, picture: no, skip_empty: no}]")
    morning(story)
    story.later(days=3, hours=5)
    story.tick()
    first, late = digests(story)
    assert "It comes late" not in first.visible_text
    assert "It comes late, because Sendwatch was not running when it was due" in late.visible_text
    assert "Gifts, Wednesday 25 Nov 2026" in late.visible_text


@pytest.mark.parametrize("transport", ["socket", "http"])
def test_a_report_at_once_with_its_files_by_direct_message(
    tmp_path: Path, now: datetime, transport: Literal["socket", "http"],
) -> None:
    with world(tmp_path, now, transport=transport) as story:
        add(story, "Processing", days=2, name="Jane Doe")
        add(story, "Processing", days=3, name="Zoe Ito", campaign="Holiday box")
        story.tick()
        ann = story.person("ann")
        ann.command("/sends report campaign door opner last 30 days")
        told = ann.sees("Did you mean one of these?")
        ann.press(told, "Door opener")
        told.expect_update("Only campaign Door opener")
        report = ann.command("/sends report last 30 days").message
        assert "the last 30 days" in report.visible_text
        assert "Sent\n2, 2 more than the 30 days before" in report.visible_text
        for button in ("Send me a CSV", "Send me the picture"):
            ann.press(report, button)
        assert ann.slack.state.wait_for(lambda: len(files_wanted(story)) == len(EXPECTED), PATIENCE)
        story.deliver()
        files = [file for message in ann.dm().messages for file in message.files]
        assert sorted(file.name for file in files) == EXPECTED
        table, picture = sorted(files, key=lambda file: file.name)
        assert b"Holiday box" in table.bytes
        assert picture.bytes.startswith(b"\x89PNG")
        assert "Sent 2, before 0" in picture.alt_text
