"""The Home tab: what somebody sees there, and that it changes while they look at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

import pytest
from sqlalchemy import select

from bot.playground.seen import PATIENCE
from bot.playground.seen_view import SeenView
from storage.models import Home
from tests.stories.sending import add
from tests.stories.world import World, world


@pytest.fixture(params=["socket", "http"])
def story(request: pytest.FixtureRequest, tmp_path: Path, now: datetime) -> Iterator[World]:
    """A world on SQLite, with each transport."""
    transport: Literal["socket", "http"] = request.param
    with world(tmp_path, now, transport=transport) as made:
        yield made


def draws(story: World) -> int:
    """A look at the Home tabs by the bot's clock, a while after the last, once nobody is drawing one any more.

    Slack shows a tab a moment before it is noted that it does.
    """

    def rests() -> bool:
        with story.bot.database.read() as session:
            return not session.scalar(select(Home.user_id).where(Home.lease_until.is_not(None)).limit(1))

    assert story.playground.slack.state.wait_for(rests, PATIENCE)
    story.later(seconds=30)
    return story.bot.draw_homes()


def shows(story: World, home: SeenView, text: str | Callable[[str], bool]) -> str:
    """What the tab shows once it shows that."""

    def look() -> str | None:
        told = home.latest().visible_text
        return told if (text in told if isinstance(text, str) else text(told)) else None

    found = story.playground.slack.state.wait_for(look, PATIENCE)
    assert found is not None, home.latest().visible_text
    return found


def test_it_follows_what_happens(story: World) -> None:
    add(story, "Shipped", days=1, name="Tom Berg")
    story.tick()
    ben = story.person("ben")
    home = ben.home("Every send of yours goes its way")
    assert "You have sent 1 gift" in home.visible_text
    assert draws(story) == 0

    add(story, "Processing", days=8)
    story.tick()
    assert draws(story) == 1
    assert "Needs you: 1" in shows(story, home, "Jane Doe")
    assert draws(story) == 0

    ben.press(home, "Open")
    ben.press(ben.modal("Send"), "Assign to me")
    assert "Assigned to you: 1" in shows(story, home, "Assigned to @Ben Okafor")

    story.person("ann").press(story.only_alert(), "Resolve")
    assert draws(story) == 1
    shows(story, home, "Every send of yours goes its way")


def test_pages_are_turned_and_sends_looked_up(story: World) -> None:
    for number in range(7):
        add(story, "Processing", days=9 + number, name=f"Person {number}")
    story.tick()
    ben = story.person("ben")
    home = ben.home("Needs you: 7")
    assert "Person 6" in home.visible_text
    assert "Person 0" not in home.visible_text
    ben.press(home, "Show more")
    told = shows(story, home, "6 to 7 of 7")
    assert "Person 0" in told
    ben.press(home, "Show the ones before")
    shows(story, home, "1 to 5 of 7")

    ben.choose(home, "Look up a send", "person")
    found = ben.modal("Sendwatch")
    assert "7 sends match “person”" in found.visible_text
    found.press("Open")
    assert "Person" in ben.modal("Send").visible_text


def test_another_teams_people_see_none_of_it(story: World) -> None:
    add(story, "Processing", days=8)
    add(story, "Shipped", days=1, name="Own One", team="Legal", sender_email="dee@example.com", sender_name="Dee Novak")
    add(story, "Shipped", days=1, name="Own Two", sender_email="ann@example.com", sender_name="Ann Lopez")
    story.tick()
    admins = story.person("ann").home("Your team, Sales: 1")
    colleague = admins.visible_text
    assert "Jane Doe" in colleague
    assert "All teams together: 1 open alert" in colleague.replace("*", "")
    assert "Check set-up" in admins.buttons
    others = story.person("dee").home("Your team, Legal")
    other = others.visible_text
    assert "Check set-up" not in others.buttons
    assert "Jane Doe" not in other
    assert "Sales" not in other
    assert "1 open alert" not in other
