"""HTTP: signed requests to the app's request URL, as Slack sends them without Socket Mode."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from urllib.parse import urlencode

import httpx2

from bot.playground.fault import SOCKET, FaultKind
from bot.playground.outcome import BAD_STATUS, NO_ANSWER, NO_CONNECTION, Outcome
from bot.playground.slack import Slack
from bot.playground.slack_errors import Json

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Slack's signature of a request: version 0, HMAC-SHA256 over time and raw body."""
    digest = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256)
    return f"v0={digest.hexdigest()}"


def signed_headers(secret: str, body: bytes, content_type: str, at: float | None = None) -> dict[str, str]:
    """Headers of a request that Slack sends at that Unix time (default: now, by the machine's clock)."""
    timestamp = str(int(time.time() if at is None else at))
    return {
        "Content-Type": content_type,
        "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signature(secret, timestamp, body),
    }


def encoded(kind: str, payload: Json) -> tuple[bytes, str]:
    """A payload as the body that Slack sends, and its content type."""
    if kind == "events_api":
        return json.dumps(payload).encode(), JSON
    form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(form).encode(), FORM


class HttpMode:
    """Sends payloads to `request_urls` in turn, which may be set after the playground has started.

    Where there are several, one that takes no connection is passed over, as a load balancer would do it.
    """

    def __init__(self, slack: Slack, request_urls: Sequence[str]) -> None:
        self._slack = slack
        self.request_urls = list(request_urls)
        self._turn = 0
        self._client: httpx2.AsyncClient | None = None

    async def ready(self) -> None:
        """Nothing to wait for: each request opens its own connection."""

    async def deliver(self, kind: str, payload: Json, *, answerable: bool, retry: int = 0) -> Outcome:
        """Posts a payload and reads the acknowledgement from the answer."""
        copies = 1
        for fault in self._slack.faults.take(SOCKET):
            if fault.kind == FaultKind.DELAY:
                await asyncio.sleep(fault.seconds)
            elif fault.kind == FaultKind.DUPLICATE:
                copies = 2
        body, content_type = encoded(kind, payload)
        headers = signed_headers(self._slack.signing_secret, body, content_type)
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_error"}
        outcomes = await asyncio.gather(*(self._post(body, headers) for _ in range(copies)))
        answer = outcomes[0].answer if answerable else None
        return Outcome(error=outcomes[0].error, answer=answer, retry=outcomes[0].retry)

    async def _post(self, body: bytes, headers: dict[str, str]) -> Outcome:
        self._turn += 1
        urls = self.request_urls
        outcome = Outcome(error=NO_CONNECTION)
        for offset in range(len(urls)):
            outcome = await self._post_to(urls[(self._turn + offset) % len(urls)], body, headers)
            if outcome.error != NO_CONNECTION:
                break
        return outcome

    async def _post_to(self, url: str, body: bytes, headers: dict[str, str]) -> Outcome:
        if self._client is None:
            self._client = httpx2.AsyncClient(trust_env=False)
        timeout = self._slack.ack_timeout
        try:
            response = await asyncio.wait_for(
                self._client.post(url, content=body, headers=headers, timeout=timeout), timeout,
            )  # fmt: skip
        except (TimeoutError, httpx2.TimeoutException):
            return Outcome(error=NO_ANSWER)
        except httpx2.ConnectError:
            return Outcome(error=NO_CONNECTION)
        except httpx2.HTTPError:
            return Outcome(error=NO_ANSWER)  # the app may have taken it; Slack would wait in vain
        if response.status_code != httpx2.codes.OK:
            return Outcome(error=BAD_STATUS, retry=response.headers.get("x-slack-no-retry") != "1")
        return Outcome(answer=read_answer(response.headers.get("content-type", ""), response.text))

    async def close(self) -> None:
        """Ends all connections."""
        if self._client is not None:
            await self._client.aclose()


def read_answer(content_type: str, text: str) -> Json | None:
    """What the app said: JSON, or plain words which are a text to show."""
    if not text.strip():
        return None
    if content_type.startswith(JSON):
        try:
            answer = json.loads(text)
        except ValueError:
            answer = None
        if isinstance(answer, dict):
            return answer
    return {"text": text}
