"""The real Bolt app on a real database, with a Slack that only notes what it is told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode

from slack_bolt import App, BoltRequest, BoltResponse
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier

from bot.alerts.routing import Routing
from bot.alerts.rulebook import Rulebook
from bot.config.current import Rules
from bot.slack.app import build_app
from bot.slack.deps import Deps
from bot.statuses.watch import us_watch
from bot.statuses.working_time import PACIFIC
from storage.engine import Database
from tests.bot.slack import gate
from tests.conftest import NOW

SECRET = "not-a-secret"
RULES = Rulebook(watch=us_watch(), routing=Routing(alert_channel="C01GIFTING", admins=("U01ANN",)))
NOWHERE = "http://127.0.0.1:9/api/"
AT = "1900000000.1"
"""Of the message in which is pressed: later than all that a test has in its database."""


class Deferred(Executor):
    """Keeps what it is given until `finish`, so that a test sees what is answered before Slack is asked anything."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], object]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401 - its base's
        self.waiting.append(lambda: fn(*args, **kwargs))
        return Future()

    def finish(self) -> None:
        while self.waiting:
            self.waiting.pop(0)()


class NotingClient(WebClient):
    """The SDK's own client up to the wire: notes each call, answers what the test has laid out."""

    def __init__(self) -> None:
        super().__init__(token="xoxb-none", base_url=NOWHERE)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, list[dict[str, Any] | Exception]] = {}

    def api_call(self, api_method: str, **options: Any) -> Any:  # noqa: ANN401 - as in its base
        body = dict(options.get("json") or options.get("params") or {})
        if isinstance(body.get("view"), str):
            body["view"] = json.loads(body["view"])
        self.calls.append((api_method, body))
        laid_out = self.answers.get(api_method, [])
        answer = laid_out.pop(0) if laid_out else {"ok": True}
        if isinstance(answer, Exception):
            raise answer
        if not answer.get("ok", True):
            raise SlackApiError("refused", answer)  # type: ignore[no-untyped-call]
        return answer

    def views(self, method: str = "views.open") -> list[dict[str, Any]]:
        """The views sent with that method; each must be one that Slack takes."""
        found = [body["view"] for name, body in self.calls if name == method]
        for view in found:
            assert gate.problems(view, view["type"]) == []
        return found


class Slack:
    """Drives the app as Slack does: signed requests in, answers and later words out."""

    def __init__(self, database: Database, response_url: str, said: list[dict[str, Any]]) -> None:
        self.database = database
        self.now = NOW
        self.client, self.executor = NotingClient(), Deferred()
        self.woken = 0
        self.response_url, self._said = response_url, said
        config = Rules(PACIFIC, "C01GIFTING", ("U01ANN",))
        self.deps = Deps(
            database=database, clock=lambda: self.now, rules=lambda _session: RULES, executor=self.executor,
            configured=config.in_force, drafted=config.of,
            client=self.client, quick=self.client, wake=self._wake,
        )
        self.app = self.build()
        self._clicks = 0

    def build(self) -> App:
        """The app by what `deps` holds now."""
        return build_app(self.deps, token="xoxb-none", signing_secret=SECRET, api_url=NOWHERE)

    def _wake(self) -> None:
        self.woken += 1

    @property
    def said(self) -> list[dict[str, Any]]:
        """What came by response_url once all tasks are done; each must be one that Slack takes."""
        self.executor.finish()
        for body in self._said:
            assert gate.problems(body) == []
        return self._said

    def command(self, name: str, text: str = "", **more: str) -> dict[str, Any]:
        """Type a command; gives the immediate answer, one that Slack takes; empty where it comes later."""
        body = {
            "command": name, "text": text, "user_id": "U01ANN", "user_name": "ann", "team_id": "T0DEMO",
            "channel_id": "C02SALES", "trigger_id": "1.2.3", "response_url": self.response_url, **more,
        }
        answer = self.send(urlencode(body), "application/x-www-form-urlencoded")
        assert answer.status == 200
        if not answer.body:
            return {}
        told: dict[str, Any] = json.loads(answer.body)
        assert gate.problems(told) == []
        assert told["response_type"] == "ephemeral"
        return told

    def press(
        self, action_id: str, content: dict[str, Any] | str | None = None,
        **more: Any,  # noqa: ANN401 - parts of a payload, and the HTTP status that is expected
    ) -> BoltResponse:
        """Press a button in the channel's message, or wherever `more` says; `status` is 200 unless it is named."""
        status: int = more.pop("status", 200)
        self._clicks += 1
        value = content if isinstance(content, str) or content is None else json.dumps(content)
        action = {"type": "button", "action_id": action_id, "block_id": "b", "action_ts": f"{self._clicks}.0"}
        if value is not None:
            action["value"] = value
        return self.interact({
            "type": "block_actions", "actions": [action], "response_url": self.response_url,
            "trigger_id": f"{self._clicks}.t", "channel": {"id": "C01GIFTING"},
            "container": {"type": "message", "message_ts": AT, "channel_id": "C01GIFTING"},
            **more,
        }, status)

    def submit(
        self, view: dict[str, Any], values: dict[str, Any], **more: Any,  # noqa: ANN401 - parts of a payload
    ) -> dict[str, Any]:
        """Send off a window as it was opened, with these values; gives the answer."""
        answer = self.interact({
            "type": "view_submission",
            "view": {"hash": "h", **view, "id": "V9", "root_view_id": "V9", "state": {"values": values}},
            **more,
        })
        told: dict[str, Any] = json.loads(answer.body) if answer.body else {}
        if "view" in told:
            assert gate.problems(told["view"], gate.MODAL) == []
        return told

    def interact(self, payload: dict[str, Any], status: int = 200) -> BoltResponse:
        known = {
            "user": {"id": "U01ANN", "username": "ann", "team_id": "T0DEMO"}, "team": {"id": "T0DEMO"},
            "api_app_id": "A0SENDWATCH",
        }
        body = urlencode({"payload": json.dumps({**known, **payload})})
        answer = self.send(body, "application/x-www-form-urlencoded")
        assert answer.status == status, answer.body
        return answer

    def options(self, action_id: str, typed: str, **more: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - as above
        """Type into a field whose choices come from the app; gives these, each one that Slack takes."""
        answer = self.interact({
            "type": "block_suggestion", "action_id": action_id, "block_id": "b", "value": typed,
            "container": {"type": "view", "view_id": "V9"}, **more,
        })
        found: list[dict[str, Any]] = json.loads(answer.body)["options"]
        # What a menu of one's own may offer, one that asks the app may, too.
        menu = {"type": "static_select", "action_id": action_id, "options": found}
        assert not found or gate.problems({"text": "x", "blocks": [{"type": "actions", "elements": [menu]}]}) == []
        assert len(found) <= 100
        return found

    def event(self, event: dict[str, Any], **more: Any) -> BoltResponse:  # noqa: ANN401 - parts of the wrapping
        body = json.dumps({
            "type": "event_callback", "team_id": "T0DEMO", "event_id": "Ev1", "event": event,
            "authorizations": [{"team_id": "T0DEMO", "user_id": "U0SENDWATCH", "is_bot": True}], **more,
        })
        return self.send(body, "application/json")

    def send(self, body: str, content_type: str) -> BoltResponse:
        """A request with a real signature."""
        stamp = str(int(time.time()))
        signature = SignatureVerifier(SECRET).generate_signature(timestamp=stamp, body=body) or ""
        return self.app.dispatch(BoltRequest(body=body, headers={
            "content-type": [content_type], "x-slack-request-timestamp": [stamp], "x-slack-signature": [signature],
        }))


@contextmanager
def response_urls() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A response_url on loopback and the list of what is posted to it."""
    said: list[dict[str, Any]] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/response/1", said
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def words(told: dict[str, Any]) -> str:
    """All that a message or window shows, buttons included."""
    found: list[str] = []

    def walk(node: object) -> None:
        if isinstance(node, dict):
            if node.get("type") in {"plain_text", "mrkdwn"} and isinstance(node.get("text"), str):
                found.append(node["text"])
            for child in node.values():
                walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)

    walk(told.get("blocks", []))
    return "\n".join(found)


def buttons(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The buttons of a message or window by what stands on them; of several alike the first."""
    found: dict[str, dict[str, Any]] = {}
    for block in told["blocks"]:
        for element in gate.elements(block):
            if element["type"] == "button":
                found.setdefault(element["text"]["text"], element)
    return found


def at(moment: datetime) -> str:
    return str(int(moment.timestamp()))
