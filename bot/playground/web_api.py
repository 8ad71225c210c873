"""The Web API: reads a call, asks for its token, lets it go wrong if asked to, answers as Slack does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.playground import chat_methods, conversation_methods, people_methods, view_methods
from bot.playground.faults import Fault, FaultKind
from bot.playground.method import Args, Method
from bot.playground.slack import Slack
from bot.playground.slack_errors import Json, RateLimitedError, SlackError

METHODS: dict[str, Method] = {
    **chat_methods.METHODS,
    **conversation_methods.METHODS,
    **people_methods.METHODS,
    **view_methods.METHODS,
}
FREE = {"api.test"}
FOR_APP_TOKEN = {"apps.connections.open"}
Cut = Callable[[Request], Awaitable[None]]


class WebApi:
    """Serves `/api/{method}`. `cut` drops the connection of a request without an answer."""

    def __init__(self, slack: Slack, cut: Cut) -> None:
        self._slack, self._cut = slack, cut

    async def serve(self, request: Request) -> Response:
        """One call, from its bytes to its answer."""
        method = request.path_params["method"]
        try:
            args = read_args(request.headers.get("content-type", ""), await request.body())
        except SlackError as error:
            return JSONResponse(error.answer())
        args = Args({**request.query_params, **args})
        call = self._slack.calls.add(method, args, self._slack.clock())
        fault = None
        for each in self._slack.faults.take(method):
            call.fault = each.kind
            if each.kind == FaultKind.DELAY:
                await asyncio.sleep(each.seconds)
            else:
                fault = each
        if fault and not fault.after:
            return await self._break(request, fault)
        try:
            body, status, headers = self._answer(method, args, request), 200, {}
        except RateLimitedError as error:
            body, status, headers = error.answer(), 429, {"Retry-After": str(error.retry_after)}
        except SlackError as error:
            body, status, headers = error.answer(), 200, {}
        call.answer, call.status = body, status
        if fault:
            call.answer = None
            return await self._break(request, fault)
        return JSONResponse(body, status, headers)

    def _answer(self, method: str, args: Args, request: Request) -> Json:
        if method not in METHODS:
            raise SlackError("unknown_method", req_method=method)
        if method not in FREE:
            self._check_token(method, given_token(request.headers.get("authorization", ""), args))
        self._slack.limits.count(method, args.words("channel") or None)
        return METHODS[method](self._slack, args)

    def _check_token(self, method: str, token: str) -> None:
        if not token:
            raise SlackError("not_authed")
        right, other = self._slack.bot_token, self._slack.app_token
        if method in FOR_APP_TOKEN:
            right, other = other, right
        if token == other:
            raise SlackError("not_allowed_token_type")
        if token != right:
            raise SlackError("invalid_auth")

    async def _break(self, request: Request, fault: Fault) -> Response:
        kind = fault.kind.removesuffix("_after")
        if kind == FaultKind.RATE_LIMITED:
            limited = RateLimitedError(max(1, round(fault.seconds)))
            return JSONResponse(limited.answer(), 429, {"Retry-After": str(limited.retry_after)})
        if kind == FaultKind.INTERNAL_ERROR:
            return JSONResponse({"ok": False, "error": "internal_error"})
        if kind == FaultKind.ERROR:
            return JSONResponse({"ok": False, "error": fault.error})
        if kind == FaultKind.SERVER_ERROR:
            return JSONResponse({"ok": False, "error": "server_error"}, 500)
        if kind == FaultKind.NOT_JSON:
            return PlainTextResponse("<html><body>Something is wrong</body></html>")
        if kind == FaultKind.TIMEOUT:
            await _gone(request, fault.seconds)
        await self._cut(request)
        return Response()


async def _gone(request: Request, seconds: float) -> None:
    """Waits until the caller has hung up, at most so long."""

    async def hang_up() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    try:
        await asyncio.wait_for(hang_up(), seconds)
    except TimeoutError:
        return


def given_token(header: str, args: Args) -> str:
    """The token of a call, from its header or its arguments; empty if there is none."""
    kind, _, token = header.partition(" ")
    return token.strip() if kind.lower() == "bearer" else args.words("token")


def read_args(content_type: str, body: bytes) -> Args:
    """Arguments from a form or from JSON. SlackError `invalid_json`, `invalid_form_data`."""
    try:
        text = body.decode()
        if not content_type.startswith("application/json"):
            return Args(parse_qsl(text, keep_blank_values=True))
        given = json.loads(text) if text else {}
    except ValueError:
        json_sent = content_type.startswith("application/json")
        raise SlackError("invalid_json" if json_sent else "invalid_form_data") from None
    if not isinstance(given, dict):
        raise SlackError("json_not_object")
    return Args(given)
