"""Socket Mode: a connection to Slack that comes up when Slack does, and says whether it is there."""

from __future__ import annotations

import re
import threading
import time
from contextlib import suppress
from datetime import timedelta
from logging import Logger
from typing import Protocol, cast

import structlog
from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.socket_mode.internals import build_headers, send_response
from slack_sdk import WebClient
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.builtin.connection import Connection
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.slack import shapes
from bot.slack.shapes import UnreadableError
from bot.slack.socket_client import Client

log = structlog.get_logger(__name__)

PING_EVERY = 2
"""Seconds. With the SDK's own ten a dead peer is noticed after 50 s, with two after six (measured)."""
WORKERS = 16
GIVEN_UP_AFTER = timedelta(seconds=20)
"""A connection that leaves pings unanswered for so long is made anew. The SDK does so after eight seconds, but waits
for ever where not even the first ping was answered."""
CONNECTING = timedelta(seconds=2)
"""How long the end waits for a connection that is just being made; its thread keeps no process alive."""
HELLO = re.compile(r'\s*\{\s*"type"\s*:\s*"hello"')
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(seconds=30)


class Answering(Protocol):
    """What answers Slack's requests: a Bolt app, or the door before several."""

    @property
    def logger(self) -> Logger: ...

    @property
    def client(self) -> WebClient: ...

    def dispatch(self, req: BoltRequest, /) -> BoltResponse: ...


class Handler(SocketModeHandler):
    """The SDK's, which answers also what has no shape of Slack's: Slack would send it again, and again in vain."""

    def __init__(self, app: App, app_token: str) -> None:
        # Not the SDK's own, which makes a client of its own.
        self.app, self.app_token = app, app_token
        self.client = Client(
            app_token, logger=app.logger, web_client=app.client, proxy=app.client.proxy, ping_interval=PING_EVERY,
            concurrency=WORKERS,
        )
        self.client.socket_mode_request_listeners.append(self.handle)  # type: ignore[arg-type] # as the SDK does

    def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override] # the SDK's own
        """Answer one request."""
        began = time.time()
        try:
            request = shapes.read(mode="socket_mode", body=req.payload, headers=build_headers(req))
        except UnreadableError as error:
            log.warning("slack_request_unreadable", reason=error.reason)
            client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))
            return
        send_response(client, req, self.app.dispatch(request), began)


class Socket:
    """Slack's requests by Socket Mode. `start` returns at once; a Slack that is down is asked again until it is up."""

    def __init__(self, app: Answering, app_token: str) -> None:
        # The SDK only asks for what `Answering` names.
        self._handler = Handler(cast("App", app), app_token)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._connect, name="socket-mode", daemon=True)
        self._seen, self._seen_at = "", 0.0
        self._silent_since: float | None = None
        self.connections = 0
        """How often Slack has greeted a new connection, the first time among them."""
        self._handler.client.on_message_listeners.append(self._listen)

    @property
    def connected(self) -> bool:
        """Whether Slack can reach the bot now."""
        client = self._handler.client
        return client is not None and client.is_connected()

    @property
    def silence(self) -> timedelta | None:
        """How long ago Slack last answered a ping; None where there is no connection.

        Where it has not answered yet: how long this one, and those that were given up for silence before it, have
        lasted.
        """
        session = self._session()
        if session is None:
            return None
        since = self._heard_at(session)
        if session.last_ping_pong_time is not None:
            self._silent_since = None
        return _ago(min(since, self._silent_since or since))

    def _session(self) -> Connection | None:
        session: Connection | None = getattr(self._handler.client, "current_session", None)
        return session if session is not None and session.is_active() else None

    def _heard_at(self, session: Connection) -> float:
        """When Slack last answered on this connection, or since when it has not."""
        if session.session_id != self._seen:
            # Slack has yet to answer for the first time: that counts from now.
            self._seen, self._seen_at = session.session_id, time.time()
        # The SDK stamps each ping with a wall clock's seconds.
        return session.last_ping_pong_time or self._seen_at

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Close the connection; requests under way are answered by then or not at all."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=CONNECTING.total_seconds())
        client = self._handler.client
        if client is not None:
            # The SDK's reader looks only once a second whether it is to end, unless there is something to read.
            client.closed = True
            client.enqueue_message("{}")
        with suppress(OSError):
            self._handler.close()  # type: ignore[no-untyped-call] # the SDK's
        if client is not None:
            # One that was just being made anew is there only by now.
            client.disconnect()

    def _listen(self, message: str) -> None:
        if HELLO.match(message):
            self.connections += 1

    def _connect(self) -> None:
        wait = FIRST_WAIT
        while not self._stopping.is_set():
            try:
                self._handler.connect()  # type: ignore[no-untyped-call] # the SDK's
            except Exception as error:  # noqa: BLE001 - whatever it is, Slack is asked again
                log.warning("slack_not_reached", reason=type(error).__name__, again_in=wait.total_seconds())
                self._stopping.wait(wait.total_seconds())
                wait = min(wait * 2, LONGEST_WAIT)
            else:
                log.info("slack_connected")
                break
        while not self._stopping.wait(PING_EVERY):
            self._see_whether_silent()

    def _see_whether_silent(self) -> None:
        session = self._session()
        since = self._heard_at(session) if session is not None else None
        if since is not None and _ago(since) > GIVEN_UP_AFTER:
            log.warning("slack_silent", seconds=round(_ago(since).total_seconds()))
            # That the next connection is new must not hide for how long there has been nothing.
            self._silent_since = self._silent_since or since
            # The SDK sees within two seconds that there is no connection, and makes one.
            self._handler.client.disconnect()


def _ago(moment: float) -> timedelta:
    return timedelta(seconds=max(0.0, time.time() - moment))
