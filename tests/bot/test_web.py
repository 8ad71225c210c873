from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from falcon import testing
from hypothesis import example, given
from hypothesis import strategies as st
from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult

from bot import serving
from bot.health import Health
from bot.metrics import Metrics
from bot.sends.sources.sendoso_webhook import WebhookRefused
from bot.web import LARGEST_BODY, Web
from storage.engine import Database
from tests.hostile import hostile

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
FORM = "application/x-www-form-urlencoded"


def authorize(**_: object) -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1", bot_id="B1", bot_user_id="U0")


@pytest.fixture(scope="module")
def bolt() -> App:
    """Real Bolt: a command, a button, and the catch-all that every app has."""
    app = App(signing_secret=SECRET, authorize=authorize, process_before_response=True)
    app.command("/send-status")(lambda ack, command: ack(f"you asked {command['text']}"))
    app.action("press")(lambda ack: ack())
    return app


@pytest.fixture
def health(sqlite: Database, now: datetime) -> Iterator[Health]:
    found = Health(sqlite, lambda: now, [])
    yield found
    found.close()


@pytest.fixture
def web(bolt: App, sqlite: Database, health: Health, now: datetime) -> Web:
    return Web(
        slack_dispatch=bolt.dispatch, receive_webhook=receive, health=health, metrics=Metrics(sqlite, lambda: now),
    )


@pytest.fixture
def client(web: Web) -> testing.TestClient:
    return testing.TestClient(web.app)


def receive(headers: Mapping[str, str], raw: bytes, event: str | None) -> None:
    """Stands in for the real receiver, which has tests of its own."""
    if raw == b"away":
        raise ConnectionError("the database is away")
    if "svix-signature" not in headers:
        raise WebhookRefused(401, "No signature matches.")
    if event == "nonsense":
        raise WebhookRefused(404, "No such event.")


def signed(body: str | bytes, *, at: object = None, content_type: str = FORM) -> dict[str, str]:
    raw = body.encode() if isinstance(body, str) else body
    stamp = str(int(time.time()) if at is None else at)
    digest = hmac.new(SECRET.encode(), b"v0:" + stamp.encode() + b":" + raw, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}", "Content-Type": content_type}


def post(client: testing.TestClient, body: str | bytes, headers: dict[str, str] | None = None) -> testing.Result:
    return client.simulate_post("/slack/events", body=body, headers=headers)


def is_clear(result: testing.Result, *statuses: int) -> bool:
    """Whether the answer is one of these statuses, with JSON that says why."""
    words: Any = result.json
    return result.status_code in statuses and bool(words["error"])


COMMAND = urlencode({"command": "/send-status", "text": "jane <!channel> ünï", "team_id": "T1", "user_id": "U1"})


def test_a_signed_command_is_answered(client: testing.TestClient) -> None:
    result = post(client, COMMAND, signed(COMMAND))
    assert (result.status_code, result.text) == (200, "you asked jane <!channel> ünï")


def test_a_signed_press_is_acknowledged(client: testing.TestClient) -> None:
    body = urlencode({"payload": json.dumps({
        "type": "block_actions", "team": {"id": "T1"}, "user": {"id": "U1"}, "actions": [{"action_id": "press"}],
    })})
    assert post(client, body, signed(body)).status_code == 200


def test_the_challenge_of_a_new_request_url_is_answered_when_signed(client: testing.TestClient) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"})
    result = post(client, body, signed(body, content_type="application/json"))
    assert (result.status_code, result.json) == (200, {"challenge": "3eZbrw1aB"})
    assert post(client, body).status_code == 401


def test_the_certificate_check_is_answered(client: testing.TestClient) -> None:
    assert post(client, "ssl_check=1&token=x", {"Content-Type": FORM}).status_code == 200
    assert is_clear(post(client, "text=ssl_check=1", {"Content-Type": FORM}), 401)


def test_what_the_app_does_not_know_is_passed_on(client: testing.TestClient) -> None:
    body = urlencode({"command": "/unknown", "team_id": "T1", "user_id": "U1"})
    assert post(client, body, signed(body)).status_code == 404


@pytest.mark.parametrize("at", ["", "abc", "-5", "1e9", "٣", "9" * 40, "1.5", " ", "0x10", "1\u00b2"])
def test_a_garbled_timestamp_is_refused(client: testing.TestClient, at: str) -> None:
    headers = signed(COMMAND) | {"X-Slack-Request-Timestamp": at.encode().decode("latin-1")}
    assert is_clear(post(client, COMMAND, headers), 401)


@pytest.mark.parametrize("signature", ["", "v0", "v0=", "v0=" + "g" * 64, "v0=" + "é" * 64, "A" * 9999])
def test_a_garbled_signature_is_refused(client: testing.TestClient, signature: str) -> None:
    assert is_clear(post(client, COMMAND, signed(COMMAND) | {"X-Slack-Signature": signature}), 401)


def test_unsigned_wrongly_signed_and_old_requests_are_refused(client: testing.TestClient) -> None:
    assert is_clear(post(client, COMMAND), 401)
    assert is_clear(post(client, COMMAND, signed("another body")), 401)
    assert is_clear(post(client, COMMAND, signed(COMMAND, at=int(time.time()) - 301)), 401)
    assert is_clear(post(client, COMMAND, signed(COMMAND, at=int(time.time()) + 301)), 401)


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe", b"{", b"[]", b"[1]", b"null", b'"x"', b"{}x", b'{"a":' * 5000, b"payload=%5B1%5D",
        b"payload=", b"payload={", b"payload=null", b'{"actions":1}', b'{"actions":[1]}', b'{"event":"x"}',
        b'{"user":3}', b'{"team":[]}', b'{"authorizations":{}}', b'{"n":' + b"9" * 5000 + b"}", b"", b"\x00",
        b'{"type":"event_callback","event":{}}', b'{"type":"block_actions","actions":[]}', b'{"type":[]}',
        b'{"type":"view_submission","view":{}}', b'{"type":"view_submission"}', b'{"type":"block_actions"}',
        b'{"type":"event_callback"}', b'{"type":"shortcut"}', b'{"type":"block_suggestion"}',
        b'{"type":"interactive_message"}', b'{"type":"event_callback","event":{"type":"message"}}',
    ],
)
@pytest.mark.parametrize("content_type", [FORM, "application/json", "text/plain; charset=martian"])
def test_broken_bodies_get_a_clear_answer(client: testing.TestClient, body: bytes, content_type: str) -> None:
    result = post(client, body, signed(body, content_type=content_type))
    assert 400 <= result.status_code < 500
    assert result.json["error"]


keys = st.sampled_from([
    "type", "event", "user", "team", "channel", "actions", "view", "container", "authorizations", "enterprise",
    "message",
    "command", "payload", "action_id", "block_id", "callback_id", "id", "state", "values", "team_id", "user_id",
    "event_context", "is_enterprise_install", "function_data", "bot_access_token", "assistant_thread", "subtype",
    "thread_ts", "context_team_id", "challenge", "ssl_check", "response_url", "options", "name", "inputs",
]) | st.text(max_size=5)
words = st.sampled_from([
    "event_callback", "block_actions", "view_submission", "view_closed", "shortcut", "message_action", "message",
    "block_suggestion", "url_verification", "function_executed", "interactive_message", "dialog_submission",
    "app_home_opened", "assistant_thread_started", "workflow_step_edit", "/send-status", "app_mention", "press",
]) | st.text(max_size=8)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=12,
)
parts = {
    name: st.dictionaries(keys, anything, max_size=6)
    for name in ("event", "view", "user", "team", "channel", "message", "container", "enterprise")
} | {name: st.lists(st.dictionaries(keys, anything, max_size=5), max_size=2) for name in ("actions", "authorizations")}
half_right = st.fixed_dictionaries({"type": words}, optional=parts)


@hostile(120)
@given(body=st.dictionaries(keys, anything, max_size=8) | half_right)
@example(body={"type": "event_callback", "event": {"type": "message", "channel": 5, "user": []}})
@example(body={"type": "event_callback", "event": {"type": [], "assistant_thread": 7}})
@example(body={"type": "block_actions", "actions": [{}], "container": {}, "message": {}, "channel": {}})
def test_no_signed_json_makes_the_server_fail(client: testing.TestClient, body: dict[str, Any]) -> None:
    text = json.dumps(body)
    result = post(client, text, signed(text, content_type="application/json"))
    assert result.status_code < 500, result.text
    form = urlencode({"payload": text})
    assert post(client, form, signed(form)).status_code < 500


@hostile(120)
@given(body=st.binary(max_size=200), signs=st.booleans(), content_type=st.sampled_from([FORM, "application/json", ""]))
def test_no_bytes_make_the_server_fail(
    client: testing.TestClient, body: bytes, content_type: str, *, signs: bool,
) -> None:
    headers = signed(body, content_type=content_type) if signs else {"Content-Type": content_type}
    assert post(client, body, headers).status_code < 500
    assert client.simulate_post("/sendoso/webhooks/x", body=body, headers=headers).status_code < 500


def test_a_webhook_is_answered_without_content(client: testing.TestClient) -> None:
    headers = {"svix-signature": "v1,x"}
    for path in ("/sendoso/webhooks", "/sendoso/webhooks/", "/sendoso/webhooks/send.shipped"):
        result = client.simulate_post(path, body=b"{}", headers=headers)
        assert (result.status_code, result.text) == (204, "")


def test_a_refused_webhook_is_told_why(client: testing.TestClient) -> None:
    assert client.simulate_post("/sendoso/webhooks", body=b"{}").json == {"error": "No signature matches."}
    result = client.simulate_post("/sendoso/webhooks/nonsense", body=b"{}", headers={"svix-signature": "x"})
    assert is_clear(result, 404)


def test_a_webhook_that_cannot_be_kept_is_sent_again(client: testing.TestClient) -> None:
    result = client.simulate_post("/sendoso/webhooks", body=b"away")
    assert is_clear(result, 503)
    assert result.headers["retry-after"]


def test_what_is_not_configured_says_so(sqlite: Database, health: Health, now: datetime) -> None:
    bare = testing.TestClient(Web(health=health, metrics=Metrics(sqlite, lambda: now)).app)
    result = post(bare, COMMAND, signed(COMMAND))
    assert is_clear(result, 404)
    assert "SLACK_SIGNING_SECRET" in result.json["error"]
    result = bare.simulate_post("/sendoso/webhooks", body=b"{}")
    assert is_clear(result, 403)
    assert "SENDOSO_WEBHOOK_SECRETS" in result.json["error"]


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/slack/events", 405), ("PUT", "/slack/events", 405), ("DELETE", "/sendoso/webhooks", 405),
    ("POST", "/healthz", 405), ("GET", "/", 404), ("GET", "/slack/eventsX", 404), ("POST", "/%00", 404),
    ("GET", "/sendoso/webhooks/a/b", 404), ("GET", "/%ff%fe", 404), ("GET", "/healthz/x", 404),
])
def test_wrong_paths_and_methods(client: testing.TestClient, method: str, path: str, status: int) -> None:
    answer = client.simulate_request(method, path)
    assert is_clear(answer, status)
    assert ("/slack/events" in answer.json["error"]) == (status == 404)


def test_health_and_metrics_are_shown(client: testing.TestClient) -> None:
    assert client.simulate_get("/healthz").json == {"status": "alive"}
    assert client.simulate_get("/readyz").json == {"status": "ready", "problems": []}
    result = client.simulate_get("/metrics")
    assert "sendwatch_database_up 1.0" in result.text
    assert 'sendwatch_http_requests_total{route="/healthz",status="200"} 1.0' in result.text
    for path in ("/healthz", "/readyz", "/metrics"):
        assert client.simulate_head(path).status_code == 200


def test_a_bot_that_is_not_ready_says_why(sqlite: Database, now: datetime) -> None:
    looking = Health(sqlite, lambda: now, [], connected=lambda: False)
    client = testing.TestClient(Web(health=looking, metrics=Metrics(sqlite, lambda: now)).app)
    result = client.simulate_get("/readyz")
    looking.close()
    assert result.status_code == 503
    assert result.json["problems"] == [{"name": "socket", "reason": "Slack's Socket Mode is not connected"}]
    assert client.simulate_get("/healthz").status_code == 200


@pytest.fixture
def port(web: Web) -> Iterator[int]:
    yield web.start("127.0.0.1", 0)
    web.stop()


def over_the_wire(port: int, *pieces: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        answer = b""
        try:
            for piece in pieces:
                wire.sendall(piece)
            while read := wire.recv(65536):
                answer += read
        except ConnectionError:
            pass  # refused before everything was sent
        return answer


def head(*lines: str, path: str = "/slack/events") -> bytes:
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: x", "Connection: close", *lines, "", ""]).encode()


@pytest.mark.parametrize(("size", "status"), [
    (LARGEST_BODY, 400), (LARGEST_BODY + 1, 413), (LARGEST_BODY * 3 // 2, 413),
])
def test_large_bodies_over_the_wire(port: int, size: int, status: int) -> None:
    body = b"[" * size
    headers = [f"{name}: {value}" for name, value in signed(body, content_type="application/json").items()]
    answer = over_the_wire(port, head(f"Content-Length: {size}", *headers), body)
    assert answer.split(b" ")[1] == str(status).encode()


def test_a_body_beyond_all_measure_is_not_even_read(port: int) -> None:
    for length in (5 * LARGEST_BODY, 10**12):
        answer = over_the_wire(port, head(f"Content-Length: {length}"), b"[" * LARGEST_BODY)
        assert not answer or answer.startswith(b"HTTP/1.1 413")
    assert over_the_wire(port, b"GET /healthz HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 200")


def test_whoever_has_sent_half_a_request_keeps_nobody_waiting(port: int) -> None:
    """More at once than waitress serves by itself."""
    halves = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(130)]
    for half in halves:
        half.sendall(b"POST /slack/events HTTP/1.1\r\nHost: x\r\n")
    assert over_the_wire(port, b"GET /healthz HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 200")
    for half in halves:
        half.close()


def test_nobody_keeps_a_connection_by_saying_nothing(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "PATIENCE", timedelta(seconds=1))
    monkeypatch.setattr(serving, "LOOKED_AT", timedelta(seconds=1))
    port = web.start("127.0.0.1", 0)
    # Waits until the server hangs up, and not for the rest.
    assert over_the_wire(port, b"POST /slack/events HTTP/1.1\r\nHost: x\r\n") == b""
    web.stop()


def test_chunked_bodies_over_the_wire(port: int) -> None:
    raw = COMMAND.encode()
    headers = [f"{name}: {value}" for name, value in signed(raw).items()]
    chunked = f"{len(raw):x}\r\n".encode() + raw + b"\r\n0\r\n\r\n"
    answer = over_the_wire(port, head("Transfer-Encoding: chunked", *headers), chunked)
    assert answer.startswith(b"HTTP/1.1 200")
    endless = [b"100000\r\n" + b"x" * 0x100000 + b"\r\n"] * 4 + [b"0\r\n\r\n"]
    assert over_the_wire(port, head("Transfer-Encoding: chunked"), *endless).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("request_", [
    head("Transfer-Encoding: gzip"), head("Content-Length: -1"), head("Content-Length: abc"),
    head("Content-Length: 1e3"),
    head("Content-Length: 3", "Content-Length: 4"), head("Transfer-Encoding: chunked") + b"zz\r\n",
    b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"POST /slack/events HTTP/9.9\r\n\r\n", head("X: " + "y" * 300_000),
    head("no colon here"), b"GET /%zz HTTP/1.0\r\n\r\n", b"GET http://[::1 HTTP/1.0\r\n\r\n", head("Expect: magic"),
    b"POST /slack/events HTTP/1.0\r\n\r\n",
])
def test_garbled_requests_over_the_wire(port: int, request_: bytes) -> None:
    answer = over_the_wire(port, request_ + b"\r\n")
    assert answer[:12].split(b" ")[1:2] != [b"200"]
    assert not answer.split(b" ")[1:2] or answer.split(b" ")[1][:1] == b"4"


def test_the_port_is_let_go_and_taken_ports_are_an_error(web: Web) -> None:
    taken = web.start("127.0.0.1", 0)
    assert web.port == taken
    with pytest.raises(OSError, match="in use"):
        web.start("127.0.0.1", taken)
    web.stop()
    web.stop()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", taken), timeout=1)


def test_a_request_under_way_is_answered_before_the_end(sqlite: Database, health: Health, now: datetime) -> None:
    inside, free = threading.Event(), threading.Event()

    def slowly(_request: BoltRequest) -> BoltResponse:
        inside.set()
        assert free.wait(10)
        return BoltResponse(status=200, body="done")

    web = Web(slack_dispatch=slowly, health=health, metrics=Metrics(sqlite, lambda: now))
    wire = http.client.HTTPConnection("127.0.0.1", web.start("127.0.0.1", 0), timeout=10)
    wire.request("POST", "/slack/events", COMMAND, signed(COMMAND))
    assert inside.wait(10)
    stopper = threading.Thread(target=web.stop, args=(timedelta(seconds=10),))
    stopper.start()
    free.set()
    assert wire.getresponse().read() == b"done"
    wire.close()
    stopper.join(10)
    assert not stopper.is_alive()


def test_ipv6_is_served(web: Web) -> None:
    try:
        port = web.start("::1", 0)
    except OSError:
        pytest.skip("no IPv6 on this machine")
    with socket.create_connection(("::1", port), timeout=5) as wire:
        wire.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert wire.recv(100).startswith(b"HTTP/1.0 200")
    web.stop()
