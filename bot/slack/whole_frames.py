"""A websocket's socket that gives one whole message at a time, for a reader that cannot put them together."""

from __future__ import annotations

from socket import socket
from typing import Any

_FIN, _OPCODE, _LENGTH, _IS_MASKED = 0x80, 0x0F, 0x7F, 0x80
_CONTINUES, _FIRST_CONTROL = 0x0, 0x8
_LONG, _LONGER = 126, 127
READ_AT_ONCE = 16 * 1024
"""Bytes, as many as a TLS record has."""


class WholeFrames:
    """The socket, but for what `recv` gives: one frame with a whole message, or a control frame, however long it is.

    The SDK loses all that it has read at once where one message among it cannot be read, where a frame stops for three
    seconds in its middle, or where there are some hundred frames (it calls itself for each). What it reads then is no
    frame any more. It takes each part of a message for a whole one, and reads on for ten seconds, as fast as it can,
    where Slack has hung up.
    """

    def __init__(self, wire: socket) -> None:
        self._wire, self._read = wire, bytearray()
        self._kind, self._parts = 0, bytearray()
        self._is_begun = False

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - all else is the socket's
        return getattr(self._wire, name)

    def recv(self, _size: int) -> bytes:
        """The next message. Raises TimeoutError while there is none, ConnectionError where Slack has hung up."""
        while True:
            whole = self._whole()
            if whole is not None:
                return whole
            more = self._wire.recv(READ_AT_ONCE)
            if not more:
                raise ConnectionResetError("Slack has hung up")
            self._read += more

    def _whole(self) -> bytes | None:
        if not self._is_begun and self._read:
            # The SDK leaves the last sign of the greeting unread.
            self._read = self._read.removeprefix(b"\n")
            self._is_begun = True
        while (found := self._frame()) is not None:
            first, payload = found
            kind = first & _OPCODE
            if kind >= _FIRST_CONTROL or (first & _FIN and kind != _CONTINUES):
                return _framed(first, payload)
            if kind != _CONTINUES:
                self._kind, self._parts = kind, bytearray()
            self._parts += payload
            if first & _FIN:
                return _framed(_FIN | self._kind, bytes(self._parts))
        return None

    def _frame(self) -> tuple[int, bytes] | None:
        """The first byte and the payload of the next frame, once all of it is there."""
        read = self._read
        if len(read) < 2:  # noqa: PLR2004 - a frame's shortest head
            return None
        length, begins = read[1] & _LENGTH, 2
        if length >= _LONG:
            begins = 4 if length == _LONG else 10
            length = int.from_bytes(read[2:begins], "big")
        begins += 4 * bool(read[1] & _IS_MASKED)
        if len(read) < begins + length:
            return None
        first, payload = read[0], bytes(read[begins:begins + length])
        del read[:begins + length]
        return first, payload


def _framed(first: int, payload: bytes) -> bytes:
    length = len(payload)
    if length < _LONG:
        return bytes([first, length]) + payload
    if length <= 0xFFFF:  # noqa: PLR2004 - what two bytes hold
        return bytes([first, _LONG]) + length.to_bytes(2, "big") + payload
    return bytes([first, _LONGER]) + length.to_bytes(8, "big") + payload
