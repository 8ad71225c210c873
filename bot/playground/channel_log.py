"""The messages of one channel in the order of their ids, so that a stretch of them is found without a walk."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation

from bot.playground.workspace import Message

MICROS = 1_000_000


def micros(ts: str) -> int:
    """A message id, or a time in seconds, as whole microseconds. ValueError if it is neither."""
    try:
        return int(Decimal(ts) * MICROS)
    except (InvalidOperation, OverflowError):
        raise ValueError(ts) from None


class ChannelLog:
    """Not safe by itself: SlackState's lock guards it."""

    def __init__(self) -> None:
        self._by_ts: dict[str, Message] = {}
        self._order: list[int] = []
        self._stamps: dict[int, str] = {}

    def put(self, message: Message) -> None:
        """Adds a message, which is newer than all others, or puts a changed one in its place."""
        if message.ts not in self._by_ts:
            at = micros(message.ts)
            self._order.append(at)
            self._stamps[at] = message.ts
        self._by_ts[message.ts] = message

    def remove(self, ts: str) -> None:
        """Takes a message out, if it is there."""
        if self._by_ts.pop(ts, None) is not None:
            at = micros(ts)
            del self._stamps[at], self._order[bisect_left(self._order, at)]

    def get(self, ts: str) -> Message | None:
        """The message of that id."""
        return self._by_ts.get(ts)

    def all(self) -> list[Message]:
        """Every message, oldest first."""
        return list(self._by_ts.values())

    def newest(
        self, count: int, keep: Callable[[Message], bool], *, after: int, before: int | None, inclusive: bool,
    ) -> list[Message]:  # fmt: skip
        """At most `count` of those to keep, newest first, whose ids lie between `after` and `before` (microseconds)."""
        found: list[Message] = []
        for message in self._downwards(after, before, inclusive=inclusive):
            if len(found) == count:
                break
            if keep(message):
                found.append(message)
        return found

    def _downwards(self, after: int, before: int | None, *, inclusive: bool) -> Iterator[Message]:
        low = (bisect_left if inclusive else bisect_right)(self._order, after)
        high = len(self._order)
        if before is not None:
            high = (bisect_right if inclusive else bisect_left)(self._order, before)
        for index in range(high - 1, low - 1, -1):
            yield self._by_ts[self._stamps[self._order[index]]]
