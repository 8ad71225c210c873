"""A WSGI application on a port: waitress in a thread of its own, ended without cutting anybody off."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError, TransferEncodingNotImplemented
from waitress.server import create_server

LARGEST_BODY = 2 * 1024 * 1024
"""Of what is read at all; the application's own limit is lower, so that it can answer in its own words. What is read
may be anybody's, since it is not known before whether it is signed."""
THREADS = 16
CONNECTIONS, PATIENCE = 500, timedelta(seconds=20)
"""So many at once, and how long one may say nothing in the midst of a request: with few of them, or for long, anybody
could keep Slack and whoever asks for /healthz waiting (our judgement)."""
LOOKED_AT = timedelta(seconds=5)
"""How often connections that say nothing are looked for."""


class AddressTakenError(OSError):
    """Nothing can be listened on there."""


class _Parser(HTTPRequestParser):  # type: ignore[misc] # waitress has no types
    def parse_header(self, header_plus: bytes) -> None:
        try:
            super().parse_header(header_plus)
        except TransferEncodingNotImplemented as error:
            # waitress answers 501; what the sender got wrong is no failure of this server.
            raise ParsingError(str(error)) from None


class _Channel(HTTPChannel):  # type: ignore[misc] # waitress has no types
    parser_class = _Parser


class Serving:
    """Serves `application` on `host` and `port` (0 takes a free one) from `start()` to `stop()`."""

    def __init__(self, application: Callable[..., Any], host: str, port: int) -> None:
        self._application, self._address = application, (host, port)
        self._stopping = threading.Event()
        self._map: dict[int, Any] = {}
        self._server: Any = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port listened on, once started."""
        return int(self._server.effective_port) if self._server is not None else self._address[1]

    def start(self) -> None:
        """Listen. `AddressTakenError` where the address is taken or not ours."""
        host, port = self._address
        try:
            listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        except OSError as error:
            raise AddressTakenError(f"{host}, port {port} cannot be listened on: {error.strerror}.") from error
        self._server = create_server(
            self._application, map=self._map, sockets=[listener], threads=THREADS, ident="",
            max_request_body_size=LARGEST_BODY, connection_limit=CONNECTIONS,
            channel_timeout=int(PATIENCE.total_seconds()), cleanup_interval=int(LOOKED_AT.total_seconds()),
            asyncore_use_poll=True, clear_untrusted_proxy_headers=True,
        )
        self._server.channel_class = _Channel
        self._thread = threading.Thread(target=self._serve, name="http", daemon=True)
        self._thread.start()

    def stop(self, timeout: timedelta = timedelta(seconds=5)) -> None:
        """Accept nothing new, let requests under way be answered, close everything."""
        if self._thread is None:
            return
        deadline = time.monotonic() + timeout.total_seconds()
        self._stopping.set()
        self._server.pull_trigger()
        self._thread.join(timeout.total_seconds() + 1)
        self._server.task_dispatcher.shutdown(timeout=max(0.1, deadline - time.monotonic()))
        wasyncore.close_all(self._map)
        self._thread = None

    def _serve(self) -> None:
        while not self._stopping.is_set():
            self._turn(1.0)
        self._server.accepting = False
        listener = self._server.socket
        self._map.pop(listener.fileno(), None)
        listener.close()
        until = time.monotonic() + 5
        while self._busy() and time.monotonic() < until:
            self._turn(0.05)

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._map, count=1)

    def _busy(self) -> bool:
        channels = [one for one in self._map.values() if isinstance(one, HTTPChannel)]
        return any(channel.requests or channel.total_outbufs_len for channel in channels)
