"""The same app without Socket Mode: signed requests to its request URL."""

from __future__ import annotations

import hashlib
import hmac
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse

import httpx2
import pytest
from slack_bolt.adapter.wsgi import SlackRequestHandler

from bot.playground.clock import PlayClock
from bot.playground.http_mode import encoded, read_answer, signature
from bot.playground.server import Playground
from tests.bot.playground.trivial import TrivialApp

Answers = Iterable[bytes]


class ThreadingServer(ThreadingMixIn, WSGIServer):
    """Answers several requests at once."""


class QuietHandler(WSGIRequestHandler):
    """Writes no log."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the standard library
        pass


class HttpApp(TrivialApp):
    """The trivial app as a web server; `say` makes it answer something of its own instead."""

    def __init__(self, playground: Playground) -> None:
        super().__init__(playground)
        self.instead: list[tuple[str, list[tuple[str, str]], bytes]] = []
        self.retries: list[str] = []
        self._bolt_over_wsgi = SlackRequestHandler(self.bolt, path="/slack/events")
        self.server = make_server("127.0.0.1", 0, self._serve, ThreadingServer, QuietHandler)
        playground.request_url = f"http://127.0.0.1:{self.server.server_port}/slack/events"

    def _serve(self, environ: dict[str, Any], start_response: StartResponse) -> Answers:
        self.retries.append(environ.get("HTTP_X_SLACK_RETRY_NUM", ""))
        if self.instead:
            status, headers, body = self.instead.pop(0)
            start_response(status, headers)
            return [body]
        answers: Answers = self._bolt_over_wsgi(environ, start_response)
        return answers


@pytest.fixture
def playground(clock: PlayClock) -> Iterator[Playground]:
    with Playground(clock, transport="http", ack_timeout=20.0) as running:
        yield running


@contextmanager
def _served(app: HttpApp) -> Iterator[HttpApp]:
    thread = threading.Thread(target=app.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield app
    app.server.shutdown()
    app.server.server_close()
    thread.join()


@pytest.fixture
def app(playground: Playground) -> Iterator[HttpApp]:
    with _served(HttpApp(playground)) as served:
        yield served


def test_commands_buttons_and_modals(playground: Playground, app: HttpApp) -> None:
    ann = playground.person("ann")
    reply = ann.command("/send-status jane & co")
    assert reply.text == "you typed jane &amp; co"
    assert reply.press("Press").text == "pressed"
    assert app.body("press")["type"] == "block_actions"
    reply.press("Wish")
    modal = ann.modal("A wish").fill("Name", "nobody")
    assert modal.submit_refused() == {"Name": "Somebody, please."}
    modal.fill("Name", "again").submit()
    assert ann.options(ann.modal("Again"), "Owner", "A") == ["Ann", "Andy"]
    assert ann.home("Welcome").buttons == ["Go"]


def test_plain_words_are_an_answer(playground: Playground, app: HttpApp) -> None:
    app.instead.append(("200 OK", [("Content-Type", "text/plain")], b"just words"))
    assert playground.person("ann").command("/send-status x").text == "just words"


def test_failures_are_told_apart(playground: Playground, app: HttpApp) -> None:
    ann = playground.person("ann")
    app.instead.append(("500 Oops", [], b""))
    assert ann.command("/send-status x").error == "http_service_error"
    playground.slack.ack_timeout = 0.2
    playground.faults.delay(0.01, "socket")
    playground.faults.add("socket", "duplicate")
    ann.command("/send-status x")
    assert len(app.bodies("command")) == 2
    playground.request_url = "http://127.0.0.1:9/slack/events"
    assert ann.command("/send-status x").error == "dispatch_failed"
    playground.request_url = None
    assert ann.command("/send-status x").error == "dispatch_failed"


def test_no_answer_in_time(playground: Playground) -> None:
    playground.slack.ack_timeout = 0.1
    with socket.create_server(("127.0.0.1", 0)) as silent:
        playground.request_url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        assert playground.person("ann").command("/send-status x").error == "operation_timeout"


def test_several_apps_take_payloads_in_turn_and_one_that_is_gone_is_passed_over(
    playground: Playground, app: HttpApp
) -> None:
    here = str(playground.request_url)
    with _served(HttpApp(playground)) as other:
        playground.request_url = [here, "http://127.0.0.1:9/slack/events", str(playground.request_url)]
        ann = playground.person("ann")
        assert all(ann.command("/send-status silent").acked for _ in range(6))
        counts = sorted((len(app.bodies("command")), len(other.bodies("command"))))
        assert counts == [2, 4]
    assert playground.request_url == here


def test_an_app_that_dies_with_the_payload_has_not_taken_it(playground: Playground) -> None:
    def die(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        connection.recv(1_000)
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=die, args=(listener,))
        thread.start()
        playground.request_url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        assert playground.person("ann").command("/send-status x").error == "operation_timeout"
        thread.join()


def test_an_event_is_tried_again_unless_the_app_says_no(playground: Playground, app: HttpApp) -> None:
    ann = playground.person("ann")
    app.instead.append(("503 Busy", [], b""))
    ann.say("@Sendwatch hello")
    app.body("mention")
    assert app.retries == ["", "1"]
    app.instead.append(("503 Busy", [("x-slack-no-retry", "1")], b""))
    ann.say("@sendwatch hello?")
    ann.command("/send-status x")
    # The command may overtake the event.
    playground.slack.state.wait_for(lambda: len(app.retries) >= 4, 10)
    assert app.retries == ["", "1", "", ""]


def test_a_signature_is_what_slack_documents(playground: Playground) -> None:
    body = b"text=%26"
    expected = hmac.new(b"secret", b"v0:1700000000:" + body, hashlib.sha256).hexdigest()
    assert signature("secret", "1700000000", body) == f"v0={expected}"
    headers = playground.sign(body, "text/plain", datetime(2026, 1, 1, tzinfo=UTC))
    assert headers["X-Slack-Request-Timestamp"] == "1767225600"
    now = int(playground.sign(body, "text/plain")["X-Slack-Request-Timestamp"])
    assert abs(now - time.time()) < 5


def test_the_app_refuses_a_bad_signature(playground: Playground, app: HttpApp) -> None:
    body, kind = encoded("slash_commands", {"command": "/send-status", "text": "x"})
    headers = playground.sign(body, kind) | {"X-Slack-Signature": "v0=00"}
    with httpx2.Client(trust_env=False) as http:
        assert http.post(str(playground.request_url), content=body, headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("content_type", "text", "answer"),
    [
        ("application/json", '{"text": "x"}', {"text": "x"}),
        ("application/json; charset=utf-8", "{", {"text": "{"}),
        ("application/json", "[]", {"text": "[]"}),
        ("text/plain", " ", None),
        ("text/plain", "x", {"text": "x"}),
    ],
)
def test_how_an_answer_is_read(content_type: str, text: str, answer: dict[str, str] | None) -> None:
    assert read_answer(content_type, text) == answer
