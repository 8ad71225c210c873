"""Socket Mode: websockets over which payloads go to the app and acknowledgements come back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import uuid
from collections.abc import Callable

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.playground.faults import SOCKET, FaultKind
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


class SocketMode:
    """Keeps the app's connections. Everything but `count` belongs to the server's event loop."""

    def __init__(self, slack: Slack, cut: Callable[[object], None]) -> None:
        self._slack, self._cut_client = slack, cut
        self._connections: list[WebSocket] = []
        self._awaited: dict[str, asyncio.Future[Json | None]] = {}
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
        if awaited is not None and not awaited.done():
            payload = message.get("payload")
            awaited.set_result(payload if isinstance(payload, dict) else None)

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
        awaited = self._awaited[envelope_id] = asyncio.get_running_loop().create_future()
        try:
            for _ in range(copies):
                await self._next_connection().send_json(envelope)
            answer = await asyncio.wait_for(awaited, self._slack.ack_timeout)
        except TimeoutError:
            return Outcome(error=NO_ANSWER)
        except GONE:
            return Outcome(error=NO_CONNECTION)
        finally:
            del self._awaited[envelope_id]
        return Outcome(answer=answer if answerable else None)

    def _next_connection(self) -> WebSocket:
        self._turn += 1
        return self._connections[self._turn % len(self._connections)]

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
