"""The thread in which the playground is served: it starts and ends at once, and says nothing."""

from __future__ import annotations

import asyncio
import socket
import threading

import uvicorn
from starlette.applications import Starlette

from bot.playground.http_mode import HttpMode
from bot.playground.keepalive import WordedPings

PING_EVERY = 0.2
"""Seconds between pings. The SDK's own client closes a quiet connection only after 3 s; a ping wakes it."""
ROUNDS = 5
"""Turns of the event loop after which a connection that was just taken is known."""
LINGER = 0.2
"""Seconds that requests get to end by themselves when the playground stops."""


class Serving(uvicorn.Server):
    """Uvicorn without its signals, logs and polling. `crashes` are mistakes of the playground itself."""

    def __init__(self, app: Starlette) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http="h11",
                ws=WordedPings,
                loop="asyncio",
                lifespan="off",
                log_config=None,
                access_log=False,
                log_level="critical",
                date_header=False,
                ws_ping_interval=PING_EVERY,
                ws_ping_timeout=None,
            ),
        )
        self.ready = threading.Event()
        self.crashes: list[Exception] = []

    def run_in_thread(self, listener: socket.socket, http: HttpMode) -> None:
        try:
            asyncio.run(self._live(listener, http))
        finally:
            self.ready.set()

    async def _live(self, listener: socket.socket, http: HttpMode) -> None:
        self.loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
        try:
            await self.serve(sockets=[listener])
        finally:
            await http.close()

    def end(self) -> None:
        """Stops serving; from any thread."""
        self.loop.call_soon_threadsafe(self._ending.set)

    def cut(self, client: object) -> None:
        """Aborts the connection that comes from this address."""
        for connection in list(self.server_state.connections):
            if getattr(connection, "client", None) == client:
                connection.transport.abort()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        self.ready.set()
        await self._ending.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # A connection that is taken while the server closes would be left open by asyncio: first none are
        # taken any more, then those just taken become known, then they end.
        for listener in sockets or ():
            self.loop.remove_reader(listener.fileno())
        for _ in range(ROUNDS):
            await asyncio.sleep(0)
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)
        await self._end_tasks()
        for listener in sockets or ():
            listener.close()

    async def _end_tasks(self) -> None:
        tasks = set(self.server_state.tasks)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=LINGER)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
