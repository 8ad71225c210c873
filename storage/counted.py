"""What the queries of `storage.reports` give: plain data, for those, too, who have no database."""

from __future__ import annotations

from dataclasses import dataclass

SENT, MOVING, DELIVERED, REDEEMED, EXPIRED, REFUNDED, STUCK = (
    "sent", "moving", "delivered", "redeemed", "expired", "refunded", "stuck",
)
"""What is counted. `moving`: opened by the recipient, or shipped."""
ARRIVED = ("delivered", "redeemed")
WHOLE_WAY = "whole_way"
"""In place of a stage: from when a send was made to when it arrived."""


@dataclass(frozen=True, kw_only=True)
class Sum:
    """So many sends of one kind: `of` are their values in the columns that were asked for, in that order."""

    what: str
    of: tuple[str, ...]
    currency: str
    number: int
    cost_minor: int
    at_risk_minor: int = 0
    """What those cost that are expired and not refunded by the end of the period."""


@dataclass(frozen=True, kw_only=True)
class Lasted:
    """So many sends that spent so many full hours in a stage (a status id, or WHOLE_WAY)."""

    stage: str
    of: tuple[str, ...]
    hours: int
    number: int


@dataclass(frozen=True, kw_only=True)
class Aged:
    """So many open sends that have been in their status since before the bound of that place, and after the next."""

    place: int
    of: tuple[str, ...]
    number: int
