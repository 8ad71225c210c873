"""After a change of the limits or of the calendar: new due times for all sends, and what the change would make due."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.alerts.judgement import Judgement, Opening, judge, key_of, watched
from bot.alerts.lifecycle import State
from bot.statuses import country_holidays, limits, thresholds
from bot.statuses.meaning import Status
from bot.statuses.watch import Watch
from bot.statuses.watched import UNKNOWN_RULE
from storage import alerts as stored
from storage import due, leases, sends
from storage.engine import Database
from storage.models import Alert, Send

LEASE = timedelta(seconds=30)
"""So long after the end of one process another goes on where it was."""

EXAMPLES = 3
"""Sends that a preview names."""
PAGE = 1_000
_HOLDER = uuid.uuid4().hex

Due = tuple[datetime | None, str | None]
"""When the scan has to look at a send, and for which rule."""
Known = Mapping[int, Sequence[Alert]]
"""All alerts that sends have ever had, by row id."""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a change of the limits would do at once: how many sends it makes due, and how many it calms.

    `by_status` tells the first number by status id, the largest first; `examples` are some of these sends.
    """

    becoming_due: int = 0
    no_longer_due: int = 0
    by_status: Mapping[str, int] = field(default_factory=dict)
    examples: tuple[Send, ...] = field(default=(), compare=False)


def start(session: Session, now: datetime) -> None:
    """Have all sends looked at again by what is in force from now on; one look that is under way begins anew.

    To be called in the transaction that saves the change. The caller commits; `step` does the work.
    """
    due.begin_walk(session, now)


def look_at_edition(session: Session, watch: Watch, now: datetime) -> bool:
    """Start if the zone, the holidays or the catalogue's limits are others than when the bot ran last; whether it did.

    These change without anybody changing the configuration: by TZ_DEFAULT, or with a new version of Sendwatch. To be
    called when the bot starts. The caller commits.
    """
    edition = f"{watch.calendar.zone.key}, holidays {country_holidays.edition()}, limits {limits.edition()}"
    changed = due.note_edition(session, edition, now)
    if changed:
        start(session, now)
    return changed


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
    with database.write(patient=True) as session:
        due.hold_limits(session)
        after = due.walked_to(session, lock=True)
        token = leases.take(session, due.WALK, holder, now, LEASE) if after is not None else None
        if after is None or token is None:
            return 0
        some = due.page(session, after, min(batch, sends.IN_LIMIT))
        _put_right(session, some, watch_in(session), now)
        if len(some) < min(batch, sends.IN_LIMIT):
            due.end_walk(session, now)
            leases.release(session, due.WALK, holder, token)
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
    examples: list[int] = []
    statuses = limits.statuses_between(old, new)
    while statuses and (some := due.page(session, after, PAGE, statuses)):
        after = some[-1].id
        found = [send for send in some if _is_watched(send) and not thresholds.are_alike(watched(send), old, new)]
        known = stored.of_sends(session, [send.id for send in found])
        before, then = (_outlook(session, found, known, watch, now) for watch in (old, new))
        for send in found:
            (was_news, was_open), (news, still_open) = before[send.id], then[send.id]
            wakes = bool(news - was_news)
            becoming[send.status] += wakes
            examples += [send.id] if wakes and len(examples) < EXAMPLES else []
            calmed += not wakes and bool(was_open - still_open)
    return Preview(
        becoming_due=becoming.total(), no_longer_due=calmed, by_status=dict((+becoming).most_common()),
        examples=tuple(sends.by_ids(session, examples).values()),
    )


def _outlook(
    session: Session, some: Sequence[Send], known: Known, watch: Watch, now: datetime,
) -> dict[int, tuple[set[str], set[str]]]:
    """By send: the rules by which the scan would open an alert, and those of which one would then be open."""
    found: dict[int, tuple[set[str], set[str]]] = {}
    for send in some:
        if _is_plain(send, known):
            rules = {one.rule for one in thresholds.due(watched(send), watch, now)}
            found[send.id] = rules, rules
    others = [send for send in some if send.id not in found]
    for send, judged in zip(others, _judged(session, others, known, watch, now), strict=True):
        closed = {alert.id for alert, _ in judged.closings}
        news = {one.finding.rule for one in judged.openings}
        left = {one.rule for one in known[send.id] if one.state != State.RESOLVED and one.id not in closed}
        found[send.id] = news, news | left
    return found


def _put_right(session: Session, some: Sequence[Send], watch: Watch, now: datetime) -> None:
    wrong = [send_id for send_id, _, _ in _changes(session, some, watch, now)]
    if wrong:
        # Looked at anew once they are held: somebody may have moved or settled them since.
        session.expunge_all()
        due.set_due(session, _changes(session, due.locked(session, wrong), watch, now))


def _changes(
    session: Session, some: Sequence[Send], watch: Watch, now: datetime,
) -> list[tuple[int, datetime | None, str | None]]:
    """The sends that have another due time than they should have, by row id, each with the right one."""
    known = stored.of_sends(session, [send.id for send in some])
    right = {send.id: _plainly_due(send, watch, now) for send in some if _is_plain(send, known)}
    others = [send for send in some if send.id not in right]
    judged = _judged(session, others, known, watch, now)
    right |= {send.id: _due(send, found, now) for send, found in zip(others, judged, strict=True)}
    return [(send.id, *right[send.id]) for send in some if right[send.id] != (send.due_at, send.due_rule)]


def _judged(
    session: Session, some: Sequence[Send], known: Known, watch: Watch, now: datetime,
) -> list[Judgement]:
    """What the scan would find to do, without the unknown statuses of which another send has told."""
    found = [judge(send, known[send.id], watch, now) for send in some]
    told = stored.keys(session, [
        key_of(send, one.finding) for send, judged in zip(some, found, strict=True) for one in judged.openings
        if one.finding.rule == UNKNOWN_RULE
    ])
    return [
        replace(judged, openings=tuple(one for one in judged.openings if _is_new(send, one, told)))
        for send, judged in zip(some, found, strict=True)
    ]


def _is_new(send: Send, one: Opening, told: Collection[str]) -> bool:
    return one.reopens is not None or key_of(send, one.finding) not in told


def _due(send: Send, found: Judgement, now: datetime) -> Due:
    """When the scan has to look at a send, and for which rule; at `now` the latest where it would find work."""
    if not _is_watched(send):
        return None, None
    work = [one.finding.rule for one in found.openings]
    work += [alert.rule for alert in (*(alert for alert, _ in found.closings), *found.awakened)]
    return _at_once(send, work[0], now) if work else (found.due_at, found.due_rule)


def _is_plain(send: Send, known: Known) -> bool:
    """Whether no alert, of whatever send, bears on this one, as is so for most; they take a quicker way."""
    return not known[send.id] and send.status != Status.UNKNOWN


def _plainly_due(send: Send, watch: Watch, now: datetime) -> Due:
    """The same for a send on which no alert bears."""
    found = thresholds.next_due(watched(send), watch)
    if found is None:
        return None, None
    return found if found[0] > now else _at_once(send, found[1], now)


def _at_once(send: Send, rule: str, now: datetime) -> Due:
    is_due = send.due_at is not None and send.due_at <= now
    return (send.due_at, send.due_rule) if is_due else (now, rule)


def _is_watched(send: Send) -> bool:
    # A status nobody has told of yet is no unknown status.
    return bool(send.status_raw) or send.status != Status.UNKNOWN
