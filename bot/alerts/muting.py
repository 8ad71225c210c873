"""Which alerts are held by a mute. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from bot.alerts.routing import Subject
from bot.statuses import catalogue
from bot.statuses.watched import EXPIRED, EXPIRING, NEEDS_ACTION_RULE, OVERDUE, STALE, UNKNOWN_RULE
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


@dataclass(frozen=True, kw_only=True)
class Target:
    """What somebody wants to mute: its scope, its value in the form of `key_of`, and how people call it."""

    scope: str
    value: str
    label: str
    sender_email: str = ""
    """Of whom it mutes the sends, where that is one person."""


RULES: Mapping[str, str] = {
    OVERDUE: "late gifts", EXPIRING: "offers that end soon", EXPIRED: "offers that are over",
    NEEDS_ACTION_RULE: "gifts that need somebody to act", UNKNOWN_RULE: "statuses nobody has named",
    STALE: "missing data from Sendoso",
}
"""Rule id -> what it finds."""


def targets(subject: Subject, recipient: str) -> dict[str, Target]:
    """What can be muted of an alert, by scope, from the narrowest to the widest; `recipient` names its send."""
    labels = {
        "send": recipient or subject.send_gid, "campaign": subject.campaign, "team": subject.team,
        "sender": subject.sender_name.strip() or subject.sender_email, "rule": RULES.get(subject.rule, subject.rule),
        "status": catalogue.title(subject.status),
    }
    of_one = {"send", "sender"}
    found = {
        scope: Target(
            scope=scope, value=key_of(scope, subject), label=" ".join(labels[scope].split()),
            sender_email=subject.sender_email.strip().lower() if scope in of_one else "",
        )
        for scope in SCOPES
    }
    return {scope: target for scope, target in found.items() if target.value}
