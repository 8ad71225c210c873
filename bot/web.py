"""The routes over HTTP: Slack's requests, Sendoso's webhooks, health and metrics.

Whatever comes in from outside gets a clear answer below 500.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

import falcon
import structlog
from slack_bolt import BoltRequest, BoltResponse
from structlog.contextvars import bind_contextvars, clear_contextvars

from bot.health import Health
from bot.metrics import CONTENT_TYPE, Metrics
from bot.sends.sources.sendoso_webhook import WebhookRefused
from bot.serving import Serving
from bot.slack import shapes
from bot.slack.shapes import UnreadableError
from bot.tracing import REQUEST, new_number

log = structlog.get_logger()

LARGEST_BODY = 1024 * 1024
TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)
NO_SLACK = (
    "Slack is not served here: no SLACK_SIGNING_SECRET is configured. With SLACK_APP_TOKEN the bot talks to Slack "
    "through Socket Mode and needs no request URL."
)
NO_WEBHOOKS = "No webhook secret is configured: set SENDOSO_WEBHOOK_SECRETS."

SlackDispatch = Callable[[BoltRequest], BoltResponse]
ReceiveWebhook = Callable[[Mapping[str, str], bytes, str | None], object]
"""Given headers, raw body and the event of the path. Raises `WebhookRefused`."""


class Web:
    """The HTTP side of the bot.

    `slack_dispatch` is the Bolt app's `dispatch`, None where Slack comes through a socket; `receive_webhook`
    keeps a webhook of Sendoso's, None where no secret is configured. `more` are resources of Falcon's by their paths.
    """

    def __init__(
        self, *, health: Health, metrics: Metrics, slack_dispatch: SlackDispatch | None = None,
        receive_webhook: ReceiveWebhook | None = None, more: Mapping[str, object] | None = None,
    ) -> None:
        self.app = falcon.App(middleware=[_Counting(metrics)])
        self.app.req_options.strip_url_path_trailing_slash = True
        self.app.set_error_serializer(_write_error)
        self.app.add_error_handler(Exception, _unforeseen)
        self.app.add_route("/slack/events", _SlackEvents(slack_dispatch))
        webhooks = _Webhooks(receive_webhook)
        self.app.add_route("/sendoso/webhooks", webhooks)
        self.app.add_route("/sendoso/webhooks/{event}", webhooks)
        self.app.add_route("/healthz", _Alive())
        self.app.add_route("/readyz", _Ready(health))
        self.app.add_route("/metrics", _Numbers(metrics))
        for path, resource in (more or {}).items():
            self.app.add_route(path, resource)
        self._serving: Serving | None = None

    @property
    def port(self) -> int | None:
        """The port listened on; None before `start()`."""
        return self._serving.port if self._serving is not None else None

    def start(self, host: str, port: int) -> int:
        """Listen and serve in threads; gives the port. OSError where the address is taken."""
        serving = Serving(self.app, host, port)
        serving.start()
        self._serving = serving
        return serving.port

    def stop(self, timeout: timedelta = timedelta(seconds=5)) -> None:
        """Answer what is under way, then let go of the port."""
        if self._serving is not None:
            self._serving.stop(timeout)
            self._serving = None


NOTHING_HERE = (
    "There is nothing here. Slack's requests go to /slack/events, Sendoso's to /sendoso/webhooks; /healthz, /readyz "
    "and /metrics tell how the bot is."
)


class _SlackEvents:
    def __init__(self, dispatch: SlackDispatch | None) -> None:
        self._dispatch = dispatch

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        if self._dispatch is None:
            raise falcon.HTTPNotFound(description=NO_SLACK)
        text = _text(req)
        if _is_ssl_check(text):
            return  # Slack only wants to see that the certificate is good; it does not sign this one.
        headers = {name.lower(): value for name, value in req.headers.items()}
        _check_headers(headers)
        request = _bolt_request(text, req.query_string, headers)
        _write(resp, self._dispatch(request))


def _text(req: falcon.Request) -> str:
    try:
        return _body(req).decode()
    except UnicodeDecodeError:
        raise falcon.HTTPBadRequest(description="The body is not UTF-8.") from None


def _body(req: falcon.Request) -> bytes:
    length = req.content_length or 0
    raw: bytes = req.bounded_stream.read(LARGEST_BODY + 1) if length <= LARGEST_BODY else b""
    if length > LARGEST_BODY or len(raw) > LARGEST_BODY:
        raise falcon.HTTPContentTooLarge(description="The body is larger than 1 MB.")
    return raw


def _is_ssl_check(text: str) -> bool:
    return "ssl_check=1" in text and not text.startswith("{") and parse_qs(text).get("ssl_check") == ["1"]


def _check_headers(headers: Mapping[str, str]) -> None:
    # Bolt checks the signature itself, but takes for granted that both headers are well formed.
    if not TIMESTAMP.fullmatch(headers.get("x-slack-request-timestamp", "")):
        raise _unsigned("X-Slack-Request-Timestamp is missing or no number of seconds.")
    if not SIGNATURE.fullmatch(headers.get("x-slack-signature", "")):
        raise _unsigned("X-Slack-Signature is missing or not of the form v0=<64 hexadecimal digits>.")


def _unsigned(words: str) -> falcon.HTTPUnauthorized:
    return falcon.HTTPUnauthorized(description=f"This request is not signed by Slack. {words}")


def _bolt_request(text: str, query: str, headers: Mapping[str, str]) -> BoltRequest:
    try:
        return shapes.read(body=text, query=query, headers=dict(headers))
    except UnreadableError as error:
        log.info("slack_request_unreadable", reason=error.reason)
        raise falcon.HTTPBadRequest(description=str(error)) from None


def _write(resp: falcon.Response, answer: BoltResponse) -> None:
    resp.status = falcon.code_to_http_status(answer.status)
    resp.text = answer.body
    resp.set_headers(answer.first_headers_without_set_cookie())


class _Webhooks:
    def __init__(self, receive: ReceiveWebhook | None) -> None:
        self._receive = receive

    def on_post(self, req: falcon.Request, resp: falcon.Response, event: str | None = None) -> None:
        if self._receive is None:
            raise falcon.HTTPForbidden(description=NO_WEBHOOKS)
        take_webhook(req, resp, self._receive, event)


def take_webhook(req: falcon.Request, resp: falcon.Response, receive: ReceiveWebhook, event: str | None) -> None:
    """Hand a webhook of Sendoso's over, and answer it."""
    headers = {name.lower(): value for name, value in req.headers.items()}
    try:
        receive(headers, _body(req), event)
    except WebhookRefused as refused:
        raise falcon.HTTPError(refused.status, description=refused.reason) from None
    resp.status = falcon.HTTP_204


class _Alive:
    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = {"status": "alive"}

    on_head = on_get


class _Ready:
    def __init__(self, health: Health) -> None:
        self._health = health

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        problems = self._health.problems()
        resp.status = falcon.HTTP_503 if problems else falcon.HTTP_200
        resp.media = {
            "status": "not ready" if problems else "ready",
            "problems": [{"name": problem.name, "reason": problem.reason} for problem in problems],
        }

    on_head = on_get


class _Numbers:
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        resp.content_type = CONTENT_TYPE
        resp.data = self._metrics.text()

    on_head = on_get


class _Counting:
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def process_request(self, _req: falcon.Request, _resp: falcon.Response) -> None:
        bind_contextvars(**{REQUEST: new_number()})

    def process_response(
        self, req: falcon.Request, resp: falcon.Response, _resource: object, _succeeded: bool,  # noqa: FBT001 - Falcon's call
    ) -> None:
        self._metrics.http(req.uri_template or "none", str(resp.status_code))
        # The thread goes on to other things, which must not carry this number.
        clear_contextvars()


def _write_error(_req: falcon.Request, resp: falcon.Response, error: falcon.HTTPError) -> None:
    said = error.description or error.title or HTTPStatus(error.status_code).phrase
    resp.media = {"error": NOTHING_HERE if isinstance(error, falcon.HTTPRouteNotFound) else said}
    resp.set_header("X-Slack-No-Retry", "1")


def _unforeseen(req: falcon.Request, resp: falcon.Response, error: Exception, _params: dict[str, Any]) -> None:
    # Not the sender's fault, such as a database that is away: Slack and Sendoso try again on a 503.
    log.error("request_failed", method=req.method, route=req.uri_template, exc_info=error)
    resp.status = falcon.HTTP_503
    resp.media = {"error": "Something failed here; please try again."}
    resp.set_header("Retry-After", "30")
