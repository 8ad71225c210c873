"""Somebody wants quiet for a while and says so in their own words, on their own clock."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bot.config.changes import apply
from bot.config.current import in_force
from bot.config.document import Document
from bot.playground.modal import Modal
from bot.playground.person import Person
from bot.playground.seen import PATIENCE, SeenMessage
from storage.models import Alert, AlertEvent
from tests.stories.sending import add
from tests.stories.world import World

WORDS = "Or in your own words"
NAMES = ["Ada Abara", "Ben Brandt", "Cleo Costa", "Dan Diaz", "Eva Eriksen", "Finn Fontaine", "Gia Gupta"]


@pytest.fixture
def stuck(story: World) -> SeenMessage:
    """An alert about a gift for Jane, on the Monday before Thanksgiving; three in the afternoon in London."""
    add(story, "Processing", days=8)
    story.tick()
    return story.only_alert()


def until(story: World) -> set[datetime | None]:
    with story.bot.database.read() as session:
        return set(session.scalars(select(Alert.snoozed_until).where(Alert.state == "snoozed")))


def states(story: World) -> set[str]:
    with story.bot.database.read() as session:
        return set(session.scalars(select(Alert.state)))


def presses(story: World) -> list[tuple[str, str]]:
    with story.bot.database.read() as session:
        rows = session.scalars(select(AlertEvent).order_by(AlertEvent.id)).all()
        return [(row.action, row.actor) for row in rows if row.actor.startswith("U") and row.alert_id is not None]


def window(person: Person, shows: str) -> Modal:
    """The window that is open, once it shows that."""

    def look() -> Modal | None:
        modal = person.modal()
        return modal if shows in modal.visible_text or shows in choices(modal) else None

    found = person.slack.state.wait_for(look, PATIENCE)
    assert found is not None, (person.modal().visible_text, choices(person.modal()))
    return found


def choices(modal: Modal) -> str:
    """What stands below each choice: the instant at which it ends."""
    options = [option for block in modal.blocks for option in block.get("element", {}).get("options", ())]
    return "\n".join(option["description"]["text"] for option in options)


def test_words_are_shown_back_in_the_zone_of_the_person_and_then_count(story: World, stuck: SeenMessage) -> None:
    ben = story.person("ben")
    ben.press(stuck, "Snooze")
    asked = window(ben, "(Europe/London)")
    assert "Fri 27 Nov, 09:00 (Europe/London)" in choices(asked)
    asked.fill(WORDS, "until next monday 2pm").submit()
    shown = window(ben, "Quiet until")
    assert (
        "Quiet until Monday 30 Nov, 14:00 (Europe/London), in 7 days, which is 4 business days." in shown.visible_text
    )
    assert "Jane Doe" in shown.visible_text
    assert states(story) == {"firing"}

    shown.submit()
    assert not ben.has_modal
    story.deliver()
    assert "Ben Okafor" in stuck.expect_update("Snoozed until").visible_text
    assert until(story) == {datetime(2026, 11, 30, 14, 0, tzinfo=UTC)}
    assert presses(story) == [("snooze", "U02BEN")]


def test_it_is_quiet_until_then_and_comes_back_with_the_reason(story: World, stuck: SeenMessage) -> None:
    ben = story.person("ben")
    ben.press(stuck, "Snooze")
    window(ben, "(Europe/London)").fill(WORDS, "in 2 days at 9am").submit()
    window(ben, "Quiet until").submit()
    story.tick()
    quiet = stuck.latest()
    story.later(hours=41, minutes=59)
    story.tick()
    assert states(story) == {"snoozed"}
    assert stuck.latest().visible_text == quiet.visible_text
    story.later(minutes=2)
    story.tick()
    assert states(story) == {"firing"}
    assert "snooze has ended" in stuck.latest().visible_text


def test_what_moves_on_meanwhile_resolves_silently(story: World) -> None:
    gid = add(story, "Processing", days=8)
    story.tick()
    stuck = story.only_alert()
    dee = story.person("dee")
    dee.press(stuck, "Snooze")
    window(dee, WORDS).fill(WORDS, "3 business days").submit()
    window(dee, "which is 3 business days").submit()
    story.tick()
    story.later(days=1)
    story.sendoso.move(gid, "Shipped")
    story.later(days=4)
    story.tick()
    assert states(story) == {"resolved"}
    assert len(story.alerts.everything) == 1
    assert "Resolved" in stuck.latest().visible_text


def test_what_is_not_understood_is_answered_beside_the_field(story: World, stuck: SeenMessage) -> None:
    dee = story.person("dee")
    dee.press(stuck, "Snooze")
    asked = window(dee, WORDS)
    refused = asked.fill(WORDS, "when pigs fly").submit_refused()
    assert "For example: 2h, tomorrow 9am, monday 14:30, 3 business days" in refused[WORDS]
    assert "“4 Mar” or “3 Apr”" in asked.fill(WORDS, "3/4").submit_refused()[WORDS]
    asked.fill(WORDS, "4 Mar").submit()
    assert "Thursday 4 Mar 2027, 09:00" in window(dee, "Quiet until").visible_text
    assert presses(story) == []


def test_back_and_another_time_and_undo(story: World, stuck: SeenMessage) -> None:
    dee = story.person("dee")
    dee.press(stuck, "Snooze")
    window(dee, "(America/Los_Angeles)").fill(WORDS, "tomorrow").submit()
    window(dee, "Tuesday 24 Nov, 09:00").press("Back")
    window(dee, WORDS).fill(WORDS, "tomorrow afternoon").submit()
    window(dee, "Tuesday 24 Nov, 14:00").submit()
    story.deliver()
    snoozed = stuck.expect_update("Snoozed until")
    assert until(story) == {datetime(2026, 11, 24, 22, 0, tzinfo=UTC)}
    dee.press(snoozed, "Undo")
    assert states(story) == {"firing"}
    assert presses(story) == [("snooze", "U04DEE"), ("undo", "U04DEE")]


def test_a_snooze_is_changed_and_changed_back(story: World, stuck: SeenMessage) -> None:
    dee = story.person("dee")
    dee.press(stuck, "Snooze")
    window(dee, "(America/Los_Angeles)").fill(WORDS, "tomorrow 9am").submit()
    window(dee, "Tuesday 24 Nov, 09:00").submit()
    story.deliver()
    ben = story.person("ben")
    ben.press(stuck.expect_update("Snoozed until"), "Change snooze")
    asked = window(ben, "(Europe/London)")
    assert "Snoozed until" in asked.visible_text
    assert "by @Dee Novak; your choice takes its place" in asked.visible_text
    asked.fill(WORDS, "next monday 2pm").submit()
    window(ben, "Monday 30 Nov, 14:00").submit()
    story.deliver()
    changed = stuck.latest()
    assert "Ben Okafor" in changed.visible_text
    assert until(story) == {datetime(2026, 11, 30, 14, 0, tzinfo=UTC)}

    # Dee's own snooze is no longer the last step; Ben's is, and what was before comes back.
    assert "Only @Ben Okafor, who snoozed it" in dee.press(changed, "Undo").visible_text
    ben.press(changed, "Undo")
    story.deliver()
    assert "by @Dee Novak" in stuck.latest().visible_text
    assert until(story) == {datetime(2026, 11, 24, 17, 0, tzinfo=UTC)}
    assert presses(story) == [("snooze", "U04DEE"), ("snooze", "U02BEN"), ("undo", "U02BEN")]
    story.later(hours=27)
    story.tick()
    assert states(story) == {"firing"}


def test_business_days_are_those_of_the_configured_calendar(story: World, stuck: SeenMessage) -> None:
    document = Document.model_validate({
        "calendar": {"country": "DE", "subdivision": "BE", "zone": "Europe/Berlin", "days_off": ["2026-11-27"]},
    })
    with story.bot.database.write() as session:
        apply(session, in_force(session), document, story.clock(), "U01ANN")
    ben = story.person("ben")
    ben.press(stuck, "Snooze")
    # Nobody keeps Thanksgiving in Berlin, and the Friday is a day off of one's own.
    window(ben, "Mon 30 Nov, 09:00 (Europe/London)").fill(WORDS, "4 business days").submit()
    assert "Monday 30 Nov, 15:00" in window(ben, "in 7 days, which is 4 business days").visible_text


def test_all_of_a_message_at_once(story: World) -> None:
    add(story, "Failed", days=1, name="First One")
    story.tick()
    for name in NAMES:
        add(story, "Processing", days=8, name=name, campaign="Holiday box")
    story.tick()
    group = story.alerts.messages[-1]
    ann = story.person("ann")
    ann.press(group, "Snooze all")
    asked = window(ann, "(America/New_York)")
    assert "7 gifts are stuck: contact Support: Holiday box" in asked.visible_text
    asked.fill(WORDS, "next week").submit()
    window(ann, "Monday 30 Nov, 09:00 (America/New_York)").submit()
    story.deliver()
    snoozed = group.expect_update("7 snoozed")
    assert until(story) == {datetime(2026, 11, 30, 14, 0, tzinfo=UTC)}
    assert presses(story) == [("snooze", "U01ANN")] * 7

    ann.press(snoozed, "Undo")
    story.deliver()
    snoozed.expect_update("7 open")
    assert until(story) == set()
