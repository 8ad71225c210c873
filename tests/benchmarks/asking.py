"""Requests as Slack signs them, and how long the app takes to answer one."""

from __future__ import annotations

import time

from slack_bolt import App, BoltRequest
from slack_sdk.signature import SignatureVerifier

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def signed(secret: str, body: str, content_type: str = FORM) -> BoltRequest:
    """A request with that body, signed now."""
    stamp = str(int(time.time()))
    return BoltRequest(body=body, headers={
        "content-type": [content_type], "x-slack-request-timestamp": [stamp],
        "x-slack-signature": [SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body) or ""],
    })


def timed(app: App, request: BoltRequest, what: str) -> float:
    """Milliseconds until the answer; ends the benchmark where it is none that Slack takes."""
    began = time.perf_counter()
    answer = app.dispatch(request)
    took = (time.perf_counter() - began) * 1_000
    if answer.status != 200:
        raise SystemExit(f"{what} was answered with {answer.status}: {answer.body}")
    return took
