"""The Web API: reads a call, asks for its token, lets it go wrong if asked to, answers as Slack does."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from email.utils import formatdate
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.playground import chat_methods, conversation_methods, file_methods, oauth, people_methods, view_methods
from bot.playground.breaking import Cut, broken, limited
from bot.playground.fault import FaultKind
from bot.playground.method import Args, Method
from bot.playground.slack import Slack
from bot.playground.slack_errors import Json, RateLimitedError, SlackError

METHODS: dict[str, Method] = {
    **chat_methods.METHODS,
    **conversation_methods.METHODS,
    **file_methods.METHODS,
    **people_methods.METHODS,
    **view_methods.METHODS,
    **oauth.METHODS,
}
FREE = {"api.test", "oauth.v2.access"}
FOR_APP_TOKEN = {"apps.connections.open"}


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
        args = Args({**request.query_params, **args, **given_secret(request.headers.get("authorization", ""))})
        slack = self._workspace(given_token(request.headers.get("authorization", ""), args), args.words("team_id"))
        call = slack.calls.add(method, args, slack.clock())
        # What comes of a closed connection is read one turn after what was written to it.
        await asyncio.sleep(0)
        call.is_left = await request.is_disconnected()
        fault = None
        for each in slack.faults.take(method):
            call.fault = each.kind
            if each.kind == FaultKind.DELAY:
                await asyncio.sleep(each.seconds)
            else:
                fault = each
        if fault and not fault.after:
            return await broken(request, fault, self._cut)
        try:
            body = self._answer(slack, method, args, request)
            answer: Response = JSONResponse(body, headers=_granted(slack))
        except RateLimitedError as error:
            body, answer = error.answer(), limited(error)
        except SlackError as error:
            body = error.answer()
            answer = JSONResponse(body)
        call.status = answer.status_code
        if fault:
            return await broken(request, fault, self._cut)
        call.answer = body
        return answer

    def _workspace(self, token: str, team_id: str) -> Slack:
        """Whose token it is: one address serves all workspaces that have the app.

        An organisation's token is that of several, of which a call may name one.
        """
        of_token = [one for one in self._slack.installs.workspaces if one.bot_token == token]
        return next((one for one in of_token if one.team.id == team_id), of_token[0] if of_token else self._slack)

    def _answer(self, slack: Slack, method: str, args: Args, request: Request) -> Json:
        if method not in METHODS:
            raise SlackError("unknown_method", req_method=method)
        if method not in FREE:
            _check_token(slack, method, given_token(request.headers.get("authorization", ""), args))
        slack.state.catch_up()
        slack.limits.count(method, slack.state.id_of(args.words("channel")))
        return METHODS[method](slack, args)


def _granted(slack: Slack) -> dict[str, str]:
    """What Slack says with each answer: the hour, by a clock on the wall, and what the token may do."""
    scopes = slack.app.scopes
    granted = {"X-OAuth-Scopes": ",".join(sorted(scopes))} if scopes is not None else {}
    return {"Date": formatdate(usegmt=True)} | granted


def _check_token(slack: Slack, method: str, token: str) -> None:
    if not token:
        raise SlackError("not_authed")
    right, other = slack.bot_token, slack.app_token
    if method in FOR_APP_TOKEN:
        right, other = other, right
    if token == other:
        raise SlackError("not_allowed_token_type")
    if token != right:
        raise SlackError("invalid_auth")
    if slack.revoked and method not in FOR_APP_TOKEN:
        raise SlackError("token_revoked")


def given_token(header: str, args: Args) -> str:
    """The token of a call, from its header or its arguments; empty if there is none."""
    kind, _, token = header.partition(" ")
    return token.strip() if kind.lower() == "bearer" else args.words("token")


def given_secret(header: str) -> dict[str, str]:
    """The app's own id and secret, which `oauth.v2.access` takes from the header; empty if there are none."""
    kind, _, words = header.partition(" ")
    if kind.lower() != "basic":
        return {}
    try:
        name, _, secret = b64decode(words, validate=True).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": name, "client_secret": secret}


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
