"""What is said of an alert in a place in which Slack does not show it."""

from __future__ import annotations

from datetime import datetime

from bot.slack.blocks.text import stamp

UNKNOWN = "Slack knows nobody with this address"
"""Why a direct message reaches nobody, for good."""


def not_told(why: str, since: datetime) -> str:
    """That it is not told there, and why, for mrkdwn; `since` is when it was to be told."""
    return f"not told: {why}" if why == UNKNOWN else f"not told yet, since {why}; it waits since {stamp(since)}"
