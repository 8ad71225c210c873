"""Trigger ids: a short permission to open a modal, given with each thing a person does."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.playground.slack_errors import SlackError

LIFETIME = timedelta(seconds=3)


@dataclass(kw_only=True)
class Trigger:
    user: str
    made_at: datetime
    view_id: str | None = None
    channel: str | None = None
    used: bool = False


class Triggers:
    """Gives trigger ids out and takes them back: once each, and only for three seconds."""

    def __init__(self, clock: Clock, lifetime: timedelta = LIFETIME) -> None:
        self._clock, self._lifetime = clock, lifetime
        self._lock = threading.Lock()
        self._given: dict[str, Trigger] = {}

    def give(self, user: str, view_id: str | None = None, channel: str | None = None) -> str:
        """A new trigger id; `view_id` is the modal and `channel` the place from which it comes."""
        trigger_id = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**9)}.{secrets.token_hex(16)}"
        with self._lock:
            self._given[trigger_id] = Trigger(user=user, made_at=self._clock(), view_id=view_id, channel=channel)
        return trigger_id

    def check(self, trigger_id: object) -> Trigger:
        """The trigger of that id, still unused.

        SlackError `invalid_trigger_id`, `exchanged_trigger_id`, `expired_trigger_id`.
        """
        with self._lock:
            trigger = self._given.get(str(trigger_id))
            if trigger is None:
                raise SlackError("invalid_trigger_id")
            if trigger.used:
                raise SlackError("exchanged_trigger_id")
            if self._clock() - trigger.made_at > self._lifetime:
                raise SlackError("expired_trigger_id")
            return trigger
