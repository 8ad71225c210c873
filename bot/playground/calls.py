"""A log of what the app asked of the Web API, for tests and for the curious."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.playground.slack_errors import Json

KEPT = 10_000
WHOLE = 500
"""How many of the latest calls keep their whole answers; of older ones only single words and numbers stay."""


@dataclass(kw_only=True)
class Call:
    """One call: `answer` is its body, or None if the app never got one."""

    method: str
    args: Json
    at: datetime
    status: int = 0
    answer: Json | None = None
    fault: str | None = None
    is_left: bool = False
    """Whether the app had hung up, or was gone, before this was read: then `at` says little of when it was sent."""


class Calls:
    """The latest calls, oldest first; the token is left out of their arguments."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: deque[Call] = deque(maxlen=KEPT)
        self._whole: deque[Call] = deque()

    def add(self, method: str, args: Json, at: datetime) -> Call:
        """Notes that a call has come in; its answer is filled in later."""
        call = Call(method=method, args={name: v for name, v in args.items() if name != "token"}, at=at)
        with self._lock:
            self._calls.append(call)
            self._whole.append(call)
            if len(self._whole) > WHOLE:
                _shorten(self._whole.popleft())
        return call

    def of(self, method: str) -> list[Call]:
        """The calls of one method."""
        return [call for call in self if call.method == method]

    def clear(self) -> None:
        """Forgets all calls so far."""
        with self._lock:
            self._calls.clear()

    def __iter__(self) -> Iterator[Call]:
        with self._lock:
            return iter(list(self._calls))

    def __len__(self) -> int:
        return len(self._calls)

    def __getitem__(self, index: int) -> Call:
        return list(self)[index]


def _shorten(call: Call) -> None:
    if call.answer is not None:
        call.answer = {name: value for name, value in call.answer.items() if not isinstance(value, dict | list)}
