"""Somebody watches a send: each step comes to them, until it has arrived."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from bot.playground.seen import SeenMessage
from storage.models import Watch
from tests.stories.sending import add
from tests.stories.world import World, world


@pytest.fixture(params=["socket", "http"])
def story(request: pytest.FixtureRequest, tmp_path: Path, now: object) -> Iterator[World]:
    """A world on SQLite, with each transport."""
    transport: Literal["socket", "http"] = request.param
    with world(tmp_path, now, transport=transport) as made:  # type: ignore[arg-type]
        yield made


def direct(story: World, name: str = "dee") -> list[SeenMessage]:
    return [message for message in story.person(name).dm().messages if message.ephemeral_for is None]


def moved(story: World, gid: str, status: str) -> None:
    story.later(hours=2)
    story.sendoso.move(gid, status)
    story.tick()


def test_from_the_first_step_to_the_last(story: World) -> None:
    gid = add(story, "Processing", days=1)
    story.tick()
    dee = story.person("dee")
    assert "You watch Jane Doe" in dee.command("/sends watch jane@acme.example", channel="#sales").visible_text
    story.tick()
    assert direct(story) == []

    moved(story, gid, "Shipped")
    [first] = direct(story)
    assert "Jane Doe: now Shipped" in first.visible_text
    assert {"Open", "Stop watching"} <= set(first.buttons)
    assert "Jane Doe" in dee.press(first, "Open").visible_text

    moved(story, gid, "Delivered")
    [_, last] = direct(story)
    assert "now Delivered" in last.visible_text
    assert "It has arrived, so this watch has ended." in last.visible_text
    assert "Stop watching" not in last.buttons
    assert "You watch no send" in dee.command("/sends watch").visible_text
    # Nobody else hears of it.
    assert story.alerts.messages == []
    assert direct(story, "ben") == []


def test_what_sendoso_tells_twice_is_told_once(story: World) -> None:
    gid = add(story, "Processing", days=1)
    story.tick()
    story.person("dee").command("/sends watch jane")
    for _ in range(2):
        sent = story.sendoso.move(gid, "Shipped")
        if sent is not None:
            sent.result(timeout=10)
        story.tick()
    assert [message.visible_text.count("now Shipped") for message in direct(story)] == [1]


def test_two_steps_in_one_look_are_one_message(story: World) -> None:
    gid = add(story, "Processing", days=1)
    story.tick()
    story.person("dee").command("/sends watch jane")
    story.later(hours=1)
    story.sendoso.move(gid, "Fulfilling")
    story.later(hours=1)
    story.sendoso.move(gid, "Shipped")
    story.tick()
    [told] = direct(story)
    assert "2 steps since you were told last" in told.visible_text
    assert told.visible_text.index("Fulfilling") < told.visible_text.index("— Shipped")


def test_stopped_from_the_message_and_watched_again(story: World) -> None:
    gid = add(story, "Processing", days=1)
    story.tick()
    dee = story.person("dee")
    dee.command("/send-status jane").press("Watch")
    moved(story, gid, "Fulfilling")
    [told] = direct(story)
    dee.press(told, "Stop watching")
    story.deliver()
    stopped = told.expect_update("You have stopped watching this send.")
    moved(story, gid, "Shipped")
    assert len(direct(story)) == 1
    dee.press(stopped, "Watch again")
    moved(story, gid, "Delivered")
    assert "now Delivered" in direct(story)[-1].visible_text
    assert len(direct(story)) == 2


def test_who_has_left_is_told_no_more_and_nobody_hears_of_it(story: World) -> None:
    first, second = add(story, "Processing", days=1), add(story, "Processing", days=1, name="Ada Abara")
    story.tick()
    dee = story.person("dee")
    for name in ("jane", "ada"):
        dee.command(f"/sends watch {name}")
    dee.deactivate()
    story.playground.faults.add("chat.postMessage", "error", error="user_disabled")
    moved(story, first, "Shipped")
    moved(story, second, "Shipped")
    assert direct(story) == []
    assert direct(story, "ann") == []
    with story.bot.database.read() as session:
        assert {watch.ended_why for watch in session.query(Watch)} == {"gone"}
