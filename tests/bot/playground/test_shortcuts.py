"""Shortcuts: chosen by a person, told to the app field by field, the same over both ways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from slack_sdk import WebClient

from bot.playground.clock import PlayClock
from bot.playground.outcome import Outcome
from bot.playground.server import Playground
from bot.playground.slack_errors import Json

MANIFEST = {
    "features": {
        "shortcuts": [
            {"name": "Look up", "type": "global", "callback_id": "look_up", "description": "Find it"},
            {"name": "Which?", "type": "message", "callback_id": "which", "description": "Of this message"},
        ],
    },
    "oauth_config": {"scopes": {"bot": ["chat:write", "commands"]}},
}


class Noting:
    """A way to an app that takes everything."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Json]] = []

    async def deliver(self, kind: str, payload: Json, *, answerable: bool, retry: int = 0) -> Outcome:
        assert not answerable
        assert retry == 0
        self.sent.append((kind, payload))
        return Outcome()

    async def ready(self) -> None: ...


@pytest.fixture(params=["socket", "http"])
def playground(request: pytest.FixtureRequest, clock: PlayClock) -> Iterator[Playground]:
    transport: Literal["socket", "http"] = request.param
    with Playground(clock, manifest=MANIFEST, transport=transport, ack_timeout=20.0) as running:
        yield running


def noted(playground: Playground, monkeypatch: pytest.MonkeyPatch) -> Noting:
    noting = Noting()
    monkeypatch.setattr(playground.shortcuts, "_transport", noting)
    return noting


def test_a_global_shortcut_carries_what_slack_sends(playground: Playground, monkeypatch: pytest.MonkeyPatch) -> None:
    noting = noted(playground, monkeypatch)
    assert playground.person("ann").shortcut("Look up").acked
    [(kind, payload)] = noting.sent
    assert kind == "interactive"
    assert set(payload) == {
        "type", "token", "action_ts", "team", "user", "is_enterprise_install", "enterprise", "callback_id",
        "trigger_id",
    }
    assert (payload["type"], payload["callback_id"]) == ("shortcut", "look_up")
    assert payload["user"] == {"id": "U01ANN", "username": "ann", "team_id": "T0DEMO"}


def test_a_message_shortcut_brings_the_message(playground: Playground, monkeypatch: pytest.MonkeyPatch) -> None:
    noting = noted(playground, monkeypatch)
    said = playground.person("ben").say("ask jane@acme.com", channel="#sales")
    assert playground.person("ann").shortcut("which", on=said).acked
    [(kind, payload)] = noting.sent
    assert kind == "interactive"
    assert set(payload) == {
        "type", "token", "action_ts", "team", "user", "channel", "is_enterprise_install", "enterprise", "callback_id",
        "trigger_id", "response_url", "message_ts", "message",
    }
    assert (payload["type"], payload["callback_id"]) == ("message_action", "which")
    assert (payload["channel"], payload["message_ts"]) == ({"id": "C02SALES", "name": "sales"}, said.ts)
    message: dict[str, Any] = payload["message"]
    assert message["text"] == "ask <mailto:jane@acme.com|jane@acme.com>"
    assert (message["user"], message["ts"], message["type"]) == ("U02BEN", said.ts, "message")


def test_its_trigger_opens_a_window(playground: Playground, monkeypatch: pytest.MonkeyPatch) -> None:
    noting = noted(playground, monkeypatch)
    ann = playground.person("ann")
    ann.shortcut("Look up")
    web = WebClient(token=playground.bot_token, base_url=playground.api_url)
    view = {"type": "modal", "title": {"type": "plain_text", "text": "Here"}, "blocks": [{"type": "divider"}]}
    web.views_open(trigger_id=noting.sent[0][1]["trigger_id"], view=view)
    assert ann.modal("Here").title == "Here"


def test_what_is_not_there_cannot_be_chosen(playground: Playground) -> None:
    ann = playground.person("ann")
    said = ann.say("x", channel="#sales")
    for name, on in (("Nothing", None), ("which", None), ("look_up", said)):
        with pytest.raises(AssertionError, match="no_such_shortcut"):
            ann.shortcut(name, on=on)


def test_an_app_that_does_not_answer_is_told_of(playground: Playground) -> None:
    ann = playground.person("ann")
    assert ann.shortcut("Look up").error == "dispatch_failed"
    assert "did not work" in ann.notices[-1]
