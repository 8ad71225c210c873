"""What the rules need to know of a send, and what they find."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

OVERDUE, EXPIRING, EXPIRED = "overdue", "expiring", "expired"
NEEDS_ACTION_RULE, UNKNOWN_RULE, STALE = "needs_action", "unknown_status", "stale_data"
RULES = (NEEDS_ACTION_RULE, EXPIRED, OVERDUE, EXPIRING, UNKNOWN_RULE, STALE)
"""Every rule, the more pressing first."""

LEVELS: dict[str, int] = {"notice": 0, "late": 1, "support": 2, "7d": 1, "2d": 2, "1d": 3}
"""How pressing a level is within its rule."""

OVERDUE_LEVELS = ("late", "support")
"""The levels of `overdue`, the milder first."""

Told = frozenset[tuple[str, str]]
"""The (rule, level) pairs of which an alert exists for this stay in the status."""


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What the rules need to know of a send. Times are aware; None where no source gave them."""

    status: str
    status_since: datetime
    kind: str = "unknown"
    type: str = ""
    subtype: str = ""
    campaign: str = ""
    team: str = ""
    status_key: str = ""
    warehouse_since: datetime | None = None
    created_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something to say about a send from `due_at` on: the rule, its level, the threshold as used, and why.

    `threshold` has `amount`, `unit`, `source` and `words`; for the end of an offer also `ends_at` (ISO 8601)
    and `assumed`, which is true where no source gave the end. `why` is one plain sentence without markup
    and without anything about the recipient.
    """

    rule: str
    level: str
    due_at: datetime
    threshold: dict[str, Any]
    why: str


def later(start: datetime, by: timedelta) -> datetime | None:
    """`by` (which may be negative) after an instant; None beyond the ends of the calendar, where no day comes."""
    try:
        return start + by
    except OverflowError:
        return None
