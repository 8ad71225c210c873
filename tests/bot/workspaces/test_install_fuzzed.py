"""Whatever Slack answers to the exchange of a code: a page with words, no token in it, and no half install."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
import structlog
from hypothesis import example, given
from hypothesis import strategies as st

from tests.hostile import hostile
from tests.stories.house import House, house

TOKEN = "xoxb-not-a-real-token"
GRANTED: dict[str, Any] = {
    "ok": True, "app_id": "A1", "authed_user": {"id": "U01ANN"}, "scope": "chat:write,commands", "token_type": "bot",
    "access_token": TOKEN, "bot_user_id": "U0BOT", "team": {"id": "T0DEMO", "name": "Acorn"}, "enterprise": None,
    "is_enterprise_install": False,
}
odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from([
        "T0DEMO", "E0FOREST", "../../etc", "T0\n", "U01ANN", "<script>alert(1)</script>", "\ud800", "x" * 9_000,
        10**400,
        f"{TOKEN}\r\nX-Odd: 1", f"{TOKEN}é", "\x00",
    ]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "name"]), inner, max_size=2),
    max_leaves=4,
)


class Stand:
    """Answers Slack's Web API with whatever it is told to."""

    def __init__(self) -> None:
        self.access: tuple[int, bytes] = (200, b"{}")
        self.auth: tuple[int, bytes] = (200, b'{"ok": true, "bot_id": "B1"}')


@contextmanager
def standing() -> Iterator[tuple[Stand, str]]:
    stand = Stand()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, body = stand.access if self.path.endswith("oauth.v2.access") else stand.auth
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    made = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    try:
        yield stand, f"http://127.0.0.1:{made.server_port}/api/"
    finally:
        made.shutdown()
        made.server_close()


@pytest.fixture
def door(tmp_path: Path, now: datetime) -> Iterator[tuple[House, Stand]]:
    with standing() as (stand, url), house(tmp_path, now, slack_api_url=url) as made:
        yield made, stand


def knocked(found: House, **params: str) -> httpx2.Response:
    """From the first page to the last,
    back with these; what is logged meanwhile holds no error of ours and no token."""
    with found.browser() as browser, structlog.testing.capture_logs() as logged:
        cookie = browser.get("/slack/install").headers["set-cookie"].partition(";")[0]
        asked = urlencode({"state": cookie.partition("=")[2], **params}, errors="surrogatepass")
        page = browser.get(f"/slack/oauth_redirect?{asked}", headers={"Cookie": cookie})
    assert not [one for one in logged if one.get("exc_info") or one["log_level"] == "error"], logged
    assert TOKEN not in str(logged)
    assert TOKEN not in page.text
    assert "<script>" not in page.text
    assert page.headers["content-type"].startswith("text/html")
    return page


def kept(found: House) -> int:
    """How many are installed; each of them can be served."""
    installed, broken = found.hosting.registry.installed()
    assert broken == {}
    return len(installed)


@hostile(30)
@given(changes=st.dictionaries(st.sampled_from(sorted(GRANTED)), odd, min_size=1, max_size=3), auth=odd)
@example(changes={"access_token": f"{TOKEN}\r\nX-Odd: 1"}, auth=None)
@example(changes={"access_token": f"{TOKEN}é"}, auth=None)
@example(changes={"authed_user": {"id": "<@U01ANN>"}}, auth=None)
@example(changes={"bot_user_id": None, "scope": None, "team": {"id": "T0DEMO", "name": ["x"]}}, auth=[])
@example(changes={"team": {"id": "T0\ud800"}}, auth={})
def test_a_grant_that_is_broken_somewhere(door: tuple[House, Stand], changes: dict[str, Any], auth: object) -> None:
    found, stand = door
    stand.access = (200, json.dumps(GRANTED | changes).encode())
    stand.auth = (200, json.dumps(auth).encode())
    page = knocked(found, code="c")
    assert page.status_code in {200, 400, 502}
    assert page.status_code == 200 or "not installed" in page.text
    assert kept(found) <= 2


@hostile(20)
@given(
    status=st.sampled_from([200, 204, 302, 400, 403, 404, 429, 500, 503]),
    body=odd.map(lambda one: json.dumps(one).encode()) | st.binary(max_size=40)
    | st.sampled_from([b"", b"<html>", b"{", b"[" * 3_000, b'{"ok": false}', b'{"ok": false, "error": 7}', b"[]",
    b"null"]),
)
@example(status=200, body=b"[" * 3_000)
def test_an_answer_that_is_no_grant(door: tuple[House, Stand], status: int, body: bytes) -> None:
    found, stand = door
    stand.access = (status, body)
    page = knocked(found, code="c")
    assert page.status_code in {400, 502}
    assert "not installed" in page.text
    assert kept(found) == 0


@hostile(20)
@given(params=st.dictionaries(
    st.sampled_from(["code", "error", "state", "error_description", "x"]),
    st.text(max_size=20) | st.sampled_from(["<script>alert(1)</script>", "access_denied", "x" * 3_000, "\x00",
    "\r\nX: 1"]),
))
def test_any_way_back_from_slack(door: tuple[House, Stand], params: dict[str, str]) -> None:
    found, stand = door
    stand.access = (200, b'{"ok": false, "error": "invalid_code"}')
    page = knocked(found, **params)
    assert page.status_code in {200, 400}
    assert "not installed" in page.text
    assert kept(found) == 0
