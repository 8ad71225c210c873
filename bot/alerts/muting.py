"""Which alerts are held by a mute. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from bot.alerts.routing import Subject
from storage.models import Mute

SCOPES = ("send", "campaign", "team", "sender", "rule", "status")
"""From the narrowest to the widest."""

_FIELDS: Mapping[str, str] = {
    "campaign": "campaign", "team": "team", "sender": "sender_email", "rule": "rule", "status": "status",
}


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

    @classmethod
    def of(cls, mute: Mute) -> Muted:
        """A stored mute."""
        return cls(
            mute_id=mute.id, scope=mute.scope, value=mute.value, ends_at=mute.ends_at, created_by=mute.created_by,
            label=mute.label,
        )


@dataclass(frozen=True, kw_only=True)
class Target:
    """What somebody wants to mute: its scope, its value in the form of `key_of`, and how people call it."""

    scope: str
    value: str
    label: str
    sender_email: str = ""
    """Of whom it mutes the sends, where that is one person."""


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """A name as mutes compare it: case and white space make no difference."""
    return " ".join(text.casefold().split())


def key_of(scope: str, subject: Subject) -> str:
    """What a mute of that scope compares: folded, and empty where the alert has nothing of the kind."""
    # A gid is told apart by the case of its letters.
    return subject.send_gid if scope == "send" else folded(getattr(subject, _FIELDS[scope]))


def holding(mutes: Iterable[Muted], subject: Subject) -> Muted | None:
    """The mute that holds this alert for longest; None when none does."""
    fitting = [mute for mute in mutes if mute.value and key_of(mute.scope, subject) == mute.value]
    return max(fitting, key=lambda mute: mute.ends_at, default=None)
