"""Where look-ups are limited to teams, nobody finds the gifts of another, in whatever way they ask."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

import pytest
from sqlalchemy import select

from bot.playground.person import Person
from storage.models import Send
from tests.stories.sending import add
from tests.stories.test_digests import files_wanted
from tests.stories.test_looking_up import FIELD
from tests.stories.test_talking import answered, replies, until
from tests.stories.world import World, world

TRACK = "https://app.sendoso.com/track/0123456789abcdef0123456789abcdef01234567"
TEAM = "permissions:\n  look_up: [team, U03CHI]\n"
SECRET = ("Jane Doe", "jane@acme.example", "Acme", "Door opener", "Ben Okafor", "Order Received")
"""Of the gift of another team, none of which stands in what was typed."""


@pytest.fixture(params=["socket", "http"])
def story(request: pytest.FixtureRequest, tmp_path: Path, now: datetime) -> Iterator[World]:
    """A world on SQLite, with each transport: a gift of Sales that is stuck, and one of Dee's, who is in Legal."""
    transport: Literal["socket", "http"] = request.param
    with world(tmp_path, now, transport=transport) as made:
        add(made, "Processing", days=8)
        add(
            made, "Shipped", days=1, name="Own One", team="Legal", sender_email="dee@example.com",
            sender_name="Dee Novak", campaign="Thanks", recipient_company="Owned", recipient_email="own@owned.example",
        )
        made.configure(TEAM)
        made.tick()
        with made.bot.database.write() as session:
            session.scalars(select(Send).where(Send.team == "Sales")).one().tracking_url = TRACK
        yield made


def hides(text: str, typed: str = "") -> None:
    assert [word for word in SECRET if word in text.replace(typed, "")] == []


@pytest.mark.parametrize("typed", [
    "/send-status jane", "/send-status jane@acme.example", "/send-status acme", "/send-status door opener",
    f"/send-status {TRACK}", "/send-status ben@example.com", "/send-status jnae", "/sends stuck", "/sends alerts",
    "/sends mine", "/sends why jane", "/sends watch jane", "/sends mute", "/sends report last 30 days",
    "/sends report campaign door opener", "/sends report team sales", "/sends route jane", "/sends watch",
])
def test_no_command_finds_it(story: World, typed: str) -> None:
    dee = story.person("dee")
    reply = dee.command(typed, channel="#sales")
    assert reply.visible_text
    hides(reply.visible_text.replace("Sales", ""), typed.partition(" ")[2])
    if typed.startswith("/send-status"):
        assert "You find your own gifts and those of your team." in reply.visible_text
        assert "All gifts are found by @Chi Tanaka and the admins of Sendwatch." in reply.visible_text


def test_it_is_not_counted_either(story: World) -> None:
    dee = story.person("dee")
    told = dee.command("/sends report last 30 days", channel="#sales").visible_text
    assert "Sent\n1" in told
    assert "Stuck at the end\nnone" in told
    everything = story.person("ann").command("/sends report last 30 days", channel="#sales").visible_text
    assert "Sent\n2" in everything


def test_the_list_of_mutes_counts_what_one_may_see_and_says_so(story: World) -> None:
    ann, dee = story.person("ann"), story.person("dee")
    for muted in ("campaign Door opener", "sender ben@example.com"):
        ann.press(ann.command(f"/sends mute {muted} for 2 days", channel="#sales"), "Mute")
    for typed in ("/sends mute", "/sends unmute door"):
        listed = dee.command(typed, channel="#sales").visible_text
        assert "hides 0 open alerts that you may see" in listed
        assert "ben@example.com" not in listed
        assert "hides 1 open alert\n" in ann.command(typed, channel="#sales").visible_text
    asked = dee.command("/sends mute rule overdue", channel="#sales").visible_text
    assert "0 open alerts that you may see now" in asked


def test_ones_own_and_those_of_the_team_are_found(story: World) -> None:
    dee = story.person("dee")
    assert "Own One" in dee.command("/send-status own", channel="#sales").visible_text
    assert "Own One" in dee.command("/sends mine", channel="#sales").visible_text
    add(story, "Shipped", days=1, name="Of Colleague", team="Legal", sender_email="eve@example.com", sender_name="Eve")
    story.tick()
    assert "Of Colleague" in dee.command("/send-status colleague", channel="#sales").visible_text
    story.configure("permissions:\n  look_up: [sender]\n")
    assert "Nothing matches" in dee.command("/send-status colleague", channel="#sales").visible_text
    assert "Own One" in dee.command("/send-status own", channel="#sales").visible_text
    story.configure("permissions:\n  look_up: [admins]\n")
    told = dee.command("/send-status own", channel="#sales").visible_text
    assert "You may not look gifts up. All gifts are found by the admins of Sendwatch." in told


@pytest.mark.parametrize("name", ["ann", "chi"])
def test_admins_and_who_is_named_find_all(story: World, name: str) -> None:
    assert "Jane Doe" in story.person(name).command("/send-status jane", channel="#sales").visible_text


def test_words_in_a_channel_and_in_direct_messages_find_nothing(story: World) -> None:
    dee = story.person("dee")
    said = dee.say("@sendwatch where is jane?", channel="#sales")
    answered(story)
    [reply] = replies(said)
    hides(reply.visible_text)
    assert "You find your own gifts" in reply.visible_text
    for number, words in enumerate(("where is jane?", "what is stuck?", "my sends", "which alerts are open?"), 2):
        dee.say(words, channel=dee.id)
        answered(story, number)
    shown = "\n".join(one.visible_text for one in dee.dm().messages if "jane?" not in one.visible_text)
    hides(shown)
    # Whoever may gets an answer in the same words.
    said = story.person("ann").say("@sendwatch where is jane?", channel="#sales")
    answered(story, 6)
    assert "Jane Doe" in replies(said)[0].visible_text


def test_windows_shortcuts_and_what_is_offered_while_typing(story: World) -> None:
    dee = story.person("dee")
    dee.shortcut("Look up a send")
    window = dee.modal("Look up a send")
    assert [one.partition(" · ")[0] for one in dee.options(window, FIELD, "")] == ["Own One"]
    for typed in ("jane", "jane@acme.example", "door opener", TRACK, "sales"):
        assert dee.options(window, FIELD, typed) == []
    said = story.person("ben").say("jane@acme.example, Jane Doe or " + TRACK + "?", channel="#sales")
    dee.shortcut("Which sends is it about?", on=said)
    shown = dee.modal("Found in this message").visible_text
    assert "Order Received" not in shown
    assert "Acme" not in shown.replace("acme.example", "")


def test_the_home_tab_shows_nothing_of_it(story: World) -> None:
    hides(story.person("dee").home("Your team, Legal").visible_text)


def test_a_link_unfolds_for_who_may(story: World) -> None:
    dee = story.person("dee")
    said = dee.say(f"look: {TRACK}", channel="#sales")
    story.person("ann").say(f"and: {TRACK}", channel="#sales").expect_update("Order Received for 8 days")
    story.deliver()
    assert said.latest().message.attachments == ()


def test_an_old_answer_shows_no_more_than_a_new_one(story: World) -> None:
    dee = story.person("dee")
    story.configure("permissions:\n  look_up: [anyone]\n")
    card = dee.command("/send-status jane", channel="#sales")
    listed = dee.command("/sends stuck", channel="#sales")
    assert "Jane Doe" in card.visible_text
    assert "Jane Doe" in listed.visible_text
    story.configure(TEAM)
    for seen, label in ((listed.message, "Open"), (card.message, "Watch")):
        buttons = [one for one in seen.buttons if label in one]
        assert buttons, seen.buttons
        hides(_pressed(dee, seen, buttons[0]))


def _pressed(person: Person, seen: object, label: str) -> str:
    return person.press(seen, label).visible_text  # type: ignore[arg-type]


def test_who_sees_an_alert_in_a_channel_may_press_it_and_ask_why(story: World) -> None:
    dee = story.person("dee")
    alert = story.only_alert()
    dee.press(alert, "Acknowledge")
    story.deliver()
    assert "Acknowledged by @Dee Novak" in alert.latest().visible_text


def table(story: World, dee: Person, seen: object, number: int) -> bytes:
    """The CSV file that Dee gets by the button below a report, which is her file of this number."""
    assert "comes to you" in dee.press(seen, "Send me a CSV").visible_text  # type: ignore[arg-type]
    until(story, lambda: len(files_wanted(story)) >= number)
    story.deliver()
    return [file for message in dee.dm().messages for file in message.files if file.name.endswith(".csv")][-1].bytes


def test_the_files_of_a_report_hold_what_who_presses_may_see(story: World) -> None:
    dee = story.person("dee")
    report = dee.command("/sends report last 30 days", channel="#sales").message
    own = table(story, dee, report, 1)
    assert b"Thanks" in own
    assert b"Door opener" not in own
    assert "comes to you" in dee.press(report, "Send me the picture").visible_text
    until(story, lambda: len(files_wanted(story)) == 2)
    told = files_wanted(story)[-1].body["summary"]
    assert "Door opener" not in str(told)
    # What was counted when nothing was limited is counted anew within the limits.
    story.configure("permissions:\n  look_up: [anyone]\n")
    report = dee.command("/sends report last 30 days", channel="#sales").message
    story.configure(TEAM)
    assert b"Door opener" not in table(story, dee, report, 3)


def test_the_files_of_a_digest_hold_its_own_numbers(story: World) -> None:
    story.configure(f"{TEAM}digests:\n  - {{every: day, at: 08:00, picture: no}}\n")
    add(story, "Shipped", days=0.5, name="Max Moll")
    story.tick()
    story.later(hours=1)
    story.tick()
    digest = next(one for one in story.alerts.messages if "Send me a CSV" in one.buttons)
    found = table(story, story.person("dee"), digest, 1)
    assert b"Door opener" in found
    assert [word for word in (b"Jane", b"Moll", b"@") if word in found] == []
