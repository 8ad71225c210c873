"""People mute what they do not want to hear of for a while, and hear of it again when that is over."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.playground.modal import Modal
from bot.playground.person import Person
from bot.playground.seen import PATIENCE, SeenMessage
from storage.models import AlertEvent, Mute
from tests.stories.sending import add
from tests.stories.world import World

CAMPAIGN = {"campaign": "Autumn Box", "campaign_id": 9}


def audit(story: World) -> list[tuple[str, str]]:
    with story.bot.database.read() as session:
        rows = session.scalars(select(AlertEvent).order_by(AlertEvent.id)).all()
        return [(row.action, row.actor) for row in rows if row.actor.startswith("U")]


def mutes(story: World) -> list[Mute]:
    with story.bot.database.read() as session:
        return list(session.scalars(select(Mute).order_by(Mute.id)))


def past_the_first_look(story: World) -> None:
    add(story, "Delivered", days=1, name="Zoe Quist")
    story.tick()


def late(story: World, name: str, **more: Any) -> str:  # noqa: ANN401 - fields of Snapshot
    return add(story, "Processing", days=8, name=name, **CAMPAIGN | more)


@pytest.fixture
def stuck(story: World) -> SeenMessage:
    """A late gift of the campaign, and the alert about it."""
    late(story, "Jane Doe")
    story.tick()
    return story.only_alert()


def replies(story: World, message: SeenMessage) -> list[str]:
    return [one.visible_text for one in message.replies]


def shown_back(story: World, message: SeenMessage, who: str, scope: str, **fields: str) -> Modal:
    """The second window, after the first has been filled in."""
    person = story.person(who)
    person.press(message, "Mute …")
    form = person.modal("Mute").fill("Be quiet about", scope)
    for name, choice in fields.items():
        form.fill(FIELDS[name], choice)
    form.submit()
    return person.modal("Mute")


def window(person: Person, title: str, part: str) -> Modal:
    """The window of that title once it shows `part`: one that is open is drawn anew a moment later."""

    def look() -> Modal | None:
        found = person.modal(title)
        return found if part in found.visible_text else None

    found = person.slack.state.wait_for(look, PATIENCE)
    assert found is not None, person.modal(title).visible_text
    return found


FIELDS = {"length": "For how long", "words": "Or in your own words", "reason": "Why (everybody can read it)"}


def mute(story: World, message: SeenMessage, who: str = "ben", **fields: str) -> Modal:
    shown_back(story, message, who, "campaign", **fields).submit()
    story.deliver()
    return story.person(who).modal("Sendwatch")


def test_from_the_button_to_the_end(story: World, stuck: SeenMessage) -> None:
    late(story, "Ada Abara")
    story.later(minutes=15)
    story.tick()
    ben = story.person("ben")
    ben.press(stuck, "Mute …")
    form = ben.modal("Mute")
    # Each way to mute says how much it would hide.
    for part in ("This send — 1 open alert", "Campaign “Autumn Box” — 2 open alerts", "Team “Sales” — 2 open alerts",
                 "Sender “Ben Okafor”", "Rule “late gifts”", "Status “Order Received” — 2 open alerts"):
        assert part in form.visible_text
    form.fill("Be quiet about", "campaign").fill(FIELDS["words"], "3 days")
    form.fill(FIELDS["reason"], "Strike").submit()
    second = ben.modal("Mute")
    assert "Campaign “Autumn Box” will be quiet until Thursday 26 Nov, 15:15 (Europe/London)" in second.visible_text
    assert "It hides 2 open alerts, told already." in second.visible_text
    assert "Strike" in second.visible_text
    assert mutes(story) == []
    second.submit()
    assert "2 open alerts are hidden" in ben.modal("Sendwatch").visible_text
    story.deliver()
    assert "Muted until" in stuck.expect_update("by @Ben Okafor").visible_text

    # Silence for what is there and for what comes.
    late(story, "Cy Dole")
    late(story, "Eve Ng", campaign="Spring", campaign_id=2)
    story.later(days=2)
    story.tick()
    assert replies(story, stuck) == []
    assert [("Cy Dole" in one.visible_text) for one in story.alerts.messages] == [False, False, False]

    story.later(days=2)
    story.tick()
    (again,) = replies(story, stuck)
    assert "The mute has ended and nothing has moved" in again
    assert "Muted until" not in stuck.latest().visible_text
    assert "The mute that held it has ended." in stuck.latest().visible_text
    assert "The mute that held it has ended." in story.alerts.expect("Cy Dole").visible_text
    assert audit(story) == [("mute", "U02BEN")]


def test_back_leads_to_what_was_filled_in(story: World, stuck: SeenMessage) -> None:
    second = shown_back(story, stuck, "ben", "team", length="30 days", reason="Stocktaking")
    assert "23 Dec" in second.visible_text
    second.press("Back")
    ben = story.person("ben")
    window(ben, "Mute", "For how long").submit()
    again = ben.modal("Mute")
    assert "Team “Sales”" in again.visible_text
    assert "23 Dec" in again.visible_text
    assert "Stocktaking" in again.visible_text


@pytest.mark.parametrize(("words", "told"), [
    ("yesterday", "has passed"), ("3 months", "Months differ"), ("1 Jan 2024", "passed"),
])
def test_an_end_that_is_none_is_told_beside_the_field(story: World, stuck: SeenMessage, words: str, told: str) -> None:
    ben = story.person("ben")
    ben.press(stuck, "Mute …")
    refused = ben.modal("Mute").fill(FIELDS["words"], words).submit_refused()
    assert told in refused[FIELDS["words"]]
    assert mutes(story) == []


def test_ended_early_it_is_told_again(story: World, stuck: SeenMessage) -> None:
    mute(story, stuck)
    story.later(hours=5)
    listed = story.person("ann").command("/sends mute")
    for part in ("1 mute", "Campaign “Autumn Box”", "by @Ben Okafor", "hides 1 open alert"):
        assert part in listed.visible_text
    after = listed.press("End")
    assert "no longer muted" in after.visible_text
    assert "Nothing is muted" in after.visible_text
    story.tick()
    assert "The mute has ended" in replies(story, stuck)[0]
    past = after.press("History")
    assert "ended by @Ann Lopez" in past.visible_text
    assert audit(story) == [("mute", "U02BEN"), ("mute_ended", "U01ANN")]


def test_undo_leaves_no_trace_below_the_alert(story: World, stuck: SeenMessage) -> None:
    done = mute(story, stuck)
    done.press("Undo")
    story.tick()
    assert replies(story, stuck) == []
    assert audit(story) == [("mute", "U02BEN"), ("undo", "U02BEN")]


def test_an_end_is_undone_before_anybody_is_told(story: World, stuck: SeenMessage) -> None:
    mute(story, stuck)
    after = story.person("ann").command("/sends mute").press("End")
    assert "is quiet until" in after.press("Undo").visible_text
    story.tick()
    assert replies(story, stuck) == []
    assert len(mutes(story)) == 2


def test_edited_it_lasts_as_long_as_it_says_now(story: World, stuck: SeenMessage) -> None:
    mute(story, stuck, length="1 day")
    ann = story.person("ann")
    ann.command("/sends mute").press("Edit")
    form = ann.modal("Edit mute")
    assert "Campaign “Autumn Box”" in form.visible_text
    form.fill(FIELDS["length"], "2 weeks").fill(FIELDS["reason"], "Longer than we thought").submit()
    second = ann.modal("Edit mute")
    assert "Monday 7 Dec" in second.visible_text
    assert "It hides 1 open alert, told already." in second.visible_text
    assert "muted already" not in second.visible_text, "what is changed is no other mute"
    second.submit()
    story.deliver()
    assert "by @Ann Lopez" in stuck.expect_update("Muted until").visible_text
    story.later(days=2)
    story.tick()
    assert replies(story, stuck) == []
    old, new = mutes(story)
    assert (old.ended_by, new.replaces, new.reason) == ("U01ANN", old.id, "Longer than we thought")
    history = ann.command("/sends mute").press("History")
    assert "changed by @Ann Lopez" in history.visible_text
    story.later(days=13)
    story.tick()
    assert "The mute has ended" in replies(story, stuck)[0]


def test_a_press_that_slack_sends_twice_makes_one_mute(story: World, stuck: SeenMessage) -> None:
    second = shown_back(story, stuck, "ben", "send")
    story.playground.faults.add("socket", "duplicate")
    second.submit()
    assert "1 open alert is hidden" in story.person("ben").modal("Sendwatch").visible_text
    assert len(mutes(story)) == 1
    assert audit(story) == [("mute", "U02BEN")]


def test_of_two_at_once_the_second_is_told_who_was_first(story: World, stuck: SeenMessage) -> None:
    windows = [shown_back(story, stuck, who, "campaign") for who in ("ben", "dee")]
    for window in windows:
        window.submit()
    assert "Already muted by @Ben Okafor" in story.person("dee").modal("Sendwatch").visible_text
    assert audit(story) == [("mute", "U02BEN")]


def test_what_is_typed_is_shown_back_and_counts_when_pressed(story: World, stuck: SeenMessage) -> None:
    dee = story.person("dee")
    dee.command("/sends mine")
    dee.sees("knows no send of yours")
    asked = dee.command("/sends mute campaign autumn  box for 2 weeks")
    assert "Campaign “Autumn Box” will be quiet until Monday 7 Dec" in asked.visible_text
    assert "It hides 1 open alert" in asked.visible_text
    assert mutes(story) == []
    done = asked.press("Mute")
    assert "1 open alert is hidden" in done.visible_text
    story.deliver()
    stuck.expect_update("Muted until")
    assert [(one.scope, one.value, one.created_by) for one in mutes(story)] == [("campaign", "autumn box", "U04DEE")]


@pytest.mark.parametrize(("typed", "named"), [
    ("sender ben@example.com until friday", "Sender “Ben Okafor”"), ("sender ben okafor 3 days", "Sender “Ben Okafor”"),
    ("rule overdue 3 days", "Rule “late gifts”"), ("rule late for 3 days", "Rule “late gifts”"),
    ('status "order received" for a week', "Status “Order Received”"), ("status recieved order 2 days", ""),
    ("team sales 2h", "Team “Sales”"), ("send jane@acme.example 1 day", "The send for Jane Doe"),
])
def test_every_kind_can_be_typed(story: World, stuck: SeenMessage, typed: str, named: str) -> None:
    told = story.person("ann").command(f"/sends mute {typed}")
    if not named:
        assert "Order Received" in told.buttons
        return
    assert f"{named} will be quiet until" in told.visible_text
    assert "1 open alert" in told.visible_text


def test_without_an_end_it_is_asked_for_how_long(story: World, stuck: SeenMessage) -> None:
    asked = story.person("ann").command("/sends mute campaign Autumn Box")
    assert "For how long" in asked.visible_text
    back = asked.press("For 3 days")
    assert "until Thursday 26 Nov" in back.visible_text
    assert "is quiet until" in back.press("Mute").visible_text


def test_a_mistake_gets_the_nearest(story: World, stuck: SeenMessage) -> None:
    ann = story.person("ann")
    near = ann.command("/sends mute campaign Autum Bx for 2 weeks")
    assert "No campaign is called “Autum Bx”. Did you mean" in near.visible_text
    assert "will be quiet until Monday 7 Dec" in near.press("Autumn Box").visible_text
    again = ann.command("/sends mute campaign Autum Bx").press("Autumn Box")
    assert "For how long" in again.visible_text
    assert "/sends mute campaign" in ann.command("/sends mute campain Autumn Box").visible_text
    assert "Its name is missing" in ann.command("/sends mute team").visible_text
    wrong = ann.command("/sends mute campaign Autumn Box for 3 months")
    assert "Months differ" in wrong.visible_text
    assert "For 1 week" in wrong.buttons


def test_a_new_one_from_the_list(story: World, stuck: SeenMessage) -> None:
    chi = story.person("chi")
    listed = chi.command("/sends mute")
    assert "Nothing is muted" in listed.visible_text
    listed.press("New mute")
    form = chi.modal("New mute")
    assert form.options("Which campaign?", "autu") == ["Autumn Box"]
    form.fill("Be quiet about a", "Sender")
    changed = window(chi, "New mute", "Which sender?")
    assert changed.options("Which sender?", "okafor") == ["Ben Okafor (ben@example.com)"]
    changed.fill("Which sender?", "Ben Okafor (ben@example.com)").fill(FIELDS["length"], "3 days").submit()
    second = chi.modal("Mute")
    assert "Sender “Ben Okafor” will be quiet until Friday 27 Nov, 00:00 (Asia/Tokyo)" in second.visible_text
    second.submit()
    assert "1 open alert is hidden" in chi.modal("Sendwatch").visible_text


def test_nothing_chosen_is_told_beside_the_field(story: World, stuck: SeenMessage) -> None:
    ann = story.person("ann")
    ann.command("/sends mute").press("New mute")
    assert list(ann.modal("New mute").submit_refused()) == ["Which campaign?"]


def test_lists_leave_out_what_is_muted_and_say_so(story: World, stuck: SeenMessage) -> None:
    late(story, "Eve Ng", campaign="Spring", campaign_id=2)
    story.tick()
    story.person("ann").press(stuck, "Assign to me")
    story.deliver()
    mute(story, stuck)
    ann = story.person("ann")
    listed = ann.command("/sends alerts")
    assert "1 open alert" in listed.visible_text
    assert "Jane Doe" not in listed.visible_text
    assert "1 more open alert is muted" in listed.visible_text
    hidden = listed.press("Show muted")
    assert "1 muted alert" in hidden.visible_text
    assert "Jane Doe" in hidden.visible_text
    assert "Muted until" in hidden.visible_text
    home = ann.home("Assigned to you")
    assert "Jane Doe" not in home.visible_text
    assert "1 of yours muted" in home.visible_text
    card = ann.command("/send-status jane doe")
    assert "Muted until" in card.visible_text


def test_a_group_says_how_many_are_muted(story: World) -> None:
    past_the_first_look(story)
    for number in range(6):
        late(story, f"Person {number}", sender_email="dee@example.com" if number < 2 else "ben@example.com",
             sender_name="Dee Novak" if number < 2 else "Ben Okafor")
    story.tick()
    group = story.only_alert()
    ann = story.person("ann")
    ann.command("/sends mute sender dee novak for 3 days").press("Mute")
    story.deliver()
    assert "2 of them: 🔇 Muted until" in group.expect_update("Sender “Dee Novak”").visible_text
    ann.press(group, "Mute …")
    form = ann.modal("Mute")
    assert "Campaign “Autumn Box”" in form.visible_text
    assert "Team “Sales” — 6 open alerts" in form.visible_text
    assert "Sender" not in form.visible_text
    form.submit()
    ann.modal("Mute").submit()
    story.deliver()
    assert "All of them: 🔇 Muted until" in group.expect_update("Campaign “Autumn Box”").visible_text


def test_from_the_list_of_a_group_and_its_card(story: World) -> None:
    past_the_first_look(story)
    for number in range(6):
        late(story, f"Person {number}")
    story.tick()
    group = story.only_alert()
    ben = story.person("ben")
    card = ben.command("/send-status person 3")
    card.press("Mute …")
    ben.modal("Mute").fill("Be quiet about", "send").submit()
    ben.modal("Mute").submit()
    assert "The send for Person 3" in ben.modal("Sendwatch").visible_text
    story.deliver()
    assert "1 of them" in group.expect_update("Muted until").visible_text
