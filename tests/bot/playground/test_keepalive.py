"""What the playground says over a quiet websocket."""

from __future__ import annotations

import queue
import re

from slack_sdk import WebClient
from websockets.frames import Frame, Opcode
from websockets.protocol import Event
from websockets.sync.client import ClientConnection, connect

from bot.playground.server import Playground

PINGED: queue.Queue[bytes] = queue.Queue()


class Noting(ClientConnection):
    """Puts down what its pings carry."""

    def process_event(self, event: Event) -> None:
        if isinstance(event, Frame) and event.opcode is Opcode.PING:
            PINGED.put(bytes(event.data))
        super().process_event(event)


def test_pings_are_words_and_go_on(playground: Playground) -> None:
    """Of random bytes the SDK could make no text, and dropped the event that came along with them."""
    url = WebClient(base_url=playground.api_url).apps_connections_open(app_token=playground.app_token)["url"]
    with connect(url, proxy=None, create_connection=Noting):
        pings = [PINGED.get(timeout=5).decode() for _ in range(3)]
    assert all(re.fullmatch(r"Ping from playground-[0-9a-f]{8}", ping) for ping in pings), pings
    assert len(set(pings)) == 3
