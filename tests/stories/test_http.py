"""The same app over HTTP: real signatures, and whatever else comes to the door."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import pytest

from tests.stories.sending import add
from tests.stories.world import World, world

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def http(tmp_path: Path, now: datetime) -> Iterator[World]:
    with world(tmp_path, now, transport="http") as made:
        yield made


def knock(story: World, body: bytes, headers: dict[str, str]) -> httpx2.Response:
    assert story.playground.request_url is not None
    return httpx2.post(story.playground.request_url, content=body, headers=headers)


def test_a_command_a_press_and_a_window_go_over_http(http: World) -> None:
    add(http, "Processing", days=8)
    http.tick()
    dee = http.person("dee")
    assert "Jane Doe" in dee.command("/send-status jane").visible_text
    alert = http.only_alert()
    dee.press(alert, "Snooze")
    dee.modal("Snooze").submit()
    http.deliver()
    assert "Dee Novak" in alert.expect_update("Snoozed").visible_text


@pytest.mark.parametrize("change", [
    {"X-Slack-Signature": "v0=" + "0" * 64}, {"X-Slack-Signature": "nonsense"}, {"X-Slack-Signature": ""},
    {"X-Slack-Request-Timestamp": "abc"}, {"X-Slack-Request-Timestamp": ""}, {"X-Slack-Request-Timestamp": "9" * 30},
])
def test_what_slack_did_not_sign_is_refused(http: World, change: dict[str, str]) -> None:
    body = urlencode({"command": "/sends", "text": "help", "user_id": "U01ANN"}).encode()
    answer = knock(http, body, http.playground.sign(body, FORM) | change)
    assert answer.status_code == 401


def test_an_old_request_is_refused(http: World) -> None:
    body = urlencode({"command": "/sends", "text": "help", "user_id": "U01ANN"}).encode()
    old = datetime.now(UTC) - timedelta(minutes=6)
    assert knock(http, body, http.playground.sign(body, FORM, old)).status_code == 401


@pytest.mark.parametrize(("body", "kind"), [
    (b"{", "application/json"), (b"[1, 2]", "application/json"), (b"null", "application/json"), (b"\xff\xfe", FORM),
    (b"payload=%7B", FORM), (b"payload=[]", FORM), (b"", FORM), (b"x" * 1_000_000, FORM), (b"x" * 3_000_000, FORM),
    (b'payload={"type":"block_actions","actions":[]}', FORM),
    (b'payload={"type":"block_actions","user":{"id":"U1"},"actions":[{"action_id":"alert_undo","value":""}]}', FORM),
    (b'{"type":"event_callback","event":{}}', "application/json"), (b"command=%2Fsends", FORM),
])
def test_signed_nonsense_gets_a_clear_answer(http: World, body: bytes, kind: str) -> None:
    answer = knock(http, body, http.playground.sign(body, kind))
    assert answer.status_code < 500


@pytest.mark.parametrize(("path", "status"), [
    ("/healthz", 200), ("/metrics", 200), ("/nowhere", 404), ("/slack/events", 405),
])
def test_other_doors(http: World, path: str, status: int) -> None:
    assert httpx2.get(f"{http.bot.url}{path}").status_code == status
