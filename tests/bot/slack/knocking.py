"""Slack's requests as they come to the door, whole and broken, and what each leaves behind."""

from __future__ import annotations

import copy
import io
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from falcon import testing
from hypothesis import strategies as st
from sqlalchemy import select

from bot import logs
from bot.health import Health
from bot.metrics import Metrics
from bot.playground.http_mode import FORM, JSON, signed_headers
from bot.slack.socket import Socket
from bot.web import Web
from storage.engine import Database
from storage.models import Base
from tests.bot.slack.harness import SECRET, Slack

EMAIL, TOKEN = "jane.planted@acme.example", "xoxb-planted-7f3a9c"
"""Stand in every payload somewhere; neither may get into the log."""
LINK = "https://app.sendoso.com/track/116d64dc686937dd17b1865019cee71d295bcf38"
"""Of a send that is known."""
NAMED = {"channel_broken", "uninstalled"}
"""What is logged as an error and is none of ours: an admin has to do something."""
ODD = (
    "", " ", "\x00", "\ud800", "\u202e", "U01ANN", "U0SENDWATCH", "C01GIFTING", "D01ANN", "T0DEMO", "home", "im",
    "channel", "composer", "100.1", "1e999", "nan", "9" * 400, "<!channel>", "<@U01ANN> is it stuck?", "x" * 5_000,
    EMAIL, f"where is {EMAIL}", TOKEN, LINK,
    "javascript:alert(1)", "'; DROP TABLE sends --", "İ" * 50, "where is " + "x" * 3_000, "{}",
    -1, 0, 1, 2**31, 2**63, 10**400, 1e308, -0.0, 1.5, True, False, None,
)
NAMES = (
    "type", "subtype", "user", "channel", "id", "ts", "text", "tab", "links", "url", "tokens", "bot", "value", "values",
    "action_id", "block_id", "selected_option", "team_id", "user_id", "bot_id", "thread_ts", "channel_type",
)
odd = st.recursive(
    st.sampled_from(ODD) | st.text(max_size=12) | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=5,
)


def _places(whole: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a payload, the outermost first."""
    inner = whole.items() if isinstance(whole, dict) else enumerate(whole) if isinstance(whole, list) else ()
    for name, value in inner:
        yield (*path, name)
        yield from _places(value, (*path, name))


def _deep(whole: object) -> list[tuple[Any, ...]]:
    """The same, so that the inner ones are chosen more often: what is around them is always alike."""
    return [path for path in _places(whole) for _ in path] or [("type",)]


@st.composite
def broken(draw: st.DrawFn, wholes: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """One of these payloads in which up to three places are missing, odd, or stand in a list or an object."""
    body: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(list(wholes.values()))))
    for _ in range(draw(st.integers(0, 3))):
        found = draw(st.sampled_from(_deep(body)))
        *path, last = found
        holder: Any = body
        for name in path:
            holder = holder[name]
        match draw(st.sampled_from(["odd", "odd", "odd", "gone", "listed", "wrapped", "many"])):
            case "gone":
                del holder[last]
            case "listed":
                holder[last] = [holder[last]]
            case "wrapped":
                holder[last] = {"id": holder[last], "value": holder[last]}
            case "many":
                holder[last] = [copy.deepcopy(holder[last]) for _ in range(20)]
            case _:
                holder[last] = draw(odd)
    return body


NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Door:
    """The real routes in front of the real app, and the log as it would be written."""

    def __init__(self, slack: Slack, health: Health, database: Database) -> None:
        self.slack, self.database = slack, database
        web = Web(slack_dispatch=slack.app.dispatch, health=health, metrics=Metrics(database, lambda: slack.now))
        self.client = testing.TestClient(web.app)
        self.log = io.StringIO()
        logs.configure("INFO", "json", self.log)
        self._sent: list[str] = []
        self._socket = Socket(slack.app, "xapp-planted")
        self._wire = self._socket._handler.client  # noqa: SLF001 - the SDK's own end of the wire
        self._wire.send_message = self._sent.append  # type: ignore[method-assign, assignment] # nobody is at its end
        self._start = sqlite3.connect(":memory:")
        with self._opened() as line:
            line.backup(self._start)

    def reset(self) -> None:
        """The database as it was when the door was made."""
        self.slack.executor.finish()
        with self._opened() as line:
            self._start.backup(line)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with self.database.engine.connect() as connection:
            line = connection.connection.driver_connection
            assert isinstance(line, sqlite3.Connection)
            yield line

    def knock(
        self, body: bytes, kind: str, headers: Mapping[str, str] = NO_HEADERS, at: float | None = None,
    ) -> testing.Result:
        """A request with Slack's signature, and with these headers besides or instead."""
        signed = signed_headers(SECRET, body, kind, at) | dict(headers)
        return self.client.simulate_post("/slack/events", body=body, headers=signed)

    def event(self, body: dict[str, Any], headers: Mapping[str, str] = NO_HEADERS) -> testing.Result:
        return self.knock(json.dumps(body).encode(), JSON, headers)

    def interact(self, body: dict[str, Any]) -> testing.Result:
        return self.knock(urlencode({"payload": json.dumps(body)}).encode(), FORM)

    def by_socket(self, body: dict[str, Any], kind: str = "events_api", **more: object) -> list[dict[str, Any]]:
        """The same through Socket Mode, as far as the SDK's reader of messages; gives what went back to Slack."""
        self._sent.clear()
        message = {"type": kind, "envelope_id": "e1", "payload": body, "accepts_response_payload": True, **more}
        self._wire.run_message_listeners(message, json.dumps(message))
        return [json.loads(one) for one in self._sent]

    def close(self) -> None:
        self._socket.stop()
        self._start.close()

    def finish(self) -> None:
        """What is done after the answer."""
        self.slack.executor.finish()

    def logged(self) -> list[dict[str, Any]]:
        """What was logged since the last time: no secret, no traceback, and as an error nothing but what is named."""
        told = self.log.getvalue()
        self.log.seek(0)
        self.log.truncate()
        lines: list[dict[str, Any]] = [json.loads(line) for line in told.splitlines()]
        assert EMAIL not in told, lines
        assert TOKEN not in told, lines
        assert "Traceback" not in told, next(line["exception"] for line in lines if "exception" in line)
        assert {line["event"] for line in lines if line["level"] in {"error", "critical"}} <= NAMED, lines
        return lines

    def stored(self) -> dict[str, set[str]]:
        """All that is in the database, by its table."""
        with self.database.read() as session:
            tables = Base.metadata.sorted_tables
            return {table.name: {repr(row) for row in session.execute(select(table))} for table in tables}


def changed(before: dict[str, set[str]], after: dict[str, set[str]]) -> set[str]:
    """The tables of which a row is another than before."""
    return {name for name, rows in after.items() if rows != before[name]}
