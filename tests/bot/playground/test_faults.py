"""Faults on demand, as the SDK's client meets them."""

from __future__ import annotations

import http.client
import time
from typing import Any

import pytest
from slack_bolt import Ack
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.playground.faults import Faults
from bot.playground.server import Playground
from tests.bot.playground.trivial import TrivialApp, button

GIFTING = "C01GIFTING"


def post(web: WebClient, text: str = "x") -> None:
    web.chat_postMessage(channel=GIFTING, text=text)


def texts(playground: Playground) -> list[str]:
    return [seen.text for seen in playground.channel(GIFTING).messages]


@pytest.mark.parametrize(
    ("kind", "status", "error", "stored"),
    [
        ("429", 429, "ratelimited", False),
        ("internal_error", 200, "internal_error", False),
        ("internal_error_after", 200, "internal_error", True),
        ("error", 200, "token_revoked", False),
        ("500", 500, "server_error", False),
        ("500_after", 500, "server_error", True),
        ("not_json", 200, None, False),
        ("not_json_after", 200, None, True),
    ],
)
def test_an_answer_that_is_wrong(
    playground: Playground, web: WebClient, kind: str, status: int, error: str | None, stored: bool
) -> None:
    playground.faults.add("chat.postMessage", kind, seconds=7, error="token_revoked")
    web.auth_test()
    with pytest.raises(SlackApiError) as caught:
        post(web)
    assert caught.value.response.status_code == status
    assert error in {None, caught.value.response["error"]}
    if kind == "429":
        assert caught.value.response.headers["Retry-After"] == "7"
    assert texts(playground) == ["x"] * stored
    call = playground.calls.of("chat.postMessage")[0]
    assert (call.fault, call.answer) == (kind, None)
    post(web, "again")
    assert texts(playground)[-1] == "again"


@pytest.mark.parametrize(("kind", "stored"), [("drop", False), ("drop_after", True)])
def test_a_connection_that_is_dropped(playground: Playground, web: WebClient, kind: str, stored: bool) -> None:
    playground.faults.add("*", kind)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        post(web)
    assert texts(playground) == ["x"] * stored


@pytest.mark.parametrize(("kind", "stored"), [("timeout", False), ("timeout_after", True)])
def test_an_answer_that_never_comes(playground: Playground, kind: str, stored: bool) -> None:
    web = WebClient(playground.bot_token, base_url=playground.api_url, retry_handlers=[], timeout=0.1)  # type: ignore[arg-type]
    playground.faults.add("chat.postMessage", kind)
    with pytest.raises(TimeoutError):
        post(web)
    assert texts(playground) == ["x"] * stored


def test_a_time_out_of_slack_itself_ends_the_connection(playground: Playground, web: WebClient) -> None:
    playground.faults.add("chat.postMessage", "timeout", seconds=0.05)
    with pytest.raises(http.client.RemoteDisconnected):
        post(web)


def test_a_default_client_posts_twice_when_the_answer_is_lost(playground: Playground) -> None:
    """Why the client that posts must not retry by itself."""
    playground.faults.add("chat.postMessage", "drop_after")
    post(WebClient(playground.bot_token, base_url=playground.api_url))
    assert texts(playground) == ["x", "x"]


def test_slow_answers(playground: Playground, web: WebClient) -> None:
    playground.faults.delay(0.1)
    playground.faults.add("chat.postMessage", "internal_error", times=2)
    began = time.monotonic()
    with pytest.raises(SlackApiError):
        post(web)
    assert time.monotonic() - began >= 0.1
    playground.faults.clear()
    post(web)


def test_a_slow_answer_does_not_hold_up_the_end(playground: Playground) -> None:
    web = WebClient(playground.bot_token, base_url=playground.api_url, retry_handlers=[], timeout=0.1)  # type: ignore[arg-type]
    playground.faults.delay(30)
    with pytest.raises(TimeoutError):
        web.auth_test()
    began = time.monotonic()
    playground.stop()
    assert time.monotonic() - began < 2


def test_a_fault_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match="'fire' is not a valid FaultKind"):
        Faults().add("*", "fire")


def test_a_payload_may_come_twice(playground: Playground, app: TrivialApp) -> None:
    playground.faults.add("socket", "duplicate")
    ann = playground.person("ann")
    assert ann.command("/send-status x").text == "you typed x"
    first, second = app.body("command", 2), app.bodies("command")[0]
    assert first == second
    assert len(ann.channel().messages) == 1


def test_a_slow_payload(playground: Playground, app: TrivialApp) -> None:
    playground.faults.delay(0.05, "socket")
    began = time.monotonic()
    playground.person("ann").command("/send-status x")
    assert time.monotonic() - began >= 0.05


def test_the_app_reconnects_when_asked_to(playground: Playground, app: TrivialApp) -> None:
    playground.disconnect("warning")
    _reconnected(playground, 2)
    playground.faults.add("socket", "disconnect")
    # What comes on a connection that is just being left may go with it, as it may with Slack; the next is answered.
    playground.person("ann").command("/send-status x")
    _reconnected(playground, 3)
    assert playground.person("ann").command("/send-status x").text == "you typed x"
    playground.disconnect("link_disabled")
    _reconnected(playground, 4)
    assert playground.person("ann").command("/send-status y").text == "you typed y"


def _reconnected(playground: Playground, times: int) -> None:
    def enough() -> bool:
        return len(playground.calls.of("apps.connections.open")) >= times and playground.sockets.count == 1

    assert playground.slack.state.wait_for(enough, 5)


def test_the_app_comes_back_after_a_cut(playground: Playground) -> None:
    ann = playground.person("ann")
    with TrivialApp(playground, ping_interval=0.1) as app:
        playground.faults.add("socket", "cut")
        assert ann.command("/send-status x").error == "dispatch_failed"
        ann.say("@sendwatch are you there?")
        playground.wait_until_connected(within=15)
        assert ann.command("/send-status y").text == "you typed y"
        assert "are you there" in app.body("mention")["event"]["text"]


def test_an_event_that_is_not_taken_comes_again(playground: Playground, app: TrivialApp) -> None:
    playground.slack.ack_timeout = 0.3
    playground.faults.add("views.publish", "internal_error")
    ann = playground.person("ann")
    ann.home("Welcome")
    assert len(app.bodies("home")) == 2
    assert app.bodies("home")[0]["event_id"] == app.bodies("home")[1]["event_id"]


def test_payloads_go_to_one_of_several_connections(playground: Playground, app: TrivialApp) -> None:
    with TrivialApp(playground) as other:
        assert playground.slack.state.wait_for(lambda: playground.sockets.count == 2, 5)
        ann = playground.person("ann")
        for _ in range(4):
            ann.command("/send-status x")
        assert (len(app.bodies("command")), len(other.bodies("command"))) == (2, 2)


def test_a_payload_passes_over_a_connection_that_is_dead(playground: Playground, app: TrivialApp) -> None:
    with TrivialApp(playground) as other:
        assert playground.slack.state.wait_for(lambda: playground.sockets.count == 2, 5)
        _end(other)
        ann = playground.person("ann")
        assert all(ann.command("/send-status silent").acked for _ in range(4))
        assert len(app.bodies("command")) == 4


def _end(app: TrivialApp) -> None:
    """Its connection ends as when its process is killed."""
    assert app.handler is not None
    session: Any = app.handler.client.current_session
    session.sock.close()
    assert app.playground.slack.state.wait_for(lambda: app.playground.sockets.count == 1, 5)


def test_a_press_is_not_taken_when_the_connection_dies_before_it_says_so(
    playground: Playground, app: TrivialApp
) -> None:
    blocks = [{"type": "actions", "elements": [button("Die", "die")]}]
    app.client.chat_postMessage(channel=GIFTING, text="x", blocks=blocks)

    def die(ack: Ack) -> None:
        del ack
        playground.cut_sockets()

    app.bolt.action("die")(die)
    began = time.monotonic()
    reply = playground.person("ann").press(playground.channel(GIFTING).messages[0], "Die")
    assert (reply.acked, reply.error) == (False, "operation_timeout")
    assert time.monotonic() - began < playground.slack.ack_timeout
    assert playground.person("ben").press(playground.channel(GIFTING).messages[0], "Die").error == "dispatch_failed"


def test_with_no_connection_left_a_payload_goes_nowhere(playground: Playground, app: TrivialApp) -> None:
    playground.cut_sockets()
    assert not playground.person("ann").command("/send-status x").acked
