"""People ask, the bot answers: look-ups, meanings, lists, help."""

from __future__ import annotations

import time

import pytest

from tests.stories.sending import add
from tests.stories.world import World

HOSTILE = "<!channel> *Bobby* <https://evil.example|click> <@U01ANN> &amp; `x` @here"


def test_one_hit_is_a_card_and_can_be_shared(story: World) -> None:
    add(story, "Processing", days=8)
    story.tick()
    ann = story.person("ann")
    reply = ann.command("/send-status jane@acme.example", channel="#sales")
    for part in ("Jane Doe", "Acme", "Order Received", "warehouse", "Door opener", "Ben Okafor"):
        assert part in reply.visible_text
    assert story.playground.channel("#sales").messages == []
    reply.press("Share in channel")
    shared = story.playground.channel("#sales").expect("Jane Doe")
    assert shared.ephemeral_for is None
    assert "Share in channel" not in shared.buttons


def test_several_hits_are_listed_with_a_button_each_and_the_true_count(story: World) -> None:
    for number in range(30):
        add(story, "Shipped", days=1, name=f"Jane Number{number:02}")
    story.bot.sync()
    ann = story.person("ann")
    reply = ann.command("/send-status jane")
    assert "30" in reply.visible_text
    first = next(label for label in reply.buttons if label not in {"Show more", "Share in channel"})
    opened = reply.press(first)
    assert "Shipped" in opened.visible_text


def test_nobody_found_names_the_nearest(story: World) -> None:
    add(story, "Shipped", days=1, name="Katherine Johnson")
    story.bot.sync()
    reply = story.person("ann").command("/send-status Kathrine Jonson")
    assert "Katherine Johnson" in f"{reply.visible_text} {reply.buttons}"


@pytest.mark.parametrize(("asked", "answers"), [
    ("fulfillment issue", ["Fulfillment Issue", "Support"]),
    ("Offer Sent", ["Offer Sent", "address"]),
    ("no money", ["Insufficient Funds"]),
    ("undeliverd", ["Undeliverable"]),
    ("REFUNDED", ["eGift", "funding source"]),
    ("send.confirmation_canceled", ["Confirmation Canceled"]),
])
def test_a_status_is_explained_in_any_spelling(story: World, asked: str, answers: list[str]) -> None:
    text = story.person("ann").command(f"/send-meaning {asked}").visible_text
    assert [part for part in answers if part.lower() not in text.lower()] == []


def test_an_ambiguous_status_offers_at_most_three_and_a_press_explains(story: World) -> None:
    reply = story.person("ann").command("/send-meaning amazon")
    assert {"Amazon Fulfilling", "Amazon Shipped"} <= set(reply.buttons)
    assert len(reply.buttons) <= 3
    assert "Amazon" in reply.press("Amazon Shipped").visible_text


def test_lists_of_what_is_stuck_mine_and_alerted(story: World) -> None:
    add(story, "Processing", days=8, name="Jane Doe")
    add(story, "Shipped", days=1, name="Ada Abara", sender_email="dee@example.com", sender_name="Dee Novak")
    story.tick()
    ben, dee = story.person("ben"), story.person("dee")
    assert "Jane Doe" in ben.command("/sends stuck").visible_text
    assert "Jane Doe" in ben.command("/sends alerts").visible_text
    dee.command("/sends mine")
    assert "Ada Abara" in dee.sees("Ada Abara").visible_text


@pytest.mark.parametrize("text", [
    "/sends", "/sends help", "/sends helpp", "/sends bogus", "/send-status", "/send-meaning",
])
def test_empty_or_mistaken_input_gets_help_and_never_silence(story: World, text: str) -> None:
    reply = story.person("ann").command(text)
    assert len(reply.visible_text) > 40
    assert story.person("ann").notices == []


@pytest.mark.parametrize("text", [
    "x" * 3000, "é" * 3000, "%_\\", "'; DROP TABLE sends; --", "<!channel>", "\u202egnp", "a\x00b",
])
def test_strange_arguments_are_answered(story: World, text: str) -> None:
    add(story, "Processing", days=1)
    story.bot.sync()
    ann = story.person("ann")
    for command in ("/send-status", "/send-meaning", "/sends"):
        reply = ann.command(f"{command} {text}")
        assert reply.visible_text
        assert "channel" not in reply.message.mentions
    assert ann.notices == []


def test_a_hostile_name_mentions_links_and_formats_nothing(story: World) -> None:
    add(story, "Undeliverable", days=1, name=HOSTILE, campaign=HOSTILE, recipient_company=HOSTILE)
    story.tick()
    alert = story.only_alert()
    found = story.person("ben").command("/sends stuck").message
    for message in (alert, found):
        assert "Bobby" in message.visible_text
        assert not message.mentions - {"U02BEN"}
        assert "<https" not in message.text
        assert "<!" not in message.text.replace("<!date", "")


def test_answers_do_not_wait_for_slack(story: World) -> None:
    add(story, "Processing", days=8)
    story.tick()
    ann = story.person("ann")
    # Whose e-mail address a newcomer has is asked of Slack, and the answer comes after that.
    assert ann.command("/sends mine").visible_text
    story.playground.faults.delay(8)
    for text in ("/send-status jane", "/send-meaning sent", "/sends stuck", "/sends mine", "/sends help"):
        began = time.monotonic()
        assert ann.command(text).visible_text
        assert time.monotonic() - began < 6
    story.playground.faults.clear()
