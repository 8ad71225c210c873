"""Links to Sendoso's tracking pages: unfolded where they are known, without what is private."""

from __future__ import annotations

import json
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from slack_sdk.errors import SlackApiError
from sqlalchemy import select

from bot.slack import unfurls
from bot.slack.blocks import unfurl_card
from storage.models import Message, Send
from tests.bot.slack import gate
from tests.bot.slack.conftest import add_send
from tests.bot.slack.harness import Slack, words
from tests.bot.slack.rows import sends
from tests.conftest import NOW

CODE = "116d64dc686937dd17b1865019cee71d295bcf38"
LINK = f"https://app.sendoso.com/track/{CODE}"
SHARED: dict[str, Any] = {
    "type": "link_shared", "user": "U02BEN", "channel": "C02SALES", "message_ts": "100.1", "event_ts": "100.2",
    "is_bot_user_member": True, "source": "conversations_history", "unfurl_id": "C02.1.abc",
    "links": [{"domain": "app.sendoso.com", "url": LINK}],
}


def unfolded(slack: Slack, event: dict[str, Any] = SHARED, **more: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """What chat.unfurl is called with, once all is done; each card must be one that Slack takes in a message."""
    assert slack.event(event, **more).status == 200
    assert slack.client.calls == []
    slack.executor.finish()
    calls = [body for method, body in slack.client.calls if method == "chat.unfurl"]
    for call in calls:
        if isinstance(call["unfurls"], str):
            call["unfurls"] = json.loads(call["unfurls"])
        for card in call["unfurls"].values():
            assert gate.problems({"text": card["fallback"], "blocks": card["blocks"]}) == []
    return calls


def links(*urls: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever stands in an event
    return {**SHARED, "links": [{"domain": "app.sendoso.com", "url": url} for url in urls]}


@pytest.fixture
def send(slack: Slack) -> int:
    return add_send(slack.database, tracking_url=LINK)


def test_a_known_link_unfolds_into_where_the_gift_stands(slack: Slack, send: int) -> None:
    [call] = unfolded(slack)
    assert (call["unfurl_id"], call["source"]) == ("C02.1.abc", "conversations_history")
    assert "channel" not in call
    [card] = call["unfurls"].values()
    shown = words(card)
    for part in ("*Order Received* for 8 days", "*Since*", "Inventoried Sends", "*Next:*", "Show me more"):
        assert part in shown
    for part in ("Jane", "Acme", "jane", "Ann Lopez", "thank-you", "25.00", "Marketing"):
        assert part not in json.dumps(card)
    assert json.loads(card["blocks"][-1]["elements"][0]["value"]) == {"send": send}


def test_in_the_composer_the_preview_is_named_by_its_id(slack: Slack, send: int) -> None:
    event = {**SHARED, "channel": "COMPOSER", "source": "composer", "unfurl_id": "u-u-i-d", "message_ts": "u-u-i-d"}
    [call] = unfolded(slack, event)
    assert (call["unfurl_id"], call["source"]) == ("u-u-i-d", "composer")
    assert next(iter(call["unfurls"].values()))["preview"]["title"]["text"] == "📥 Order Received for 8 days"


def test_without_an_id_the_message_is_named(slack: Slack, send: int) -> None:
    [call] = unfolded(slack, {name: value for name, value in SHARED.items() if name not in {"unfurl_id", "source"}})
    assert (call["channel"], call["ts"]) == ("C02SALES", "100.1")


@pytest.mark.parametrize("url", [
    LINK, f"{LINK}/", f"{LINK}?utm_source=x&amp;n=1", f"{LINK}#top", LINK.replace("https", "http"),
    f"https://app.sendoso.com/track/{CODE.upper()}", f"HTTPS://APP.SENDOSO.COM/track/{CODE}",
])
def test_a_link_is_known_whatever_is_added_to_it(slack: Slack, send: int, url: str) -> None:
    [call] = unfolded(slack, links(url))
    assert list(call["unfurls"]) == [url]


@pytest.mark.parametrize("event", [
    links("https://app.sendoso.com/track/" + "0" * 40), links(f"{LINK}0"), links("https://app.sendoso.com/settings"),
    links(f"https://evil.example/?{LINK}"), links(f"https://app.sendoso.com.evil.example/track/{CODE}"), links(),
    links(None, 5, ""), {**SHARED, "links": "x"}, {"type": "link_shared"}, {**SHARED, "links": [5]},
    {**links(LINK), "unfurl_id": "", "source": "", "message_ts": None},
    {**links(LINK), "source": "elsewhere", "channel": ""},
])
def test_other_links_are_left_alone(slack: Slack, send: int, event: dict[str, Any]) -> None:
    assert unfolded(slack, event) == []


def test_where_another_organisation_reads_links_are_left_alone(slack: Slack, send: int) -> None:
    assert unfolded(slack, is_ext_shared_channel=True) == []


def test_of_several_links_those_that_are_known_unfold(slack: Slack, send: int) -> None:
    other = "https://app.sendoso.com/track/" + "a" * 40
    add_send(slack.database, 2, tracking_url=other, status="shipped")
    unknown = "https://app.sendoso.com/track/" + "b" * 40
    [call] = unfolded(slack, links(LINK, unknown, other, LINK))
    assert set(call["unfurls"]) == {LINK, other}


def test_a_refusal_is_nobodys_trouble(slack: Slack, send: int) -> None:
    slack.client.answers["chat.unfurl"] = [{"ok": False, "error": "cannot_unfurl_message"}, TimeoutError()]
    unfolded(slack)
    slack.client.calls.clear()
    unfolded(slack)
    assert slack.said == []


class TooMany(dict[str, Any]):
    """Slack's answer when it is asked too often."""

    headers = MappingProxyType({"Retry-After": "7"})


def kept(slack: Slack) -> list[Message]:
    """Links that the delivery is to unfold."""
    with slack.database.read() as session:
        return list(session.scalars(select(Message).where(Message.kind == unfurls.UNFURL).order_by(Message.id)))


def test_when_slack_asks_for_a_rest_links_are_unfolded_after_it(slack: Slack, send: int) -> None:
    refused = SlackApiError("ratelimited", TooMany(ok=False, error="ratelimited"))  # type: ignore[no-untyped-call]
    slack.client.answers["chat.unfurl"] = [refused]
    first = {name: value for name, value in SHARED.items() if name not in {"unfurl_id", "source"}}
    assert len(unfolded(slack, first)) == 1
    slack.client.calls.clear()
    for _ in range(2):
        assert unfolded(slack, first | {"message_ts": "200.2"}) == []
    one, two = kept(slack)
    assert (one.body["place"]["ts"], two.body["place"]["ts"]) == (first["message_ts"], "200.2")
    assert slack.woken == 3
    with slack.database.read() as session:
        links = unfurls.drawn(session, one, NOW)
        assert links is not None
        assert set(links.unfurls) == {LINK}
        assert unfurls.drawn(session, one, NOW + timedelta(hours=1, seconds=1)) is None
    slack.now += timedelta(seconds=7)
    assert len(unfolded(slack)) == 1


def test_what_is_still_being_written_is_not_kept(slack: Slack, send: int) -> None:
    refused = SlackApiError("ratelimited", TooMany(ok=False, error="ratelimited"))  # type: ignore[no-untyped-call]
    slack.client.answers["chat.unfurl"] = [refused]
    unfolded(slack, SHARED | {"source": "composer"})
    assert kept(slack) == []


def test_the_card_leads_to_more_for_who_presses(slack: Slack, send: int) -> None:
    slack.press("send_open", {"send": send}, container={
        "type": "message_attachment", "message_ts": "100.1", "attachment_id": 1, "channel_id": "C02SALES",
        "is_ephemeral": False, "is_app_unfurl": True, "app_unfurl_url": LINK,
    })
    assert "Jane Doe" in words(slack.said[-1])
    assert slack.said[-1]["response_type"] == "ephemeral"
    assert slack.said[-1]["replace_original"] is False


@given(sends)
def test_whatever_the_send_the_card_names_nobody(found: Send) -> None:
    people = ("recipient_name", "recipient_email", "recipient_company", "sender_name", "sender_email")
    for name in (*people, "campaign", "team"):
        setattr(found, name, f"secret-{name}")
    card = unfurl_card.build(found, NOW)
    assert "secret-" not in json.dumps(card)
    assert gate.problems({"text": card["fallback"], "blocks": card["blocks"]}) == []
