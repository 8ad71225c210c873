"""The SDK's client for Socket Mode, for messages of any length."""

from __future__ import annotations

import secrets
import struct
from contextlib import suppress

from slack_sdk.errors import SlackClientNotConnectedError
from slack_sdk.socket_mode import SocketModeClient

from bot.slack.whole_frames import WholeFrames

LONGEST = 0xFFFF
"""Bytes in a frame of the SDK's, which cannot write a longer one: the answer was lost, and an error in the log."""
_TEXT, _IS_MASKED = 0x81, 0xFF
"""A whole text; masked, with its length in the next eight bytes (RFC 6455, 5.2)."""


class Client(SocketModeClient):
    """Sends and reads long messages, too."""

    def _run_current_session(self) -> None:
        # By the thread that reads, before it reads.
        session = self.current_session
        if session is not None:
            with session.sock_send_lock:
                if session.sock is not None and not isinstance(session.sock, WholeFrames):
                    session.sock = WholeFrames(session.sock)  # type: ignore[assignment] # it does what a socket does
        super()._run_current_session()  # type: ignore[no-untyped-call] # the SDK's

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
