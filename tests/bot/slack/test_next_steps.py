"""Every answer of every command ends with what one may want to do next: a button, or words that can be typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.slack import grammar
from storage import mutes
from storage.engine import Database
from tests.bot.slack import gate
from tests.bot.slack.conftest import add_alert, add_message, add_send
from tests.bot.slack.harness import Slack, buttons, words
from tests.bot.slack.test_commands import users_info
from tests.conftest import NOW

HERE = {"type": "message", "message_ts": "5.5", "channel_id": "C02SALES", "is_ephemeral": True}
DAY = timedelta(days=1)


def nothing(_database: Database) -> None:
    """Nothing is known at all."""


def one(database: Database) -> None:
    """One send with an open alert that is somebody's, and a mute of something else."""
    add_alert(database, add_send(database), add_message(database), assignee="U01ANN")
    with database.write() as session:
        mutes.make(
            session, scope="campaign", value="autumn", label="Autumn", created_by="U02BEN", created_at=NOW,
            ends_at=NOW + DAY,
        )


def many(database: Database) -> None:
    """More than a page of them."""
    for number in range(1, 31):
        send = add_send(database, number, sender_email="ann@example.com")
        add_alert(database, send, add_message(database, key=f"m{number}"), assignee="U01ANN")


def over(database: Database) -> None:
    """One that has arrived."""
    add_send(database, status="delivered", status_raw="Delivered")


WORLDS = (nothing, one, many, over)
TYPED: dict[str, dict[str, tuple[str, ...]]] = {
    "/send-status": {"": (
        "", "help", "jane", "jane@acme.com", "Z2lk000000000001", "jane dow", "zzzzzzz", "order received", "stuck",
        "<@U01ANN|ann>",
    )},
    "/send-meaning": {"": (
        "", "help", "shipped", "initiated", "amazon", "jane@acme.com", "jane doe", "zzzzzzz", "cancelled or expired",
    )},
    "/sends": {
        "": (
            "", "stcuk", "mien", "zzzzzzz", "jane@acme.com", "Jane Doe of Acme", "order received", "wach jane@acme.com",
            "explian jane", "subscrib",
        ),
        "stuck": ("", "jane", "zzzzzzz", "help"), "mine": ("", "stuck"), "help": ("", "report", "zzzzzzz"),
        "alerts": ("", "late gifts", "order received", "jane", "jane@acme.com", "zzzzzzz", "?"),
        "unwatch": ("", "jane", "zzzzzzz"), "unmute": ("", "autumn", "zzzzzzz"),
        "watch": ("", "jane", "jane@acme.com", "Z2lk000000000001", "jane dow", "zzzzzzz", "<@U01ANN|ann>"),
        "why": ("", "jane", "jane@acme.com", "Z2lk000000000001", "jane dow", "zzzzzzz"),
        "mute": (
            "", "campaign Q4 thank-you for 2 weeks", "campaign Q4 thank-you", "campaign Q5", "zzzz", "campaign",
            "campaign Q4 thank-you for zzzz",
        ),
        "route": ("", "jane", "jane@acme.com", "Z2lk000000000001", "jane dow", "zzzzzzz"),
        "audit": ("", "7 days", "zzzz"), "report": ("", "last week", "campaign zzzz", "zzzz"), "check": ("", "slack"),
        "settings": ("", "routes", "holidays", "zzzz"),
    },
}
"""What is typed: every word of the grammar's table with arguments that are right, several, near, and wrong."""
CASES = [
    (command, " ".join(part for part in (word, text) if part), world)
    for command, by_word in TYPED.items() for word, texts in by_word.items() for text in texts for world in WORLDS
]


def next_step(told: dict[str, Any]) -> bool:
    """Whether the last that is said is a button, or something that can be typed or pressed."""
    last = told["blocks"][-1]
    texts = [last.get("text"), *last.get("elements", ())] if last["type"] != "actions" else []
    said = any("`" in text["text"] for text in texts if text is not None)
    return said or bool(gate.elements(last))


def test_every_word_of_the_table_is_gone_through() -> None:
    assert set(TYPED) == set(grammar.COMMANDS)
    for command in grammar.COMMANDS.values():
        assert {word.name for word in command.words} == set(TYPED[command.name]) - {""}


@pytest.mark.parametrize(("command", "text", "world"), CASES)
def test_each_answer_ends_with_a_next_step(
    slack: Slack, command: str, text: str, world: Callable[[Database], None],
) -> None:
    world(slack.database)
    slack.client.answers["users.info"] = [users_info()]
    told = slack.command(command, text)
    if not told or words(told).endswith("…"):
        # What takes a moment comes after Slack has heard that the command arrived.
        told = slack.said[-1]
    assert next_step(told), words(told)


def press(slack: Slack, told: dict[str, Any], label: str) -> dict[str, Any]:
    found = buttons(told)[label]
    slack.press(found["action_id"], found["value"], container=HERE)
    return slack.said[-1]


@pytest.mark.parametrize("world", WORLDS)
def test_what_is_done_ends_with_a_next_step_too(slack: Slack, world: Callable[[Database], None]) -> None:
    world(slack.database)
    for text, labels in (
        ("mute campaign Q4 thank-you for 2 weeks", ("Mute", "Undo")), ("watch Z2lk000000000001", ("Stop watching",)),
        ("help", ("/sends stuck",)), ("help", ("/sends alerts",)), ("help", ("/sends mute",)),
    ):
        told = slack.command("/sends", text)
        for label in labels:
            # Of help there is always something to press; of the others only where there is such a gift.
            assert label in buttons(told) or (text != "help" and world.__name__ in {"nothing", "over"}), words(told)
            if label in buttons(told):
                told = press(slack, told, label)
                assert next_step(told), words(told)


def test_a_status_is_offered_where_a_send_was_asked_for(slack: Slack) -> None:
    add_send(slack.database, 1, campaign="x")
    told = slack.command("/send-status", "order received")
    assert "It is a status, though: Order Received." in words(told)
    assert "*Next:*" in words(press(slack, told, "What does it mean?"))
    assert "1 send in Order Received" in words(press(slack, told, "Which sends are in it?"))
    told = slack.command("/sends", "order received")
    assert "“order received” is one: Order Received." in words(told)
    assert {"What does it mean?", "Which sends are in it?"} == set(buttons(told))


def test_a_meaning_leads_to_its_sends(slack: Slack) -> None:
    for number in range(1, 21):
        add_send(slack.database, number, status="shipped", status_since=NOW - number * DAY)
    told = press(slack, slack.command("/send-meaning", "shipped"), "Which sends are in it?")
    assert "20 sends in Shipped" in words(told)
    assert "1 to 8 of 20" in words(told)
    assert "for 20 days" in words(told)
    told = press(slack, told, "Show more")
    assert "9 to 16 of 20" in words(told)
    assert "No send is in this status now" in words(
        press(slack, slack.command("/send-meaning", "expired"), "Which sends are in it?"),
    )
    slack.press("list_more.status", {"list": "status", "status": "teleported", "offset": 0}, container=HERE)
    assert "not one that this version" in words(slack.said[-1])


def test_a_name_is_looked_up_where_a_status_was_asked_for(slack: Slack) -> None:
    add_send(slack.database)
    told = slack.command("/send-meaning", "jane doe")
    assert "Jane Doe: Order Received" in words(press(slack, told, "Look it up as a send"))


def test_a_word_of_another_command_is_named(slack: Slack) -> None:
    told = slack.command("/send-status", "watch jane@acme.com")
    assert "Did you mean `/sends watch`?" in words(told)


@pytest.mark.parametrize(("typed", "button", "shows"), [
    ("wach jane@acme.com", "/sends watch", "Is it this one?"), ("explian jane", "/sends why", "*Rule:*"),
    ("rute jane", "/sends route", "where alerts go"),
])
def test_a_slip_before_a_name_keeps_the_name(slack: Slack, typed: str, button: str, shows: str) -> None:
    add_alert(slack.database, add_send(slack.database), add_message(slack.database))
    told = slack.command("/sends", typed)
    assert f"Did you mean `{button} jane" in words(told)
    assert "Look it up" in buttons(told)
    assert shows in words(press(slack, told, button))


def test_a_mention_of_somebody_new_is_asked_of_slack(slack: Slack) -> None:
    add_send(slack.database, sender_email="ben@example.com", sender_name="Ben Okafor", recipient_name="Zoe Ray")
    slack.client.answers["users.info"] = [users_info("ben@example.com")]
    assert slack.command("/send-status", "<@U02BEN>") == {}
    assert slack.client.calls == []
    [told] = slack.said
    assert "Zoe Ray" in words(told)
    # Then how the one who asked is used to have numbers written, for the next answer.
    assert [(name, body["user"]) for name, body in slack.client.calls] == [
        ("users.info", "U02BEN"), ("users.info", "U01ANN"),
    ]
    assert "Zoe Ray" in words(slack.command("/send-status", "<@U02BEN|ben>"))


def test_who_is_not_known_to_slack_is_looked_for_as_typed(slack: Slack) -> None:
    add_send(slack.database, recipient_name="Ben Okafor")
    slack.client.answers["users.info"] = [TimeoutError()]
    slack.command("/send-status", "<@U02BEN>")
    assert "Nothing matches “U02BEN”" in words(slack.said[-1])
    assert "Ben Okafor: Order Received" in words(slack.command("/send-status", "<@U02BEN|ben>"))


def test_each_guess_has_its_button(slack: Slack) -> None:
    told = slack.command("/sends", "wach")
    guessed = [name for name in buttons(told) if name.startswith("/sends ")]
    assert all(f"`{name}`" in words(told) for name in guessed)
    assert "You watch no send" in words(press(slack, told, "/sends watch"))


def test_who_may_is_named_where_somebody_may_not(slack: Slack) -> None:
    told = words(slack.command("/sends", "audit", user_id="U02BEN"))
    assert "It is for the admins of Sendwatch." in told
    assert "Ask <@U01ANN>." in told


def test_a_status_of_which_nothing_is_known_but_that_sends_have_it(slack: Slack) -> None:
    add_send(slack.database, 1, status="unknown", status_raw="Customs Hold")
    told = slack.command("/send-meaning", "customs hold")
    assert "Sendoso calls a status “customs hold”, and 1 send is in it." in words(told)
    assert "Jane Doe" in words(press(slack, told, "Which sends are in it?"))
    assert "Sendoso calls" not in words(slack.command("/send-meaning", "cloud hold"))
