"""What another routing table would do: which of the open alerts and of the newest sends it would lead elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.alerts.routing import Routing, Subject
from bot.alerts.subjects import about, subject_of
from bot.statuses.watched import OVERDUE
from storage import alerts as stored
from storage import sends
from storage.models import Send

MOST = 500
"""Open alerts and sends, the newest of each, that are looked at."""
EXAMPLES = 3
LATE = "late"

Place = tuple[str, str]
"""A place and the name of the policy by which it is told there."""


@dataclass(frozen=True, kw_only=True)
class Rerouted:
    """One alert that would be told elsewhere: of which send, and the places before and after."""

    send: Send | None
    rule: str
    before: tuple[Place, ...]
    after: tuple[Place, ...]


@dataclass(frozen=True, kw_only=True)
class Rerouting:
    """How many of how many would go elsewhere, with the first few; sends are looked at as if each were late."""

    alerts: int = 0
    alerts_of: int = 0
    sends: int = 0
    sends_of: int = 0
    examples: tuple[Rerouted, ...] = ()


def rerouting(session: Session, old: Routing, new: Routing) -> Rerouting:
    """What `new` would lead elsewhere, or tell under another policy, than `old` does; writes nothing."""
    open_ones = stored.with_sends(session, stored.open_alerts(session, MOST)[0])
    newest = sends.newest(session, MOST)
    alerts = _elsewhere(((subject_of(alert, send), send) for alert, send in open_ones), old, new)
    late = _elsewhere(((about(OVERDUE, LATE, send.status, send), send) for send in newest), old, new)
    return Rerouting(
        alerts=len(alerts), alerts_of=len(open_ones), sends=len(late), sends_of=len(newest),
        examples=tuple([*alerts, *late][:EXAMPLES]),
    )


def _elsewhere(some: Iterable[tuple[Subject, Send | None]], old: Routing, new: Routing) -> list[Rerouted]:
    found = []
    for subject, send in some:
        before, after = (_places(routing, subject) for routing in (old, new))
        if set(before) != set(after):
            found.append(Rerouted(send=send, rule=subject.rule, before=before, after=after))
    return found


def _places(routing: Routing, subject: Subject) -> tuple[Place, ...]:
    return tuple((one.channel, one.policy.name) for one in routing.destinations(subject))
