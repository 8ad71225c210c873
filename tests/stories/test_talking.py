"""People talk to the bot as they talk to each other: mentions, direct messages, shortcuts on messages, links."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

import pytest
from sqlalchemy import select

from bot.playground.seen import PATIENCE, SeenMessage
from storage.models import Message, Send
from tests.stories.sending import add
from tests.stories.world import World, world

TRACK = "https://app.sendoso.com/track/116d64dc686937dd17b1865019cee71d295bcf38"


@pytest.fixture(params=["socket", "http"])
def story(request: pytest.FixtureRequest, tmp_path: Path, now: datetime) -> Iterator[World]:
    """A world on SQLite, with each transport."""
    transport: Literal["socket", "http"] = request.param
    with world(tmp_path, now, transport=transport) as made:
        yield made


LOOKS = 200


def until(story: World, look: Callable[[], bool]) -> None:
    """Wait for what the database shows, of which nobody is told."""
    for _ in range(LOOKS):
        if look():
            return
        story.playground.slack.state.wait_for(lambda: None, 0.02)
    raise AssertionError("it did not come about")


def kept(story: World) -> int:
    """How many questions are kept."""
    with story.bot.database.read() as session:
        return len(session.scalars(select(Message.id).where(Message.kind == "answer")).all())


def answered(story: World, number: int = 1) -> None:
    """Wait until so many questions are kept, then have them answered."""
    until(story, lambda: kept(story) >= number)
    story.deliver()


def replies(said: SeenMessage) -> list[SeenMessage]:
    return said.latest().replies


def test_a_mention_is_answered_once_in_its_thread(story: World) -> None:
    add(story, "Processing", days=8)
    story.bot.sync()
    ann = story.person("ann")
    # Slack tells of the same event twice.
    story.playground.faults.add("socket", "duplicate")
    said = ann.say("@sendwatch where is Jane's gift?", channel="#sales")
    answered(story)
    [reply] = replies(said)
    assert "Jane Doe: Order Received for 8 days" in reply.visible_text
    assert "acme.example" not in f"{reply.visible_text} {reply.text} {reply.blocks}"
    assert [one.ts for one in ann.channel("#sales").messages] == [said.ts]
    more = ann.press(reply, "Show me more")
    assert "jane@acme.example" in more.visible_text
    assert more.message.ephemeral_for == ann.id


def test_in_a_thread_the_answer_goes_there(story: World) -> None:
    add(story, "Shipped", days=1)
    story.bot.sync()
    ben = story.person("ben")
    root = ben.say("Acme is thrilled", channel="#sales")
    ben.say("@sendwatch status of jane@acme.example?", channel="#sales", thread_ts=root.ts)
    answered(story)
    assert "Jane Doe: Shipped" in replies(root)[-1].visible_text


def test_a_direct_message_is_answered_there(story: World) -> None:
    add(story, "Processing", days=8)
    story.tick()
    ann = story.person("ann")
    ann.say("where is jane?", channel=ann.id)
    answered(story)
    card = ann.dm().expect("Jane Doe: Order Received")
    assert "jane@acme.example" in card.visible_text
    assert card.thread_ts is None
    ann.press(card, "Acknowledge")

    def redrawn() -> bool:
        story.deliver()
        return "Acknowledged by @Ann Lopez" in card.latest().visible_text

    until(story, redrawn)
    root = ann.say("and what does order received mean?", channel=ann.id)
    answered(story, 2)
    ann.dm().expect("warehouse")
    ann.say("thanks!", channel=ann.id, thread_ts=root.ts)
    answered(story, 3)
    assert "You are welcome" in replies(root)[-1].visible_text


def test_why_is_answered_with_the_reason(story: World) -> None:
    add(story, "Processing", days=8)
    story.tick()
    ann = story.person("ann")
    ann.say("why is jane at Acme late?", channel=ann.id)
    answered(story)
    card = ann.dm().expect("Why:")
    assert "more than 7 days" in card.visible_text
    assert "Jane Doe: Order Received" in card.visible_text
    ann.say("why is jane at Globex late?", channel=ann.id)
    answered(story, 2)
    assert "Why:" in ann.dm().expect("Nothing fits “jane Globex”. The nearest that I know:").visible_text


def test_of_several_the_one_that_is_held_up_is_explained(story: World) -> None:
    add(story, "Processing", days=8)
    add(story, "Shipped", days=1)
    add(story, "Delivered", days=3)
    story.tick()
    ann = story.person("ann")
    ann.say("why is jane's gift so late?", channel=ann.id)
    answered(story)
    assert "Jane Doe: Order Received" in ann.dm().expect("Why:").visible_text
    add(story, "Processing", days=9)
    story.tick()
    ann.say("why are jane's gifts late?", channel=ann.id)
    answered(story, 2)
    assert "Shipped" not in ann.dm().expect("2 sends held up that fit “jane”").visible_text


def test_what_a_command_does_is_done_by_a_button(story: World) -> None:
    add(story, "Processing", days=8)
    story.tick()
    ann = story.person("ann")
    ann.say("report last week", channel=ann.id)
    answered(story)
    offer = ann.dm().expect("That is what /sends report last week does")
    assert "threads" not in offer.visible_text
    assert "16 to 22 Nov" in ann.press(offer, "Do it").visible_text
    said = ann.say("@sendwatch mute jane for 2 days", channel="#sales")
    answered(story, 2)
    [offer] = replies(said)
    assert "Slack runs no commands in threads" in offer.visible_text
    answer = story.person("ben").press(offer, "Do it")
    assert answer.message.ephemeral_for == "U02BEN"
    assert "[Send Jane Doe · Acme · Order Received]" in answer.visible_text


def test_a_gift_of_a_stranger_is_nobodys_own(story: World) -> None:
    add(story, "Processing", days=8, name="Amy Whitman", recipient_company="Theo")
    story.bot.sync()
    dee = story.person("dee")
    for number, typed in enumerate(("why are my gifts late?", "why is it late?", "where is the gift?"), 1):
        dee.say(typed, channel=dee.id)
        answered(story, number)
    assert [seen for seen in dee.dm().messages if "Whitman" in seen.visible_text] == []


def test_mine_is_answered_to_who_asks(story: World) -> None:
    add(story, "Shipped", days=1, sender_email="dee@example.com", sender_name="Dee Novak")
    story.bot.sync()
    dee = story.person("dee")
    dee.say("my sends", channel=dee.id)
    answered(story)

    def known() -> bool:
        story.deliver()
        return any("Jane Doe" in seen.visible_text for seen in dee.dm().messages)

    until(story, known)


def test_nothing_is_said_where_the_question_was_deleted(story: World) -> None:
    ann = story.person("ann")
    said = ann.say("@sendwatch where is jane?", channel="#sales")
    until(story, lambda: kept(story) == 1)
    story.playground.slack.state.delete(said.message)
    story.deliver()
    assert ann.channel("#sales").everything == []


def test_the_bot_never_answers_itself(story: World) -> None:
    ann = story.person("ann")
    ann.say("help", channel=ann.id)
    answered(story)
    ann.dm().expect("Ask me about your sends")
    story.tick()
    assert len(ann.dm().everything) == 2


def test_a_message_shortcut_finds_the_sends_of_a_message(story: World) -> None:
    add(story, "Processing", days=8)
    add(story, "Shipped", days=1, name="Ada Abara")
    story.tick()
    ann = story.person("ann")
    said = story.person("ben").say("jane@acme.example has nothing yet, and what of Ada Abara?", channel="#sales")
    assert ann.shortcut("Which sends is it about?", on=said).acked
    window = ann.modal("Found in this message")
    for part in ("E-mail", "jane@acme.example", "Name", "Ada Abara"):
        assert part in window.visible_text
    window.press("Open Ada Abara's gift")
    assert "Ada Abara: Shipped" in ann.modal("Send").visible_text


def test_on_an_alert_it_knows_the_send(story: World) -> None:
    add(story, "Processing", days=8)
    story.tick()
    ann = story.person("ann")
    ann.shortcut("Which sends is it about?", on=story.only_alert())
    assert "Found by My alert" in ann.modal("Send").visible_text


def test_a_message_that_names_no_send_offers_the_look_up(story: World) -> None:
    ann = story.person("ann")
    ann.shortcut("Which sends is it about?", on=ann.say("lunch?", channel="#sales"))
    window = ann.modal("Found in this message")
    assert "names no e-mail address" in window.visible_text
    window.press("Look up a send")
    assert ann.modal("Look up a send").title == "Look up a send"


def test_a_tracking_link_unfolds_without_what_is_private(story: World) -> None:
    add(story, "Shipped", days=3)
    story.bot.sync()
    with story.bot.database.write() as session:
        session.scalars(select(Send)).one().tracking_url = TRACK
    ann = story.person("ann")
    said = ann.say(f"it is on its way: {TRACK}?utm_source=mail and {TRACK[:-1]}0", channel="#sales")
    seen = said.expect_update("Shipped for 3 days")
    [unfolded] = seen.message.attachments
    assert unfolded["from_url"] == f"{TRACK}?utm_source=mail"
    for part in ("Jane", "acme", "Acme", "Ben", "Door opener"):
        assert part not in str(unfolded)
    more = story.person("ben").press(seen, "Show me more")
    assert "Jane Doe" in more.visible_text
    ann.write(f"again {TRACK}", channel="#sales")
    assert story.playground.slack.state.wait_for(lambda: "Shipped for 3 days" in ann.preview, PATIENCE)


def test_links_that_slack_does_not_take_at_once_unfold_after_its_rest(story: World) -> None:
    add(story, "Shipped", days=3)
    story.bot.sync()
    with story.bot.database.write() as session:
        session.scalars(select(Send)).one().tracking_url = TRACK
    story.playground.faults.add("chat.unfurl", "429", 2, seconds=20)
    ann = story.person("ann")
    said = [ann.say(f"{word}: {TRACK}", channel="#sales") for word in ("here", "there")]
    assert story.playground.slack.state.wait_for(lambda: len(unfurls_kept(story)) == 2 or None, PATIENCE)
    assert all(one.latest().message.attachments == () for one in said)
    story.deliver()
    for one in said:
        assert "Shipped for 3 days" in one.latest().visible_text
    # A week later nobody needs to know.
    story.later(days=7, minutes=1)
    assert story.bot.tidy() == 2
    assert unfurls_kept(story) == []


def unfurls_kept(story: World) -> list[Message]:
    with story.bot.database.read() as session:
        return list(session.scalars(select(Message).where(Message.kind == "unfurl")))


def test_ones_own_sends_are_narrowed_in_words(story: World) -> None:
    add(story, "Shipped", days=1, name="Own Acme", sender_email="dee@example.com", sender_name="Dee Novak")
    add(
        story, "Shipped", days=1, name="Own Globex", sender_email="dee@example.com", sender_name="Dee Novak",
        recipient_company="Globex", recipient_email="own@globex.example",
    )
    add(story, "Shipped", days=1, name="Of Ben")
    story.bot.sync()
    dee = story.person("dee")
    dee.say("my sends for acme", channel=dee.id)
    answered(story)

    def known() -> bool:
        story.deliver()
        return any("1 send of yours that fits “acme”" in seen.visible_text for seen in dee.dm().messages)

    until(story, known)
    shown = "\n".join(one.visible_text for one in dee.dm().messages)
    assert "Own Acme" in shown
    assert "Own Globex" not in shown
    assert "Of Ben" not in shown
    # Where everybody reads along it is shown to who presses.
    said = dee.say("@sendwatch my gifts to globex", channel="#sales")
    answered(story, 2)
    told = dee.press(replies(said)[0], "My sends").visible_text
    assert "Own Globex" in told
    assert "Own Acme" not in told


def test_what_went_wrong_and_how_many_there_were(story: World) -> None:
    add(story, "Expired", days=2, name="Late Larry", type="eGift", subtype="")
    add(story, "Shipped", days=1)
    story.tick()
    ann = story.person("ann")
    ann.say("what expired?", channel=ann.id)
    answered(story)
    shown = "\n".join(one.visible_text for one in ann.dm().messages)
    assert "Late Larry" in shown
    assert "Jane Doe" not in shown
    ann.say("how many gifts did we send this month?", channel=ann.id)
    answered(story, 2)
    offer = next(one for one in ann.dm().messages if "/sends report this month" in one.visible_text)
    assert "Sent" in ann.press(offer, "Do it").visible_text
