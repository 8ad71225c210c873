"""A running playground, and a trivial Bolt app that is installed in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient

from bot.playground.clock import PlayClock
from bot.playground.server import Playground
from tests.bot.playground.trivial import TrivialApp
from tests.conftest import NOW


@pytest.fixture
def clock() -> PlayClock:
    return PlayClock(frozen_at=NOW)


@pytest.fixture
def playground(clock: PlayClock) -> Iterator[Playground]:
    with Playground(clock, ack_timeout=20.0) as running:
        yield running


@pytest.fixture
def web(playground: Playground) -> WebClient:
    """The bot's own client, which never tries anything twice."""
    return WebClient(playground.bot_token, base_url=playground.api_url, retry_handlers=[], timeout=5)


@pytest.fixture
def app(playground: Playground) -> Iterator[TrivialApp]:
    """The app, connected over Socket Mode."""
    with TrivialApp(playground) as connected:
        yield connected
