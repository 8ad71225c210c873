"""What is known of where one alert of one send goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.alerts.permissions import Permissions
from bot.alerts.routing import Subject
from bot.config.explain import Explained
from storage.models import Alert, Notification, Send

COMING, SETTLED, SUPPOSED = "coming", "settled", "supposed"
"""An alert that comes if nothing moves, one that has been told or replaced, one that is only imagined."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """An alert about the send: `state` is an open alert's own, "coming", "settled" or "supposed"."""

    rule: str
    level: str
    state: str
    due_at: datetime | None = None

    @property
    def name(self) -> str:
        """As the configuration spells it, such as "overdue/late"."""
        return f"{self.rule}/{self.level}"


@dataclass(frozen=True, kw_only=True)
class Addressee:
    """Who is behind an e-mail address: a Slack user, nobody (`is_unknown`), or not asked yet."""

    user_id: str = ""
    is_unknown: bool = False


@dataclass(frozen=True, kw_only=True)
class Route:
    """All that the card shows of one alert of one send."""

    send: Send
    subject: Subject
    chosen: Choice
    choices: Sequence[Choice]
    explained: Explained
    permissions: Permissions
    alert_channel: str
    """Where it goes when Slack knows nobody behind an address; empty where there is none."""
    people: Mapping[str, Addressee] = field(default_factory=dict)
    """By place, for those that are an e-mail address."""
    alert: Alert | None = None
    told: Sequence[Notification] = ()
    """Of the open alert: how it stands in each place."""
    unseen: Mapping[int, str] = field(default_factory=dict)
    """Row id of those of them that Slack does not show -> why, for mrkdwn."""
