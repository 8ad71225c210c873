"""Socket Mode: websockets over which payloads go to the app and acknowledgements come back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import uuid
from collections.abc import Callable

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.playground.fault import SOCKET, FaultKind
from bot.playground.outcome import NO_ANSWER, NO_CONNECTION, Outcome
from bot.playground.slack import Slack
from bot.playground.slack_app import APP_ID
from bot.playground.slack_errors import Json

MOST_CONNECTIONS = 10
CONNECTION_TIME = 3600
GONE = (WebSocketDisconnect, RuntimeError)
"""What Starlette raises when the other side has left."""
GRACE = 10.0
"""Seconds between asking an app to reconnect and closing its connection."""


LATE = 0.3
"""Seconds in which a payload may still be acknowledged over another connection than the one that died with it."""


class _Awaited:
    """An acknowledgement that is to come, and the connections over which its payload went."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        self.carriers: list[WebSocket] = []
        self.sent = self.is_lost = False

    def lost(self, websocket: WebSocket) -> None:
        """That connection is dead: where it was the last, an acknowledgement is hardly waited for any more."""
        if websocket in self.carriers:
            self.carriers.remove(websocket)
            if not self.carriers:
                asyncio.get_running_loop().call_later(LATE, self._give_up)

    def _give_up(self) -> None:
        if not self.carriers and not self.answer.done():
            self.is_lost = True
            self.answer.set_result(None)


class SocketMode:
    """Keeps the app's connections. Everything but `count` belongs to the server's event loop."""

    def __init__(self, slack: Slack, cut: Callable[[object], None]) -> None:
        self._slack, self._cut_client = slack, cut
        self._connections: list[WebSocket] = []
        self._awaited: dict[str, _Awaited] = {}
        self._turn = 0
        self._someone = asyncio.Event()
        self._closings: set[asyncio.Task[None]] = set()

    @property
    def count(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    async def serve(self, websocket: WebSocket) -> None:
        """One connection, from its ticket to its end."""
        ticket = websocket.query_params.get("ticket", "")
        if ticket not in self._slack.tickets:
            await websocket.close()
            return
        self._slack.tickets.discard(ticket)
        await websocket.accept()
        if self.count >= MOST_CONNECTIONS:
            await self._ask_to_go(websocket, "too_many_websockets")
            return
        self._connections.append(websocket)
        try:
            await websocket.send_json(self._hello())
            self._someone.set()
            self._slack.state.publish("socket", {"connections": self.count})
            while True:
                self._take(await websocket.receive_text())
        except WebSocketDisconnect:
            return
        finally:
            self._forget(websocket)

    def _hello(self) -> Json:
        debug = {"host": "playground", "build_number": 1, "approximate_connection_time": CONNECTION_TIME}
        return {
            "type": "hello",
            "num_connections": self.count,
            "debug_info": debug,
            "connection_info": {"app_id": APP_ID},
        }

    def _forget(self, websocket: WebSocket) -> None:
        if websocket in self._connections:
            self._connections.remove(websocket)
        for awaited in self._awaited.values():
            awaited.lost(websocket)
        if not self._connections:
            self._someone.clear()
        self._slack.state.publish("socket", {"connections": self.count})

    def _take(self, text: str) -> None:
        """An acknowledgement. Anything else an app sends is ignored, as Slack ignores it."""
        try:
            message = json.loads(text)
        except ValueError:
            return
        if not isinstance(message, dict):
            return
        awaited = self._awaited.get(str(message.get("envelope_id")))
        if awaited is not None and not awaited.answer.done():
            payload = message.get("payload")
            awaited.answer.set_result(payload if isinstance(payload, dict) else None)

    async def ready(self) -> None:
        """Returns when at least one connection is open."""
        await self._someone.wait()

    async def deliver(self, kind: str, payload: Json, *, answerable: bool, retry: int = 0) -> Outcome:
        """Sends a payload over one of the connections and waits for its acknowledgement."""
        copies = 1
        for fault in self._slack.faults.take(SOCKET):
            if fault.kind == FaultKind.DELAY:
                await asyncio.sleep(fault.seconds)
            elif fault.kind == FaultKind.DUPLICATE:
                copies = 2
            elif fault.kind == FaultKind.DISCONNECT:
                await self.disconnect("refresh_requested")
            elif fault.kind == FaultKind.CUT:
                self.cut()
        if not self._connections:
            return Outcome(error=NO_CONNECTION)
        envelope: Json = {"envelope_id": str(uuid.uuid4()), "type": kind, "payload": payload}
        envelope["accepts_response_payload"] = answerable
        if kind == "events_api":
            envelope |= {"retry_attempt": retry, "retry_reason": "timeout" if retry else ""}
        return await self._exchange(envelope, copies, answerable=answerable)

    async def _exchange(self, envelope: Json, copies: int, *, answerable: bool) -> Outcome:
        envelope_id = envelope["envelope_id"]
        awaited = self._awaited[envelope_id] = _Awaited()
        try:
            for _ in range(copies):
                await self._send(envelope, awaited)
            if not awaited.sent:
                return Outcome(error=NO_CONNECTION)
            answer = await asyncio.wait_for(awaited.answer, self._slack.ack_timeout)
        except TimeoutError:
            return Outcome(error=NO_ANSWER)
        finally:
            del self._awaited[envelope_id]
        return Outcome(error=NO_ANSWER) if awaited.is_lost else Outcome(answer=answer if answerable else None)

    async def _send(self, envelope: Json, awaited: _Awaited) -> None:
        """Over the connection whose turn it is, or the next that is not dead."""
        while self._connections:
            self._turn += 1
            websocket = self._connections[self._turn % self.count]
            awaited.carriers.append(websocket)
            try:
                await websocket.send_json(envelope)
            except GONE:
                self._forget(websocket)
            else:
                awaited.sent = True
                return

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Asks every connection to go: `warning`, `refresh_requested` or `link_disabled`."""
        for websocket in list(self._connections):
            await self._ask_to_go(websocket, reason)

    async def _ask_to_go(self, websocket: WebSocket, reason: str) -> None:
        info = {"host": "playground", "id": secrets.token_hex(4)}
        with contextlib.suppress(*GONE):
            await websocket.send_json({"type": "disconnect", "reason": reason, "debug_info": info})
        if reason == "refresh_requested":
            closing = asyncio.create_task(self._close(websocket, GRACE))
            self._closings.add(closing)
            closing.add_done_callback(self._closings.discard)
        elif reason != "warning":
            await self._close(websocket, 0)

    async def _close(self, websocket: WebSocket, after: float) -> None:
        await asyncio.sleep(after)
        with contextlib.suppress(*GONE):
            await websocket.close()

    def cut(self) -> None:
        """Every connection ends without a word, as when a cable is pulled."""
        for websocket in list(self._connections):
            self._forget(websocket)
            self._cut_client(websocket.client)
