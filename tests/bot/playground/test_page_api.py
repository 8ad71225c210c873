"""What the page asks, over HTTP, and what it hears."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest

from bot.playground.clock import PlayClock
from bot.playground.faults import Faults
from bot.playground.server import Playground
from tests.bot.playground.trivial import TrivialApp
from tests.conftest import NOW

Json = dict[str, Any]


class SmallSendoso:
    def __init__(self) -> None:
        self.faults = Faults()
        self.moved: list[tuple[str, str]] = []

    def find(self, query: str) -> list[Json]:
        return [{"send_gid": "g1", "status": "sent", "recipient": query}]

    def move(self, send_gid: str, status: str) -> None:
        if send_gid != "g1":
            raise LookupError(f"no send {send_gid}")
        self.moved.append((send_gid, status))

    def statuses(self) -> list[str]:
        return ["sent", "opened"]


class Page:
    """A browser without a screen."""

    def __init__(self, url: str) -> None:
        self.http = httpx2.Client(base_url=url, trust_env=False, timeout=5)

    def get(self, path: str, **query: str) -> Json:
        answer: Json = self.http.get(f"/play/{path}", params=query).json()
        return answer

    def post(self, path: str, **asked: object) -> Json:
        answer: Json = self.http.post(f"/play/{path}", json=asked).json()
        return answer


@pytest.fixture
def sendoso() -> SmallSendoso:
    return SmallSendoso()


@pytest.fixture
def playground(clock: PlayClock, sendoso: SmallSendoso) -> Iterator[Playground]:
    with Playground(clock, sendoso=sendoso, ack_timeout=20.0) as running:
        yield running


@pytest.fixture
def page(playground: Playground) -> Iterator[Page]:
    opened = Page(playground.url)
    yield opened
    opened.http.close()


def test_the_state(page: Page, app: TrivialApp) -> None:
    app.client.chat_postMessage(channel="C01GIFTING", text="hi")
    state = page.get("state")
    assert state["now"] == NOW.isoformat()
    assert state["frozen"] is True
    assert [person["name"] for person in state["people"]] == ["ann", "ben", "chi", "dee"]
    assert [channel["member"] for channel in state["channels"]] == [True, True, True, False]
    assert state["dms"]["U01ANN"] == "D01ANN"
    assert [command["command"] for command in state["commands"]] == ["/send-status", "/send-meaning", "/sends"]
    (message,) = state["messages"]["C01GIFTING"]
    assert (message["text"], message["channel"], message["time"]) == ("hi", "C01GIFTING", NOW.isoformat())
    assert state["messages"]["D01ANN"] == []
    assert state["sendoso"] is True
    assert {"kind": "drop_after", "label": "Connection dropped, although it was done", "method": "*"} in state["faults"]
    assert (state["views"], state["homes"]) == ({}, {})


def test_typing_pressing_and_submitting(page: Page, playground: Playground, app: TrivialApp) -> None:
    assert page.post("command", user="ann", channel="#gifting-alerts", text="/send-status x") == {"ok": True}
    (card,) = page.get("state")["messages"]["C01GIFTING"]
    assert card["ephemeral_for"] == "U01ANN"
    block = card["blocks"][1]
    wish = next(element for element in block["elements"] if element["action_id"] == "wish_open")
    action = {"type": "button", "action_id": "wish_open", "block_id": block["block_id"], "value": wish["value"]}
    pressed = {"user": "U01ANN", "channel": "C01GIFTING", "message_ts": card["ts"], "action": action}
    assert page.post("action", **pressed) == {"ok": True}
    (view,) = page.get("state")["views"]["U01ANN"]
    assert (view["type"], view["root_id"]) == ("modal", view["id"])
    owner = {"action_id": "owner", "block_id": view["blocks"][2]["block_id"], "value": "Be"}
    found = page.post("options", user="ann", view_id=view["id"], **owner)
    assert [choice["value"] for choice in found["options"]] == ["ben"]
    refused = page.post("view/submit", user="ann", view_id=view["id"], values={})
    assert refused == {"ok": False, "errors": {"name": "Please complete this required field."}}
    values = {"name": {"name": {"type": "plain_text_input", "value": "Ben"}}}
    assert page.post("view/submit", user="ann", view_id=view["id"], values=values) == {"ok": True}
    assert page.post("view/close", user="ann", view_id=view["id"]) == {"ok": False, "error": "not_found"}
    assert page.post("action", **{**pressed, "user": "ben"})["error"] == "message_not_found"


def test_values_typed_before_a_press_come_along(page: Page, playground: Playground, app: TrivialApp) -> None:
    ann = playground.person("ann")
    ann.command("/send-status x").press("Wish")
    view = ann.modal().seen.view
    more = {"type": "button", "action_id": "wish_more", "block_id": view.blocks[2]["block_id"]}
    values = {"name": {"name": {"type": "plain_text_input", "value": "half"}}}
    assert page.post("action", user="ann", view_id=view.id, action=more, values=values) == {"ok": True}
    assert app.body("wish_more")["view"]["state"]["values"]["name"]["name"]["value"] == "half"
    assert page.post("action", user="ben", view_id=view.id, action=more)["error"] == "not_found"
    assert page.post("view/close", user="ann", view_id=ann.modal().seen.view.id) == {"ok": True}
    assert page.post("options", user="ann", view_id=view.id, **more, value="x")["error"] == "action_not_found"


def test_saying_something(page: Page, playground: Playground) -> None:
    first = page.post("say", user="ben", channel="C02SALES", text="hello")
    page.post("say", user="ann", channel="C02SALES", text="under it", thread_ts=first["ts"])
    (parent, reply) = page.get("state")["messages"]["C02SALES"]
    assert (parent["reply_count"], reply["thread_ts"]) == (1, first["ts"])
    assert page.post("say", user="ben", channel="C02SALES", text=" ")["error"] == "no_text"
    playground.channel("#sales").archive()
    assert page.post("say", user="ben", channel="C02SALES", text="x")["error"] == "is_archived"


def test_the_home_tab(page: Page, app: TrivialApp) -> None:
    assert page.post("home", user="dee") == {"ok": True}
    app.body("home")
    assert app.playground.slack.state.wait_for(lambda: app.playground.slack.views.homes.get("U04DEE"), 5)
    home = page.get("state")["homes"]["U04DEE"]
    assert page.post("view/close", user="dee", view_id=home["id"])["error"] == "not_found"


def test_the_clock(page: Page, clock: PlayClock) -> None:
    later = NOW + timedelta(days=1)
    assert page.post("clock", advance_seconds=86_400) == {"ok": True, "now": later.isoformat()}
    assert page.post("clock", set="2026-12-01T00:00:00")["now"] == "2026-12-01T00:00:00+00:00"
    assert page.post("clock", set="2026-12-01T00:00:00Z")["ok"]
    for asked in ({"set": "2020-01-01T00:00:00Z"}, {"set": "soon"}, {"advance_seconds": 1e30}):
        assert page.post("clock", **asked)["ok"] is False
    assert page.post("clock") == {"ok": False, "error": "missing advance_seconds"}


def test_what_follows_a_move_may_call_slack(page: Page, clock: PlayClock, app: TrivialApp) -> None:
    def post(now: datetime) -> None:
        app.client.chat_postMessage(channel="C01GIFTING", text=f"{now:%d}")

    clock.on_advance(post)
    page.post("clock", advance_seconds=86_400)
    assert [m["text"] for m in page.get("state")["messages"]["C01GIFTING"]] == ["24"]


def test_trouble_is_caused(page: Page, playground: Playground, sendoso: SmallSendoso) -> None:
    assert page.post("faults", target="slack", method="auth.test", kind="error", error="token_revoked", seconds=2)["ok"]
    assert [(fault.kind, fault.error) for fault in playground.faults.take("auth.test")] == [("error", "token_revoked")]
    assert page.post("faults", target="sendoso", kind="429")["ok"]
    assert len(sendoso.faults.take("anything")) == 1
    page.post("faults", target="slack", kind="delay", times=None)
    page.post("faults", target="slack", kind="clear")
    assert playground.faults.take("auth.test") == []
    assert "not a valid FaultKind" in page.post("faults", target="slack", kind="fire")["error"]


def test_sendoso_moves(page: Page, sendoso: SmallSendoso) -> None:
    assert page.get("sendoso/sends", query="jane")["sends"][0]["recipient"] == "jane"
    assert page.get("sendoso/statuses")["statuses"] == ["sent", "opened"]
    assert page.post("sendoso/move", send_gid="g1", status="opened") == {"ok": True}
    assert sendoso.moved == [("g1", "opened")]
    assert page.post("sendoso/move", send_gid="g2", status="opened") == {"ok": False, "error": "no send g2"}


def test_without_sendoso(clock: PlayClock) -> None:
    with Playground(clock) as playground, Page(playground.url).http as http:
        assert http.get("/play/sendoso/statuses").json() == {"ok": False, "error": "no_sendoso"}
        answer = http.post("/play/faults", json={"target": "sendoso", "kind": "429"})
        assert answer.json() == {"ok": False, "error": "no_such_target"}


def test_what_the_page_may_not_ask(page: Page) -> None:
    assert page.http.post("/play/say", data={"user": "ann"}).status_code == 415
    json_sent = {"Content-Type": "application/json"}
    for body in (b"{", b"[]"):
        assert page.http.post("/play/say", content=body, headers=json_sent).status_code == 400
    assert page.post("say", channel="C02SALES", text="x") == {"ok": False, "error": "missing user"}
    assert page.post("command", user="ann", channel="C02SALES", text="/x") == {"ok": False, "error": "unknown_command"}
    assert page.post("say", user="zoe", channel="C02SALES", text="x")["error"] == "user_not_found"


def test_the_page_itself(page: Page) -> None:
    assert "<!doctype html>" in page.http.get("/").text.lower()
    assert page.http.get("/archives/C01GIFTING/p1").status_code == 200
    assert page.http.get("/static/index.html").status_code == 200
    assert page.http.get("/nowhere").status_code == 404


def test_the_page_hears_what_happens(page: Page, playground: Playground, app: TrivialApp) -> None:
    ann, listening = playground.person("ann"), threading.Event()
    heard: list[tuple[str, Json]] = []

    def listen() -> None:
        with page.http.stream("GET", "/play/events") as stream:
            name = ""
            for line in stream.iter_lines():
                listening.set()
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    heard.append((name, json.loads(line.removeprefix("data: "))))
                    if name == "clock":
                        return

    thread = threading.Thread(target=listen)
    thread.start()
    assert listening.wait(5)
    ann.command("/send-status x").press("Wish")
    ann.modal().submit_refused()
    ann.modal().close()
    ann.home("Welcome")
    ann.command("/unknown")
    page_two = Page(playground.url)
    page_two.post("clock", advance_seconds=1)
    page_two.http.close()
    thread.join(5)
    names = [name for name, _ in heard]
    assert names == ["message", "view", "view", "view", "home", "notice", "clock"]
    assert [data.get("change") for _, data in heard[:4]] == ["posted", "open", "errors", "close"]
    assert heard[0][1]["message"]["ephemeral_for"] == "U01ANN"
    assert heard[1][1]["view"]["callback_id"] == "wish"
    assert heard[2][1]["errors"] == {"name": "Please complete this required field."}
    words = "/unknown is not a command that is installed here."
    assert heard[5][1] == {"user": "U01ANN", "text": words, "level": "warning"}
