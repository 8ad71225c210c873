"""A send is looked up in a window, from anywhere in Slack."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

import pytest

from bot.playground.modal import Modal
from bot.playground.person import Person
from bot.playground.seen import PATIENCE
from tests.stories.sending import add
from tests.stories.world import World, world

FIELD = "lookup_find"


@pytest.fixture(params=["socket", "http"])
def story(request: pytest.FixtureRequest, tmp_path: Path, now: datetime) -> Iterator[World]:
    """A world on SQLite, with each transport."""
    transport: Literal["socket", "http"] = request.param
    with world(tmp_path, now, transport=transport) as made:
        yield made


def test_a_send_is_found_while_typing_and_its_alert_taken_up_there(story: World) -> None:
    add(story, "Processing", days=8)
    add(story, "Shipped", days=1, name="Ada Abara")
    story.tick()
    ann = story.person("ann")
    assert ann.shortcut("Look up a send").acked
    window = ann.modal("Look up a send")
    assert len(ann.options(window, FIELD, "")) == 2
    assert [one.partition(" · ")[0] for one in ann.options(window, FIELD, "jane")] == ["Jane Doe"]
    assert ann.options(window, FIELD, "nobody at all") == []
    ann.choose(window, FIELD, "Jane Doe · Order Received", typed="jane")
    card = shows(ann, "Order Received")
    for part in ("Jane Doe", "jane@acme.example", "Door opener"):
        assert part in card.visible_text
    card.press("Acknowledge")
    ann.choose(shows(ann, "Acknowledged by @Ann Lopez"), FIELD, "Ada Abara · Shipped", typed="abara")
    assert "Jane" not in shows(ann, "Ada Abara: Shipped").visible_text


def shows(person: Person, text: str) -> Modal:
    """The window before that person, once it shows `text`."""
    state = person.slack.state
    assert state.wait_for(lambda: text in person.modal().visible_text, PATIENCE), person.modal().visible_text
    return person.modal()


def test_what_is_offered_does_not_wait_for_slack(story: World) -> None:
    add(story, "Shipped", days=1)
    story.bot.sync()
    ann = story.person("ann")
    ann.shortcut("Look up a send")
    window = ann.modal("Look up a send")
    story.playground.faults.delay(8)
    began = time.monotonic()
    assert ann.options(window, FIELD, "jane")
    assert time.monotonic() - began < 6
    story.playground.faults.clear()
