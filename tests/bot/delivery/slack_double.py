"""A very small Slack on loopback that keeps messages and fails on demand; the real SDK talks to it."""

from __future__ import annotations

import json
import math
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl


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
        self.busy: dict[str, datetime] = {}
        """Until when writes to a channel are answered with 429 and how long to wait."""
        self.refused: dict[str, list[tuple[datetime, datetime]]] = {}
        """When such a write came, and until when its sender was told to wait."""
        self.files: dict[str, dict[str, Any]] = {}
        self.once = False
        """Whether Slack refuses to share a file a second time; its page says only that this must not be done."""
        self.late = False
        """Whether Slack says yes to a file and shares it only with `catch_up`."""
        self.users: dict[str, dict[str, Any]] = {}
        """By e-mail address."""
        self.before: dict[str, Callable[[], None]] = {}
        """Done once, before the next call of that method is answered."""
        self.url = ""
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
            channel = body.get("channel") or body.get("channel_id") or ""
            error = self.errors.get(f"{method}:{channel}") or self.errors.get(method)
            if method.startswith("chat.") or method == "files.completeUploadExternal":
                error = error or self.errors.get(channel) or self.errors.get("*")
            if error:
                return {"ok": False, "error": error}
            does: Callable[[dict[str, Any]], dict[str, Any]] = {
                "chat.postMessage": self._post, "chat.update": self._update, "chat.delete": self._delete,
                "conversations.history": self._history, "conversations.replies": self._history,
                "conversations.open": self._open, "files.getUploadURLExternal": self._announce,
                "files.completeUploadExternal": self._share, "files.info": self._file,
                "users.lookupByEmail": self._user,
            }[method]
            return does(body)

    def _post(self, body: dict[str, Any]) -> dict[str, Any]:
        self._counter += 1
        ts = f"{int(self.clock().timestamp())}.{self._counter:06d}"
        channel = _direct(body["channel"])
        self.channels.setdefault(channel, []).append(body | {"ts": ts})
        return {"ok": True, "ts": ts, "channel": channel}

    def begin(self, method: str, body: dict[str, Any]) -> Fault | None:
        """A call has come; gives what is to go wrong with it."""
        self.calls.append(Call(method=method, body=body, at=self.clock()))
        self.before.pop(method, _nothing)()
        until = self.busy.get(body.get("channel", ""))
        if until is not None and until > self.clock():
            seconds = math.ceil((until - self.clock()).total_seconds())
            waits = self.clock(), self.clock() + timedelta(seconds=seconds)
            self.refused.setdefault(body["channel"], []).append(waits)
            return Fault(status=429, headers={"Retry-After": str(seconds)}, body=b"{}")
        faults = self.faults.get(method)
        return faults.popleft() if faults else None

    def put(self, file_id: str, content: bytes) -> bool:
        """The bytes of a file have come; False if they are not those announced."""
        file = self.files.get(file_id)
        if file is None or file["length"] != len(content):
            return False
        file["content"] = content
        return True

    def catch_up(self) -> None:
        """Slack shares what it said yes to."""
        for file in self.files.values():
            for waiting in file.pop("waiting", []):
                self._show_file(file, waiting)

    def shown_files(self, channel: str) -> list[bytes]:
        """The contents of the files in a channel, in the order of their posts."""
        return [
            self.files[one["id"]]["content"]
            for message in self.channels.get(channel, []) for one in message.get("files", [])
        ]

    def _announce(self, body: dict[str, Any]) -> dict[str, Any]:
        file_id = f"F{len(self.files) + 1}"
        self.files[file_id] = {
            "id": file_id, "name": body["filename"], "length": int(body["length"]), "alt_txt": body.get("alt_txt"),
            "content": None, "completed": False, "shares": {},
        }
        return {"ok": True, "file_id": file_id, "upload_url": f"{self.url}upload/{file_id}"}

    def _share(self, body: dict[str, Any]) -> dict[str, Any]:
        file = self.files.get(body["files"][0]["id"])
        if file is None or file["content"] is None or (self.once and file["completed"]):
            return {"ok": False, "error": "file_not_found"}
        if body["channel_id"].startswith("U"):
            return {"ok": False, "error": "invalid_arguments"}
        file |= {"completed": True, "title": body["files"][0]["title"]}
        self.files[file["id"]] = file
        if self.late:
            file.setdefault("waiting", []).append(body)
        else:
            self._show_file(file, body)
        return {"ok": True, "files": [{"id": file["id"], "title": file["title"], "shares": file["shares"]}]}

    def _show_file(self, file: dict[str, Any], body: dict[str, Any]) -> None:
        self._counter += 1
        ts = f"{int(self.clock().timestamp())}.{self._counter:06d}"
        message = {"ts": ts, "text": body.get("initial_comment", ""), "files": [{"id": file["id"]}]}
        message |= {"thread_ts": body["thread_ts"]} if "thread_ts" in body else {}
        self.channels.setdefault(body["channel_id"], []).append(message)
        kind = "private" if body["channel_id"].startswith("D") else "public"
        file["shares"].setdefault(kind, {}).setdefault(body["channel_id"], []).append({"ts": ts})

    def _file(self, body: dict[str, Any]) -> dict[str, Any]:
        file = self.files.get(body["file"])
        if file is None or file["content"] is None:
            return {"ok": False, "error": "file_not_found"}
        return {"ok": True, "file": {"id": file["id"], "shares": file["shares"]}}

    def _user(self, body: dict[str, Any]) -> dict[str, Any]:
        user = self.users.get(body["email"])
        return {"ok": True, "user": user} if user else {"ok": False, "error": "users_not_found"}

    def _update(self, body: dict[str, Any]) -> dict[str, Any]:
        for message in self.channels.get(body["channel"], []):
            if message["ts"] == body["ts"]:
                message.update(text=body["text"], blocks=body["blocks"])
                return {"ok": True, "ts": body["ts"], "channel": body["channel"]}
        return {"ok": False, "error": "message_not_found"}

    def _delete(self, body: dict[str, Any]) -> dict[str, Any]:
        kept = [one for one in self.channels.get(body["channel"], []) if one["ts"] != body["ts"]]
        self.channels[body["channel"]] = kept
        for file in self.files.values():
            for shares in file["shares"].values():
                entries = shares.get(body["channel"], [])
                shares[body["channel"]] = [one for one in entries if one["ts"] != body["ts"]]
        return {"ok": True, "ts": body["ts"], "channel": body["channel"]}

    def _history(self, body: dict[str, Any]) -> dict[str, Any]:
        newest = [
            one for one in reversed(self.channels.get(body["channel"], []))
            if float(one["ts"]) >= float(body["oldest"])
            and (one.get("thread_ts") == body.get("ts") or ("ts" not in body and one.get("reply_broadcast")))
        ]
        start = int(body.get("cursor") or 0)
        page = newest[start:start + self.page]
        following = str(start + self.page) if start + self.page < len(newest) else ""
        return {"ok": True, "messages": page, "response_metadata": {"next_cursor": following}}

    def _open(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "channel": {"id": _direct(body["users"])}}


def _nothing() -> None: ...


def _direct(channel: str) -> str:
    return "D" + channel[1:] if channel.startswith("U") else channel


class _Handler(BaseHTTPRequestHandler):
    slack: SlackDouble

    def do_POST(self) -> None:
        given = self.rfile.read(int(self.headers["Content-Length"]))
        method, _, file_id = self.path.removeprefix("/api/").partition("/")
        is_upload = method == "upload"
        body = {} if is_upload else self._read(given)
        fault = self.slack.begin(method, body)
        answer: dict[str, Any] = {}
        if fault is None or fault.stores:
            if not is_upload:
                answer = self.slack.answer(method, body)
            elif not self.slack.put(file_id, given):
                fault = Fault(status=400)
        self._end(fault or Fault(), answer)

    def _read(self, given: bytes) -> dict[str, Any]:
        if self.headers.get_content_type() == "application/json":
            read: dict[str, Any] = json.loads(given)
            return read
        return dict(parse_qsl(given.decode()))

    def _end(self, fault: Fault, answer: dict[str, Any]) -> None:
        if fault.waits_for is not None:
            fault.waits_for.wait(20)
        if fault.drops:
            self.close_connection = True
            return
        said = {"ok": False, "error": fault.error} if fault.error else answer
        body = json.dumps(said).encode() if fault.body is None else fault.body
        self.send_response(fault.status)
        for name, value in fault.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@contextmanager
def serving(slack: SlackDouble) -> Iterator[str]:
    """The double on a port of its own; gives the base URL for the SDK."""
    handler = type("Handler", (_Handler,), {"slack": slack})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        slack.url = f"http://127.0.0.1:{server.server_port}/api/"
        yield slack.url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
