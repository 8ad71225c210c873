"""The app as a whole: what passes, what is answered when something breaks, the Home tab."""

from __future__ import annotations

import json
import time
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt import BoltRequest
from slack_sdk.signature import SignatureVerifier
from sqlalchemy.orm import Session

from bot.slack import answers
from bot.slack.app import StaticAuthorize, build_app
from bot.slack.deps import Identity
from tests.bot.slack.conftest import World, add_alert, alert_of
from tests.bot.slack.harness import NOWHERE, Slack, words
from tests.bot.slack.test_commands import users_info


def request(secret: str, at: int) -> BoltRequest:
    body = urlencode({"command": "/sends", "text": "help", "user_id": "U01ANN"})
    signature = SignatureVerifier(secret).generate_signature(timestamp=str(at), body=body) or ""
    return BoltRequest(body=body, headers={
        "content-type": ["application/x-www-form-urlencoded"],
        "x-slack-request-timestamp": [str(at)], "x-slack-signature": [signature],
    })


@pytest.mark.parametrize(("secret", "age", "status"), [
    ("not-a-secret", 0, 200), ("another", 0, 401), ("not-a-secret", 301, 401), ("not-a-secret", -301, 401),
])
def test_only_what_slack_has_signed_just_now(slack: Slack, secret: str, age: int, status: int) -> None:
    assert slack.app.dispatch(request(secret, int(time.time()) - age)).status == status


def test_without_a_secret_no_request_passes_over_http(slack: Slack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-of-the-environment")
    app = build_app(slack.deps, token="xoxb-none", signing_secret=None, api_url=NOWHERE)
    assert app.dispatch(request("x", int(time.time()))).status == 401
    socket = BoltRequest(
        mode="socket_mode", body={"command": "/sends", "text": "help", "user_id": "U01ANN"}, headers={},
    )
    assert app.dispatch(socket).status == 200


def test_work_in_the_background_keeps_back_while_a_press_is_being_answered(
    slack: Slack, world: World, monkeypatch: pytest.MonkeyPatch,
) -> None:
    write, under_way = slack.database.write, []

    def noting(**options: bool) -> AbstractContextManager[Session]:
        under_way.append(slack.database._gate._answers)  # noqa: SLF001 - what patient writers wait for
        return write(**options)

    monkeypatch.setattr(slack.database, "write", noting)
    slack.press("alert_acknowledge", {"alert": world.alert, "v": 1})
    assert under_way == [1]
    assert slack.database._gate._answers == 0  # noqa: SLF001 - the same


def test_who_the_bot_is_may_be_learned_later() -> None:
    identity = Identity()
    authorize = StaticAuthorize("xoxb-1", identity)
    assert authorize(enterprise_id=None, team_id="T1", user_id="U1").bot_user_id is None
    identity.bot_user_id = "U0BOT"
    assert authorize(enterprise_id=None, team_id="T1").bot_user_id == "U0BOT"


def test_a_listener_that_breaks_answers_with_a_number(
    slack: Slack, world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug of ours with jane@acme.com in it")

    monkeypatch.setattr(answers, "answer", broken)
    told = slack.command("/send-status", "jane")
    number = told["text"].rpartition(": ")[2].rstrip(".")
    assert len(number) == 8
    assert "jane@acme.com" not in told["text"]
    assert number in capsys.readouterr().out


def test_a_press_that_breaks_is_not_acknowledged_but_answered_and_changes_nothing(
    slack: Slack, world: World, monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr("bot.alerts.press.press", broken)
    slack.press("alert_acknowledge", {"alert": world.alert, "v": 1}, status=500)
    assert "tell an admin this number" in slack.said[-1]["text"]
    assert alert_of(slack.database, world.alert).state == "firing"


@pytest.mark.parametrize("payload", [
    {"type": "view_submission", "view": {"type": "modal", "callback_id": "snooze_modal", "private_metadata": "{}"}},
    {"type": "view_submission", "view": {"type": "modal", "callback_id": "support_modal", "private_metadata": "[]"}},
    {"type": "view_submission", "view": {"callback_id": "support_modal"}},
    {"type": "view_submission", "view": {}},
    {"type": "view_submission", "view": {"type": "modal", "callback_id": 5}},
])
def test_windows_that_are_broken_are_answered_in_the_window(slack: Slack, payload: dict[str, Any]) -> None:
    later = str(int(slack.now.timestamp()) + 3600)
    payload["view"]["state"] = {"values": {"until": {"snooze_until": {"selected_option": {"value": later}}}}}
    told = json.loads(slack.interact(payload).body)
    assert told["response_action"] == "update"
    assert "not one that this version" in words(told["view"])


@pytest.mark.parametrize(("payload", "body"), [
    ({"type": "view_submission", "view": {"callback_id": "nonsense", "type": "modal"}}, ""),
    ({"type": "view_submission", "view": {"callback_id": "note_modal", "type": "modal"}}, ""),
    ({"type": "view_closed", "view": {"callback_id": "snooze_modal", "type": "modal"}}, ""),
    ({"type": "shortcut", "callback_id": "old"}, ""),
    ({"type": "message_action", "callback_id": "old"}, ""),
    ({"type": "block_suggestion", "action_id": "old", "value": "x"}, '{"options": []}'),
    ({"type": "nonsense"}, ""),
    ({"type": "interactive_message", "callback_id": "x", "actions": []}, ""),
])
def test_strays_are_answered(slack: Slack, payload: dict[str, Any], body: str) -> None:
    assert slack.interact(payload).body == body


def test_unknown_commands_and_events_are_answered(slack: Slack) -> None:
    assert "does not know what to do" in slack.command("/other", "x")["text"]
    assert slack.event({"type": "app_mention", "user": "U1"}).status == 200


def home(slack: Slack, **event: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - parts of an event
    slack.event({"type": "app_home_opened", "tab": "home", "user": "U01ANN", "channel": "D1", **event})
    assert [method for method, _ in slack.client.calls if method.startswith("views")] == []
    slack.executor.finish()
    return slack.client.views("views.publish")


def test_the_home_tab_of_a_newcomer_is_drawn_once_it_is_known_who_they_are(slack: Slack, world: World) -> None:
    slack.client.answers["users.info"] = [users_info()]
    (shown,) = home(slack)
    assert "*Jane Doe* · Acme" in words(shown)
    assert "1 open alert." in words(shown)


def test_the_home_tab_is_drawn_again_where_slack_has_told_that_late(slack: Slack, world: World) -> None:
    slack.client.answers["users.info"] = [TimeoutError(), users_info()]
    first, second = home(slack)
    assert "Type `/sends mine` once" in words(first)
    assert "*Jane Doe* · Acme" in words(second)
    assert "1 open alert." in words(second)


def test_the_home_tab_shows_what_is_assigned(slack: Slack, world: World) -> None:
    add_alert(slack.database, None, None, rule="stale_data", status="", status_raw="", assignee="U01ANN")
    slack.press("alert_assign", {"alert": world.alert, "v": 1})
    slack.client.answers["users.info"] = [{"ok": False, "error": "user_not_found"}]
    (view,) = home(slack)
    assert "Assigned to <@U01ANN>" in words(view)
    assert "No fresh data from Sendoso" in words(view)


@pytest.mark.parametrize("event", [{"tab": "messages"}, {"user": None}, {"user": "<!x>"}])
def test_the_home_tab_is_drawn_for_nobody_else(slack: Slack, event: dict[str, Any]) -> None:
    assert home(slack, **event) == []


def test_a_home_tab_that_slack_refuses(slack: Slack) -> None:
    slack.client.answers["views.publish"] = [{"ok": False, "error": "not_enabled"}] * 2
    slack.client.answers["users.info"] = [TimeoutError(), users_info()]
    assert len(home(slack)) == 2
