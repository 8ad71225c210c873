"""Answers that point elsewhere: nobody there is ever asked anything."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.webhook import WebhookClient

from bot.delivery.slack_web import SlackWeb
from bot.redirects import staying
from bot.sends.sources.sendoso_http import SendosoError, SendosoHttp

TOKEN = "xoxb-not-a-real-token"
CODES = (301, 302, 303, 307, 308)


@contextmanager
def server(code: int, location: str = "") -> Iterator[tuple[str, list[str]]]:
    """Answers everything with that code; gives its address and the headers and paths that it was asked with."""
    asked: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            asked.append(f"{self.command} {self.path} {self.headers}")
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = b'{"ok": true, "ts": "1.1", "channel": "C1", "sends": []}'
            self.send_response(code)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _answer  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None:
            pass

    made = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{made.server_port}", asked
    finally:
        made.shutdown()
        made.server_close()


@pytest.mark.parametrize("code", CODES)
def test_a_client_of_slacks_web_api_follows_nothing(code: int) -> None:
    with server(200) as (elsewhere, stolen), server(code, f"{elsewhere}/api/auth.test") as (slack, asked):
        client = staying(WebClient(token=TOKEN, base_url=f"{slack}/api/", retry_handlers=[]))
        with pytest.raises((SlackApiError, SlackClientError)):
            client.auth_test()
        assert len(asked) == 1
        assert stolen == []


@pytest.mark.parametrize("code", CODES)
def test_a_post_is_no_good_post_when_it_is_sent_elsewhere(code: int) -> None:
    with server(200) as (elsewhere, stolen), server(code, f"{elsewhere}/api/chat.postMessage") as (slack, asked):
        SlackWeb(TOKEN, f"{slack}/api/").post(channel="C1", text="Jane", blocks=[], metadata={"key": "a"})
        assert len(asked) == 1
        assert stolen == []


@pytest.mark.parametrize("code", CODES)
def test_an_answer_by_response_url_goes_nowhere_else(code: int) -> None:
    with server(200) as (elsewhere, stolen), server(code, f"{elsewhere}/answer") as (slack, asked):
        answer = staying(WebhookClient(f"{slack}/commands/1")).send_dict({"text": "Jane"})
        assert answer.status_code == code
        assert len(asked) == 1
        assert stolen == []


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY"])
def test_a_proxy_of_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with server(200) as (elsewhere, stolen), server(302, f"{elsewhere}/api/auth.test") as (proxy, asked):
        monkeypatch.setenv(name, proxy)
        client = staying(WebClient(token=TOKEN, base_url=f"{proxy}/api/", retry_handlers=[]))
        with pytest.raises((SlackApiError, SlackClientError)):
            client.auth_test()
        assert len(asked) == 1
        assert stolen == []


@pytest.mark.parametrize("code", CODES)
def test_sendosos_api_sends_the_token_nowhere_else(code: int) -> None:
    with server(200) as (elsewhere, stolen), server(code, f"{elsewhere}/api/v3/send") as (sendoso, _asked):
        client = SendosoHttp(sendoso, attempts=1)
        try:
            with pytest.raises(SendosoError):
                client.get("/api/v3/send", {"page": 1}, TOKEN)
        finally:
            client.close()
        assert stolen == []
