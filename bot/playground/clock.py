"""The playground's clock: it can stand still or run, and it can be moved forward."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class PlayClock:
    """Gives `now` when called. It only ever moves forward, as time does for a bot.

    Runs at real speed from `start` (default: the present), or stands at `frozen_at` until it is moved.
    Safe to use from several threads.
    """

    def __init__(self, *, frozen_at: datetime | None = None, start: datetime | None = None) -> None:
        self._lock = threading.Lock()
        self._frozen = frozen_at is not None
        self._base = (frozen_at or start or datetime.now(UTC)).astimezone(UTC)
        self._began = time.monotonic()
        self._callbacks: list[Callable[[datetime], None]] = []

    def __call__(self) -> datetime:
        """The playground's present instant, in UTC."""
        with self._lock:
            return self._now()

    @property
    def frozen(self) -> bool:
        """Whether the clock stands still between moves."""
        return self._frozen

    def _now(self) -> datetime:
        if self._frozen:
            return self._base
        return self._base + timedelta(seconds=time.monotonic() - self._began)

    def advance(self, by: timedelta) -> datetime:
        """Moves forward and gives the new instant, after every callback has run in this thread.

        ValueError for a step backwards.
        """
        if by < timedelta(0):
            raise ValueError("the clock only moves forward")
        with self._lock:
            self._base += by
            now = self._now()
            callbacks = tuple(self._callbacks)
        for callback in callbacks:
            callback(now)
        return now

    def set(self, to: datetime) -> datetime:
        """Moves forward to that instant. ValueError if it has passed already."""
        return self.advance(to - self())

    def on_advance(self, callback: Callable[[datetime], None]) -> Callable[[], None]:
        """Calls back with the new instant after each move; gives a function that ends this."""
        with self._lock:
            self._callbacks.append(callback)

        def forget() -> None:
            with self._lock:
                self._callbacks.remove(callback)

        return forget
