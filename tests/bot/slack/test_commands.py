"""What people get for what they type."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import commands, grammar
from storage import people
from tests.bot.slack.conftest import World, add_alert, add_send
from tests.bot.slack.harness import Slack, buttons, words
from tests.bot.slack.rows import HOSTILE
from tests.conftest import NOW
from tests.hostile import hostile


def test_one_hit_is_the_card(slack: Slack, world: World) -> None:
    with slack.database.write() as session:
        people.keep(session, user_id="U01ANN", now=NOW)
    told = slack.command("/send-status", "jane@acme.com")
    shown = words(told)
    assert "📥 Jane Doe: Order Received for 8 days" in shown
    for part in ("Acme", "jane@acme.com", "Ann Lopez", "Q4 thank-you", "25.00 USD", "<!date^", "*Next:*", "*To do:*"):
        assert part in shown
    assert "🔔 *Open alert:* Order Received for 8 days\nNobody has taken it up." in shown
    assert {"Share in channel", "Acknowledge", "Snooze", "Track"} <= set(buttons(told))
    assert "Jane Doe" in told["text"]
    assert "2026-11-15 15:00 UTC" in told["text"]
    assert slack.executor.waiting == []


def test_a_card_tells_the_end_of_which_its_alert_warns_and_takes_no_limit_for_an_end(slack: Slack) -> None:
    sent = {"status": "sent", "status_raw": "Sent", "due_rule": "expired", "due_at": NOW + timedelta(days=60)}
    send = add_send(slack.database, 1, expires_at=None, **sent)
    told = words(slack.command("/send-status", "jane"))
    assert "Counts as expired from" in told
    assert "Offer ends" not in told
    add_alert(slack.database, send, None, rule="expiring", level="2d", status="sent", threshold={
        "ends_at": (NOW + timedelta(days=1)).isoformat(), "assumed": True,
    })
    told = words(slack.command("/send-status", "jane"))
    assert f"*Offer ends*\n<!date^{int((NOW + timedelta(days=1)).timestamp())}^" in told
    assert "(assumed)" in told
    assert "Counts as expired" not in told


@pytest.mark.parametrize("typed", [
    "jane@acme.com", "  JANE@ACME.COM ", "“jane@acme.com”", "<mailto:jane@acme.com|jane@acme.com>",
    "jane\u00a0doe", "\u200bJane   Doe", "'Jane Doe'", "&lt;jane@acme.com&gt;", "https://track.example.com/1Z999",
    "<https://track.example.com/1Z999|track.example.com/1Z999>", "Z2lk000000000001", "acme thank-you",
    "<@U77JANE|jane>",
])
def test_however_it_is_typed(slack: Slack, world: World, typed: str) -> None:
    assert "Jane Doe: Order Received" in words(slack.command("/send-status", typed))


def test_a_mention_of_somebody_known_finds_by_their_email(slack: Slack, world: World) -> None:
    with slack.database.write() as session:
        people.keep(session, user_id="U07XYZ", email="Jane@Acme.com", now=NOW)
    assert "Jane Doe: Order Received" in words(slack.command("/send-status", "<@U07XYZ>"))


def test_several_hits_are_listed_with_the_true_count(slack: Slack) -> None:
    for number in range(1, 31):
        add_send(slack.database, number, recipient_email=f"jane{number}@acme.com")
    told = slack.command("/send-status", "jane")
    assert "30 sends match “jane”" in words(told)
    assert "1 to 8 of 30" in words(told)
    openers = [e for b in told["blocks"] if (e := b.get("accessory")) and e["text"]["text"] == "Open"]
    assert len(openers) == 8
    heard = [e["accessibility_label"] for e in openers]
    assert heard[:2] == ["Open Jane Doe's gift", "Open Jane Doe's gift, number 2"]
    assert len(set(heard)) == 8
    slack.press("list_more.8", buttons(told)["Show more"]["value"], container=HERE)
    assert "9 to 16 of 30" in words(slack.said[-1])
    assert slack.said[-1]["replace_original"] is True
    slack.press("list_more.0", buttons(slack.said[-1])["Show the ones before"]["value"], container=HERE)
    assert "1 to 8 of 30" in words(slack.said[-1])


HERE = {"type": "message", "message_ts": "5.5", "channel_id": "C02SALES", "is_ephemeral": True}


def test_from_the_list_to_a_send_and_back(slack: Slack) -> None:
    for number in (1, 2):
        add_send(slack.database, number, recipient_email=f"jane{number}@acme.com")
    told = slack.command("/send-status", "jane")
    slack.press("send_open.0", buttons(told)["Open"]["value"], container=HERE)
    card = slack.said[-1]
    assert "Jane Doe: Order Received" in words(card)
    assert card["replace_original"] is True
    slack.press("send_back", buttons(card)["Back to the list"]["value"], container=HERE)
    assert "2 sends match “jane”" in words(slack.said[-1])


def test_nothing_found_offers_the_nearest(slack: Slack, world: World) -> None:
    told = slack.command("/send-status", "jane dow")
    assert "Nothing matches “jane dow”. Did you mean one of these?" in words(told)
    near = next(button for text, button in buttons(told).items() if "jane" in text.lower())
    slack.press("list_more.near0", near["value"], container=HERE)
    assert "Jane Doe: Order Received" in words(slack.said[-1])


def test_sharing_leaves_out_what_is_private(slack: Slack, world: World) -> None:
    told = slack.command("/send-status", "jane@acme.com")
    slack.press("send_share", buttons(told)["Share in channel"]["value"], container=HERE)
    card, note = slack.said
    assert card["response_type"] == "in_channel"
    assert card["replace_original"] is False
    assert "Shared by <@U01ANN>" in words(card)
    assert "jane@acme.com" not in words(card) + card["text"]
    assert "25.00" not in words(card)
    assert set(buttons(card)) == {"Track"}
    assert (note["text"], note["replace_original"]) == ("Shared in this channel.", True)


@pytest.mark.parametrize("command", ["/send-status", "/sends"])
@pytest.mark.parametrize("text", ["", "  ", "help", "HELP", "?", "--help"])
def test_help(slack: Slack, command: str, text: str) -> None:
    shown = words(slack.command(command, text))
    assert f"How to use {command}" in shown
    assert "`/send-status" in shown


def test_help_of_sends_names_every_command(slack: Slack) -> None:
    shown = words(slack.command("/sends", "help"))
    for part in ("/send-status", "/send-meaning", "/sends stuck", "/sends mine", "/sends alerts", "/sends help"):
        assert part in shown


@pytest.mark.parametrize(("typed", "near"), [
    ("stcuk", "`/sends stuck`"), ("allerts", "`/sends alerts`"), ("mien", "`/sends mine`"), ("hlep", "`/sends help`"),
])
def test_a_mistyped_word_gets_the_nearest(slack: Slack, typed: str, near: str) -> None:
    shown = words(slack.command("/sends", typed))
    assert f"does not know “{typed}”" in shown
    assert f"Did you mean {near}" in shown
    assert "How to use /sends" in shown


def test_the_nearest_word_can_be_pressed(slack: Slack, world: World) -> None:
    told = slack.command("/sends", "stcuk")
    slack.press("list_more.stuck", buttons(told)["/sends stuck"]["value"], container=HERE)
    assert "1 send held up" in words(slack.said[-1])


@pytest.mark.parametrize("typed", ["xyzzy", "setttttt"])
def test_what_is_not_there_is_said_plainly(slack: Slack, typed: str) -> None:
    shown = words(slack.command("/sends", typed))
    assert f"does not know “{typed}”" in shown
    assert "How to use /sends" in shown


@pytest.mark.parametrize("typed", ["jane@acme.com", "Jane Doe of Acme", "https://track.example.com/1Z999", "12345"])
def test_a_look_up_under_the_wrong_command(slack: Slack, world: World, typed: str) -> None:
    told = slack.command("/sends", typed)
    assert "`/send-status` does" in words(told)
    assert json.loads(buttons(told)["Look it up"]["value"])["q"] == typed


def test_lists(slack: Slack, world: World) -> None:
    add_alert(slack.database, None, None, rule="stale_data", status="", status_raw="", status_since=None)
    assert "1 send held up" in words(slack.command("/sends", "stuck"))
    shown = words(slack.command("/sends", "alerts"))
    assert "2 open alerts" in shown
    assert "No fresh data from Sendoso" in shown
    assert "*Jane Doe* · Acme\nOrder Received for 8 days · Q4 thank-you · from Ann Lopez" in shown


def test_empty_lists(slack: Slack) -> None:
    assert "Nothing is held up" in words(slack.command("/sends", "stuck"))
    assert "There is no open alert" in words(slack.command("/sends", "alerts"))


def users_info(email: str | None = "Ann@Example.com", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - parts of an answer
    profile = {"real_name": "Ann Lopez", **({"email": email} if email else {})}
    return {"ok": True, "user": {"id": "U01ANN", "tz": "America/New_York", "profile": profile, **more}}


def test_mine_asks_slack_once_a_day(slack: Slack, world: World) -> None:
    slack.client.answers["users.info"] = [users_info(), users_info()]
    assert slack.command("/sends", "mine") == {}
    assert slack.client.calls == []
    [told] = slack.said
    assert "1 send of yours" in words(told)
    assert "1 send of yours" in words(slack.command("/sends", "mine"))
    slack.executor.finish()
    assert len(slack.client.calls) == 1
    slack.now = NOW + people.FRESH
    assert "1 send of yours" in words(slack.command("/sends", "mine"))
    slack.executor.finish()
    assert len(slack.client.calls) == 2


@pytest.mark.parametrize("answer", [
    users_info(None), {"ok": True}, {"ok": True, "user": []}, {"ok": True, "user": {"profile": 1}},
    {"ok": False, "error": "missing_scope"}, TimeoutError(),
])
def test_mine_without_an_email(slack: Slack, world: World, answer: Any) -> None:  # noqa: ANN401 - an answer or an error
    slack.client.answers["users.info"] = [answer]
    slack.command("/sends", "mine")
    assert "does not tell me your e-mail" in slack.said[-1]["text"]


def test_mine_with_no_sends(slack: Slack) -> None:
    slack.client.answers["users.info"] = [users_info("nobody@example.com")]
    slack.command("/sends", "mine")
    assert "knows no send of yours" in slack.said[-1]["text"]


def test_a_meaning(slack: Slack) -> None:
    shown = words(slack.command("/send-meaning", "Fulfilment Isue"))
    assert "Fulfillment Issue" in shown
    assert "*Next:*" in shown
    assert "Send Tracker article" in shown


def test_a_status_that_means_two_things(slack: Slack) -> None:
    shown = words(slack.command("/send-meaning", "initiated"))
    assert "*For an eGift*" in shown
    assert "*For a physical gift*" in shown


def test_a_meaning_that_is_not_sure_gives_choices_that_work(slack: Slack) -> None:
    told = slack.command("/send-meaning", "cancelled or expired")
    choices = [button for button in buttons(told).values() if button["action_id"].startswith("meaning_open")]
    assert 1 <= len(choices) <= 3
    slack.press("meaning_open.0", choices[0]["value"], container=HERE)
    assert choices[0]["text"]["text"] in words(slack.said[-1])
    assert slack.said[-1]["replace_original"] is True


def test_no_status_lists_all(slack: Slack) -> None:
    shown = words(slack.command("/send-meaning"))
    for part in ("*eGifts*", "*Physical gifts*", "Order Received", "Insufficient Funds", "Out of Stock"):
        assert part in shown


def test_a_send_asked_as_a_status(slack: Slack, world: World) -> None:
    told = slack.command("/send-meaning", "jane@acme.com")
    slack.press("list_more.send", buttons(told)["Look it up as a send"]["value"], container=HERE)
    assert "Jane Doe: Order Received" in words(slack.said[-1])


@pytest.mark.parametrize("command", ["/send-status", "/send-meaning", "/sends"])
@pytest.mark.parametrize("text", [*HOSTILE, "x" * 3000, "jane " * 600, "<" * 3000, "*" * 3000, "😀" * 1500])
def test_any_argument_gets_an_answer(slack: Slack, world: World, command: str, text: str) -> None:
    assert slack.command(command, text.encode("utf-8", "replace").decode())["text"]


@hostile(50)
@given(st.sampled_from(["/send-status", "/send-meaning", "/sends"]), st.text(max_size=200))
def test_any_text_gets_an_answer(slack: Slack, command: str, text: str) -> None:
    assert slack.command(command, text)["text"]


def test_a_broken_user_id_is_answered(slack: Slack) -> None:
    assert "did not say who you are" in slack.command("/sends", "mine", user_id="")["text"]


@pytest.mark.parametrize(("typed", "short"), [
    ("what is stuck?", "stuck"), ("show me the alerts", "alerts"), ("list stuck", "stuck"),
    ("which gifts are late at acme", "stuck acme"), ("does Jane have an alert", "alerts Jane"),
])
def test_a_list_may_be_asked_for_in_a_sentence(slack: Slack, world: World, typed: str, short: str) -> None:
    assert slack.command("/sends", typed) == slack.command("/sends", short)


@pytest.mark.parametrize(("typed", "short"), [
    ("when will jane get her gift", "jane"),
    ("has ben's box arrived?", "ben"), ("how is the gift for jane acme", "jane acme"),
    ("what does order received mean", "order received"), ("who sent jane a gift", "jane"),
    ("Will Smith", "Will Smith"), ("Autumn Box", "Autumn Box"), ("Order Received", "Order Received"),
    ("Is Land Ltd", "Is Land Ltd"),
])
def test_a_send_may_be_asked_for_in_a_sentence(typed: str, short: str) -> None:
    assert commands.in_words(grammar.parse("/sends", typed)).query == short
