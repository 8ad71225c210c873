"""Where alerts go. For now one channel, and the admins for what only they can mend."""

from __future__ import annotations

from dataclasses import dataclass

ADMIN_RULES = frozenset({"unknown_status", "stale_data"})
"""Findings about Sendwatch itself rather than about a gift."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """The channel for alerts (a channel id), and the admins (Slack user ids)."""

    alert_channel: str
    admins: tuple[str, ...] = ()

    def channels(self, rule: str) -> tuple[str, ...]:
        """Where an alert of that rule is told: the channel, or each admin by direct message if there are any."""
        if rule in ADMIN_RULES and self.admins:
            return self.admins
        return (self.alert_channel,)
