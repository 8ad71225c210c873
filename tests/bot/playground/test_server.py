"""The server itself: starting, stopping, connections that it takes and does not take, what a person misses."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

import httpx2
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from bot.playground.clock import PlayClock
from bot.playground.page_events import PageEvents
from bot.playground.server import Playground
from bot.playground.slack_state import SlackState
from tests.bot.playground.trivial import WISH, TrivialApp, actions, section
from tests.conftest import NOW


def servers() -> int:
    # By name: a thread of an earlier test may be ending just now.
    return sum(thread.name == "playground" for thread in threading.enumerate())


def test_nothing_is_left_behind(clock: PlayClock) -> None:
    before = servers()
    playground = Playground(clock)
    playground.stop()
    for _ in range(2):
        playground.start()
        port = int(playground.url.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port)) as known, socket.create_connection(("127.0.0.1", port)):
            known.sendall(b"GET /play/state HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert known.recv(15) == b"HTTP/1.1 200 OK"
            assert servers() == before + 1
            playground.stop()
    assert servers() == before
    with pytest.raises(RuntimeError, match="not running"):
        playground.cut_sockets()


def test_a_port_that_is_taken(clock: PlayClock) -> None:
    with Playground(clock) as playground, pytest.raises(OSError, match="in use"):
        Playground(clock, port=int(playground.url.rsplit(":", 1)[1])).start()


def test_an_app_that_dies_in_the_middle_of_a_call(clock: PlayClock) -> None:
    head = b"POST /api/chat.postMessage HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"
    with Playground(clock) as playground:
        with socket.create_connection(("127.0.0.1", int(playground.url.rsplit(":", 1)[1]))) as dying:
            dying.sendall(head + b'{"channel": ')
        assert WebClient(playground.bot_token, base_url=playground.api_url).auth_test()["ok"]


def test_a_mistake_of_the_playground_is_not_hidden(clock: PlayClock) -> None:
    async def broken(_request: Request) -> Response:
        raise LookupError("a mistake")

    playground = Playground(clock, routes=[Route("/broken", broken)]).start()
    assert httpx2.get(f"{playground.url}/broken", trust_env=False).status_code == 500
    with pytest.raises(RuntimeError, match="failed while it served"):
        playground.stop()


def test_one_that_never_connects(playground: Playground) -> None:
    with pytest.raises(TimeoutError, match="did not connect"):
        playground.wait_until_connected(within=0)


class Sockets:
    """Connections made by hand."""

    def __init__(self, playground: Playground) -> None:
        self.web = WebClient(base_url=playground.api_url)
        self.playground = playground
        self.open: list[ClientConnection] = []

    def connect(self) -> tuple[ClientConnection, dict[str, Any]]:
        url = self.web.apps_connections_open(app_token=self.playground.app_token)["url"]
        connection = connect(url, proxy=None)
        self.open.append(connection)
        return connection, json.loads(connection.recv(timeout=5))


@pytest.fixture
def sockets(playground: Playground) -> Iterator[Sockets]:
    made = Sockets(playground)
    yield made
    for connection in made.open:
        connection.close()


def test_a_ticket_opens_one_connection(playground: Playground) -> None:
    web = WebClient(base_url=playground.api_url)
    url = web.apps_connections_open(app_token=playground.app_token)["url"]
    with connect(url, proxy=None) as connection:
        hello = json.loads(connection.recv(timeout=5))
    assert (hello["type"], hello["num_connections"]) == ("hello", 1)
    assert hello["debug_info"]["approximate_connection_time"] == 3600
    assert hello["connection_info"] == {"app_id": "A0SENDWATCH"}
    with pytest.raises(InvalidStatus):
        connect(url, proxy=None)


def test_ten_connections_are_the_most(sockets: Sockets) -> None:
    hellos = [sockets.connect()[1] for _ in range(10)]
    assert hellos[-1]["num_connections"] == 10
    eleventh, first = sockets.connect()
    assert (first["type"], first["reason"]) == ("disconnect", "too_many_websockets")
    with pytest.raises(ConnectionClosed):
        eleventh.recv(timeout=5)


def test_envelopes_and_what_is_not_an_acknowledgement(playground: Playground, sockets: Sockets) -> None:
    connection, _ = sockets.connect()
    replies: list[str] = []
    ann = playground.person("ann")
    typing = threading.Thread(target=lambda: replies.append(ann.command("/send-status x").text))
    typing.start()
    envelope = json.loads(connection.recv(timeout=5))
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
    assert envelope["payload"]["command"] == "/send-status"
    for noise in ("{", "[]", '{"envelope_id": "unknown"}'):
        connection.send(noise)
    connection.send(json.dumps({"envelope_id": envelope["envelope_id"], "payload": {"text": "done"}}))
    typing.join(5)
    assert replies == ["done"]


def test_events_say_how_often_they_have_come(playground: Playground, sockets: Sockets) -> None:
    playground.slack.ack_timeout = 0.05
    connection, _ = sockets.connect()
    playground.person("ann").say("@sendwatch x")
    first, second = (json.loads(connection.recv(timeout=5)) for _ in range(2))
    assert (first["retry_attempt"], first["retry_reason"]) == (0, "")
    assert (second["retry_attempt"], second["retry_reason"]) == (1, "timeout")
    assert first["payload"] == second["payload"]
    assert first["accepts_response_payload"] is False


def test_who_does_not_go_when_asked_is_closed(
    playground: Playground, sockets: Sockets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.playground.socket_mode.GRACE", 0.01)
    connection, _ = sockets.connect()
    playground.disconnect("refresh_requested")
    assert json.loads(connection.recv(timeout=5))["reason"] == "refresh_requested"
    with pytest.raises(ConnectionClosed):
        connection.recv(timeout=5)


def test_trouble_with_a_response_url(playground: Playground, app: TrivialApp) -> None:
    playground.person("ann").command("/send-status silent")
    hook = WebhookClient(app.body("command")["response_url"], retry_handlers=[])
    playground.faults.delay(0.01, "response_url")
    playground.faults.add("response_url", "500")
    assert hook.send(text="x").status_code == 500
    assert hook.send(text="x").status_code == 200


def test_without_a_messages_tab_nobody_can_be_written_to(clock: PlayClock) -> None:
    manifest = {"features": {"app_home": {"messages_tab_enabled": False}}}
    with Playground(clock, manifest=manifest | {"oauth_config": {"scopes": {"bot": ["chat:write"]}}}) as playground:
        web = WebClient(playground.bot_token, base_url=playground.api_url)
        with pytest.raises(SlackApiError, match="messages_tab_disabled"):
            web.chat_postMessage(channel="U01ANN", text="x")


def test_names_typed_after_a_command_become_ids_where_the_manifest_says_so(clock: PlayClock) -> None:
    commands = [{"command": "/send-status", "should_escape": True}]
    with (
        Playground(clock, manifest={"features": {"slash_commands": commands}}) as playground,
        TrivialApp(playground) as app,
    ):
        playground.person("ann").command("/send-status @ben in #sales, a@b.c @nobody")
        assert app.body("command")["text"] == "<@U02BEN|ben> in <#C02SALES|sales>, a@b.c @nobody"
        playground.person("ann").say("@sendwatch x")
        with pytest.raises(AssertionError, match=r"the Home tab did not show '' within 0 s; it shows:\nnothing"):
            playground.person("ann").home(within=0)


def test_what_is_missing_is_told_with_what_is_there(playground: Playground, app: TrivialApp) -> None:
    ann = playground.person("ann")
    with pytest.raises(AssertionError, match=r"nothing shows 'x' in #sales within 0 s; there is:\n\(nothing\)"):
        ann.sees("x", channel="#sales", within=0)
    home = ann.home("Welcome")
    assert repr(home) == "<home '': 'Welcome\\n[Go]'>"
    with pytest.raises(AssertionError, match=r"did not show 'Farewell' within 0.1 s; it shows:\nWelcome"):
        ann.home("Farewell", within=0.1)
    with pytest.raises(AssertionError, match=r"action_not_found; there is:\nWelcome"):
        ann.act(home, {"block_id": "x", "action_id": "y"})
    said = ann.say("hello", channel="#sales")
    assert repr(said) == f"<message {said.ts} in C02SALES: 'hello'>"
    assert (said.user, said.thread_ts, said.metadata, said.edited) == ("U01ANN", None, None, False)
    with pytest.raises(AssertionError, match="is still there"):
        said.expect_gone(within=0)
    channel = playground.channel("#sales")
    assert (channel.id, channel.name) == ("C02SALES", "sales")
    assert (playground.transport, playground.request_url) == ("socket", None)


def test_buttons_of_one_label_are_told_apart(playground: Playground, app: TrivialApp) -> None:
    named = {"type": "button", "text": {"type": "plain_text", "text": "Open"}}
    first = {**named, "action_id": "pick", "value": "1"}
    second = {**named, "action_id": "owner", "value": "2", "accessibility_label": "Open the second"}
    app.client.chat_postMessage(channel="C01GIFTING", text="x", blocks=[actions(first, second)])
    ann, seen = playground.person("ann"), playground.channel("C01GIFTING").messages[0]
    ann.press(seen, "Open")
    ann.press(seen, "Open", nth=2)
    ann.press(seen, "Open the second")
    assert [body["actions"][0]["value"] for body in app.bodies("pick") + app.bodies("owner")] == ["1", "2", "2"]


FIELDS: list[tuple[dict[str, Any], object, dict[str, Any]]] = [
    ({"type": "users_select"}, "ben", {"selected_user": "U02BEN"}),
    ({"type": "multi_users_select"}, ["ann", "ben"], {"selected_users": ["U01ANN", "U02BEN"]}),
    ({"type": "channels_select"}, "#sales", {"selected_channel": "C02SALES"}),
    ({"type": "conversations_select"}, "#ops", {"selected_conversation": "C04OPS"}),
    ({"type": "datepicker"}, date(2026, 12, 1), {"selected_date": "2026-12-01"}),
    ({"type": "datepicker"}, "2026-12-02", {"selected_date": "2026-12-02"}),
    ({"type": "timepicker"}, time(9, 30), {"selected_time": "09:30"}),
    ({"type": "datetimepicker"}, NOW, {"selected_date_time": int(NOW.timestamp())}),
    ({"type": "datetimepicker"}, 1_795_000_000, {"selected_date_time": 1_795_000_000}),
]


@pytest.mark.parametrize(("element", "choice", "answer"), FIELDS)
def test_fields_are_filled_as_people_fill_them(
    playground: Playground, app: TrivialApp, element: dict[str, Any], choice: object, answer: dict[str, Any]
) -> None:
    ann = playground.person("ann")
    ann.command("/send-status x")
    block = {**WISH["blocks"][0], "element": {**element, "action_id": "name"}}  # type: ignore[index]
    app.client.views_open(trigger_id=app.body("command")["trigger_id"], view={**WISH, "blocks": [block]})
    modal = ann.modal().fill("Name", choice)
    assert modal.buttons == []
    assert ann.answer(modal, "Name", choice) == answer
    assert modal.seen.private_metadata == ""


def test_a_stream_without_news_says_that_it_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.playground.page_events.HEARTBEAT", 0.01)
    events = PageEvents(SlackState(PlayClock(frozen_at=NOW)))

    async def listen() -> list[str]:
        queue: asyncio.Queue[str] = asyncio.Queue()
        words = events._words(queue)  # noqa: SLF001 - a browser would have to wait as long
        heard = [await anext(words), await anext(words)]
        await words.aclose()  # type: ignore[attr-defined]
        return heard

    assert asyncio.run(listen()) == ["retry: 1000\n\n", ": still here\n\n"]


def test_ends_of_state(playground: Playground) -> None:
    state = playground.slack.state
    heard: list[str] = []
    forget = state.subscribe(lambda event, _data: heard.append(event))
    state.notify("U01ANN", "x")
    forget()
    state.notify("U01ANN", "x")
    assert heard == ["notice"]
    assert datetime.fromtimestamp(float(state.next_ts())).year == NOW.year  # noqa: DTZ006 - only the year
    assert section("x")["type"] == "section"
