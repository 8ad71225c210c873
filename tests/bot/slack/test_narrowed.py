"""Lists of which words make a part, their opposites, and help about one word."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from storage import mutes, watches
from tests.bot.slack.conftest import add_alert, add_message, add_send
from tests.bot.slack.harness import Slack, buttons, words
from tests.conftest import NOW

HERE = {"type": "message", "message_ts": "5.5", "channel_id": "C02SALES", "is_ephemeral": True}
DAY = timedelta(days=1)


@pytest.fixture
def two(slack: Slack) -> Slack:
    """Two sends that are late, one to Jane at Acme, one to Bob at Globex, whose offer ended, too."""
    jane = add_send(slack.database, 1, recipient_company="Acme")
    bob = add_send(
        slack.database, 2, recipient_name="Bob Ray", recipient_email="bob@globex.example", recipient_company="Globex",
        campaign="Spring Sale", status="shipped", status_raw="Shipped",
    )
    message = add_message(slack.database)
    add_alert(slack.database, jane, message)
    add_alert(slack.database, bob, message, rule="expired", status="shipped")
    return slack


def asked(slack: Slack, text: str) -> str:
    return words(slack.command("/sends", text))


@pytest.mark.parametrize(("text", "title", "shown", "hidden"), [
    ("stuck acme", "1 send held up that fits “acme”", "Jane Doe", "Bob"),
    ("stuck bob@globex.example", "1 send held up that fits “bob@globex.example”", "Bob Ray", "Jane"),
    ("alerts expired", "1 open alert about “expired”", "Bob Ray", "Jane"),
    ("alerts late", "1 open alert about “late”", "Jane Doe", "Bob"),
    ("alerts shipped", "1 open alert about “shipped”", "Bob Ray", "Jane"),
    ("alerts spring sale", "1 open alert about “spring sale”", "Bob Ray", "Jane"),
    ("alerts late jane", "1 open alert about “late jane”", "Jane Doe", "Bob"),
    ("alerts bob expired!", "1 open alert about “bob expired!”", "Bob Ray", "Jane"),
    ("stuck spring sale expired", "1 send held up that fits “spring sale expired”", "Bob Ray", "Jane"),
    ("stuck order received", "1 send held up that fits “order received”", "Jane Doe", "Bob"),
    ("alerts globex bob", "1 open alert about “globex bob”", "Bob Ray", "Jane"),
])
def test_words_make_a_part_of_a_list(two: Slack, text: str, title: str, shown: str, hidden: str) -> None:
    told = asked(two, text)
    assert title in told
    assert shown in told
    assert hidden not in told


@pytest.mark.parametrize(("text", "told", "every"), [
    ("stuck zebra", "Nothing held up fits “zebra”.", "All that is held up"),
    ("alerts zebra", "No open alert fits “zebra”.", "Every open alert"),
])
def test_where_nothing_fits_the_whole_list_is_offered(two: Slack, text: str, told: str, every: str) -> None:
    answer = two.command("/sends", text)
    assert told in words(answer)
    two.press(buttons(answer)[every]["action_id"], buttons(answer)[every]["value"], container=HERE)
    assert "Jane Doe" in words(two.said[-1])
    assert "Bob Ray" in words(two.said[-1])


def test_a_part_of_a_list_has_pages_of_its_own(slack: Slack) -> None:
    message = add_message(slack.database)
    for number in range(1, 31):
        company = "Initech" if number % 2 else "Globex"
        send = add_send(slack.database, number, recipient_company=company, status_since=NOW - number * DAY)
        add_alert(slack.database, send, message)
    for text in ("stuck initech", "alerts initech"):
        told = slack.command("/sends", text)
        assert "1 to 8 of 15" in words(told)
        more = buttons(told)["Show more"]
        slack.press(more["action_id"], more["value"], container=HERE)
        assert "9 to 15 of 15" in words(slack.said[-1])
        assert "Globex" not in words(slack.said[-1])


@pytest.mark.parametrize("text", ["unwatch jane", "stop watching jane", "watch stop jane", "don't watch Jane Doe"])
def test_the_only_one_that_fits_is_watched_no_more(two: Slack, text: str) -> None:
    asked(two, "watch jane")
    asked(two, "watch bob")
    assert "Jane Doe" in asked(two, text)
    with two.database.read() as session:
        left = [send.recipient_name for _, send in watches.page(session, "U01ANN", 0, 10)]
    assert left == ["Bob Ray"]


def test_unwatch_shows_what_there_is_to_stop(two: Slack) -> None:
    assert "You watch no send at present." in asked(two, "unwatch jane")
    asked(two, "watch bob")
    told = asked(two, "unwatch zebra")
    assert "You watch no send that fits “zebra”." in told
    assert "You watch 1 send" in told
    assert "Stop" in buttons(two.command("/sends", "unwatch"))


def test_unmute_finds_the_mutes_to_end(slack: Slack) -> None:
    with slack.database.write() as session:
        for name in ("Autumn Box", "Spring Sale"):
            mutes.make(
                session, scope="campaign", value=name.casefold(), label=name, created_by="U02BEN", created_at=NOW,
                ends_at=NOW + DAY,
            )
    told = slack.command("/sends", "unmute autumn")
    assert "1 mute that fits “autumn”" in words(told)
    assert "Spring" not in words(told)
    assert {"Edit", "End", "Every mute"} <= set(buttons(told))
    told = slack.command("/sends", "stop muting zebra")
    assert "No mute fits “zebra”." in words(told)
    assert "2 mutes" in words(told)


@pytest.mark.parametrize("text", [
    "help report", "report help", "reports ?", "help digest", "help repot", "help report last",
])
def test_help_about_one_word(slack: Slack, text: str) -> None:
    told = asked(slack, text)
    assert "How to use /sends report" in told
    assert "/sends report last week" in told
    assert "/sends stuck" not in told


def test_more_words_than_it_takes(slack: Slack) -> None:
    told = slack.command("/sends", "mine stuck")
    assert "`/sends mine` takes no more words." in words(told)
    assert "Look it up" in buttons(told)


@pytest.mark.parametrize(("text", "title"), [
    ("settings", "Settings"), ("settings routes", "Routes"), ("settings quiet hours", "Repeats, quiet hours"),
    ("settings permisions", "Permissions"), ("settings zebra", "Settings"),
])
def test_settings_open_at_what_is_named(slack: Slack, text: str, title: str) -> None:
    told = slack.command("/sends", text)
    assert slack.said == [], told
    opened: dict[str, Any] = slack.client.views()[-1]
    assert opened["title"]["text"] == title


@pytest.mark.parametrize(("text", "near", "then"), [
    ("stuck acem", "Acme", "1 send held up that fits “Acme”"),
    ("alerts expiried", "expired", "1 open alert about “expired”"),
    ("alerts jnae doe", "Jane Doe", "1 open alert about “Jane Doe”"),
])
def test_a_slip_is_asked_back_and_one_press_away(two: Slack, text: str, near: str, then: str) -> None:
    told = two.command("/sends", text)
    assert "Did you mean one of these?" in words(told)
    meant = buttons(told)[near]
    two.press(meant["action_id"], meant["value"], container=HERE)
    assert then in words(two.said[-1])
