"""How long Slack waits for the answer to each thing that people do: every slash word, field, event and shortcut."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from slack_bolt import App, BoltRequest

from bot.slack import grammar
from bot.slack.blocks import mute_modal, route_here_modal, send_search, setting_fields
from bot.slack.deps import Deps
from bot.slack.shortcuts import GLOBAL, MESSAGE
from storage import people
from storage.models import Send
from tests.benchmarks.asking import FORM, JSON, signed, timed

ACK_MS = 25
"""The bar: in this time 99 of 100 answers have left."""
WARM_UP = 5
USER = "U0ADMIN"
TYPED = (
    "@", "1", "e", "a b c d", "com", "example", "example.com", "@acme.example", "jane", "jane.d", "jane acme renewal",
    "ann lopez", "holiday", "holiday box", "12@", "lopez ann box", "zebediah quux", "z", "",
)
"""What nobody has, few have, many have and all have; short and long."""
FIELDS = (
    send_search.FIND, f"{mute_modal.WHAT}.campaign", f"{mute_modal.WHAT}.sender", f"{mute_modal.WHAT}.send",
    f"{route_here_modal.WHAT}.team", *(f"{setting_fields.FIND}.{what}" for what in ("campaign", "sender", "status")),
)
"""Action ids of the fields that find things as somebody types."""

CHANNELS = (
    "channel_left", "group_left", "channel_archive", "group_archive", "channel_deleted", "group_deleted",
    "channel_unarchive", "group_unarchive",
)
"""Events about a channel that is gone, or back."""

Row = dict[str, Any]
Payload = tuple[str, dict[str, Any]]
"""How a payload travels (command, interaction or event), and what it says."""


class Unheard(Executor):
    """Takes what is to be done after the answer, and does none of it: only the answer is measured."""

    def submit(self, _fn: Any, /, *_args: Any, **_kwargs: Any) -> Future[Any]:  # noqa: ANN401 - its base's signature
        return Future()


def measure(
    deps: Deps, build: Callable[[Deps], App], secret: str, send: Send, now: datetime, rounds: int,
) -> Iterator[Row]:
    """A row for each surface, about one who has sent everything there is; `send` is a send to ask about."""
    with deps.database.write() as session:
        people.keep(session, user_id=USER, email=send.sender_email, tz="America/New_York", name="Ann", now=now)
    app = build(replace(deps, executor=Unheard()))
    for what, payloads in _surfaces(send):
        taken = [_time(app, secret, kind, body, turn) for kind, body in payloads for turn in range(WARM_UP + rounds)]
        yield {"what": what, **_told(taken, rounds), "bar_ms": ACK_MS}


def _told(taken: list[float], rounds: int) -> dict[str, float]:
    # Of several things typed, that counts which takes longest.
    each = [sorted(taken[place + WARM_UP:place + WARM_UP + rounds]) for place in range(0, len(taken), WARM_UP + rounds)]
    worst = max(each, key=statistics.median)
    return {"p50_ms": statistics.median(worst), "p99_ms": worst[int(len(worst) * 0.99)]}


def _surfaces(send: Send) -> Iterator[tuple[str, list[Payload]]]:
    marks = (str(send.send_gid), str(send.recipient_email), str(send.sender_email), str(send.sendoso_id))
    yield "/send-status, the slowest of many", [_command("/send-status", typed) for typed in (*TYPED, *marks)]
    spoken = (*TYPED, "fulfilment isues")
    yield "/send-meaning, the slowest of many", [_command("/send-meaning", typed) for typed in spoken]
    for word in grammar.SENDS.words:
        asked = (word.name, *(f"{word.name} {typed}" for typed in (*TYPED, *marks) if word.takes and typed))
        yield f"/sends {word.name}{' …' if word.takes else ''}", [_command("/sends", text) for text in asked]
    yield "/sends, mistyped", [_command("/sends", "stukc")]
    for field in FIELDS:
        yield f"completion, {field}", [_completion(field, typed) for typed in TYPED]
    for name in GLOBAL:
        yield f"shortcut {name}", [_shortcut("shortcut", name)]
    for name in MESSAGE:
        yield f"message shortcut {name}", [_shortcut("message_action", name)]
    for what, event in events().items():
        yield what, [("event", event)]


def _command(name: str, text: str) -> Payload:
    return "command", {
        "command": name, "text": text, "team_id": "T1", "user_id": USER, "user_name": "ann", "channel_id": "C1",
        "channel_name": "gifts", "trigger_id": "1.2", "response_url": "http://127.0.0.1:9/response", "api_app_id": "A1",
    }


def _completion(field: str, typed: str) -> Payload:
    return "interaction", {
        "type": "block_suggestion", "action_id": field, "block_id": "b", "value": typed,
        "container": {"type": "view", "view_id": "V1"},
    }


def _shortcut(kind: str, name: str) -> Payload:
    said = {"type": "message", "user": "U2", "ts": "1.1", "text": "Where is the gift for jane.diaz.7@acme.example?"}
    place = {"message": said, "channel": {"id": "C1"}, "message_ts": "1.1", "response_url": ""}
    return "interaction", {
        "type": kind, "callback_id": name, "trigger_id": "1.2", "action_ts": "1.3",
        **(place if kind == "message_action" else {}),
    }


def events() -> dict[str, dict[str, Any]]:
    """Each event of the manifest, as Slack sends it."""
    asked = {"user": USER, "text": "<@U1> where is jane diaz's gift?", "channel": "C1", "ts": "{turn}.000100"}
    link = {"domain": "app.sendoso.com", "url": "https://app.sendoso.com/track/" + "a" * 40}
    return {
        "mention": {"type": "app_mention", **asked},
        "direct message": {"type": "message", "channel_type": "im", **asked, "channel": "D1"},
        "link shared": {"type": "link_shared", "user": USER, "channel": "C1", "message_ts": "1.1", "links": [link]},
        "Home tab opened": {"type": "app_home_opened", "user": USER, "tab": "home", "channel": "D1"},
        "invited to a channel": {"type": "member_joined_channel", "user": "U1", "channel": "C1", "inviter": USER},
        "a channel's new id": {"type": "channel_id_changed", "old_channel_id": "C8", "new_channel_id": "C9"},
        **{f"event {name}": {"type": name, "channel": "C8", "user": USER} for name in CHANNELS},
        # Last, since the bot then stops telling anything.
        "event tokens_revoked": {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U1"]}},
        "event app_uninstalled": {"type": "app_uninstalled"},
    }


def _time(app: App, secret: str, kind: str, body: dict[str, Any], turn: int) -> float:
    return timed(app, _request(secret, kind, body, turn), f"{kind} {body}")


def _request(secret: str, kind: str, body: dict[str, Any], turn: int) -> BoltRequest:
    if kind == "command":
        said = urlencode(body)
    elif kind == "interaction":
        who = {"user": {"id": USER, "username": "ann", "team_id": "T1"}, "team": {"id": "T1"}, "api_app_id": "A1"}
        said = urlencode({"payload": json.dumps({**who, **body})})
    else:
        # Each message is another one.
        event = {name: value.format(turn=turn) if name == "ts" else value for name, value in body.items()}
        said = json.dumps({
            "type": "event_callback", "team_id": "T1", "event_id": f"Ev{turn}", "event": event,
            "authorizations": [{"team_id": "T1", "user_id": "U1", "is_bot": True}],
        })
    return signed(secret, said, JSON if kind == "event" else FORM)
