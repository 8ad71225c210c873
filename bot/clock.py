"""Where `now` comes from. Only `bot.app` reads a clock; everything below takes `now` as a parameter."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The present instant in UTC, to the millisecond: no finer than the database keeps it, so that both compare."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1_000 * 1_000)


class Leaps:
    """Whether a clock was put forward or back, or the machine slept, since it was last asked.

    Then ages tell nothing: what seems to have stood still may have had no time to do anything. Only the system's own
    clock leaps: another one that is handed in is meant to go as it goes. `steady` counts seconds and is never set.
    """

    LEAST = timedelta(minutes=1)

    def __init__(self, clock: Clock, steady: Callable[[], float] | None = None) -> None:
        self._clock = clock
        self._steady = steady or (time.monotonic if clock is system_clock else lambda: clock().timestamp())
        self._seen = clock(), self._steady()

    def leapt(self) -> bool:
        """Whether it has gone by much more or less than the time that went by."""
        (before, counted), self._seen = self._seen, (self._clock(), self._steady())
        return abs(self._seen[0] - before - timedelta(seconds=self._seen[1] - counted)) >= self.LEAST
