"""Response URLs: five uses in half an hour, and what each use may do."""

from __future__ import annotations

from datetime import timedelta

import httpx2
import pytest
from slack_sdk.webhook import WebhookClient

from bot.playground.clock import PlayClock
from bot.playground.server import Playground
from tests.bot.playground.trivial import TrivialApp, actions, button


@pytest.fixture
def hook(playground: Playground, app: TrivialApp) -> WebhookClient:
    playground.person("ann").command("/send-status silent")
    return WebhookClient(app.body("command")["response_url"])


def test_five_uses(playground: Playground, hook: WebhookClient) -> None:
    for number in range(5):
        answer = hook.send(text=str(number))
        assert (answer.status_code, answer.body) == (200, "ok")
    assert (hook.send(text="6").status_code, hook.send(text="7").body) == (404, "used_url")
    assert [seen.text for seen in playground.person("ann").channel().messages] == list("01234")
    assert playground.channel("#gifting-alerts").messages == []


def test_half_an_hour(clock: PlayClock, hook: WebhookClient) -> None:
    clock.advance(timedelta(minutes=30))
    assert hook.send(text="in time").status_code == 200
    clock.advance(timedelta(seconds=1))
    assert hook.send(text="late").body == "expired_url"


def test_an_answer_may_be_for_all_or_in_a_thread(playground: Playground, hook: WebhookClient) -> None:
    hook.send(text="for all", response_type="in_channel")
    (seen,) = playground.channel("#gifting-alerts").messages
    hook.send_dict({"text": "under it", "response_type": "in_channel", "thread_ts": seen.ts})
    assert [reply.text for reply in seen.replies] == ["under it"]


def test_what_cannot_be_answered(playground: Playground, hook: WebhookClient) -> None:
    assert (hook.send(text=" ").status_code, hook.send(text=" ").body) == (400, "no_text")
    assert hook.send(blocks=[{"type": "nonsense"}]).body == "invalid_blocks"
    with httpx2.Client(trust_env=False) as http:
        assert http.post(hook.url, content=b"{").text == "invalid_payload"
        assert http.post(f"{playground.url}/response/unknown", json={}).text == "invalid_url"


def test_without_an_original_nothing_is_replaced(playground: Playground, hook: WebhookClient) -> None:
    hook.send(text="x", replace_original=True)
    hook.send_dict({"delete_original": True})
    assert [seen.text for seen in playground.person("ann").channel().messages] == ["x"]


def test_the_original_for_all_is_replaced_for_all(playground: Playground, app: TrivialApp) -> None:
    app.client.chat_postMessage(channel="C01GIFTING", text="one", blocks=[actions(button("Press", "press"))])
    seen = playground.channel("C01GIFTING").messages[0]
    playground.person("ben").press(seen, "Press")
    hook = WebhookClient(app.body("press")["response_url"])
    hook.send(text="two", replace_original=True)
    assert seen.latest().text == "two"
    assert seen.latest().edited
    hook.send_dict({"delete_original": True})
    seen.expect_gone(within=0)
