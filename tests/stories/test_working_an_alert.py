"""People work on alerts: they hand them to each other, write to Support, look back, and change their minds."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from sqlalchemy import select

from bot.playground.seen import PATIENCE, SeenMessage
from bot.playground.slack_app import BOT_USER
from storage.engine import Database
from storage.models import AlertEvent, Message
from tests.stories.sending import add
from tests.stories.world import World, world


@pytest.fixture(params=["socket", "http"])
def story(request: pytest.FixtureRequest, tmp_path: Path, now: datetime) -> Iterator[World]:
    """A world on SQLite, with each transport."""
    transport: Literal["socket", "http"] = request.param
    with world(tmp_path, now, transport=transport) as made:
        yield made


@pytest.fixture
def stuck(story: World) -> SeenMessage:
    """A gift that has been with the warehouse for eight days, and the alert about it."""
    add(story, "Processing", days=8)
    story.tick()
    return story.only_alert()


def presses(story: World) -> list[tuple[str, str]]:
    with story.bot.database.read() as session:
        rows = session.scalars(select(AlertEvent).order_by(AlertEvent.id)).all()
        return [(row.action, row.actor) for row in rows if row.actor.startswith("U")]


def direct(story: World, name: str) -> list[SeenMessage]:
    return story.person(name).dm().messages


def assign(story: World, message: SeenMessage, by: str, to: str, note: str = "") -> None:
    person = story.person(by)
    person.choose(message, "alert_more", "Assign to …")
    modal = person.modal("Assign to")
    modal.fill("Who takes it on?", to)
    if note:
        modal.fill("A word to them", note)
    modal.submit()
    # Where Slack had not said yet who that is, the window says when it is done.
    story.playground.slack.state.wait_for(lambda: ("assign", story.person(by).id) in presses(story), PATIENCE)
    story.deliver()


def test_an_alert_is_given_to_somebody_who_is_told_once(story: World, stuck: SeenMessage) -> None:
    story.playground.faults.add("socket", "duplicate")
    assign(story, stuck, "ann", "ben", "please call them")
    shown = stuck.expect_update("Assigned to @Ben Okafor").visible_text
    assert "Acknowledged by @Ann" in shown
    (told,) = direct(story, "ben")
    for part in ("assigned this alert to you", "@Ann", "please call them", "Jane Doe", "Why:", "Next:", "To do:",
                 "#gifting-alerts"):
        assert part in told.visible_text
    for part in ("assigned this alert to you", "Jane Doe", "Why:"):
        assert part in told.text
    story.later(minutes=5)
    story.tick()
    assert len(direct(story, "ben")) == 1
    assert presses(story) == [("assign", "U01ANN")]

    # From there the alert is worked on.
    ben = story.person("ben")
    card = ben.press(told, "Open").message
    assert card.ephemeral_for == "U02BEN"
    ben.press(card, "Resolve")
    story.deliver()
    stuck.expect_update("Resolved by @Ben Okafor")


def test_it_is_listed_for_the_one_who_has_it(story: World, stuck: SeenMessage) -> None:
    assign(story, stuck, "ann", "ben")
    mine = story.person("ben").command("/sends mine")
    shown = story.playground.slack.state.wait_for(
        lambda: text if "of yours" in (text := mine.message.latest().visible_text) else None, 5,
    )
    assert shown is not None
    assert shown.index("1 alert assigned to you") < shown.index("1 send of yours")
    assert "Jane Doe" in story.person("ben").home("Assigned to you: 1").visible_text


def test_who_has_it_no_longer_reads_so(story: World, stuck: SeenMessage) -> None:
    assign(story, stuck, "ann", "ben")
    (told,) = direct(story, "ben")
    story.person("dee").press(stuck, "Assign to me")
    story.deliver()
    assert "Not yours any more: assigned to @Dee Novak" in told.expect_update().visible_text
    story.person("dee").press(stuck, "Undo")
    story.deliver()
    assert "Not yours any more" not in told.latest().visible_text
    assert len(direct(story, "ben")) == 1
    assert direct(story, "dee") == []


def test_an_app_cannot_have_it(story: World, stuck: SeenMessage) -> None:
    ann = story.person("ann")
    ann.choose(stuck, "alert_more", "Assign to …")
    modal = ann.modal("Assign to")
    block, element = modal.seen.field("Who takes it on?")
    choice = {"type": "users_select", "selected_user": BOT_USER}
    modal.filled[block["block_id"]] = {element["action_id"]: choice}
    ann.act(modal, {"block_id": block["block_id"], "action_id": element["action_id"], **choice})
    again = story.playground.slack.state.wait_for(
        lambda: found if "That is an app" in (found := ann.modal()).visible_text else None, 5,
    )
    assert again is not None
    again.filled = modal.filled
    assert again.submit_refused() == {"Who takes it on?": "That is an app. Choose a person."}
    assert presses(story) == []


def test_support_is_told_and_followed_up(story: World, stuck: SeenMessage) -> None:
    story.person("dee").press(stuck, "Acknowledge")
    ben = story.person("ben")
    ben.press(stuck, "Contact Support")
    # By Ben's own clock, once Slack has said which that is.
    found = story.playground.slack.state.wait_for(
        lambda: modal if "Europe/London" in str((modal := ben.modal("Contact Support")).blocks) else None, 5,
    )
    assert found is not None
    modal = found
    for part in ("Jane Doe", "Order Received", "taken up by", "Ben Okafor"):
        assert part in str(modal.blocks)
    assert "In 2 business days" in str(modal.blocks)
    modal.fill("Remind me if it is still open", "In 1 business day")
    modal.submit()
    story.deliver()
    stuck.expect_update("follow-up")

    # It is Monday afternoon in London; the next morning at nine there.
    story.later(hours=17, minutes=30)
    story.tick()
    assert stuck.replies == []
    story.later(minutes=45)
    story.tick()
    story.tick()
    (reply,) = stuck.replies
    assert reply.mentions == {"U02BEN"}
    assert "You told Support 1 business day ago, and it is still Order Received" in reply.visible_text
    assert "follow-up" not in stuck.latest().visible_text


def test_a_raised_alert_goes_on_with_what_was_done_about_the_milder_one(story: World) -> None:
    add(story, "Processing", days=6.5)
    story.tick()
    late = story.only_alert()
    assign(story, late, "ann", "ben")
    ben = story.person("ben")
    ben.press(late, "Contact Support")
    ben.modal("Contact Support").submit()
    story.deliver()
    late.expect_update("Support contacted by @Ben Okafor")

    story.later(days=1)
    story.tick()
    raised = story.alerts.messages[-1]
    assert "a new alert says so" in late.latest().visible_text
    for part in ("passed the next limit", "Support contacted by @Ben Okafor", "follow-up", "Assigned to @Ben Okafor",
                 "Support knows of it already"):
        assert part in raised.visible_text
    assert "Contact Sendoso Support now" not in raised.visible_text

    # What Ben was told stays true: it is still his, and now a case for Support.
    (told,) = direct(story, "ben")
    shown = told.latest().visible_text
    assert "passed the next limit" in shown
    assert "Support knows of it already" in shown
    assert "Resolved by itself" not in shown
    assert "Nothing of this is left for you to do" not in shown
    story.later(minutes=1)
    ben.press(raised, "Contact Support")
    assert "Support was told by" in str(ben.modal("Contact Support").blocks)

    story.later(days=1, hours=4)
    story.tick()
    calls = [reply for reply in raised.latest().replies if reply.mentions]
    assert [reply.mentions for reply in calls] == [{"U02BEN"}]
    assert "You told Support 2 business days ago" in calls[0].visible_text
    assert late.latest().replies == []


def test_nothing_is_followed_up_once_it_has_moved_on(story: World) -> None:
    gid = add(story, "Processing", days=8)
    story.tick()
    stuck = story.only_alert()
    ben = story.person("ben")
    ben.press(stuck, "Contact Support")
    ben.modal("Contact Support").submit()
    story.sendoso.move(gid, "Shipped")
    story.tick()
    story.later(days=4)
    story.tick()
    assert stuck.replies == []
    assert "follow-up" not in stuck.latest().visible_text


def test_an_alert_is_resolved_for_a_reason_that_everybody_reads(story: World, stuck: SeenMessage) -> None:
    ann, ben = story.person("ann"), story.person("ben")
    ann.choose(stuck, "alert_more", "Resolve with a reason …")
    form = ann.modal("Resolve")
    assert "Jane Doe" in form.visible_text
    assert "Write what settled it" in form.fill("What settled it?", "  ").submit_refused()["What settled it?"]
    form.fill("What settled it?", "Jane *has* it, says <!channel> and <https://evil.example|her>.").submit()
    story.deliver()
    shown = stuck.expect_update("✅ Resolved").visible_text
    assert "Resolved by @Ann Lopez" in shown
    # What somebody has typed mentions, links and formats nothing.
    assert "Jane \u2217has\u2217 it, says <!channel> and <https" in shown
    assert "https://evil.example" not in shown
    assert presses(story) == [("resolve", "U01ANN")]
    assert "Already resolved by @Ann Lopez" in ben.press(stuck, "Resolve", stale=True).visible_text
    ben.choose(stuck, "alert_more", "Timeline")
    assert "Jane \u2217has\u2217 it" in ben.modal("Timeline").visible_text


def test_its_timeline_tells_everything_in_order(story: World, stuck: SeenMessage) -> None:
    assign(story, stuck, "ann", "ben")
    story.later(minutes=1)
    story.person("dee").press(stuck, "Resolve")
    story.later(minutes=1)
    story.person("dee").press(stuck, "Undo")
    story.later(minutes=1)
    story.person("dee").press(stuck, "Resolve")
    story.deliver()
    chi = story.person("chi")
    chi.choose(stuck.latest(), "alert_more", "Timeline")
    shown = chi.modal("Timeline").visible_text
    steps = (
        "Sendwatch opened the alert", "Told in #gifting-alerts", "assigned it to @Ben Okafor", "@Dee Novak resolved it",
        "@Dee Novak undid the step before", "@Dee Novak resolved it",
    )
    at = -1
    for step in steps:
        assert step in shown[at + 1:], shown
        at = shown.index(step, at + 1)
    # Seven in the morning in Los Angeles is midnight in Tokyo.
    assert "12:00 AM" in shown or "00:00" in shown
    assert ("meaning", "U03CHI") not in presses(story)


def test_a_whole_message_is_given_to_somebody(story: World) -> None:
    for number in range(4):
        add(story, "Processing", days=8, name=f"Person {number}")
    story.tick()
    group = story.only_alert()
    ann = story.person("ann")
    ann.press(group, "Assign all …")
    modal = ann.modal("Assign all")
    assert "This assigns 4 open alerts." in modal.visible_text
    modal.fill("Who takes it on?", "ben").submit()
    story.playground.slack.state.wait_for(lambda: ("assign", "U01ANN") in presses(story), PATIENCE)
    story.deliver()
    (told,) = direct(story, "ben")
    assert "assigned 4 alerts to you" in told.visible_text
    ben = story.person("ben")
    ben.press(told, "Show all")
    assert "Assigned to @Ben Okafor" in ben.modal("All alerts").visible_text
    ann.press(group, "Undo")
    story.deliver()
    assert "4 open" in group.latest().visible_text


def test_who_did_nothing_to_a_message_reads_who_did(story: World) -> None:
    gids = [add(story, "Processing", days=8, name=f"Person {number}") for number in range(4)]
    story.tick()
    group = story.only_alert()
    story.person("ann").press(group, "Acknowledge all")
    story.sendoso.move(gids[0], "Shipped")
    story.later(minutes=2)
    story.tick()
    refused = story.person("dee").press(group.latest(), "Undo")
    assert "Only @Ann" in refused.visible_text
    assert "who acknowledged alerts of this message" in refused.visible_text


def test_only_as_many_are_assigned_as_the_window_says(story: World) -> None:
    story.configure("permissions:\n  assign: [sender]\n")
    for number in range(4):
        sender = "ben@example.com" if number < 3 else "dee@example.com"
        add(story, "Processing", days=8, name=f"Person {number}", sender_email=sender)
    story.tick()
    group = story.only_alert()
    ben = story.person("ben")
    ben.press(group, "Assign all …")
    modal = ben.modal("Assign all")
    for part in ("This assigns 3 of 4 open alerts.", "The other one is for the sender of the gift to assign."):
        assert part in modal.visible_text
    modal.submit()
    story.deliver()
    assert "1 open, 3 acknowledged" in group.latest().visible_text


def test_an_admin_gets_the_audit_log(story: World, stuck: SeenMessage) -> None:
    story.person("ben").press(stuck, "Acknowledge")
    assert "for the admins" in story.person("ben").command("/sends audit").visible_text
    story.later(minutes=1)
    answer = story.person("ann").command("/sends audit 7 days")
    assert "comes to you as a file" in answer.visible_text
    story.deliver()
    (message,) = [one for one in direct(story, "ann") if one.files]
    (file,) = message.files
    assert file.name == "sendwatch-audit-2026-11-23.csv"
    written = csv.DictReader(io.StringIO(file.bytes.decode("utf-8-sig"), newline=""))
    assert [(row["action"], row["actor"]) for row in written] == [
        ("opened", "scan"), ("acknowledge", "U02BEN"), ("refused", "U02BEN"),
    ]
    assert direct(story, "ben") == []


# --- a first look, on both databases ------------------------------------------------------------------


@pytest.fixture
def backlog(database: Database, tmp_path: Path, now: datetime) -> Iterator[World]:
    """A world with seven gifts that were stuck before Sendwatch came, four of one campaign."""
    with world(tmp_path, now, url=database.url.render_as_string(hide_password=False)) as made:
        for number in range(7):
            campaign = "Door opener" if number < 4 else f"Campaign {number}"
            add(made, "Processing", days=8, name=f"Person {number}", campaign=campaign)
        made.tick()
        yield made


def posts(story: World) -> dict[str, str]:
    """What stands in the channel below the summary, by the message's ts."""
    return {one.ts: one.visible_text for one in story.alerts.messages[1:]}


def test_a_posted_first_look_is_taken_back_and_posted_again_in_its_place(backlog: World) -> None:
    summary = backlog.only_alert()
    ann, ben = backlog.person("ann"), backlog.person("ben")
    ann.press(summary, "Post them as alerts")
    backlog.deliver()
    first = posts(backlog)
    assert len(first) == 4

    refused = ben.press(summary.latest(), "Undo")
    assert "Only @Ann" in refused.visible_text
    ann.press(summary.latest(), "Undo")
    backlog.deliver()
    assert "Post them as alerts" in summary.latest().buttons
    for message in backlog.alerts.messages[1:]:
        assert "Taken back by @Ann" in message.visible_text
        assert "Taken back by" in message.text
        assert message.buttons == []
    counted = ["They are counted" in message.visible_text for message in backlog.alerts.messages[1:]]
    assert sorted(counted) == [False, False, False, True], "one of them is a message of four"

    backlog.later(minutes=5)
    backlog.tick()
    ben.press(summary.latest(), "Post them as alerts")
    backlog.deliver()
    again = posts(backlog)
    assert list(again) == list(first)
    assert all("Acknowledge" in " ".join(one.buttons) for one in backlog.alerts.messages[1:])


def test_what_was_taken_back_before_it_was_posted_is_never_posted(backlog: World) -> None:
    summary = backlog.only_alert()
    ann = backlog.person("ann")
    ann.press(summary, "Post them as alerts")
    # Faster than the summary is drawn again: the button is one that Ann will only see in a moment.
    with backlog.bot.database.read() as session:
        row = session.scalars(select(Message).where(Message.kind == "baseline")).one()
    undo = {"type": "button", "block_id": "b", "action_id": "baseline_undo", "value": f'{{"message":{row.id}}}'}
    ann.act(summary, undo, stale=True)
    backlog.deliver()
    assert posts(backlog) == {}
    assert "Post them as alerts" in summary.latest().buttons


def test_long_after_everything_is_still_in_order(backlog: World) -> None:
    summary = backlog.only_alert()
    ann = backlog.person("ann")
    ann.press(summary, "Post them as alerts")
    backlog.deliver()
    one = next(message for message in backlog.alerts.messages[1:] if "Person 6" in message.visible_text)
    backlog.person("dee").press(one, "Acknowledge")
    ann.press(summary.latest(), "Undo")
    backlog.deliver()
    assert "Acknowledged by @Dee Novak" in one.latest().visible_text
    assert "6 gifts already waiting" in summary.latest().visible_text
    backlog.clock.advance(timedelta(days=2))
    backlog.tick()
    assert "Taken back" not in one.latest().visible_text
    assert [reply.visible_text for reply in one.replies] == []


def test_a_press_that_somebody_else_took_back_does_not_hide_the_one_before(
    story: World, stuck: SeenMessage,
) -> None:
    ben, dee = story.person("ben"), story.person("dee")
    ben.press(stuck, "Acknowledge")
    story.deliver()
    dee.press(stuck, "Assign to me")
    story.deliver()
    dee.press(stuck, "Undo")
    story.deliver()
    ben.press(stuck, "Undo")
    story.deliver()
    assert presses(story)[-2:] == [("undo", dee.id), ("undo", ben.id)]
    assert stuck.latest().button("Acknowledge")


def test_somebody_of_another_organisation_presses_in_vain(story: World, stuck: SeenMessage) -> None:
    ben = story.person("ben")
    ben.comes_from("T0ELSEWHERE")
    ben.press(stuck, "Acknowledge")
    assert ben.sees("another organisation than yours").ephemeral_for == ben.id
    # It is put on record once it is answered.
    assert story.playground.slack.state.wait_for(lambda: presses(story), PATIENCE) == [("refused", ben.id)]
    assert stuck.latest().button("Acknowledge")
