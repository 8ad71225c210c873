"""Statuses that nobody has named: admins hear of each spelling once, and of many at once in one message."""

from __future__ import annotations

from tests.stories.sending import add
from tests.stories.test_many_at_once import first_scan_is_over
from tests.stories.world import World

SPELLINGS = ["Lost at sea", "Eaten by a dog", "Melted", "Turned to stone"]


def test_many_new_spellings_are_one_message_to_each_admin(story: World) -> None:
    first_scan_is_over(story)
    for number, status in enumerate(SPELLINGS):
        add(story, status, days=1, name=f"Person {number}", campaign=f"Campaign {number}")
    add(story, "eaten by a DOG", days=1, name="Person 9")
    story.tick()
    (told,) = story.person("ann").dm().messages
    assert "4 statuses nobody has named" in told.visible_text
    for status in SPELLINGS:
        assert f"“{status}”" in told.visible_text
    assert "one rule and campaign" not in told.visible_text
    story.later(days=1)
    add(story, "Vanished", days=1, name="Person 10")
    story.tick()
    (_, one) = story.person("ann").dm().messages
    assert "A status nobody has named: “Vanished”" in one.visible_text


def test_all_of_them_are_worked_on_at_once(story: World) -> None:
    first_scan_is_over(story)
    for number, status in enumerate(SPELLINGS):
        add(story, status, days=1, name=f"Person {number}")
    story.tick()
    ann = story.person("ann")
    (told,) = ann.dm().messages
    ann.press(told, "Acknowledge all")
    story.deliver()
    assert "4 acknowledged" in told.latest().visible_text
    ann.press(told, "Show all")
    shown = ann.modal("All alerts").visible_text
    assert "Person 3 · Acme" in shown
    assert "A status nobody has named: “Turned to stone”" in shown
