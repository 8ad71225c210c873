"""After a change of the limits or of the calendar: new due times for all sends, and what the change would make due."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Row
from sqlalchemy.orm import Session

from bot.alerts.judgement import Judgement, judge, key_of, watched
from bot.alerts.lifecycle import State
from bot.statuses import limits, thresholds
from bot.statuses.meaning import Status
from bot.statuses.watch import Watch
from bot.statuses.watched import UNKNOWN_RULE
from storage import alerts as stored
from storage import due, leases, sends
from storage.engine import Database
from storage.models import Alert, Send

LEASE = timedelta(seconds=30)
"""So long after the end of one process another goes on where it was."""

PAGE = 1_000
_HOLDER = uuid.uuid4().hex

Due = tuple[datetime | None, str | None]


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a change of the limits would do at once: how many sends it makes due, and how many it calms.

    `by_status` tells the first number by status id, the largest first.
    """

    becoming_due: int = 0
    no_longer_due: int = 0
    by_status: Mapping[str, int] = field(default_factory=dict)


def start(session: Session, now: datetime) -> None:
    """Have all sends looked at again by what is in force from now on; one look that is under way begins anew.

    To be called in the transaction that saves the change. The caller commits; `step` does the work.
    """
    due.begin_walk(session, now)


def under_way(session: Session) -> bool:
    """Whether due times may still be those of former limits, so that what is due is not yet known as a whole."""
    return due.walked_to(session) is not None


def step(
    database: Database, now: datetime, watch_in: Callable[[Session], Watch], batch: int = 500, *,
    holder: str = _HOLDER,
) -> int:
    """Give the next `batch` sends (at most 1,000) their due times, in one transaction; gives how many it looked at.

    Call it until it gives 0: then nothing is left, or another process is at it (`holder` tells them apart) and
    goes on by itself. May be stopped at any point. `watch_in` reads what is in force, in the transaction given.
    """
    with database.read() as session:
        if not under_way(session):
            return 0
    with database.write() as session:
        due.hold_limits(session)
        token = leases.take(session, due.WALK, holder, now, LEASE)
        after = due.walked_to(session, lock=True) if token is not None else None
        if token is None or after is None:
            return 0
        some = due.page(session, after, min(batch, sends.IN_LIMIT))
        _put_right(session, some, watch_in(session), now)
        if len(some) < min(batch, sends.IN_LIMIT):
            due.end_walk(session, now)
            leases.release(session, due.WALK, holder, token, now)
        else:
            due.walk_on(session, some[-1].id)
        return len(some)


def preview(session: Session, now: datetime, old: Watch, new: Watch) -> Preview:
    """What would become due, or would no longer be so, if `new` came into force at `now`; writes nothing.

    Counted as the scan would judge: what has been told, settled or put to sleep does not count as due again.
    Goes through the table by pages and keeps none of them.
    """
    becoming: Counter[str] = Counter()
    calmed, after = 0, 0
    statuses = limits.statuses_between(old, new)
    while statuses and (some := due.page(session, after, PAGE, statuses)):
        after = some[-1].id
        concerned = [row.id for row in some if _is_watched(row) and not limits.is_the_same(_seen(row), old, new)]
        for send, known, keys in _with_alerts(session, sends.by_ids(session, concerned).values()):
            before, then = (judge(send, known, watch, now) for watch in (old, new))
            if _news(send, then, keys) - _news(send, before, keys):
                becoming[send.status] += 1
            calmed += _speaks(send, known, before, keys) and not _speaks(send, known, then, keys)
    return Preview(becoming_due=becoming.total(), no_longer_due=calmed, by_status=dict(becoming.most_common()))


def due_time(send: Send, alerts: Sequence[Alert], watch: Watch, now: datetime, keys: Collection[str] = ()) -> Due:
    """When the scan has to look at a send, and for which rule; at `now` the latest where it would find work.

    `alerts` are all that the send has ever had, `keys` those of alerts that exist, of whatever send.
    """
    if not _is_watched(send):
        return None, None
    found = judge(send, alerts, watch, now)
    work = [
        *_news(send, found, keys), *(alert.rule for alert, _ in found.closings),
        *(alert.rule for alert in found.awakened),
    ]
    return _at_once(send, work[0], now) if work else (found.due_at, found.due_rule)


def _is_watched(send: Send | Row[Any]) -> bool:
    # A status nobody has told of yet is no unknown status.
    return bool(send.status_raw) or send.status != Status.UNKNOWN


def _at_once(send: Send | Row[Any], rule: str, now: datetime) -> Due:
    is_due = send.due_at is not None and send.due_at <= now
    return (send.due_at, send.due_rule) if is_due else (now, rule)


def _news(send: Send, found: Judgement, keys: Collection[str]) -> frozenset[str]:
    """The rules by which the scan would open an alert."""
    return frozenset(
        one.finding.rule for one in found.openings
        if one.reopens is not None or key_of(send, one.finding) not in keys
    )


def _speaks(send: Send, alerts: Sequence[Alert], found: Judgement, keys: Collection[str]) -> bool:
    """Whether an alert would be open after the scan."""
    closed = {alert.id for alert, _ in found.closings}
    return bool(_news(send, found, keys)) or any(
        alert.state != State.RESOLVED and alert.id not in closed for alert in alerts
    )


def _put_right(session: Session, some: Sequence[Row[Any]], watch: Watch, now: datetime) -> None:
    known = stored.of_sends(session, [row.id for row in some])
    told = [row for row in some if known[row.id]]
    bare = [row for row in some if not known[row.id] and _bare_due(row, watch, now) != (row.due_at, row.due_rule)]
    wrong = [row.id for row in bare]
    for send, alerts, keys in _with_alerts(session, sends.by_ids(session, [row.id for row in told]).values()):
        if due_time(send, alerts, watch, now, keys) != (send.due_at, send.due_rule):
            wrong.append(send.id)
    if not wrong:
        return
    # Read anew once they are held: somebody may have moved or settled them since.
    session.expunge_all()
    held = due.locked(session, wrong)
    due.set_due(session, [
        (send.id, *due_time(send, alerts, watch, now, keys)) for send, alerts, keys in _with_alerts(session, held)
    ])


def _bare_due(row: Row[Any], watch: Watch, now: datetime) -> Due:
    """The same as `due_time` for a send without an alert, as most are; quicker."""
    found = thresholds.next_due(_seen(row), watch) if _is_watched(row) else None
    if found is None:
        return None, None
    return found if found[0] > now else _at_once(row, found[1], now)


def _seen(row: Row[Any]) -> thresholds.Watched:
    # A row has every column of a send that is looked at, under the same name.
    return watched(cast("Send", row))


def _with_alerts(
    session: Session, some: Iterable[Send],
) -> Iterable[tuple[Send, list[Alert], Collection[str]]]:
    """Each send with its alerts, and the keys of unknown statuses that some other send has told."""
    listed = list(some)
    known = stored.of_sends(session, [send.id for send in listed])
    unknown = [send for send in listed if send.status == Status.UNKNOWN]
    keys = stored.keys(session, {_unknown_key(send) for send in unknown})
    return [(send, known[send.id], keys) for send in listed]
