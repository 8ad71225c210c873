"""What is said of whoever answers where the bot should: a bot, or anything else."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bot import probe


@contextmanager
def answering(status: int, said: object) -> Iterator[int]:
    """Something that answers one request so; gives its port."""

    class Answer(BaseHTTPRequestHandler):
        log_message: Callable[..., None] = lambda *_: None

        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        yield server.server_port
        thread.join()


@pytest.mark.parametrize(("status", "said", "is_ready", "problems"), [
    (200, {"status": "ready", "problems": []}, True, ()),
    (503, {"status": "unready", "problems": [{"name": "sync", "reason": "late"}]}, False, (("sync", "late"),)),
    (503, {"status": "x", "problems": ["boom"]}, False, ((probe.STRANGE, "/readyz answers 503"),)),
    (404, {"problems": "none"}, False, ((probe.STRANGE, "/readyz answers 404"),)),
    (500, ["boom"], False, ((probe.STRANGE, "/readyz answers 500"),)),
])
def test_a_bot_is_told_from_anything_else(
    status: int, said: object, problems: tuple[tuple[str, str], ...], *, is_ready: bool,
) -> None:
    with answering(status, said) as port:
        told = probe.ask("127.0.0.1", port)
    assert (told.is_ready, told.problems, told.answers) == (is_ready, problems, True)
