"""What goes wrong on the way: Slack, Sendoso, channels; nothing is lost and nothing comes twice."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import pytest

from tests.stories.sending import add
from tests.stories.world import World


@pytest.mark.parametrize("kind", [
    "429", "500", "500_after", "drop", "drop_after", "not_json", "not_json_after", "internal_error",
    "internal_error_after",
])
def test_however_slack_fails_each_alert_is_there_exactly_once(story: World, kind: str) -> None:
    story.playground.faults.add("chat.postMessage", kind, times=2)
    add(story, "Undeliverable", days=1, name="Jane Doe")
    add(story, "Failed", days=1, name="Ada Abara")
    story.tick()
    shown = "\n".join(message.visible_text for message in story.alerts.messages)
    assert len(story.alerts.messages) == 2
    assert "Jane Doe" in shown
    assert "Ada Abara" in shown


def test_an_archived_channel_keeps_everything_and_tells_the_admins_once(story: World) -> None:
    story.alerts.archive()
    add(story, "Undeliverable", days=1)
    story.bot.sync()
    story.bot.scan()
    for _ in range(30):
        story.bot.deliver()
        story.later(minutes=5)
    assert story.alerts.messages == []
    told = story.person("ann").dm().messages
    assert len(told) == 1
    assert "archived" in told[0].visible_text

    story.alerts.unarchive()
    story.later(hours=2)
    story.deliver()
    assert "Jane Doe" in story.only_alert().visible_text


def test_what_settled_itself_while_its_channel_was_archived_is_not_told_afterwards(story: World) -> None:
    story.alerts.archive()
    gone = add(story, "Undeliverable", days=1, name="Kim Lee")
    boxes = [add(story, "Failed", days=1, name=f"Max {number}") for number in range(3)]
    for send in (gone, *boxes):
        story.bot.sync()
        story.bot.scan()
        story.bot.deliver()
        story.later(minutes=5)
        story.sendoso.move(send, "Delivered")
    add(story, "Undeliverable", days=1)
    story.bot.sync()
    story.bot.scan()
    story.alerts.unarchive()
    story.later(hours=2)
    story.deliver()
    assert "Jane Doe" in story.only_alert().visible_text


def tick(story: World) -> None:
    """What the bot does by its clock, while one of the channels takes nothing."""
    story.bot.sync()
    story.bot.scan()
    for _ in range(10):
        story.bot.deliver()
        story.later(seconds=2)


@pytest.mark.parametrize(("settled", "told"), [("by Ann", ["Resolved by @Ann Lopez"]), ("by itself", [])])
def test_what_was_settled_before_it_could_be_escalated_is_told_there_only_where_somebody_has_done_it(
    story: World, settled: str, told: list[str],
) -> None:
    story.configure("policies: {default: {escalate: [{after: 2h, channel: C02SALES, dm_sender: true}]}}")
    gift = add(story, "Failed", days=0.1, name="Kim Lee")
    story.tick()
    first, sales, ann = story.only_alert(), story.playground.channel("#sales"), story.person("ann")
    sales.archive()
    story.later(hours=3)
    tick(story)
    if settled == "by Ann":
        ann.press(first, "Resolve")
    else:
        story.sendoso.move(gift, "Delivered")
    tick(story)
    assert "so it went to #sales and the sender, too." in first.expect_update("Resolved").visible_text
    sales.unarchive()
    story.later(hours=2)
    story.deliver()
    shown = [one.visible_text for one in sales.messages if "Kim Lee" in one.visible_text]
    assert [words for words in told for one in shown if words in one] == told
    assert len(shown) == len(told)
    assert "so it went to #sales and the sender, too." in first.latest().visible_text


def test_a_message_that_somebody_deleted_comes_anew_when_it_changes(story: World) -> None:
    add(story, "Undeliverable", days=1)
    story.tick()
    alert = story.only_alert()
    story.bot.app.client.chat_delete(channel=alert.channel, ts=alert.ts)
    story.later(minutes=20)
    story.sendoso.move(story.sendoso.find("Jane")[0]["send_gid"], "Delivered")
    story.tick()
    assert "Resolved" in story.only_alert().visible_text


def test_when_sendoso_is_silent_for_long_the_admins_hear_of_it_and_of_its_end(story: World) -> None:
    add(story, "Shipped", days=1)
    story.tick()
    story.later(hours=3)
    story.bot.scan()
    story.deliver()
    [told] = story.person("ann").dm().messages
    assert "Sendoso" in told.visible_text
    story.tick()
    assert told.expect_update().visible_text != told.visible_text
    assert story.alerts.messages == []


def test_a_webhook_moves_a_send_at_once_and_a_replay_changes_nothing(story: World) -> None:
    gid = add(story, "Processing", days=8)
    story.tick()
    alert = story.only_alert()
    story.sendoso.webhooks.url = f"http://127.0.0.1:{story.bot.web.port}/sendoso/webhooks"
    for _ in range(2):
        sent = story.sendoso.move(gid, "Shipped")
        assert sent is not None
        assert sent.result(timeout=10) == 204
    story.bot.take_webhooks()
    story.bot.scan()
    story.deliver()
    assert "Shipped" in alert.expect_update("Resolved").visible_text
    found = story.person("ben").command("/send-status jane").visible_text
    assert found.count("Order Received") >= 1


def test_the_socket_may_be_cut(story: World) -> None:
    story.playground.disconnect("refresh_requested")
    story.playground.wait_until_connected()
    assert story.person("ann").command("/send-meaning sent").visible_text


def test_a_disk_that_is_nearly_full_is_told_to_the_admins(story: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=300_000_000))
    for _ in range(7):
        story.bot.selfcheck.run()
        story.later(minutes=1)
    story.deliver()
    [told] = story.person("ann").dm().messages
    assert "the disk of the database has only 300 MB left" in told.visible_text
