"""The playground's pings over a websocket, as Slack's are: with words in them."""

from __future__ import annotations

import secrets

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class WordedPings(WebSocketsSansIOProtocol):
    """Uvicorn's protocol, whose own pings carry four random bytes.

    The SDK reads a ping as UTF-8, and where it cannot, drops all that came in one read with it: a press or an
    event that nobody answers. Slack's own pings are text.
    """

    def send_keepalive_ping(self) -> None:
        """Sends a ping and plans the next. Nobody waits for its pong: `ws_ping_timeout` is None."""
        self.ping_timer = None
        if self.close_sent or self.transport.is_closing():
            return
        self.conn.send_ping(f"Ping from playground-{secrets.token_hex(4)}".encode())
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.schedule_ping()
