"""A new database starts with a backlog: one summary, one choice for all of it, and nobody is told what is not so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.stories.sending import add
from tests.stories.world import World, world

DEE = {"sender_name": "Dee Novak", "sender_email": "dee@example.com"}


@pytest.fixture
def story(tmp_path: Path, now: datetime) -> Iterator[World]:
    with world(tmp_path, now) as made:
        yield made


def backlog(story: World) -> list[str]:
    """Seven gifts that were stuck before Sendwatch came, two of them Ben's; gives their gids."""
    gids = [
        add(story, "Processing", days=8, name=f"Person {number}", **({} if number < 2 else DEE)) for number in range(7)
    ]
    story.tick()
    return gids


def test_who_may_decide_about_some_is_told_who_may_about_all(story: World) -> None:
    story.configure("permissions: {baseline_post: [sender], baseline_settle: [sender]}")
    backlog(story)
    summary, ben = story.only_alert(), story.person("ben")
    for choice in ("Post them as alerts", "Only tell me about new ones"):
        refused = ben.press(summary.latest(), choice)
        assert "some of them are not yours. It is for the admins of Sendwatch." in refused.visible_text
    story.deliver()
    assert len(story.alerts.messages) == 1
    story.person("ann").press(summary.latest(), "Post them as alerts")
    story.deliver()
    assert [one.visible_text.count("Door opener") > 0 for one in story.alerts.messages[1:]] == [True]


def test_what_only_stands_in_the_first_look_is_neither_repeated_nor_escalated(story: World) -> None:
    story.configure("policies: {default: {repeat: [1d], escalate: [{after: 2d, channel: C02SALES}]}}")
    backlog(story)
    ben = story.person("ben")
    card = ben.command("/send-status Person 0")
    ben.press(card, "Acknowledge")
    ben.press(ben.command("/send-status Person 0"), "Undo")
    for _ in range(3):
        story.later(days=1)
        story.tick()
    assert len(story.alerts.messages) == 1
    assert story.replies(story.only_alert()) == []
    assert story.playground.channel("#sales").messages == []


def test_the_summary_says_what_is_still_so(story: World) -> None:
    gids = backlog(story)
    summary = story.only_alert()
    for gid in gids[2:5]:
        story.sendoso.move(gid, "Shipped")
    story.later(minutes=10)
    story.tick()
    said = summary.latest().visible_text
    assert "4 gifts already waiting" in said
    assert "Of those found at first, 3 have moved on by themselves." in said
    for gid in (*gids[:2], *gids[5:]):
        story.sendoso.move(gid, "Shipped")
    story.later(minutes=10)
    story.tick()
    said = summary.latest().visible_text
    assert "nothing is waiting any more" in said
    assert "7 have moved on by themselves" in said
    assert summary.latest().buttons == []
