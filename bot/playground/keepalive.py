"""The playground's pings over a websocket, as Slack's are: with words in them."""

from __future__ import annotations

import secrets

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class WordedPings(WebSocketsSansIOProtocol):
    """Uvicorn's protocol, whose own pings carry four random bytes, and come the sooner the later the last pong came.

    Where the app gets no time for a while, hundreds lie in wait for it. The SDK calls itself for each that it reads at
    once, comes to Python's limit, and loses a press or an event among them.
    """

    def send_keepalive_ping(self) -> None:
        """Sends a ping and plans the next, always in the same time. Nobody waits for its pong."""
        self.ping_timer = None
        if self.close_sent or self.transport.is_closing():
            return
        self.conn.send_ping(f"Ping from playground-{secrets.token_hex(4)}".encode())
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.schedule_ping()
