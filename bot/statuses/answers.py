"""What `meaning --json` answers, and what every other place that explains a status shows."""

from __future__ import annotations

from typing import Any

from bot.statuses.catalogue import Meaning, meanings
from bot.statuses.kinds import Kind
from bot.statuses.spelling import resolve


def answer(query: str, *, kind: Kind | None = None) -> dict[str, Any]:
    """What a status means, for each kind of send where that differs; no match where it is unsure.

    Takes what a person typed. Gives `query`, `matches` and `suggestions` (canonical ids, at most three).
    """
    spelling = resolve(query, kind=kind)
    found = meanings(spelling.status, spelling.kind) if spelling.status else ()
    return {
        "query": query,
        "matches": [_match(entry) for entry in found],
        "suggestions": [str(status) for status in spelling.suggestions],
    }


def _match(entry: Meaning) -> dict[str, Any]:
    return {
        "status": str(entry.status),
        "kind": str(entry.kind),
        "meaning": entry.meaning,
        "next_actor": entry.next_actor,
        "advice": entry.advice,
        "final": entry.final,
        "threshold": entry.threshold,
        "source": entry.source,
    }
