"""What the playground says over a quiet websocket."""

from __future__ import annotations

import queue
import re
import time

from slack_sdk import WebClient
from websockets.frames import Frame, Opcode
from websockets.protocol import Event
from websockets.sync.client import ClientConnection, connect

from bot.playground.server import Playground
from bot.playground.serving import PING_EVERY

PINGED: queue.Queue[bytes] = queue.Queue()


class Noting(ClientConnection):
    """Puts down what its pings carry."""

    def process_event(self, event: Event) -> None:
        if isinstance(event, Frame) and event.opcode is Opcode.PING:
            PINGED.put(bytes(event.data))
        super().process_event(event)


def test_pings_are_words_and_go_on(playground: Playground) -> None:
    url = WebClient(base_url=playground.api_url).apps_connections_open(app_token=playground.app_token)["url"]
    with connect(url, proxy=None, create_connection=Noting):
        pings = [PINGED.get(timeout=5).decode() for _ in range(3)]
    assert all(re.fullmatch(r"Ping from playground-[0-9a-f]{8}", ping) for ping in pings), pings
    assert len(set(pings)) == 3


PONG_AFTER = 0.15


class Slow(Noting):
    """Answers each ping late."""

    def send_data(self) -> None:
        time.sleep(PONG_AFTER)
        super().send_data()


def test_pings_come_no_sooner_for_a_late_answer(playground: Playground) -> None:
    """Uvicorn's own do."""
    url = WebClient(base_url=playground.api_url).apps_connections_open(app_token=playground.app_token)["url"]
    while not PINGED.empty():
        PINGED.get()
    began = time.monotonic()
    with connect(url, proxy=None, create_connection=Slow):
        for _ in range(8):
            PINGED.get(timeout=5)
        assert time.monotonic() - began > 7 * PING_EVERY
