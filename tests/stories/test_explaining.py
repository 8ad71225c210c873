"""People ask why they see an alert, and when a send would get one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

import pytest

from tests.stories.sending import add
from tests.stories.world import World, world

SETTINGS = """
policies:
  urgent: {repeat: [4h, 1d]}
routes:
  - {name: sales, when: {team: Sales}, policy: urgent}
thresholds:
  - {status: Order Received, after: 2 business days, team: Sales}
"""


@pytest.fixture(params=["socket", "http"])
def story(request: pytest.FixtureRequest, tmp_path: Path, now: datetime) -> Iterator[World]:
    """A world on SQLite, with each transport."""
    transport: Literal["socket", "http"] = request.param
    with world(tmp_path, now, transport=transport) as made:
        yield made


def test_why_do_i_see_this(story: World) -> None:
    story.configure(SETTINGS)
    add(story, "Processing", days=5)
    story.bot.sync()
    story.bot.recompute()
    story.tick()
    dee = story.person("dee")
    alert = story.only_alert()
    dee.choose(alert, "alert_more", "Why do I see this?")
    window = dee.modal("Why do I see this?").visible_text
    for part in (
        "Late (overdue/late)", "Limit: 2 business days", "set for this installation, for team Sales",
        "last changed on the command line",
        "Wed 18 Nov 07:00 + 2 business days = Fri 20 Nov 07:00 (America/Los_Angeles)",
        "By route sales: team Sales is what it asks for, and all fits.", "Policy urgent: Told again after 4 hours",
        "Next, if nobody acts: told again", "If it does not move on",
        "Stuck: contact Support (overdue/support): Nov 25",
    ):
        assert part in window.replace("*", "")
    dee.modal("Why").press("Timeline")
    assert "Sendwatch opened the alert" in dee.modal("Timeline").visible_text


def test_the_card_names_whose_limit_comes_next(story: World) -> None:
    story.configure(SETTINGS)
    add(story, "Processing", days=1)
    story.bot.sync()
    story.bot.recompute()
    assert "Should move on by" in story.person("dee").command("/send-status jane").visible_text
    story.later(days=4)
    story.tick()
    card = story.person("dee").command("/send-status jane").visible_text
    assert "A case for Sendoso's Support from" in card
    assert "Should move on by" not in card


def test_when_would_it_come(story: World) -> None:
    add(story, "Shipped", days=1)
    story.tick()
    dee = story.person("dee")
    reply = dee.command("/sends why jane")
    assert "when an alert would come" in reply.visible_text
    assert "10 days of 24 hours" in reply.visible_text
    reply.press("Watch")
    story.sendoso.move(story.sendoso.find("Jane")[0]["send_gid"], "Delivered")
    story.tick()
    assert "now Delivered" in dee.dm().messages[-1].visible_text
    assert "nothing is watched any more" in dee.command("/sends why jane").visible_text
