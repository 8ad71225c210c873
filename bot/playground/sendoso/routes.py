"""The small Sendoso over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from bot.playground.sendoso import answers
from bot.playground.sendoso.answers import Answer
from bot.playground.sendoso.state import SendosoState


def routes(state: SendosoState, prefix: str = "") -> list[Route]:
    """Routes for Starlette. With a prefix, SENDOSO_API_URL is the server's address with it behind."""

    async def list_sends(request: Request) -> Response:
        return await _sent(answers.list_sends(state, dict(request.query_params), _headers(request)))

    async def token(request: Request) -> Response:
        return await _sent(answers.token(state, await request.body()))

    return [
        Route(f"{prefix}/api/v3/send", list_sends, methods=["GET"]),
        Route(f"{prefix}/oauth/token", token, methods=["POST"]),
    ]


def _headers(request: Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


async def _sent(answer: Answer) -> Response:
    if answer.silent_for:
        await asyncio.sleep(answer.silent_for)
    if answer.dropped:
        # More is promised than is sent, upon which the server closes the connection.
        return StreamingResponse(_half(), headers={"content-length": "1000", "content-type": "application/json"})
    return Response(answer.body, answer.status, dict(answer.headers))


async def _half() -> AsyncIterator[bytes]:
    yield b'{"sends": ['
