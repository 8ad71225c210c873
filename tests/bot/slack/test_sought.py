"""Words that join a name to a command, and names in a sentence behind one."""

from __future__ import annotations

import pytest

from bot.slack import commands, grammar
from bot.slack.grammar import Asked
from storage import mutes, people, watches
from tests.bot.slack.conftest import add_alert, add_message, add_send
from tests.bot.slack.harness import Slack, buttons, words
from tests.conftest import NOW

JOINTS = ("about", "at", "by", "for", "from", "in", "of", "on", "to", "with")


@pytest.fixture
def sent(slack: Slack) -> Slack:
    """A late gift to Jane, which Ben Okafor sent; two more, to people at On Running and at a running club."""
    message = add_message(slack.database)
    for number, (name, company, sender) in enumerate([
        ("Jane Doe", "Acme", "Ben Okafor"), ("Tom Ray", "On Running", "Ann Lopez"),
        ("Kim Li", "Running Club", "Ann Lopez"),
    ], 1):
        send = add_send(
            slack.database, number, recipient_name=name, recipient_company=company, sender_name=sender,
            recipient_email=f"{name.split()[0].lower()}@{company.split()[-1].lower()}.example",
        )
        add_alert(slack.database, send, message)
    return slack


def asked(slack: Slack, text: str, command: str = "/sends") -> str:
    return words(slack.command(command, text))


@pytest.mark.parametrize("joint", JOINTS)
def test_a_word_before_a_name_is_no_part_of_it(sent: Slack, joint: str) -> None:
    add_send(sent.database, 9, recipient_name="Jane Roe", recipient_company="Forward", sender_name="Tom Bytes")
    assert "2 sends match “jane”" in asked(sent, f"{joint} jane", "/send-status")
    assert "1 send held up that fits “jane”" in asked(sent, f"stuck {joint} jane")
    assert "1 open alert about “jane”" in asked(sent, f"alerts {joint} jane")
    assert "Jane Doe" in asked(sent, f"alerts {joint} order received {joint} jane")
    for word, told in (("why", "Order Received"), ("route", "where alerts go"), ("watch", "You watch")):
        assert told in asked(sent, f"{word} {joint} jane doe")
    assert "You do not watch *Jane Doe*" in asked(sent, f"unwatch {joint} jane")
    assert "Jane Doe" in asked(sent, f"mute {joint} jane")
    assert "Jane Doe" in asked(sent, f"mute alerts {joint} jane for 2 days")


def test_what_is_called_so_keeps_its_name(sent: Slack) -> None:
    assert "Tom Ray: Order Received" in asked(sent, "on running", "/send-status")
    assert "1 open alert about “On Running”" in asked(sent, "alerts On Running")
    assert "1 open alert about “On Running”" in asked(sent, "alerts on On Running")
    assert "2 open alerts about “running”" in asked(sent, "alerts for running")
    assert "Forward" not in asked(sent, "stuck forward jane").replace("“forward jane”", "")


def test_a_joined_status_or_kind_is_no_word_to_look_for(sent: Slack) -> None:
    assert "3 sends held up that fit “order received”" in asked(sent, "stuck in order received")
    assert "1 send held up that fits “acme in order received”" in asked(sent, "stuck acme in order received")
    assert "1 open alert about “late at acme”" in asked(sent, "alerts late at acme")


def test_mutes_are_found_behind_such_a_word(sent: Slack) -> None:
    with sent.database.write() as session:
        mutes.make(
            session, scope="campaign", value="autumn box", label="Autumn Box", created_by="U02BEN", created_at=NOW,
            ends_at=NOW.replace(year=NOW.year + 1),
        )
    assert "1 mute that fits “autumn”" in asked(sent, "unmute for autumn")


@pytest.mark.parametrize("typed", [
    "jane's gift", "janes gift", "the gift for jane", "where is jane's gift?", "Jane, please", "has jane got her gift",
    "gift to jane at acme", "where's the gift we sent to jane last week", "*jane*", "_Jane Doe_", "&gt; jane", "~jane~",
    "who sent jane a gift", "no alert for jane", "alerts on jane", "jane isn't late", "jane late",
    "jane not delivered yet",
])
def test_the_name_in_a_sentence_is_found(sent: Slack, typed: str) -> None:
    assert "Jane Doe: Order Received" in asked(sent, typed, "/send-status")
    assert "Jane Doe" in asked(sent, f"watch {typed}")
    with sent.database.read() as session:
        assert [send.recipient_name for _, send in watches.page(session, "U01ANN", 0, 9)] == ["Jane Doe"]
    assert "You do not watch *Jane Doe*" in asked(sent, f"unwatch {typed}")


def test_a_name_that_is_mistyped_is_not_guessed_at(sent: Slack) -> None:
    told = asked(sent, "Jane Dooe", "/send-status")
    assert "Nothing matches “Jane Dooe”. Did you mean one of these?" in told
    assert "/sends route" not in asked(sent, "where is zebra's gift", "/send-status")


def test_a_mention_behind_such_a_word_is_that_person(sent: Slack) -> None:
    with sent.database.write() as session:
        people.keep(session, user_id="U07XYZ", email="jane@acme.example", now=NOW)
    assert "1 open alert about “jane@acme.example”" in asked(sent, "alerts on <@U07XYZ>")
    assert "Jane Doe" in asked(sent, "why about <@U07XYZ>")


def test_a_mute_without_what_is_to_be_quiet_says_so(sent: Slack) -> None:
    assert "It is not said what is to be quiet. What can be is a campaign," in asked(sent, "mute for 2 days")
    assert "Which rule, such as `expired`? Its name is missing." in asked(sent, "mute alerts for 2 days")


@pytest.mark.parametrize("text", ["Doe, Jane", "Jane Doe, Acme", "Acme; Jane"])
def test_a_comma_only_parts_words(sent: Slack, text: str) -> None:
    assert "Jane Doe: Order Received" in asked(sent, text, "/send-status")


@pytest.mark.parametrize("text", [
    "jane doe never got the gift", "assign jane doe to ben", "customer jane doe’s upset",  # noqa: RUF001 - as typed
    "wo ist das paket von jane doe?",
])
def test_a_full_name_is_found_in_any_sentence(sent: Slack, text: str) -> None:
    assert "Jane Doe: Order Received" in asked(sent, text, "/send-status")


def test_of_several_people_in_a_sentence_each_is_offered(sent: Slack) -> None:
    add_send(sent.database, 9, recipient_name="Ann Lee Park")
    add_send(sent.database, 10, recipient_name="Ann Lee")
    told = sent.command("/send-status", "jane doe and tom ray")
    assert {"Jane Doe", "Tom Ray"} <= {*buttons(told)}
    assert "Ann Lee Park: Order Received" in asked(sent, "and what about ann lee park please", "/send-status")


def test_a_word_of_a_name_in_a_sentence_names_nobody(sent: Slack) -> None:
    assert "Nothing matches" in asked(sent, "jane never got the gift and tom did", "/send-status")


@pytest.mark.parametrize(("typed", "told"), [
    ("which gifts are shipped", "“shipped” is one: Shipped"), ("which gifts did Jane Doe get", "“Jane Doe”"),
])
def test_a_question_behind_sends_is_understood_by_what_it_asks(sent: Slack, typed: str, told: str) -> None:
    assert told in asked(sent, typed)


def test_a_report_asked_for_in_a_sentence_is_no_look_up(sent: Slack) -> None:
    assert commands.in_words(grammar.parse("/sends", "how many gifts did we send last month")) == Asked(
        what="report", query="last month",
    )


@pytest.mark.parametrize("typed", ["snooze jane 2h", "assign jane to ben", "resolve the alert for jane"])
def test_what_buttons_do_shows_the_alerts_that_have_them(sent: Slack, typed: str) -> None:
    assert "1 open alert about “jane”" in asked(sent, typed)


@pytest.mark.parametrize(("typed", "told"), [
    ("what is stuck at Globex?", "Did you mean `/sends stuck Globex`?"), ("where are my gifts", "`/sends mine`"),
    ("how many gifts did we send last month?", "Did you mean `/sends report last month`?"),
    ("which gifts are in transit?", "It is a status, though: Shipped."),
])
def test_what_another_command_answers_is_named_with_its_words(sent: Slack, typed: str, told: str) -> None:
    assert told in asked(sent, typed, "/send-status")


def test_words_in_a_command_that_is_named_format_nothing(sent: Slack) -> None:
    told = str(sent.command("/send-status", "what is stuck at *Globex* & <!here> ~Co~?"))
    assert "Did you mean `/sends stuck" in told
    assert not any(sign in told for sign in ("*Globex*", "<!here>", "~Co~"))
