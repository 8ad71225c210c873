"""Every event of the manifest, whole and broken: an answer, one effect however often Slack tells of it, never an error.

Through the real routes with Slack's signature, and through Socket Mode.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
import yaml
from hypothesis import example, given

from bot import manifest
from bot.playground.http_mode import JSON
from tests.bot.slack.knocking import EMAIL, LINK, TOKEN, Door, broken, changed
from tests.hostile import hostile

TS = "1763900000.000100"
SAID = {"user": "U01ANN", "text": f"where is {EMAIL} {TOKEN}", "ts": TS, "event_ts": TS}
LOSING = ("channel_left", "group_left", "channel_archive", "group_archive", "channel_deleted", "group_deleted")
FINDING = ("channel_unarchive", "group_unarchive")
INNER: dict[str, dict[str, Any]] = {
    "app_home_opened": {"user": "U01ANN", "channel": "D01ANN", "tab": "home", "event_ts": TS},
    "app_mention": {**SAID, "channel": "C02SALES", "team": "T0DEMO"},
    "message.im": {**SAID, "type": "message", "channel": "D01ANN", "channel_type": "im"},
    "link_shared": {
        "user": "U01ANN", "channel": "C02SALES", "message_ts": TS, "source": "conversations_history",
        "unfurl_id": "C02.1.abc", "links": [{"domain": "app.sendoso.com", "url": LINK}], "is_bot_user_member": True,
    },
    "member_joined_channel": {
        "user": "U0SENDWATCH", "channel": "C02SALES", "channel_type": "C", "team": "T0DEMO", "inviter": "U01ANN",
        "event_ts": TS,
    },
    "channel_id_changed": {"old_channel_id": "C01GIFTING", "new_channel_id": "C0NEW", "event_ts": TS},
    "app_uninstalled": {}, "tokens_revoked": {"tokens": {"oauth": ["U01ANN"], "bot": ["U0SENDWATCH"]}},
    **{name: {"channel": "C01GIFTING", "user": "U01ANN"} for name in (*LOSING, *FINDING)},
}
TOUCHED = {
    "app_home_opened": {"homes", "people"}, "app_mention": {"messages"}, "message": {"messages"}, "link_shared": set(),
    "member_joined_channel": {"messages", "channel_pace", "people"},
    "channel_id_changed": {"messages", "notifications", "sync_cursors", "channel_pace"},
    "app_uninstalled": {"messages", "channel_pace"}, "tokens_revoked": {"messages", "channel_pace"},
    **{name: {"messages", "channel_pace"} for name in LOSING}, **{name: {"channel_pace"} for name in FINDING},
}
"""The tables that an event may change; none of them holds a send, an alert or what people did."""
LINKS = {name: INNER["link_shared"] | {"type": "link_shared", "links": links} for name, links in {
    "a list for an address": [{"url": [LINK]}], "many": [{"url": LINK}] * 2_000, "no list": {"url": LINK},
}.items()}


def wrapped(inner: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "event_callback", "token": "v", "team_id": "T0DEMO", "context_team_id": "T0DEMO", "api_app_id": "A0",
        "event": inner, "event_id": "Ev1", "event_time": 1763900000, "is_ext_shared_channel": False,
        "authorizations": [{"enterprise_id": None, "team_id": "T0DEMO", "user_id": "U0SENDWATCH", "is_bot": True}],
    }


EVENTS = {name: wrapped({"type": name, **inner}) for name, inner in INNER.items()}
STRANGE = {name: wrapped({"type": name, **SAID, "channel": "C01GIFTING"}) for name in (
    "reaction_added", "team_join", "user_change", "message", "function_executed", "assistant_thread_started",
    "member_left_channel", "app_rate_limited", "", "x" * 300,
)}


def may_touch(body: dict[str, Any]) -> set[str]:
    """The tables that an event may change, as far as it is whole enough to be one."""
    event = body.get("event")
    kind = event.get("type") if isinstance(event, dict) and body.get("type") == "event_callback" else None
    if not isinstance(event, dict) or (kind in LOSING and event.get("channel") != "C01GIFTING"):
        return set()
    return TOUCHED.get(kind, set()) if isinstance(kind, str) else set()


def test_every_event_of_the_manifest_is_tried() -> None:
    told = yaml.safe_load(manifest.text())
    assert set(EVENTS) == set(told["settings"]["event_subscriptions"]["bot_events"])


@hostile(60)
@given(body=broken(EVENTS | STRANGE))
@example(body=wrapped(LINKS["a list for an address"]))
@example(body=wrapped(LINKS["many"]))
@example(body=wrapped(LINKS["no list"]))
@example(body=wrapped({"type": "app_mention", **SAID, "channel": "C02SALES", "text": "where is \ud800\x00?"}))
@example(body=wrapped({"type": "tokens_revoked", "tokens": {"bot": "all of them"}}))
def test_no_event_fails(door: Door, body: dict[str, Any]) -> None:
    door.reset()
    before = door.stored()
    answer = door.event(body)
    door.finish()
    after = door.stored()
    assert answer.status_code == 200 or (answer.status_code == 400 and answer.json["error"]), door.logged()
    assert changed(before, after) <= (may_touch(body) if answer.status_code == 200 else set())
    door.logged()
    again = door.event(body, {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"})
    door.finish()
    assert again.status_code == answer.status_code
    assert changed(after, door.stored()) == set(), "Slack tells it again, and something else comes of it"
    door.logged()


@hostile(40)
@given(body=broken(EVENTS | STRANGE))
@example(body={**EVENTS["app_mention"], "type": ["event_callback"]})
@example(body={**EVENTS["app_mention"], "authorizations": [7]})
@example(body=wrapped(LINKS["a list for an address"]))
def test_no_event_fails_by_socket(door: Door, body: dict[str, Any]) -> None:
    door.reset()
    assert door.by_socket(body, retry_attempt=1, retry_reason=["timeout"]) == [{"envelope_id": "e1"}]
    door.finish()
    door.logged()


@pytest.mark.parametrize("tokens", [{"bot": "U0SENDWATCH"}, {"bot": []}, {"bot": {"U0SENDWATCH": 1}}, ["bot"], None, 7])
def test_only_a_list_of_revoked_tokens_pauses_the_bot(door: Door, tokens: object) -> None:
    before = door.stored()
    assert door.event(wrapped({"type": "tokens_revoked", "tokens": tokens})).status_code == 200
    assert changed(before, door.stored()) == set()


@pytest.mark.parametrize(("off", "status"), [
    (0, 200), (-300, 200), (300, 200), (-301, 401), (301, 401), (-(10**9), 401),
])
def test_five_minutes_are_how_old_or_new_a_request_may_be(
    door: Door, now: datetime, monkeypatch: pytest.MonkeyPatch, off: int, status: int,
) -> None:
    monkeypatch.setattr("slack_sdk.signature.Clock.now", lambda _clock: now.timestamp())
    body = json.dumps(EVENTS["app_mention"]).encode()
    before = door.stored()
    answer = door.knock(body, JSON, at=(now + timedelta(seconds=off)).timestamp())
    assert answer.status_code == status
    assert changed(before, door.stored()) == ({"messages"} if status == 200 else set())


@pytest.mark.parametrize("at", ["", "now", "1e9", "-5", "1.5", " ", "0x10", "9" * 13, "2026-11-23T15:00:00Z"])
def test_what_is_no_time_is_refused_and_changes_nothing(door: Door, at: str) -> None:
    before = door.stored()
    answer = door.event(EVENTS["app_mention"], {"X-Slack-Request-Timestamp": at})
    assert (answer.status_code, bool(answer.json["error"])) == (401, True)
    assert changed(before, door.stored()) == set()


@pytest.mark.parametrize(("body", "status"), [
    ({"type": "url_verification", "challenge": "3eZb"}, 200), ({"type": "url_verification", "challenge": TOKEN}, 200),
    ({"type": "url_verification"}, 200), ({"type": "url_verification", "challenge": ["x", {"y": "\ud800"}]}, 200),
    ({"type": ["url_verification"], "challenge": "x"}, 400), ({"challenge": "x"}, 200),
])
def test_a_challenge_of_any_shape_is_answered(door: Door, body: dict[str, Any], status: int) -> None:
    answer = door.event(body)
    assert answer.status_code == status
    assert body.get("challenge") != "3eZb" or answer.json == {"challenge": "3eZb"}
    door.logged()
