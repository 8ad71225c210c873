"""Where an alert was escalated from, kept with it in the place to which it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from storage.models import Notification

ESCALATED = "escalated"
"""Stands with the policy of an alert in a place to which it was escalated, and holds from where: see `CameFrom`."""


@dataclass(frozen=True, kw_only=True)
class CameFrom:
    """From where an alert was escalated, as it was then: what is said of that must not change with what comes later."""

    place: str
    after: timedelta
    """So long nobody had acted there."""
    unseen: bool
    """Whether Slack had not shown the alert there yet."""

    def as_json(self) -> dict[str, Any]:
        """To stand with the policy of the alert in its new place."""
        return {ESCALATED: {"place": self.place, "after": self.after.total_seconds(), "unseen": self.unseen}}


def came_from(row: Notification) -> CameFrom | None:
    """From where it was escalated to this place; None where it was not, or that was not kept yet."""
    kept = row.policy.get(ESCALATED)
    if not isinstance(kept, dict):
        return None
    return CameFrom(place=kept["place"], after=timedelta(seconds=kept["after"]), unseen=kept["unseen"])


def is_escalated(row: Notification) -> bool:
    """Whether an alert came to this place by an escalation from another."""
    # A row from before there was the mark tells it only by what was said there last.
    return ESCALATED in row.policy or (row.reason == ESCALATED and not row.escalations)
