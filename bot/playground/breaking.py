"""How a call goes wrong when a fault says so: what comes back instead of the answer, or that nothing does."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.playground.fault import Fault, FaultKind
from bot.playground.slack_errors import RateLimitedError

Cut = Callable[[Request], Awaitable[None]]
"""Drops the connection of a request without an answer."""


async def broken(request: Request, fault: Fault, cut: Cut) -> Response:
    """The end of a call of the Web API that this fault has hit."""
    kind = fault.kind.removesuffix("_after")
    if kind == FaultKind.RATE_LIMITED:
        return limited(RateLimitedError(fault.seconds))
    if kind == FaultKind.INTERNAL_ERROR:
        return JSONResponse({"ok": False, "error": "internal_error"})
    if kind == FaultKind.ERROR:
        return JSONResponse({"ok": False, "error": fault.error})
    if kind == FaultKind.SERVER_ERROR:
        return JSONResponse({"ok": False, "error": "server_error"}, 500)
    if kind == FaultKind.NOT_JSON:
        return PlainTextResponse("<html><body>Something is wrong</body></html>")
    return await silent(request, fault, cut)


async def silent(request: Request, fault: Fault, cut: Cut) -> Response:
    """No answer at all: the connection ends, at once or when the caller has waited long enough."""
    if fault.kind.removesuffix("_after") == FaultKind.TIMEOUT:
        await _gone(request, fault.seconds)
    await cut(request)
    return Response()


def limited(error: RateLimitedError) -> Response:
    """429, with Retry-After in whole seconds unless the wait is shorter than one."""
    wait = error.retry_after
    return JSONResponse(error.answer(), 429, {"Retry-After": f"{wait:g}" if wait < 1 else str(math.ceil(wait))})


async def _gone(request: Request, seconds: float) -> None:
    """Waits until the caller has hung up, at most so long."""

    async def hang_up() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    try:
        await asyncio.wait_for(hang_up(), seconds)
    except TimeoutError:
        return
