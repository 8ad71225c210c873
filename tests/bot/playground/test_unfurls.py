"""Links that people write: told to the app, and unfolded by it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.playground.clock import PlayClock
from bot.playground.outcome import Outcome
from bot.playground.server import Playground
from bot.playground.slack_errors import Json
from tests.bot.playground.trivial import actions, button, section

MANIFEST = {
    "features": {"unfurl_domains": ["acorn.example"]},
    "oauth_config": {"scopes": {"bot": ["chat:write", "links:read", "links:write"]}},
    "settings": {"event_subscriptions": {"bot_events": ["link_shared"]}},
}
LINK = "https://track.acorn.example/1?a=1&b=2"


class Noting:
    """A way to an app that takes everything."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Json]] = []

    async def deliver(self, kind: str, payload: Json, *, answerable: bool, retry: int = 0) -> Outcome:
        assert (answerable, retry) == (False, 0)
        self.sent.append((kind, payload))
        return Outcome()

    async def ready(self) -> None: ...


@pytest.fixture
def noting() -> Noting:
    return Noting()


@pytest.fixture
def playground(clock: PlayClock, noting: Noting, monkeypatch: pytest.MonkeyPatch) -> Iterator[Playground]:
    with Playground(clock, manifest=MANIFEST, ack_timeout=20.0) as running:
        monkeypatch.setattr(running.speaking.events, "_transport", noting)  # the way to the app
        monkeypatch.setattr(running.pressing, "_transport", noting)
        yield running


@pytest.fixture
def web(playground: Playground) -> WebClient:
    return WebClient(token=playground.bot_token, base_url=playground.api_url)


def shared(playground: Playground, noting: Noting) -> dict[str, Any]:
    """The event that came last, once it has come."""
    assert playground.slack.state.wait_for(lambda: bool(noting.sent) or None, 5)
    event: dict[str, Any] = noting.sent[-1][1]["event"]
    return event


def refusal(web: WebClient, **args: Any) -> str:  # noqa: ANN401 - arguments of chat.unfurl
    with pytest.raises(SlackApiError) as refused:
        web.api_call("chat.unfurl", json=args)
    return str(refused.value.response["error"])


CARD = {"blocks": [section("It is *there*"), actions(button("More", "more"))]}


def test_the_event_carries_what_slack_sends(playground: Playground, noting: Noting) -> None:
    said = playground.person("ann").say(f"look: {LINK}, and https://other.example/1", channel="#sales")
    event = shared(playground, noting)
    assert noting.sent[-1][0] == "events_api"
    assert event.pop("unfurl_id")
    assert event == {
        "type": "link_shared", "user": "U01ANN", "channel": "C02SALES", "message_ts": said.ts, "event_ts": said.ts,
        "links": [{"url": LINK, "domain": "track.acorn.example"}], "source": "conversations_history",
        "is_bot_user_member": True,
    }
    assert said.text == "look: <https://track.acorn.example/1?a=1&amp;b=2>, and <https://other.example/1>"


def test_links_elsewhere_are_not_told(playground: Playground, noting: Noting) -> None:
    ann = playground.person("ann")
    for text in ("https://acorn.example.evil/1", "https://notacorn.example/", "acorn.example", "no link"):
        ann.say(text, channel="#sales")
    ann.say(LINK, channel="#ops")
    assert shared(playground, noting)["is_bot_user_member"] is False
    assert len(noting.sent) == 1


@pytest.mark.parametrize("by_id", [True, False])
def test_what_the_app_makes_of_a_link_hangs_on_the_message(
    playground: Playground, noting: Noting, web: WebClient, by_id: bool,
) -> None:
    said = playground.person("ann").say(LINK, channel="#sales")
    event = shared(playground, noting)
    place: dict[str, Any] = {"unfurl_id": event["unfurl_id"], "source": event["source"]}
    place = place if by_id else {"channel": event["channel"], "ts": event["message_ts"]}
    web.chat_unfurl(unfurls={LINK: CARD}, **place)
    seen = said.latest()
    assert "It is there" in seen.visible_text
    assert seen.edited is False
    assert seen.message.attachments[0]["from_url"] == LINK
    playground.person("ben").press(seen, "More")
    _, payload = noting.sent[-1]
    assert payload["container"] == {
        "type": "message_attachment", "message_ts": said.ts, "channel_id": "C02SALES", "is_ephemeral": False,
        "attachment_id": 1, "is_app_unfurl": True, "app_unfurl_url": LINK,
    }
    assert payload["app_unfurl"]["app_unfurl_url"] == LINK
    assert payload["response_url"]


def test_while_a_message_is_written_the_preview_is_for_the_writer(
    playground: Playground, noting: Noting, web: WebClient,
) -> None:
    ann = playground.person("ann")
    ann.write(f"see {LINK}", channel="#sales")
    event = shared(playground, noting)
    assert (event["channel"], event["source"], event["message_ts"]) == ("COMPOSER", "composer", event["unfurl_id"])
    web.chat_unfurl(unfurls={LINK: CARD}, unfurl_id=event["unfurl_id"], source="composer")
    assert "It is there" in ann.preview
    assert playground.person("ben").preview == ""
    assert ann.channel("#sales").messages == []
    ann.write("no link any more", channel="#sales")
    assert ann.preview == ""


def test_what_slack_refuses(playground: Playground, noting: Noting, web: WebClient) -> None:
    playground.person("ann").say(LINK, channel="#sales")
    event = shared(playground, noting)
    by_id = {"unfurl_id": event["unfurl_id"], "source": event["source"]}
    assert refusal(web, unfurls={LINK: CARD}, unfurl_id="x", source="composer") == "invalid_unfurl_id"
    assert refusal(web, unfurls={LINK: CARD}, unfurl_id=event["unfurl_id"]) == "missing_source"
    assert refusal(web, unfurls={LINK: CARD}, source="composer") == "missing_unfurl_id"
    assert refusal(web, unfurls={LINK: CARD}, **by_id | {"source": "x"}) == "invalid_source"
    assert refusal(web, unfurls={LINK: CARD}, channel="C02SALES", ts="1.1") == "cannot_find_message"
    assert refusal(web, unfurls={LINK: CARD}, channel="C02SALES") == "missing_ts"
    assert refusal(web, unfurls={LINK: CARD}) == "missing_channel"
    assert refusal(web, **by_id) == "missing_unfurls"
    assert refusal(web, unfurls=["x"], **by_id) == "invalid_unfurls_format"
    assert refusal(web, unfurls={LINK: {}}, **by_id) == "invalid_unfurls_format"
    assert refusal(web, unfurls={"https://x.example": CARD}, **by_id) == "cannot_unfurl_url"
    assert refusal(web, unfurls={LINK: {"blocks": [{"type": "header"}]}}, **by_id) == "invalid_blocks"


def test_it_takes_a_scope(clock: PlayClock) -> None:
    with Playground(clock, manifest={**MANIFEST, "oauth_config": {"scopes": {"bot": ["chat:write"]}}}) as running:
        web = WebClient(token=running.bot_token, base_url=running.api_url)
        assert refusal(web, unfurls={LINK: CARD}, channel="C02SALES", ts="1.1") == "missing_scope"
