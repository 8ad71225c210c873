"""Which alerts are held by a mute. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.alerts.routing import Subject

SCOPES = ("send", "campaign", "team", "sender", "rule", "status")
"""From the narrowest to the widest."""


@dataclass(frozen=True, kw_only=True)
class Muted:
    """A mute in force: what it holds and until when (aware)."""

    mute_id: int
    scope: str
    value: str
    """In the form of `key_of`."""
    ends_at: datetime
    created_by: str = ""
    label: str = ""


def key_of(scope: str, subject: Subject) -> str:
    """What a mute of that scope compares: folded, and empty where the alert has nothing of the kind."""
    found = {
        "campaign": subject.campaign, "team": subject.team, "sender": subject.sender_email,
        "rule": subject.rule, "status": subject.status,
    }
    # A gid is told apart by the case of its letters.
    return subject.send_gid if scope == "send" else " ".join(found[scope].casefold().split())


def holding(mutes: Iterable[Muted], subject: Subject) -> Muted | None:
    """The mute that holds this alert for longest; None when none does."""
    fitting = [mute for mute in mutes if mute.value and key_of(mute.scope, subject) == mute.value]
    return max(fitting, key=lambda mute: mute.ends_at, default=None)
