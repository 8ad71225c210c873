"""“Which sends is it about?”: what is read of a message, and what is found by it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.slack import marks
from bot.slack.blocks import send_card, which_modal
from bot.slack.blocks.which_modal import Hit
from tests.bot.slack import gate
from tests.bot.slack.conftest import World, add_alert, add_message, add_send
from tests.bot.slack.harness import Slack, words
from tests.bot.slack.rows import HOSTILE, STORABLE, sends, texts
from tests.conftest import NOW

TRACK = "https://track.example.com/1Z999"


def window(slack: Slack, message: dict[str, Any] | None, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - as in Slack
    """The window that the shortcut opens on a message."""
    slack.client.calls.clear()
    slack.interact({
        "type": "message_action", "callback_id": "which_sends", "trigger_id": "7.t", "action_ts": "1.0",
        "message_ts": "100.1", "channel": {"id": "C02SALES", "name": "sales"}, "message": message,
        "response_url": "https://hooks.example/1", **more,
    })
    assert slack.client.calls == []
    slack.executor.finish()
    [view] = slack.client.views()
    return view


def about(slack: Slack, text: str) -> dict[str, Any]:
    return window(slack, {"type": "message", "user": "U02BEN", "ts": "100.1", "text": text})


@pytest.mark.parametrize(("text", "by"), [
    ("has <mailto:jane@acme.com|jane@acme.com> got it?", "E-mail* jane"),
    (f"see <{TRACK}>", "Tracking link*"),
    ("about Z2lk000000000001 again", "Sendoso id* Z2lk000000000001"),
    ("Jane Doe wrote to me", "Name* Jane Doe"),
    ("I wrote to JÀNE DOE.", "Name* JÀNE DOE"),
])
def test_one_send_is_shown_at_once_and_by_what_it_was_found(
    slack: Slack, world: World, text: str, by: str,
) -> None:
    view = about(slack, text)
    assert view["callback_id"] == send_card.CALLBACK
    assert json.loads(view["private_metadata"]) == {"send": world.send}
    assert f"Found by *{by}" in words(view)
    assert "Jane Doe: Order Received" in words(view)


RICH = [{
    "type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
        {"type": "text", "text": "ask "}, {"type": "text", "text": "Jane", "style": {"bold": True}},
        {"type": "text", "text": " Doe"}, {"type": "user", "user_id": "U02BEN"},
    ]}],
}]


@pytest.mark.parametrize("message", [
    {"text": "", "blocks": RICH},
    {"text": "", "blocks": [{"type": "section", "fields": [{"type": "mrkdwn", "text": "*For*\nJane Doe"}]}]},
    {"text": "", "attachments": [{"fallback": "", "fields": [{"title": "Name", "value": "Jane Doe", "short": True}]}]},
    {"text": "", "attachments": [{"from_url": TRACK, "blocks": []}]},
    {"text": "", "blocks": [{"type": "rich_text", "elements": [{
        "type": "rich_text_section", "elements": [{"type": "link", "url": TRACK, "text": "here"}],
    }]}]},
    {"text": "", "files": [{"subject": "Re: gift", "plain_text": "From: jane@acme.com"}]},
    {"text": "", "blocks": [{"type": "table", "rows": [[{"type": "raw_text", "text": "Jane Doe"}]]}]},
])
def test_every_part_of_a_message_is_read(slack: Slack, world: World, message: dict[str, Any]) -> None:
    assert "Jane Doe: Order Received" in words(window(slack, message))


def test_several_are_listed_by_what_found_them_each_once(slack: Slack, world: World) -> None:
    bob = add_send(slack.database, 2, recipient_name="Bob Ray", recipient_email="bob@other.org", tracking_url=None)
    view = about(slack, "jane@acme.com and Bob Ray (bob@other.org), and Jane Doe")
    shown = words(view)
    assert "*E-mail* jane" in shown
    assert "*E-mail* bob" in shown
    assert "*Name*" not in shown
    opens = [e for block in view["blocks"] for e in gate.elements(block) if e["action_id"].startswith("send_open")]
    assert [json.loads(one["value"])["send"] for one in opens] == [world.send, bob]


@pytest.mark.parametrize("text", [
    "will you mark this in may?", "Will is on it", "Grace. Period. Mark my words", "jane and doe",
    "state of the art long ago", "Will, Mark", "MAY", "Jane",
])
def test_a_common_word_is_nobodys_name(slack: Slack, text: str) -> None:
    for number, name in enumerate(("Will", "Mark", "May", "Grace", "Jane", "Art Long", "Will Mark")):
        add_send(slack.database, number + 1, recipient_name=name, recipient_email=f"x{number}@y.org", tracking_url=None)
    shown = words(about(slack, text))
    assert "I know no send" in shown or "names no e-mail" in shown


def test_what_was_looked_for_in_vain_is_named_and_the_look_up_offered(slack: Slack, world: World) -> None:
    view = about(slack, "<mailto:bob@other.org|bob@other.org> and Ada Abara, see https://x.example/1")
    shown = words(view)
    for part in ("bob", "Ada Abara", "x"):
        assert part in shown
    assert view["blocks"][-1]["elements"][0]["action_id"] == "lookup_open"
    assert "names no e-mail address" in words(about(slack, "lunch?"))


def test_an_alert_of_the_bots_own_is_known_without_reading(slack: Slack) -> None:
    send = add_send(slack.database, recipient_name="x")
    message = add_message(slack.database, channel="C02SALES", ts="100.1", posted_channel="C02SALES")
    add_alert(slack.database, send, message)
    view = about(slack, "nothing to be read here")
    assert "Found by *My alert*" in words(view)


def test_the_words_of_an_own_alert_find_no_other_sends(slack: Slack) -> None:
    send = add_send(slack.database, recipient_name="Ada Abara", recipient_email="ada@acme.com", tracking_url=None)
    for number in range(2, 5):
        add_send(slack.database, number, recipient_name="Dmytro Kovalenko", recipient_email="dk@y.org")
    add_alert(slack.database, send, add_message(
        slack.database, channel="C02SALES", ts="100.1", posted_channel="C02SALES",
    ))
    said = f"Undeliverable: Ada Abara. Sent by Dmytro Kovalenko, see {TRACK} and dk@y.org"
    view = about(slack, said)
    assert json.loads(view["private_metadata"]) == {"send": send}
    assert "Found by *My alert*" in words(view)
    assert "Dmytro" not in words(view)
    # The same words in what somebody else wrote are read as ever.
    others = window(slack, {"type": "message", "ts": "200.2", "text": said}, message_ts="200.2")
    for part in ("*Name* Ada Abara: 1 send", "*Tracking link*", "3 sends"):
        assert part in words(others)


def test_an_own_message_about_no_send_is_read(slack: Slack, world: World) -> None:
    add_message(slack.database, channel="C02SALES", ts="100.1", posted_channel="C02SALES")
    assert "Found by *Name* Jane Doe" in words(about(slack, "Jane Doe"))


@pytest.mark.parametrize("message", [
    None, {}, {"text": None}, {"text": 5, "blocks": 7, "attachments": {"a": []}},
    {"blocks": [None, [], {"elements": 5}]},
    {"blocks": [{"type": "rich_text_section", "elements": [None, 5, {"text": 5}]}]},
    *({"text": name} for name in HOSTILE),
])
def test_whatever_a_message_holds_is_answered(slack: Slack, world: World, message: dict[str, Any] | None) -> None:
    assert words(window(slack, message))


@pytest.mark.parametrize("number", [1, 50, 500])
def test_any_number_of_sends_of_one_address(slack: Slack, number: int) -> None:
    for place in range(number):
        add_send(slack.database, place + 1, recipient_name=STORABLE[place % len(STORABLE)], tracking_url=None)
    shown = words(about(slack, "jane@acme.com"))
    assert ("Order Received" in shown) if number == 1 else (f"{number} sends" in shown)


def test_many_marks_are_read_and_the_window_still_fits(slack: Slack) -> None:
    for place in range(60):
        add_send(slack.database, place + 1, recipient_email=f"p{place}@acme.com", recipient_name=f"P {place}")
    shown = words(about(slack, " ".join(f"p{place}@acme.com" for place in range(60))))
    assert "…and 15 more finds." in shown


hits = st.builds(
    Hit, kind=st.sampled_from([*which_modal.KINDS]), mark=texts, sends=st.lists(sends, min_size=1, max_size=2),
    total=st.integers(1, 10**6),
)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    st.lists(hits, min_size=1, max_size=4).map(lambda some: some * 4),
    st.lists(texts, max_size=5).map(lambda some: some * 4),
)
def test_the_windows_are_ones_that_slack_takes(found: list[Hit], looked_for: list[str]) -> None:
    for view in (which_modal.several(found, NOW), which_modal.nothing(looked_for)):
        assert gate.problems(view, gate.MODAL) == []


json_like = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=30)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["text", "elements", "type", "blocks", "url", "rows"]), inner, max_size=4),
    ),
    max_leaves=30,
)


@given(st.dictionaries(st.sampled_from(["text", "blocks", "attachments", "files"]), json_like, max_size=4))
def test_the_words_of_any_message_are_read(message: dict[str, Any]) -> None:
    assert len(marks.text_of(message)) <= marks.LONGEST


def test_a_message_is_read_no_deeper_than_it_can_be() -> None:
    deep: Any = "x"
    for _ in range(5_000):
        deep = [deep]
    assert marks.text_of({"blocks": deep}) == ""

