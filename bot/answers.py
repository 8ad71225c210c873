"""What the command line says to programs: the JSON shapes that others rely on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.sends.snapshots import Rejected
from storage.models import Send, SendHistory


@dataclass(kw_only=True)
class Tally:
    """The counts of an import or a sync over all its batches."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: list[Rejected] = field(default_factory=list)

    def add(self, *, read: int, new: int, changed: int, unchanged: int, rejected: Sequence[Rejected]) -> None:
        """Count one more batch."""
        self.read += read
        self.new += new
        self.changed += changed
        self.unchanged += unchanged
        self.rejected.extend(rejected)


def iso(moment: datetime | None) -> str | None:
    """An instant as ISO 8601 in UTC, such as 2026-11-23T15:00:00Z."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def tally(counts: Any) -> dict[str, Any]:  # noqa: ANN401 - a Tally or a sync's report, which have the same fields
    """`import` and `sync`: what was read and what became of it."""
    return {
        "read": counts.read,
        "new": counts.new,
        "changed": counts.changed,
        "unchanged": counts.unchanged,
        "rejected": [{"line": one.line, "reason": one.reason} for one in counts.rejected],
    }


def status(
    query: str, total: int, sends: Sequence[Send], histories: Mapping[int, Sequence[SendHistory]],
    nearest: Sequence[str],
) -> dict[str, Any]:
    """`status`: the sends found, the most likely first, each with all that is known of it."""
    return {
        "query": query,
        "total": total,
        "sends": [_send(send, histories.get(send.id, ())) for send in sends],
        "nearest": list(nearest),
    }


def _send(send: Send, history: Sequence[SendHistory]) -> dict[str, Any]:
    return {
        "send_gid": send.send_gid,
        "type": send.type,
        "status": send.status,
        "status_raw": send.status_raw,
        "status_since": iso(send.status_since),
        "due_at": iso(send.due_at),
        "due_rule": send.due_rule,
        "recipient": {
            "name": send.recipient_name, "email": send.recipient_email, "company": send.recipient_company,
        },
        "sender": {"name": send.sender_name, "email": send.sender_email, "team": send.team},
        "campaign": send.campaign,
        "tracking_url": send.tracking_url,
        "history": [
            {"status": event.status, "occurred_at": iso(event.occurred_at), "source": event.source}
            for event in history
        ],
    }
