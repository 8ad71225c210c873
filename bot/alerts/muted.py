"""What mutes hide: how many open alerts one would, and all that those in force do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row
from sqlalchemy.orm import Session

from bot.alerts import muting
from bot.alerts.muting import Muted, folded
from bot.alerts.routing import Subject
from bot.alerts.subjects import subject_of
from storage import mute_names
from storage import mutes as stored
from storage.models import Alert, Mute, Send
from storage.mutes import Spelt


@dataclass(frozen=True, kw_only=True)
class Held:
    """How many open alerts a mute would hide: all, those that have been told, and those hidden by another already."""

    alerts: int
    told: int
    already: int = 0

    @property
    def waiting(self) -> int:
        """How many have been told nowhere yet."""
        return self.alerts - self.told


def in_force(session: Session, now: datetime) -> list[Muted]:
    """Every mute that holds at `now`."""
    return [Muted.of(mute) for mute in stored.in_force(session, now)]


def count(session: Session, scope: str, value: str, now: datetime, *, instead_of: int | None = None) -> Held:
    """How many open alerts a mute of that scope and value (in the form of `muting.key_of`) would hide.

    What the mute of the row id `instead_of` hides, for which this one would come, is not hidden by another.
    """
    others = hidden(session, now, but=instead_of)
    alerts, told, already = stored.tally(session, concerned(session, [(scope, value)]), others)
    return Held(alerts=alerts, told=told, already=already)


def holding(
    session: Session, alerts: Iterable[tuple[Alert, Send | None]], now: datetime,
) -> dict[int, Muted]:
    """Those of the alerts, by row id, that a mute hides, with the one that hides each for longest."""
    some = list(alerts)
    mutes = in_force(session, now) if some else ()
    found = ((alert.id, muting.holding(mutes, subject_of(alert, send))) for alert, send in some) if mutes else ()
    return {alert_id: held for alert_id, held in found if held is not None}


def in_message(session: Session, message_id: int, now: datetime) -> list[Muted]:
    """For each open alert of a message that a mute hides, the one that hides it for longest."""
    mutes = in_force(session, now)
    rows = stored.subjects(session, stored.open_in(session, message_id)) if mutes else ()
    found = (muting.holding(mutes, subject_in(row)) for row in rows)
    return [held for held in found if held is not None]


def subject_in(row: Row[Any]) -> Subject:
    """What mutes look at, from a row of `storage.mutes.subjects`."""
    return Subject(
        rule=row.rule, level=row.level, status=row.status, campaign=row.campaign or "", team=row.team or "",
        sender_email=row.sender_email or "", send_gid=row.send_gid or "",
    )


def counts(session: Session, mutes: Iterable[Mute]) -> dict[int, int]:
    """For each mute, by row id, how many open alerts it concerns."""
    some = list(mutes)
    found: dict[tuple[str, str], int] = defaultdict(int)
    for scope in {one.scope for one in some}:
        for written in mute_names.in_open_alerts(session, scope):
            found[scope, written.text if scope == "send" else folded(written.text)] += written.alerts
    return {one.id: found[one.scope, one.value] for one in some}


def hidden(session: Session, now: datetime, *, but: int | None = None) -> ColumnElement[bool]:
    """Whether a mute, other than that of the row id `but`, hides an alert; a condition on alerts with their sends."""
    mutes = [mute for mute in stored.in_force(session, now) if mute.id != but]
    return concerned(session, [(mute.scope, mute.value) for mute in mutes])


def concerned(session: Session, wanted: Iterable[tuple[str, str]]) -> ColumnElement[bool]:
    """Whether an open alert is one of those that mutes of these scopes and values concern; a condition as above."""
    values = defaultdict[str, set[str]](set)
    for scope, value in wanted:
        values[scope].add(value)
    return stored.concerns([_spelt(session, scope, some) for scope, some in values.items()])


def _spelt(session: Session, scope: str, values: set[str]) -> Spelt:
    if scope == "send":
        return Spelt(scope=scope, values=tuple(sorted(values)))
    # Neither database folds case as we do: each spelling is looked at here, and named to the letter there.
    found = (one.text for one in mute_names.in_open_alerts(session, scope) if folded(one.text) in values)
    return Spelt(scope=scope, values=tuple(sorted(found)))
