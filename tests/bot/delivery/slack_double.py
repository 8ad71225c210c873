"""A very small Slack on loopback that keeps messages and fails on demand; the real SDK talks to it."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(kw_only=True)
class Fault:
    """What happens instead of (or, with `stores`, after) the call that it is put before."""

    status: int = 200
    error: str | None = None
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    stores: bool = False
    drops: bool = False
    waits_for: threading.Event | None = None


@dataclass(kw_only=True)
class Call:
    method: str
    body: dict[str, Any]
    at: datetime


class SlackDouble:
    """Channels by id, each a list of messages, the oldest first."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.channels: dict[str, list[dict[str, Any]]] = {}
        self.calls: list[Call] = []
        self.faults: dict[str, deque[Fault]] = {}
        self.errors: dict[str, str] = {}
        """Error of every write, by channel id; "*" for the whole workspace."""
        self.page = 200
        self._counter = 0
        self._lock = threading.Lock()

    def fault(self, method: str, *faults: Fault) -> None:
        self.faults.setdefault(method, deque()).extend(faults)

    def texts(self, channel: str) -> list[str]:
        return [message["text"] for message in self.channels.get(channel, [])]

    def count(self, method: str) -> int:
        return sum(call.method == method for call in self.calls)

    def answer(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            channel = body.get("channel", "")
            error = self.errors.get(f"{method}:{channel}") or self.errors.get(method)
            if method.startswith("chat."):
                error = error or self.errors.get(channel) or self.errors.get("*")
            if error:
                return {"ok": False, "error": error}
            does: Callable[[dict[str, Any]], dict[str, Any]] = {
                "chat.postMessage": self._post, "chat.update": self._update, "chat.delete": self._delete,
                "conversations.history": self._history, "conversations.replies": self._history,
                "conversations.open": self._open,
            }[method]
            return does(body)

    def _post(self, body: dict[str, Any]) -> dict[str, Any]:
        self._counter += 1
        ts = f"{int(self.clock().timestamp())}.{self._counter:06d}"
        channel = _direct(body["channel"])
        self.channels.setdefault(channel, []).append(body | {"ts": ts})
        return {"ok": True, "ts": ts, "channel": channel}

    def _update(self, body: dict[str, Any]) -> dict[str, Any]:
        for message in self.channels.get(body["channel"], []):
            if message["ts"] == body["ts"]:
                message.update(text=body["text"], blocks=body["blocks"])
                return {"ok": True, "ts": body["ts"], "channel": body["channel"]}
        return {"ok": False, "error": "message_not_found"}

    def _delete(self, body: dict[str, Any]) -> dict[str, Any]:
        kept = [one for one in self.channels.get(body["channel"], []) if one["ts"] != body["ts"]]
        self.channels[body["channel"]] = kept
        return {"ok": True, "ts": body["ts"], "channel": body["channel"]}

    def _history(self, body: dict[str, Any]) -> dict[str, Any]:
        newest = [
            one for one in reversed(self.channels.get(body["channel"], []))
            if float(one["ts"]) >= float(body["oldest"]) and one.get("thread_ts") == body.get("ts")
        ]
        start = int(body.get("cursor") or 0)
        page = newest[start:start + self.page]
        following = str(start + self.page) if start + self.page < len(newest) else ""
        return {"ok": True, "messages": page, "response_metadata": {"next_cursor": following}}

    def _open(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "channel": {"id": _direct(body["users"])}}


def _direct(channel: str) -> str:
    return "D" + channel[1:] if channel.startswith("U") else channel


@contextmanager
def serving(slack: SlackDouble) -> Iterator[str]:
    """The double on a port of its own; gives the base URL for the SDK."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            method = self.path.removeprefix("/api/")
            slack.calls.append(Call(method=method, body=body, at=slack.clock()))
            faults = slack.faults.get(method)
            fault = faults.popleft() if faults else None
            answer = slack.answer(method, body) if fault is None or fault.stores else {}
            if fault is not None:
                if fault.waits_for is not None:
                    fault.waits_for.wait(20)
                if fault.drops:
                    self.close_connection = True
                    return
                if fault.error:
                    answer = {"ok": False, "error": fault.error}
            self._reply(fault or Fault(), json.dumps(answer).encode())

        def _reply(self, fault: Fault, answer: bytes) -> None:
            body = answer if fault.body is None else fault.body
            self.send_response(fault.status)
            for name, value in fault.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
