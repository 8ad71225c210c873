"""One gift, read by people of several countries: each sees its cost as they are used to; a channel sees one form."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from bot.playground.person import Person
from storage import people
from tests.stories.sending import add
from tests.stories.test_talking import answered
from tests.stories.world import World, world

HERE, GERMAN, JAPANESE = "1,234.56 EUR", "1.234,56 EUR", "EUR 1,234.56"


@pytest.fixture(params=["socket", "http"])
def story(request: pytest.FixtureRequest, tmp_path: Path, now: datetime) -> Iterator[World]:
    """A world over either transport, in which a gift has cost much."""
    with world(tmp_path, now, transport=request.param) as made:
        add(made, "Processing", days=8, cost_minor=123456, currency="EUR")
        made.tick()
        yield made


def plainly(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def met(story: World, person: Person) -> None:
    """Slack has said how that person writes numbers."""
    def known() -> bool:
        with story.bot.database.read() as session:
            found = people.by_id(session, person.id)
        return found is not None and found.locale != ""

    assert person.slack.state.wait_for(known, 5)


@pytest.mark.parametrize(("name", "wanted"), [("dee", GERMAN), ("chi", JAPANESE), ("ben", HERE), ("ann", HERE)])
def test_each_reads_an_amount_as_at_home(story: World, name: str, wanted: str) -> None:
    person = story.person(name)
    # Before Slack has said who asks, nobody waits for it.
    assert HERE in person.command("/send-status jane").message.visible_text
    met(story, person)
    assert wanted in plainly(person.command("/send-status jane").message.visible_text)
    person.say("where is jane?", channel=person.id)
    answered(story)
    assert wanted in plainly(person.dm().expect("Jane Doe: Order Received").visible_text)
    assert person.shortcut("Look up a send").acked
    window = person.modal("Look up a send")
    person.choose(window, "lookup_find", "Jane Doe · Order Received", typed="jane")
    assert person.slack.state.wait_for(lambda: wanted in plainly(person.modal().visible_text), 5)


def test_a_channel_reads_one_form_whoever_is_in_it(story: World) -> None:
    add(story, "Delivered", days=1, name="Zoe Ito", cost_minor=123456, currency="EUR", created_at=story.ago(days=2))
    story.tick()
    dee = story.person("dee")
    dee.command("/sends report")
    met(story, dee)
    dee.command("/sends report")
    dee.sees("1.234,56")
    story.configure("digests:\n  - {every: day, at: 08:00}\n")
    for _ in range(30):
        story.later(hours=1)
        story.tick()
    digest = story.alerts.expect("📊 Gifts")
    assert HERE in digest.visible_text
    assert "1.234,56" not in digest.visible_text
