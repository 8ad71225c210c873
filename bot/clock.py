"""Where `now` comes from. Only `bot.app` reads a clock; everything below takes `now` as a parameter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The present instant in UTC, to the millisecond: no finer than the database keeps it, so that both compare."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1_000 * 1_000)
