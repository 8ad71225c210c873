"""Slack's requests of any shape at the door of several workspaces: answered, and by no bot that they do not name.

What the bot of a workspace makes of them is fuzzed in `tests/bot/slack`.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import pytest
from falcon import testing
from hypothesis import example, given
from hypothesis import strategies as st
from slack_bolt import BoltRequest, BoltResponse

from bot import logs
from bot.playground.http_mode import FORM, JSON, signed_headers
from bot.slack.app import PromptApp
from bot.slack.socket import Socket
from bot.web import Web
from bot.workspaces.hosting import Hosting
from storage.workspaces import Grant
from tests.bot.slack.knocking import EMAIL, TOKEN, broken
from tests.bot.slack.test_events_fuzzed import EVENTS, STRANGE, wrapped
from tests.bot.slack.test_interactions_fuzzed import OTHERS, PRESSES, TYPED
from tests.bot.workspaces.test_running import hosting
from tests.hostile import hostile

T = TypeVar("T")

SIGNED_WITH = "y"
OURS, ANOTHER, ORGANISATION = "T0DEMO", "T0WORK0", "E0BIG"
NAMES = st.sampled_from([OURS, ANOTHER, "T0STRANGE", ORGANISATION, "B0", "", " ", "T0DEMO\x00", "t0demo", "../T0DEMO"])
WHERE = ("team_id", "enterprise_id", "is_enterprise_install", "team", "enterprise", "context_team_id", "authorizations")


@dataclass
class Entrance:
    """The real routes in front of two workspaces, whose bots only note what reaches them."""

    hosting: Hosting
    reached: list[str]
    client: testing.TestClient
    socket: Socket
    sent: list[str]
    log: io.StringIO

    def knock(self, body: dict[str, Any]) -> testing.Result:
        form = "event" not in body
        raw = urlencode({"payload": json.dumps(body)}).encode() if form else json.dumps(body).encode()
        return self.knock_with(raw, FORM if form else JSON)

    def knock_with(self, raw: bytes, kind: str) -> testing.Result:
        self.reached.clear()
        return self.client.simulate_post("/slack/events", body=raw, headers=signed_headers(SIGNED_WITH, raw, kind))

    def by_socket(self, body: dict[str, Any]) -> list[Any]:
        self.reached.clear()
        self.sent.clear()
        message = {
            "type": "events_api" if "event" in body else "interactive", "envelope_id": "e1", "payload": body,
            "accepts_response_payload": True,
        }
        wire = self.socket._handler.client  # noqa: SLF001 - the SDK's own end
        wire.run_message_listeners(message, json.dumps(message))
        return [json.loads(one) for one in self.sent]

    def check(self, body: object) -> None:
        """It reached one bot at most, and that of a workspace that it names; and nothing of it is in the log."""
        said = json.dumps(body)
        assert len(self.reached) <= 1
        for team in self.reached:
            assert team in said or ORGANISATION in said, "a bot answers what does not name its workspace"
        told = self.log.getvalue()
        self.log.seek(0)
        self.log.truncate()
        assert EMAIL not in told
        assert TOKEN not in told
        assert "Traceback" not in told, told


class AtOnce(ThreadPoolExecutor):
    """Does what is for later before the answer, so that it is known to be done."""

    def submit(self, task: Callable[..., T], /, *given: Any, **more: Any) -> Future[T]:  # noqa: ANN401 - as the standard library has it
        done: Future[T] = Future()
        done.set_result(task(*given, **more))
        return done


@pytest.fixture(scope="module")
def entrance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Entrance]:
    folder, reached = Path(tmp_path_factory.mktemp("front")), list[str]()
    made = hosting(folder, datetime.now().astimezone(), 1, begun=False)
    made.registry.install(Grant(
        enterprise_id=ORGANISATION, team_id=OURS, name="Demo", token="xoxb-demo", bot_id="B0",
        bot_user_id="U0SENDWATCH", scopes="chat:write", installed_by="U01ANN",
    ))
    made.workspaces.reconcile()

    def note(app: PromptApp, _request: BoltRequest) -> BoltResponse:
        reached.extend(team for team, runtime in made.workspaces.running().items() if runtime.app is app)
        return BoltResponse(status=200)

    socket, sent, log = Socket(made.front, "xapp-planted"), list[str](), io.StringIO()
    wire = socket._handler.client  # noqa: SLF001 - the SDK's own end
    wire.send_message = sent.append  # type: ignore[method-assign, assignment] # nobody is at the other
    logs.configure("INFO", "json", log)
    web = Web(health=made.health, metrics=made.metrics, slack_dispatch=made.front.dispatch)
    with pytest.MonkeyPatch.context() as patch:
        # On the class: a bot that has found its channel begins anew.
        patch.setattr(PromptApp, "dispatch", note)
        patch.setattr(made.front, "_executor", AtOnce())
        # They stay where they are, whoever is told to have taken the app out.
        patch.setattr(made.registry, "uninstall", lambda whose, _at: reached.append(whose.team_id or ORGANISATION))
        patch.setattr(made.registry, "revoke", lambda *_: [])
        yield Entrance(made, reached, testing.TestClient(web.app), socket, sent, log)
    socket.stop()
    made.stop()


@st.composite
def addressed(draw: st.DrawFn) -> dict[str, Any]:
    """A broken payload, for whom it may."""
    body = draw(broken(EVENTS) | broken(STRANGE) | broken(PRESSES) | broken(OTHERS))
    for name in draw(st.lists(st.sampled_from(WHERE), max_size=3)):
        one = draw(NAMES)
        body[name] = draw(st.sampled_from([
            one, {"id": one}, {"id": [one]}, [one], [{"team_id": one, "enterprise_id": one}], None, True, 7,
        ]))
    return body


@hostile(150)
@given(body=addressed())
@example(body=wrapped({"type": "member_joined_channel", "user": "U0SENDWATCH", "channel": "C02SALES"}))
@example(body=wrapped({"type": "member_joined_channel", "user": "U0SENDWATCH", "channel": "<!channel>"}))
@example(body={"type": "url_verification", "challenge": {"x": EMAIL}, "event": {}})
@example(body={**OTHERS["shortcut"], "team": None, "view": {"app_installed_team_id": ORGANISATION}})
def test_whatever_is_knocked_with_is_answered_and_reaches_only_whom_it_names(
    entrance: Entrance, body: dict[str, Any],
) -> None:
    answer = entrance.knock(body)
    assert answer.status_code == 200 or (answer.status_code in {400, 503} and answer.json["error"])
    entrance.check(body)


@hostile(75)
@given(body=addressed())
def test_the_same_by_socket(entrance: Entrance, body: dict[str, Any]) -> None:
    [answer] = entrance.by_socket(body)
    assert answer["envelope_id"] == "e1"
    entrance.check(body)


@hostile(75)
@given(changes=st.dictionaries(st.sampled_from([*TYPED, "enterprise_id"]), NAMES | st.text(max_size=20), max_size=4))
def test_commands_of_any_shape(entrance: Entrance, changes: dict[str, str]) -> None:
    fields = TYPED | changes
    answer = entrance.knock_with(urlencode(fields, errors="surrogatepass").encode(), FORM)
    assert answer.status_code == 200 or (answer.status_code == 400 and answer.json["error"])
    entrance.check(fields)


def test_each_workspace_is_reached(entrance: Entrance) -> None:
    for team in (OURS, ANOTHER):
        entrance.knock_with(urlencode(TYPED | {"team_id": team}).encode(), FORM)
        assert entrance.reached == [team]
    answer = entrance.knock_with(urlencode(TYPED | {"team_id": "T0STRANGE"}).encode(), FORM)
    assert entrance.reached == []
    assert "not installed in this workspace" in answer.text
