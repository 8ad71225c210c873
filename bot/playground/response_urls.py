"""Response URLs: a permission to answer what a person did, five times within half an hour."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock

LIFETIME = timedelta(minutes=30)
USES = 5


@dataclass(kw_only=True)
class ResponseUrl:
    """Where an answer goes: `message_ts` is the message on which the person pressed, if any."""

    user: str
    channel: str
    made_at: datetime
    message_ts: str | None = None
    thread_ts: str | None = None
    uses: int = 0


class ResponseUrls:
    """Gives response URLs out and counts their uses."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._given: dict[str, ResponseUrl] = {}
        self.base = ""

    def give(
        self, user: str, channel: str, *, message_ts: str | None = None, thread_ts: str | None = None,
    ) -> str:
        """The whole URL."""
        token = secrets.token_urlsafe(18)
        with self._lock:
            self._given[token] = ResponseUrl(
                user=user, channel=channel, message_ts=message_ts, thread_ts=thread_ts, made_at=self._clock(),
            )
        return f"{self.base}/response/{token}"

    def use(self, token: str) -> ResponseUrl | str:
        """Counts one use and gives what the URL stands for; or Slack's word for why it may not be used."""
        with self._lock:
            given = self._given.get(token)
            if given is None:
                return "invalid_url"
            if self._clock() - given.made_at > LIFETIME:
                return "expired_url"
            if given.uses >= USES:
                return "used_url"
            given.uses += 1
            return given
