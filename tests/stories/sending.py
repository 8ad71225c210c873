"""Sends as stories need them."""

from __future__ import annotations

import zlib
from typing import Any

from bot.sends.snapshots import Snapshot, StatusUpdate
from tests.stories.world import World


def add(story: World, status: str, *, days: float, name: str = "Jane Doe", **more: Any) -> str:  # noqa: ANN401
    """Put a send into Sendoso that has been in `status` for so many days; gives its gid. `more` goes to Snapshot."""
    since = story.ago(days=days)
    values: dict[str, Any] = {
        "source": "sample", "observed_at": story.clock(), "status_raw": status, "created_at": since,
        "type": "Inventoried Sends", "subtype": "Custom", "recipient_name": name,
        "recipient_email": f"{name.split(maxsplit=1)[0].lower()}@acme.example", "recipient_company": "Acme",
        "sender_name": "Ben Okafor", "sender_email": "ben@example.com", "team": "Sales", "campaign": "Door opener",
        "updates": (StatusUpdate(status_raw=status, occurred_at=since),),
    }
    values |= more
    values.setdefault("campaign_id", zlib.crc32(values["campaign"].encode()) % 1_000)
    return story.sendoso.add(Snapshot(**values))
