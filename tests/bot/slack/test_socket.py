"""The connection of Socket Mode: messages of any length, and a Slack that falls silent."""

from __future__ import annotations

import base64
import hashlib
import queue
import re
import socket as sockets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from slack_bolt import App, BoltResponse
from slack_sdk import WebClient

from bot.playground.server import Playground
from bot.slack import socket as under_test
from bot.slack.socket import Socket

GREETING = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
LONG = [{"type": "section", "text": {"type": "mrkdwn", "text": "贈" * 2_600}} for _ in range(5)]
"""As long as a message may be, in letters of which each takes six in JSON."""


@contextmanager
def connected(client: WebClient, app_token: str, listen: Callable[[App], None] = lambda _: None) -> Iterator[Socket]:
    app = App(client=client, signing_secret="none", token_verification_enabled=False, process_before_response=True)
    listen(app)
    socket = Socket(app, app_token)
    socket.start()
    try:
        yield socket
    finally:
        socket.stop()


@contextmanager
def in_playground(listen: Callable[[App], None]) -> Iterator[Playground]:
    with Playground() as playground:
        client = WebClient(token=playground.bot_token, base_url=playground.api_url)
        with connected(client, playground.app_token, listen):
            playground.wait_until_connected(30)
            yield playground


def test_an_answer_may_be_as_long_as_slack_allows() -> None:
    """A frame of the SDK's has no place for more than 65,535 bytes: it made an error, and nobody was answered."""
    def listen(app: App) -> None:
        @app.command("/send-status")
        def status(ack: Callable[..., BoltResponse]) -> None:
            ack(text="long", blocks=LONG)

    with in_playground(listen) as playground:
        reply = playground.person("ann").command("/send-status jane")
        assert reply.error is None
        assert reply.visible_text.count("贈") == 13_000


def test_a_request_of_more_than_a_megabyte_is_read() -> None:
    came: queue.Queue[int] = queue.Queue()

    def listen(app: App) -> None:
        @app.event("message")
        def message(body: dict[str, Any]) -> None:
            came.put(len(body["event"]["text"]))

    with in_playground(listen) as playground:
        for size in (3_000_000, 3):
            event = {"type": "message", "channel": "C01GIFTING", "user": "U01ANN", "text": "x" * size}
            payload = {"type": "event_callback", "team_id": "T0DEMO", "event": event}
            outcome = playground.run(playground.sockets.deliver("events_api", payload, answerable=False))
            assert outcome.error is None
            assert came.get(timeout=5) == size


@contextmanager
def mute_server() -> Iterator[tuple[int, queue.Queue[sockets.socket]]]:
    """Greets whoever opens a websocket, and says nothing more: its port, and the connections that it has greeted."""
    greeted: queue.Queue[sockets.socket] = queue.Queue()
    with sockets.create_server(("127.0.0.1", 0)) as listener:
        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    asked = b""
                    while b"\r\n\r\n" not in asked:
                        asked += connection.recv(4096)
                    key = re.search(rb"Sec-WebSocket-Key: *(\S+)", asked)
                    assert key
                    accepted = base64.b64encode(hashlib.sha1(key[1] + GREETING, usedforsecurity=False).digest())
                    connection.sendall(
                        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        b"Sec-WebSocket-Accept: " + accepted + b"\r\n\r\n",
                    )
                    greeted.put(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1], greeted
        listener.shutdown(sockets.SHUT_RDWR)
    while not greeted.empty():
        greeted.get().close()


def test_a_connection_that_never_answers_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK counts from the first answer: without one it waited until TCP gave up, a quarter of an hour or more."""
    monkeypatch.setattr(under_test, "PING_EVERY", 0.1)
    monkeypatch.setattr(under_test, "GIVEN_UP_AFTER", timedelta(seconds=0.5))
    with mute_server() as (port, greeted):
        client = WebClient(token="xoxb-none")
        monkeypatch.setattr(client, "apps_connections_open", lambda **_: {"url": f"ws://127.0.0.1:{port}/"})
        with connected(client, "xapp-none") as socket:
            first, second = (greeted.get(timeout=10) for _ in range(2))
            deadline = time.monotonic() + 10
            while socket.silence is None and time.monotonic() < deadline:
                time.sleep(0.001)
            silence = socket.silence
            assert silence is not None
            assert silence > timedelta(seconds=0.5), "that the connection is new hides nothing from /readyz"
        first.close()
        second.close()
