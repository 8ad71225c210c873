"""Whatever a button, a window, a menu or a command may carry: an answer or a refusal, and never an error."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import buttons, modals
from tests.bot.slack.harness import Slack
from tests.hostile import hostile

NAMES = (
    "alert", "send", "message", "group", "list", "q", "offset", "page", "u", "status", "back", "do", "at", "mute",
    "scope", "value", "s", "n", "v", "op", "d", "k", "until", "known", "channel", "beneath", "user", "typed", "change",
    "rule", "level", "route", "watch", "p",
)
odd = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=12)
    | st.sampled_from([-1, 0, 1, 2, 7, 2**31, 2**63 - 1, 2**63, 10**400, "1", "find", "mine", "stuck", "routes", "ok",
                       "send", "edit", "add", "\x00", "\ud800", "'; DROP TABLE sends --", "<!channel>", "9" * 3000]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=4), inner,
                                                                max_size=4),
    max_leaves=6,
)
content = st.dictionaries(st.sampled_from(NAMES), odd, max_size=6)
carried = st.one_of(content.map(json.dumps), st.text(max_size=40), odd.map(json.dumps))


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """What was answered with an error of the bot's own."""
    found: list[BaseException] = []

    def noted(error: BaseException, *_: object) -> str:
        found.append(error)
        return "It failed."

    monkeypatch.setattr("bot.slack.errors.noted", noted)
    monkeypatch.setattr("bot.slack.replies.noted", noted)
    return found


def whole(slack: Slack, broken: list[BaseException], payload: dict[str, Any]) -> None:
    broken.clear()
    body = urlencode({"payload": json.dumps({
        "user": {"id": "U01ANN", "username": "ann", "team_id": "T0DEMO"}, "team": {"id": "T0DEMO"},
        "trigger_id": "1.2", "response_url": slack.response_url, **payload,
    })})
    answer = slack.send(body, "application/x-www-form-urlencoded")
    slack.executor.finish()
    if broken:
        raise broken[0]
    assert answer.status < 500


@hostile(150)
@given(
    action=st.sampled_from(sorted(buttons.HANDLERS)), value=carried, chosen=st.booleans(), in_view=st.booleans(),
    data=carried, kind=st.sampled_from(["button", "plain_text_input", "external_select", "users_select", ""]),
    callback=st.sampled_from(sorted(modals.HANDLERS)) | st.text(max_size=9),
)
@pytest.mark.usefixtures("world")
def test_no_button_fails(
    slack: Slack, broken: list[BaseException], action: str, value: str, kind: str, data: str, callback: str, *,
    chosen: bool, in_view: bool,
) -> None:
    pressed: dict[str, Any] = {"type": kind, "action_id": action, "block_id": "b", "action_ts": "1.0"}
    pressed |= {"selected_option": {"value": value}} if chosen else {"value": value}
    place: dict[str, Any] = {
        "view": {"id": "V1", "type": "modal", "hash": "h", "callback_id": callback, "private_metadata": data},
        "container": {"type": "view", "view_id": "V1"},
    } if in_view else {
        "channel": {"id": "C01GIFTING"},
        "container": {"type": "message", "message_ts": "100.1", "channel_id": "C01GIFTING"},
    }
    whole(slack, broken, {"type": "block_actions", "actions": [pressed], **place})


@hostile(150)
@given(
    callback=st.sampled_from(sorted(modals.HANDLERS)), data=carried,
    values=st.dictionaries(st.text(max_size=8), st.dictionaries(st.text(max_size=8), odd, max_size=2) | odd, max_size=3)
    | odd,
)
@pytest.mark.usefixtures("world")
def test_no_window_that_is_sent_off_fails(
    slack: Slack, broken: list[BaseException], callback: str, data: str, values: object,
) -> None:
    whole(slack, broken, {"type": "view_submission", "view": {
        "id": "V1", "type": "modal", "hash": "h", "callback_id": callback, "private_metadata": data,
        "root_view_id": "V1", "state": {"values": values},
    }})


@hostile(150)
@given(
    action=st.sampled_from(["lookup_find", "assign_user", "mute_target", "setting_find", "x"]), typed=odd, data=carried,
)
@pytest.mark.usefixtures("world")
def test_no_menu_fails(
    slack: Slack, broken: list[BaseException], action: str, typed: object, data: str,
) -> None:
    whole(slack, broken, {
        "type": "block_suggestion", "action_id": action, "block_id": "b", "value": typed,
        "view": {"id": "V1", "type": "modal", "private_metadata": data}, "container": {"type": "view"},
    })


@hostile(150)
@given(
    name=st.sampled_from(["/sends", "/send-status", "/send-meaning", "/else"]),
    word=st.sampled_from(["", "mute ", "watch ", "why ", "report ", "route ", "settings ", "audit ", "stuck "]),
    typed=st.text(max_size=60) | st.sampled_from(["9" * 3000, "\x00", "<@U", "<mailto:|>", "%", "\\", "' OR 1=1 --"]),
)
@pytest.mark.usefixtures("world")
def test_no_command_fails(
    slack: Slack, broken: list[BaseException], name: str, word: str, typed: str,
) -> None:
    broken.clear()
    body = urlencode({
        "command": name, "text": word + typed, "user_id": "U01ANN", "team_id": "T0DEMO", "channel_id": "C02SALES",
        "trigger_id": "1.2", "response_url": slack.response_url,
    }, errors="surrogatepass")
    answer = slack.send(body, "application/x-www-form-urlencoded")
    slack.executor.finish()
    if broken:
        raise broken[0]
    assert answer.status < 500
