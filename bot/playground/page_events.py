"""What the page hears as it happens: one stream of server-sent events for each open page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from bot.playground.slack_errors import Json
from bot.playground.slack_state import SlackState

STREAMED = {"message", "view", "home", "clock", "notice", "preview", "typing", "people"}
HEARTBEAT = 15.0
"""Seconds after which an idle stream says something, so that a broken line is noticed."""


class PageEvents:
    """Passes changes of the workspace on; `serve` belongs to the server's event loop."""

    def __init__(self, state: SlackState) -> None:
        self._state = state
        self._streams: dict[asyncio.Queue[str], asyncio.AbstractEventLoop] = {}
        state.subscribe(self._pass_on)

    def _pass_on(self, event: str, data: Json) -> None:
        if event in STREAMED and self._streams:
            words = f"event: {event}\ndata: {json.dumps(data)}\n\n"
            for queue, loop in list(self._streams.items()):
                loop.call_soon_threadsafe(queue.put_nowait, words)

    async def serve(self, _request: Request) -> Response:
        """One page's stream."""
        queue: asyncio.Queue[str] = asyncio.Queue()
        with self._state.changed:
            self._streams[queue] = asyncio.get_running_loop()
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._words(queue), media_type="text/event-stream", headers=headers)

    async def _words(self, queue: asyncio.Queue[str]) -> AsyncIterator[str]:
        try:
            yield "retry: 1000\n\n"
            while True:
                try:
                    yield await asyncio.wait_for(queue.get(), HEARTBEAT)
                except TimeoutError:
                    yield ": still here\n\n"
        finally:
            with self._state.changed:
                self._streams.pop(queue, None)
