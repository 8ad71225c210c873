"""The playground's clock: it can stand still or run, and it can be moved forward."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class PlayClock:
    """Gives `now` when called. It only ever moves forward, as time does for a bot.

    Stands at `frozen_at` until it is moved, or runs from `start` (default: the present) `speed` times as fast
    as real time. `began` is the instant of `time.monotonic()`, which all processes of a machine share, at which
    it was `start`. Safe to use from several threads. No finer than a millisecond where it runs, as the bot's own.
    """

    def __init__(
        self, *, frozen_at: datetime | None = None, start: datetime | None = None, speed: float = 1.0,
        began: float | None = None,
    ) -> None:  # fmt: skip
        self._lock = threading.Lock()
        self._frozen = frozen_at is not None
        self._base = (frozen_at or start or datetime.now(UTC)).astimezone(UTC)
        self._began = time.monotonic() if began is None else began
        self.speed = speed
        self._callbacks: list[Callable[[datetime], None]] = []

    @classmethod
    def like(cls, words: str) -> PlayClock:
        """The same clock in another process of this machine, from the `words` of the first. ValueError."""
        start, speed, began = words.split()
        return cls(start=datetime.fromisoformat(start), speed=float(speed), began=float(began))

    @property
    def words(self) -> str:
        """What `like` takes in another process. Later moves are not shared. ValueError if it stands still."""
        with self._lock:
            if self._frozen:
                raise ValueError("a clock that stands still is moved within its process alone")
            return f"{self._base.isoformat()} {self.speed} {self._began}"

    def real(self, length: timedelta) -> float:
        """How many real seconds this length takes to pass, where the clock runs."""
        return length.total_seconds() / self.speed

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
        now = self._base + timedelta(seconds=(time.monotonic() - self._began) * self.speed)
        return now.replace(microsecond=now.microsecond // 1_000 * 1_000)

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
