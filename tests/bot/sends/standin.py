"""The playground's Sendoso without a network, a clock that tests move, and sends by the dozen."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx2

from bot.playground.sendoso import SendosoState, answers
from bot.sends.snapshots import Snapshot, StatusUpdate
from bot.sends.sources.sendoso_api import SendosoClient, connect
from storage.engine import Database
from tests.conftest import NOW

URL = "https://sendoso.example.com"


class Time:
    """Now for everybody; sleeping moves it."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        return (self.now - NOW).total_seconds() + 1_000

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


class Line(httpx2.BaseTransport):
    """Carries requests straight to a Sendoso, with its silences and broken connections."""

    def __init__(self, state: SendosoState) -> None:
        self.state = state

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        if request.url.path == "/oauth/token":
            answer = answers.token(self.state, request.read())
        else:
            assert request.url.path == "/api/v3/send"
            answer = answers.list_sends(self.state, dict(request.url.params), headers)
        if answer.silent_for:
            raise httpx2.ReadTimeout("silence", request=request)
        if answer.dropped:
            raise httpx2.RemoteProtocolError("dropped", request=request)
        return httpx2.Response(answer.status, headers=dict(answer.headers), content=answer.body)


def sendoso(time: Time, count: int = 0, **options: Any) -> SendosoState:  # noqa: ANN401 - as SendosoState takes them
    """A Sendoso whose clock and throttle go by `time`, with so many sends."""
    state = SendosoState(time, monotonic=time.monotonic, **options)
    for number in range(count):
        state.add(gift(number))
    return state


def gift(number: int, status: str = "Sent") -> Snapshot:
    at = NOW - timedelta(days=3) + timedelta(seconds=number)
    return Snapshot(
        source="sample", observed_at=NOW, type="eGifts USA", subtype="eGift Cards USA", created_at=at,
        recipient_name=f"Person {number}", recipient_email=f"person{number}@acme.com", status_raw=status,
        updates=(StatusUpdate(status_raw=status, occurred_at=at),), cost_minor=500 + number, currency="USD",
    )


def client(state: SendosoState, database: Database, time: Time, **options: Any) -> SendosoClient:  # noqa: ANN401 - as `connect` takes them
    """A client with the fixed token, or other credentials as `connect` takes them."""
    given: dict[str, Any] = {"access_token": state.access.access_token, "first_wait": 0.0} | options
    return connect(
        database, url=URL, transport=Line(state), clock=time, sleep=time.sleep, monotonic=time.monotonic, **given,
    )


