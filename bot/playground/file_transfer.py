"""The bytes of files: posted to an upload URL, fetched by the app with its token, downloaded from the page."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.playground.breaking import Cut, limited, silent
from bot.playground.fault import UPLOAD, Fault, FaultKind
from bot.playground.files import SlackFile
from bot.playground.slack import Slack
from bot.playground.slack_errors import RateLimitedError

SILENT = {FaultKind.DROP, FaultKind.DROP_AFTER, FaultKind.TIMEOUT, FaultKind.TIMEOUT_AFTER}
SAFE = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
"""What keeps a file from doing anything on the page from which it is opened."""


class FileTransfer:
    """Belongs to the server's event loop. `cut` drops the connection of a request without an answer."""

    def __init__(self, slack: Slack, cut: Cut) -> None:
        self._slack, self._cut = slack, cut

    def routes(self) -> list[Route]:
        """Upload URLs, private URLs and the page's own downloads."""
        return [
            Route("/upload/v1/{ticket}", self._upload, methods=["POST"]),
            Route("/files-pri/{place}/{name:path}", self._private),
            Route("/play/files/{file}", self._download),
        ]

    async def _upload(self, request: Request) -> Response:
        body = read_upload(request.headers.get("content-type", ""), await request.body())
        file = self._slack.files.awaited(request.path_params["ticket"])
        call = self._slack.calls.add(UPLOAD, {"file": file.id if file else None}, self._slack.clock())
        fault = None
        for each in self._slack.faults.take(UPLOAD):
            call.fault = each.kind
            if each.kind == FaultKind.DELAY:
                await asyncio.sleep(each.seconds)
            else:
                fault = each
        if fault and not fault.after:
            return await self._broken(request, fault)
        answer = _stored(file, body)
        call.status = answer.status_code
        return await self._broken(request, fault) if fault else answer

    async def _broken(self, request: Request, fault: Fault) -> Response:
        if fault.kind == FaultKind.RATE_LIMITED:
            return limited(RateLimitedError(fault.seconds))
        if fault.kind in SILENT:
            return await silent(request, fault, self._cut)
        return PlainTextResponse("server_error", 500)

    async def _private(self, request: Request) -> Response:
        file = self._slack.files.get(request.path_params["place"].partition("-")[2])
        if request.headers.get("authorization") != f"Bearer {self._slack.bot_token}":
            return PlainTextResponse("not_authed", 403)
        if not self._slack.app.may("files:read"):
            return PlainTextResponse("missing_scope", 403)
        return _bytes(file)

    async def _download(self, request: Request) -> Response:
        return _bytes(self._slack.files.get(request.path_params["file"]))


def _stored(file: SlackFile | None, body: bytes) -> Response:
    if file is None:
        return PlainTextResponse("not found", 404)
    if len(body) != file.length:
        return PlainTextResponse(f"{file.length} bytes were announced, {len(body)} came", 400)
    file.content = body
    return PlainTextResponse(f"OK - {len(body)}")


def _bytes(file: SlackFile | None) -> Response:
    if file is None or file.content is None:
        return PlainTextResponse("not found", 404)
    way = "inline" if file.is_image else "attachment"
    headers = {"Content-Disposition": f"{way}; filename*=UTF-8''{quote(file.name, safe='')}", **SAFE}
    return Response(file.content, media_type=file.mimetype, headers=headers)


def read_upload(content_type: str, body: bytes) -> bytes:
    """The bytes of a file from a request: those of the first part of a form, or the whole body."""
    kind, _, rest = content_type.partition("boundary=")
    if not kind.startswith("multipart/form-data"):
        return body
    boundary = b"--" + rest.partition(";")[0].strip().strip('"').encode()
    _, _, part = body.partition(boundary + b"\r\n")
    _, _, data = part.partition(b"\r\n\r\n")
    return data.partition(b"\r\n" + boundary)[0]
