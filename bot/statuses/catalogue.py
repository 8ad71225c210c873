"""Every status: what it means for which kind of send, who acts next, what to do, and when to worry."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

from bot.statuses.egift_meanings import EGIFT_MEANINGS
from bot.statuses.held_meanings import HELD_MEANINGS
from bot.statuses.kinds import Kind
from bot.statuses.meaning import Meaning, Source, Status
from bot.statuses.physical_meanings import PHYSICAL_MEANINGS

__all__ = ["MEANINGS", "NEEDS_ACTION", "Meaning", "Source", "Status", "is_final", "meanings", "rank", "title"]

MEANINGS: tuple[Meaning, ...] = (*EGIFT_MEANINGS, *PHYSICAL_MEANINGS, *HELD_MEANINGS)

NEEDS_ACTION: frozenset[Status] = frozenset(entry.status for entry in MEANINGS if entry.needs_action)
"""Statuses in which a send stays until somebody does something."""

_BY_STATUS: dict[str, list[Meaning]] = defaultdict(list)
for _entry in MEANINGS:
    _BY_STATUS[_entry.status].append(_entry)

_RANKS: dict[str, int] = {status: place for place, status in enumerate(Status)}


@lru_cache(maxsize=256)
def meanings(status: str, kind: Kind | str | None = None) -> tuple[Meaning, ...]:
    """What a status means for a kind of send; for both eGifts and physical sends where that is open.

    A choice send may become either, so it too gets both unless the status means something of its own
    for it. Takes any text: what is no status id is answered as "unknown". Never empty.
    """
    entries = _BY_STATUS.get(status) or _BY_STATUS[Status.UNKNOWN]
    fitting = tuple(entry for entry in entries if entry.kind in (kind, "any"))
    return fitting or tuple(entry for entry in entries if entry.kind is not Kind.CHOICE)


def title(status: str) -> str:
    """The name of a status as Sendoso's pages write it, such as "Order Received"."""
    return meanings(status)[0].title


def rank(status: str) -> int:
    """How far along a status is: of two updates at the same instant the higher one is the later.

    An unknown status ranks lowest.
    """
    return _RANKS.get(status, 0)


def is_final(status: str, kind: Kind | str | None = None) -> bool:
    """Whether a send of this kind stays as it is, apart from a refund that may still follow."""
    return all(entry.final for entry in meanings(status, kind))
