"""The summary of a first look is drawn from what is so now, and says what its choice has not yet brought about."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.slack.blocks.drawn import Drawn
from bot.slack.render import render
from storage import mutes
from storage.engine import Database
from storage.models import Message
from tests.bot.alerts.making import add, alert, messages, move, press_on, press_on_message, scan
from tests.bot.slack.harness import buttons, words

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
CHOICES = ["Post them as alerts", "Only tell me about new ones"]


@pytest.fixture
def summary(database: Database, now: datetime) -> int:
    """Seven late gifts, four of them of one campaign."""
    with database.write() as session:
        for number in range(7):
            add(session, now, f"s{number}", campaign="Autumn" if number < 4 else "Other")
    scan(database, now)
    with database.read() as session:
        (found,) = messages(session)
    return found.id


def drawn(database: Database, message_id: int, now: datetime) -> tuple[str, list[str]]:
    with database.read() as session:
        made = render(session, session.get_one(Message, message_id), now)
    assert isinstance(made, Drawn)
    told = {"blocks": made.blocks}
    return words(told), list(buttons(told))


def moved(database: Database, now: datetime, *numbers: int) -> None:
    with database.write() as session:
        for number in numbers:
            move(session, now, f"s{number}", "delivered")
    scan(database, now)


def mute_autumn(database: Database, now: datetime) -> None:
    with database.write() as session:
        mutes.make(
            session, scope="campaign", value="autumn", label="Autumn", reason="", created_by="U02BEN",
            created_at=now, ends_at=now + DAY,
        )


def test_it_counts_what_is_still_open(database: Database, summary: int, now: datetime) -> None:
    moved(database, now, 0, 1, 2, 3)
    with database.read() as session:
        one = alert(session, "s4").id
    press_on(database, now, "resolve", one)
    said, left = drawn(database, summary, now)
    assert "2 gifts already waiting" in said
    assert "Of those found at first, 4 have moved on by themselves, 1 was settled by hand." in said
    assert left == CHOICES
    moved(database, now + MINUTE, 5, 6)
    said, left = drawn(database, summary, now + MINUTE)
    assert "nothing is waiting any more" in said
    assert "6 have moved on by themselves" in said
    assert left == []


def test_what_got_worse_has_an_alert_of_its_own(database: Database, now: datetime) -> None:
    with database.write() as session:
        for number in range(7):
            add(session, now, f"s{number}", since=now - (6 if number else 8) * DAY)
    scan(database, now)
    with database.read() as session:
        found = [one.level for one in (alert(session, f"s{number}") for number in range(7))]
    assert found == ["support", *["late"] * 6]
    scan(database, now + 3 * DAY)
    said, left = drawn(database, 1, now + 3 * DAY)
    assert "1 gift already waiting" in said
    assert "6 got worse and have new alerts" in said
    assert left == CHOICES


def test_what_is_muted_is_said_to_be(database: Database, summary: int, now: datetime) -> None:
    mute_autumn(database, now)
    said, _ = drawn(database, summary, now)
    assert "4 of these are muted for now." in said
    press_on_message(database, now, "baseline_post", summary)
    said, left = drawn(database, summary, now)
    assert "Posted as alerts, chosen by <@U01ANN>" in said
    assert "Not told yet: 4 muted for now" in said
    assert left == ["Undo"]
    rev = wanted(database, summary)
    moved(database, now + MINUTE, 0)
    assert wanted(database, summary) > rev
    assert "Not told yet: 3 muted for now" in drawn(database, summary, now + MINUTE)[0]
    rev = wanted(database, summary)
    scan(database, now + DAY)
    assert wanted(database, summary) > rev
    assert "Not told yet" not in drawn(database, summary, now + DAY)[0]


def test_after_the_choice_it_says_what_that_was_about(database: Database, summary: int, now: datetime) -> None:
    moved(database, now, 0, 1)
    press_on_message(database, now, "baseline_settle", summary)
    assert "5 gifts already waiting" in drawn(database, summary, now)[0]


def wanted(database: Database, message_id: int) -> int:
    with database.read() as session:
        return session.get_one(Message, message_id).wanted_rev
