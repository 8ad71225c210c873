"""The SDK's client for Socket Mode, for messages of any length."""

from __future__ import annotations

import secrets
import struct
from contextlib import suppress
from typing import Any

from slack_sdk.errors import SlackClientNotConnectedError
from slack_sdk.socket_mode import SocketModeClient

LONGEST = 0xFFFF
"""Bytes in a frame of the SDK's, which cannot write a longer one: the answer was lost, and an error in the log."""
READ_AT_ONCE = 16 * 1024
"""Bytes, as many as a TLS record has. The SDK calls itself for every piece that it reads of a message: with its own
1,024 it comes to Python's limit at a megabyte, loses the message, and takes the rest of it for others."""
_TEXT, _IS_MASKED = 0x81, 0xFF
"""A whole text; masked, with its length in the next eight bytes (RFC 6455, 5.2)."""


class Client(SocketModeClient):
    """Sends and reads long messages, too."""

    def __init__(self, app_token: str, **options: Any) -> None:  # noqa: ANN401 - the SDK's own options
        super().__init__(app_token, receive_buffer_size=READ_AT_ONCE, **options)

    def send_message(self, message: str) -> None:
        """Send it over the connection that there is, or the next. Raises SlackClientNotConnectedError."""
        text = message.encode()
        if len(text) <= LONGEST:
            super().send_message(message)
            return
        frame = _frame(text)
        try:
            self._put(frame)
        except SlackClientNotConnectedError:
            # As the SDK does: it may have been replaced just now.
            with self.connect_operation_lock:
                self._put(frame)

    def disconnect(self) -> None:
        """Close the connection that there is; the SDK makes another, unless it is closed itself."""
        # Where another thread closes it in the same moment, the SDK stumbles over what is gone.
        with suppress(AttributeError):
            super().disconnect()

    def _put(self, frame: bytes) -> None:
        session = self.current_session
        if session is None:
            raise SlackClientNotConnectedError("there is no connection yet")
        try:
            with session.sock_send_lock:
                if session.sock is None:
                    raise SlackClientNotConnectedError("the connection is closed")
                session.sock.sendall(frame)
        except OSError as error:
            # A part of it may have gone out, and nothing could follow that.
            with suppress(AttributeError):
                session.disconnect()
            raise SlackClientNotConnectedError(f"the connection is lost: {error}") from error


def _frame(text: bytes) -> bytes:
    key = secrets.token_bytes(4)
    mask = (key * (len(text) // 4 + 1))[:len(text)]
    masked = int.from_bytes(text, "big") ^ int.from_bytes(mask, "big")
    return struct.pack("!BBQ", _TEXT, _IS_MASKED, len(text)) + key + masked.to_bytes(len(text), "big")
