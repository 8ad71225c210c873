"""The playground: a small Slack of our own, served on loopback by a thread of this process."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from bot.playground import oauth
from bot.playground.answers import respond
from bot.playground.calls import Calls
from bot.playground.clock import PlayClock
from bot.playground.fault import RESPONSE_URL, FaultKind
from bot.playground.faults import Faults
from bot.playground.file_transfer import FileTransfer
from bot.playground.http_mode import HttpMode, signed_headers
from bot.playground.page_api import PageApi, Sendoso
from bot.playground.person import Person
from bot.playground.pressing import Pressing
from bot.playground.seen import SeenChannel
from bot.playground.serving import Serving
from bot.playground.shortcuts import Shortcuts
from bot.playground.slack import Slack
from bot.playground.slack_app import BOT_USER, SlackApp, Team
from bot.playground.socket_mode import SocketMode
from bot.playground.speaking import Speaking
from bot.playground.submitting import Submitting
from bot.playground.web_api import WebApi
from bot.playground.workspace import Member, UserGroup

STATIC = Path(__file__).parent / "static"
HOST = "127.0.0.1"
HOSTS = [HOST, "localhost", "[::1]"]
Result = TypeVar("Result")


class Playground:
    """A workspace with one app installed, and the server that plays Slack to it.

    `transport` "socket": payloads go over Socket Mode; "http": as signed requests to `request_url` (or to
    several in turn), which may also be set later. `manifest` (parsed) says what the app may do; without one it
    may do everything. `team` is the workspace; `beside` is another one with the same app, whose address for the
    Web API then serves this one as well. `sendoso` lets the page move sends; `routes` are served beside Slack's own.
    """

    def __init__(
        self,
        clock: PlayClock | None = None,
        port: int = 0,
        *,
        transport: Literal["socket", "http"] = "socket",
        request_url: str | Sequence[str] | None = None,
        manifest: Mapping[str, Any] | None = None,
        sendoso: Sendoso | None = None,
        routes: Sequence[BaseRoute] = (),
        ack_timeout: float = 3.0,
        team: Team | None = None,
        beside: Playground | None = None,
    ) -> None:
        self.clock = clock or PlayClock()
        self.transport = transport
        self.slack: Slack = Slack(
            clock=self.clock, app=SlackApp.from_manifest(manifest), ack_timeout=ack_timeout, team=team or Team(),
            **beside.slack.of_the_app() if beside is not None else {},
        )
        self.sockets = SocketMode(self.slack, self._cut)
        self._http = HttpMode(self.slack, _several(request_url))
        way = self._http if transport == "http" else self.sockets
        self.speaking = Speaking(self.slack, way)
        self.pressing = Pressing(self.slack, way)
        self.submitting = Submitting(self.slack, way)
        self.shortcuts = Shortcuts(self.slack, way)
        self._page = PageApi(
            self.slack, self.speaking, self.pressing, self.submitting, self.shortcuts, sendoso,
        )  # fmt: skip
        self._more_routes, self._port = routes, port
        self._server: Serving | None = None
        self._thread: threading.Thread | None = None

    # -- names that the app needs

    @property
    def url(self) -> str:
        """Where the page is."""
        return self.slack.url

    @property
    def api_url(self) -> str:
        """`SLACK_API_URL` for the app."""
        return f"{self.url}/api/"

    @property
    def bot_token(self) -> str:
        return self.slack.bot_token

    @property
    def app_token(self) -> str:
        return self.slack.app_token

    @property
    def signing_secret(self) -> str:
        return self.slack.signing_secret

    @property
    def request_url(self) -> str | None:
        """Where payloads go without Socket Mode; the first of several."""
        return next(iter(self._http.request_urls), None)

    @request_url.setter
    def request_url(self, url: str | Sequence[str] | None) -> None:
        self._http.request_urls = _several(url)

    @property
    def faults(self) -> Faults:
        return self.slack.faults

    @property
    def calls(self) -> Calls:
        return self.slack.calls

    def sign(self, body: bytes, content_type: str, at: datetime | None = None) -> dict[str, str]:
        """Headers with which Slack would send this body (default: now, by the machine's clock)."""
        return signed_headers(self.signing_secret, body, content_type, at.timestamp() if at else None)

    # -- starting and stopping

    def start(self) -> Self:
        """Serves until `stop`. OSError if the port is taken."""
        listener = socket.create_server((HOST, self._port))
        # asyncio leaves a socket of such a listener as it is: answers would wait 40 ms for the other side's next word.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.slack.stands_at(f"http://{HOST}:{listener.getsockname()[1]}")
        self._server = Serving(self._app())
        self._thread = threading.Thread(
            target=self._server.run_in_thread, args=(listener, self._http), name="playground", daemon=True,
        )
        self._thread.start()
        self._server.ready.wait()
        return self

    def stop(self) -> None:
        """Ends every connection and the thread. RuntimeError if the playground itself had a mistake."""
        if self._server is None or self._thread is None:
            return
        self._server.end()
        self._thread.join()
        crashes, self._server, self._thread = self._server.crashes, None, None
        if crashes:
            raise RuntimeError("the playground failed while it served") from crashes[0]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.stop()

    # -- what tests and stories look at

    def person(self, name: str) -> Person:
        """Somebody of the workspace, to act as."""
        return Person(self.slack, self, name)

    def add_person(
        self, name: str, real_name: str, *, tz: str = "Europe/London", locale: str = "en-US", is_admin: bool = False,
    ) -> Person:
        """Somebody new in the workspace: `name`@example.com, in every public channel."""
        number = len(self.slack.state.people) + 1
        member = Member(
            id=f"U{number:02}{re.sub('[^A-Z0-9]', '', name.upper())}", name=name, real_name=real_name,
            email=f"{name}@example.com", tz=tz, color="#4a5568", locale=locale, is_admin=is_admin,
        )  # fmt: skip
        self.slack.state.add_person(member)
        return self.person(name)

    def group(self, handle: str) -> UserGroup:
        """A user group; its `members` may be changed. SlackError `no_such_subteam`."""
        return self.slack.state.group(handle)

    def channel(self, name: str) -> SeenChannel:
        """A channel as somebody without a zone of their own (UTC) sees it."""
        return SeenChannel(self.slack, self.slack.state.channel(name))

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Does something in the server's event loop, from another thread, and gives its result."""
        if self._server is None:
            work.close()
            raise RuntimeError("the playground is not running")
        return asyncio.run_coroutine_threadsafe(work, self._server.loop).result()

    def wait_until_connected(self, within: float = 30.0) -> None:
        """Returns when the app has a Socket Mode connection. TimeoutError after so many real seconds."""
        if self.slack.state.wait_for(lambda: self.sockets.count or None, within) is None:
            raise TimeoutError(f"the app did not connect within {within} s")

    def disconnect(self, reason: str = "refresh_requested") -> None:
        """Asks the app to reconnect: `warning`, `refresh_requested` or `link_disabled`."""
        self.run(self.sockets.disconnect(reason))

    def cut_sockets(self) -> None:
        """Ends the app's connections without a word."""

        async def cut() -> None:
            self.sockets.cut()

        self.run(cut())

    def uninstall(self) -> None:
        """Somebody takes the app out of the workspace: its token is void, and the app is told."""

        async def uninstall() -> None:
            self.slack.revoked = True
            self.speaking.events.send({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT_USER]}})
            self.speaking.events.send({"type": "app_uninstalled"})

        self.run(uninstall())

    # -- what is served

    def _app(self) -> Starlette:
        routes: list[BaseRoute] = [
            Route("/api/{method}", WebApi(self.slack, self._drop).serve, methods=["GET", "POST"]),
            WebSocketRoute("/socket/", self.sockets.serve),
            Route("/response/{token}", self._respond, methods=["POST"]),
            *FileTransfer(self.slack, self._drop).routes(),
            *self._page.routes(),
            *oauth.routes(self.slack),
            *self._more_routes,
            Route("/", self._index),
            Route("/archives/{rest:path}", self._index),
            Mount("/static", StaticFiles(directory=STATIC, check_dir=False)),
        ]
        app = Starlette(routes=routes, middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)])
        app.add_exception_handler(Exception, self._crashed)
        return app

    async def _index(self, _request: Request) -> Response:
        return FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-store"})

    async def _respond(self, request: Request) -> Response:
        for fault in self.faults.take(RESPONSE_URL):
            if fault.kind != FaultKind.DELAY:
                return PlainTextResponse("server_error", 500)
            await asyncio.sleep(fault.seconds)
        try:
            body = await request.json()
        except ValueError:
            body = None
        status, words = respond(self.slack, request.path_params["token"], body)
        return PlainTextResponse(words, status)

    async def _crashed(self, _request: Request, error: Exception) -> Response:
        # Whoever dies in the middle of a request is no mistake of the playground.
        if self._server is not None and not isinstance(error, ClientDisconnect):
            self._server.crashes.append(error)
        return JSONResponse({"ok": False, "error": "internal_error"}, 500)

    async def _drop(self, request: Request) -> None:
        """Ends the connection of a request without an answer."""
        self._cut(request.client)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def _cut(self, client: object) -> None:
        if self._server is not None:
            self._server.cut(client)


def _several(url: str | Sequence[str] | None) -> list[str]:
    return [url] if isinstance(url, str) else list(url or ())
