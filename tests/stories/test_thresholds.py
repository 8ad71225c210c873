"""Limits of the installation's own, from the configuration to what stands in the channel."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.alerts import recompute
from storage.engine import Database
from storage.models import Alert, Send
from tests.stories.sending import add
from tests.stories.world import World, world

AUTUMN_SOONER = """
thresholds:
  - {status: Shipped, after: 3 days, campaign: autumn gifts}
"""
AUTUMN_NEVER = """
thresholds:
  - {status: Shipped, after: never, campaign: Autumn Gifts}
"""
WEST_ASKS_AFTER_THE_GIFT = """
thresholds:
  - {status: Delivered, after: 5 business days, team: West}
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path, now: datetime) -> Iterator[World]:
    """A world on either database."""
    database: Database = request.getfixturevalue(request.param)
    url = database.url.render_as_string(hide_password=False)
    with world(tmp_path, now, url=url) as made:
        yield made


def configure(story: World, text: str) -> None:
    """Put a configuration into force, and let the bot draw its conclusions."""
    story.configure(text)
    story.bot.recompute()
    story.tick()


def under_way(story: World) -> bool:
    with story.bot.database.read() as session:
        return recompute.under_way(session)


def test_a_limit_of_ones_own_is_told_with_its_source_and_lifted_again(anywhere: World) -> None:
    story = anywhere
    add(story, "Shipped", days=5, name="Jane Doe", campaign="Autumn Gifts")
    add(story, "Shipped", days=5, name="Max Roe", campaign="Spring")
    story.tick()
    assert story.alerts.messages == []

    configure(story, AUTUMN_SOONER)
    alert = story.only_alert()
    for part in ("Jane Doe", "more than 3 days", "set for this installation, for campaign autumn gifts"):
        assert part in alert.visible_text

    configure(story, AUTUMN_NEVER)
    assert "Resolved" in alert.latest().visible_text
    assert len(story.alerts.messages) == 1

    # The other campaign keeps the limit of the catalogue; this one is silent whatever happens.
    story.later(days=6)
    story.tick()
    told = [message.visible_text for message in story.alerts.messages]
    assert len(told) == 2
    assert "Max Roe" in told[1]
    assert "our judgement" in told[1]


def test_a_limit_that_is_lifted_and_taken_back_leaves_an_alert_whose_it_was(story: World) -> None:
    add(story, "Processing", days=8)
    story.tick()
    story.person("ben").press(story.only_alert(), "Assign to me")
    story.tick()
    never = "{status: Order Received, after: never}, {status: Order Received, level: support, after: never}"
    configure(story, f"thresholds: [{never}]\n")
    story.tick()
    assert "Resolved by itself" in story.only_alert().visible_text
    configure(story, "thresholds: []\n")
    story.tick()
    again = story.alerts.messages[-1].visible_text
    assert "It was reopened" in again
    assert "Assigned to @Ben Okafor" in again


def test_a_delivered_gift_speaks_up_only_where_somebody_asked_for_it(story: World) -> None:
    for team in ("West", "East"):
        add(story, "Delivered", days=8, name=f"{team} Doe", team=team)
    story.tick()
    assert story.alerts.messages == []
    configure(story, WEST_ASKS_AFTER_THE_GIFT)
    text = story.only_alert().visible_text
    assert "West Doe" in text
    assert "5 business days" in text


def test_nothing_is_told_until_all_due_times_are_known(story: World) -> None:
    """Otherwise what belongs together would be told in pieces."""
    add(story, "Shipped", days=5, name="Jane Doe", campaign="Autumn Gifts")
    story.tick()
    story.configure(AUTUMN_SOONER)
    assert under_way(story)
    story.tick()
    assert story.alerts.messages == []
    story.bot.recompute()
    assert not under_way(story)
    story.tick()
    assert "Jane Doe" in story.only_alert().visible_text


def test_a_send_that_changes_its_campaign_goes_by_the_limits_of_the_new_one(story: World) -> None:
    gid = add(story, "Shipped", days=5, campaign="Autumn Gifts")
    story.tick()
    configure(story, AUTUMN_SOONER)
    alert = story.only_alert()
    add(story, "Shipped", days=5, campaign="Spring", send_gid=gid)
    story.later(minutes=5)
    story.tick()
    assert "Resolved" in alert.latest().visible_text
    with story.bot.database.read() as session:
        assert session.scalars(select(Alert.state)).all() == ["resolved"]
        assert session.scalars(select(Send.due_rule)).all() == ["overdue"]


def test_what_a_status_means_tells_the_limits_of_the_house(anywhere: World) -> None:
    configure(anywhere, AUTUMN_SOONER)
    told = anywhere.person("ann").command("/send-meaning shipped").visible_text
    assert "Set for this installation: late after 3 days, for campaign autumn gifts" in told
    assert "Set for this installation" not in anywhere.person("ann").command("/send-meaning delivered").visible_text
