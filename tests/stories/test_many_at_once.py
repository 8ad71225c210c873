"""Many alerts at once: they come as one message, and a first backlog as one summary."""

from __future__ import annotations

from sqlalchemy import func, select

from bot.playground.seen import SeenMessage
from storage.models import Alert
from tests.stories.sending import add
from tests.stories.world import World

NAMES = ["Ada Abara", "Ben Brandt", "Cleo Costa", "Dan Diaz", "Eva Eriksen", "Finn Fontaine", "Gia Gupta"]


def in_state(story: World, state: str) -> int:
    with story.bot.database.read() as session:
        return session.scalar(select(func.count()).select_from(Alert).where(Alert.state == state)) or 0


def first_scan_is_over(story: World) -> None:
    add(story, "Failed", days=1, name="First One")
    story.tick()


def a_group(story: World) -> SeenMessage:
    """The message about seven gifts of one campaign that are stuck."""
    first_scan_is_over(story)
    for name in NAMES:
        add(story, "Processing", days=8, name=name, campaign="Holiday box")
    story.tick()
    return story.alerts.messages[-1]


def test_alerts_of_one_rule_and_campaign_come_as_one_message(story: World) -> None:
    first_scan_is_over(story)
    for name in NAMES:
        add(story, "Processing", days=8, name=name, campaign="Holiday box")
    add(story, "Undeliverable", days=1, name="Olga Okafor", campaign="Holiday box")
    story.tick()

    _, *messages = story.alerts.messages
    assert len(messages) == 2
    group = next(m for m in messages if "Show all" in m.buttons)
    assert "7" in group.visible_text
    assert "Holiday box" in group.visible_text


def test_a_group_says_what_is_open_and_what_has_moved_on(story: World) -> None:
    first_scan_is_over(story)
    gids = {name: add(story, "Processing", days=8, name=name, campaign="Autumn") for name in NAMES[:5]}
    story.tick()
    group = story.alerts.messages[-1]
    assert "5 gifts are stuck: contact Support: Autumn" in group.visible_text
    for name, status in (("Ada Abara", "Shipped"), ("Cleo Costa", "Delivered")):
        story.sendoso.move(gids[name], status)
    story.later(minutes=15)
    story.tick()

    seen = group.latest().visible_text
    assert "3 gifts are stuck: contact Support: Autumn" in seen
    assert "3 open, 2 resolved" in seen
    lines = [line for line in seen.splitlines() if line.startswith("• ")]
    assert ["Order Received for 8 days" in line for line in lines] == [True, True, True, False, False]
    assert ["✅" in line for line in lines] == [False, False, False, True, True]
    assert "resolved by itself: Now Shipped: the send moved on." in lines[3]

    ann = story.person("ann")
    ann.press(group.latest(), "Show all")
    shown = ann.modal("All alerts").visible_text
    assert "3 gifts are stuck" in shown
    assert shown.count("✅") == 2
    for name in set(gids) - {"Ada Abara", "Cleo Costa"}:
        story.sendoso.move(gids[name], "Shipped")
    story.later(minutes=15)
    story.tick()
    assert "Resolved: 5 gifts that were stuck: Autumn" in group.latest().visible_text


def test_show_all_opens_every_one_and_all_can_be_acknowledged(story: World) -> None:
    group = a_group(story)
    ann = story.person("ann")
    ann.press(group, "Show all")
    text = ann.modal().visible_text
    assert [name for name in NAMES if name not in text] == []
    ann.modal().close()

    ann.press(group, "Acknowledge all")
    story.deliver()
    assert in_state(story, "acknowledged") == len(NAMES)
    assert "Ann Lopez" in group.latest().visible_text


def test_what_was_done_to_all_is_undone_press_by_press(story: World) -> None:
    group = a_group(story)
    ann = story.person("ann")
    for step in ("Acknowledge all", "Resolve all"):
        ann.press(group.latest(), step)
        story.deliver()
    assert in_state(story, "resolved") == len(NAMES)
    seen, ben = group.latest(), story.person("ben")
    refused = ben.press(seen, "Undo")
    assert "Only @Ann Lopez, who resolved alerts of this message" in refused.visible_text
    ann.press(seen, "Undo")
    ann.press(seen, "Undo", stale=True)
    story.deliver()
    # Pressed twice on one look it was one step back.
    assert in_state(story, "acknowledged") == len(NAMES)
    assert ann.sees("You already undid it just now.").ephemeral_for == ann.id
    ann.press(group.latest(), "Undo")
    story.deliver()
    assert in_state(story, "acknowledged") == 0
    assert "Undo" not in group.latest().buttons


def test_a_first_backlog_is_one_summary_that_can_be_posted(story: World) -> None:
    for number, name in enumerate(NAMES):
        add(story, "Processing", days=30, name=name, campaign=f"Campaign {number}")
    story.tick()
    summary = story.only_alert()
    assert "7" in summary.visible_text

    story.person("ann").press(summary, "Post them as alerts")
    story.tick()
    assert len(story.alerts.messages) == 1 + len(NAMES)
    assert in_state(story, "firing") == len(NAMES)
    assert "Ann Lopez" in summary.latest().visible_text


def test_a_first_backlog_can_be_left_behind(story: World) -> None:
    for name in NAMES:
        add(story, "Processing", days=30, name=name)
    story.tick()
    summary = story.only_alert()
    story.person("ann").press(summary, "Only tell me about new ones")
    story.tick()
    assert in_state(story, "resolved") == len(NAMES)
    assert len(story.alerts.messages) == 1

    add(story, "Undeliverable", days=1, name="Olga Okafor")
    story.tick()
    assert "Olga Okafor" in story.alerts.messages[-1].visible_text


def test_a_small_backlog_comes_as_alerts(story: World) -> None:
    add(story, "Processing", days=30, name="Ada Abara", campaign="One")
    add(story, "Failed", days=30, name="Ben Brandt", campaign="Two")
    story.tick()
    assert len(story.alerts.messages) == 2
    assert all("Acknowledge" in message.buttons for message in story.alerts.messages)


def test_a_status_nobody_has_named_is_kept_and_told_to_the_admins_once(story: World) -> None:
    story.sendoso.vocabulary = "verbatim"
    add(story, "Customs Hold", days=1)
    add(story, "customs  hold", days=1, name="Ada Abara")
    story.tick()
    story.tick()
    assert story.alerts.messages == []
    told = story.person("ann").dm().messages
    assert len(told) == 1
    assert "Customs Hold" in told[0].visible_text
    assert "Customs Hold" in story.person("ben").command("/send-status jane").visible_text
