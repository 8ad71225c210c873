"""Slack's rate limits: so many calls of a method, or of a method in a channel, in a time."""

from __future__ import annotations

import math
import threading
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from bot.clock import Clock
from bot.playground.slack_errors import RateLimitedError

POST_BURST = 3
"""How many posts a channel takes at once before one a second holds; Slack gives no number."""

TIERS = {
    "conversations.list": 20, "users.list": 20, "usergroups.list": 20, "usergroups.users.list": 20,
    "chat.update": 50, "chat.delete": 50, "chat.unfurl": 50, "conversations.open": 50, "conversations.info": 50,
    "conversations.history": 50, "conversations.replies": 50, "users.lookupByEmail": 50,
    "chat.postEphemeral": 100, "users.info": 100, "conversations.members": 100,
    "files.getUploadURLExternal": 100, "files.completeUploadExternal": 100, "files.info": 100,
    "views.open": 100, "views.push": 100, "views.update": 100, "views.publish": 100,
}  # fmt: skip
"""Calls of a method in a minute, from Slack's tiers 2, 3 and 4."""


@dataclass
class Bucket:
    """Holds `size` calls and gets `per_second` of them back each second."""

    size: float
    per_second: float
    left: float
    at: datetime

    def take(self, now: datetime) -> int:
        """0 if a call may pass; otherwise the whole seconds to wait."""
        self.left = min(self.size, self.left + (now - self.at).total_seconds() * self.per_second)
        self.at = now
        if self.left >= 1:
            self.left -= 1
            return 0
        return max(1, math.ceil((1 - self.left) / self.per_second))


class RateLimits:
    """Counts calls by the play clock. `posts` and `tiers` say which limits hold."""

    def __init__(self, clock: Clock, *, posts: bool = True, tiers: bool = False) -> None:
        self.posts, self.tiers = posts, tiers
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[str, Bucket] = {}
        self.exceeded: Counter[str] = Counter()
        """How often each method was called too early."""

    def count(self, method: str, channel: str | None) -> None:
        """Counts one call. Raises RateLimitedError when it comes too early."""
        if self.posts and method == "chat.postMessage" and channel:
            self._take(f"{method} {channel}", POST_BURST, 1.0)
        if self.tiers and method in TIERS:
            self._take(method, TIERS[method], TIERS[method] / 60)

    def _take(self, key: str, size: float, per_second: float) -> None:
        with self._lock:
            now = self._clock()
            bucket = self._buckets.setdefault(key, Bucket(size, per_second, size, now))
            wait = bucket.take(now)
            if wait:
                self.exceeded[key.partition(" ")[0]] += 1
                raise RateLimitedError(wait)
