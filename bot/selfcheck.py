"""The bot looks after itself: alerts that should have been posted, work that stands still, a disk that is nearly full.

What lasts is told to the admins by direct message, once, and so is its end.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from bot.clock import Clock, Leaps
from bot.doctor.database import LEAST_FREE
from bot.health import Problem
from storage import messages, overlooked, troubles
from storage.engine import Database
from storage.troubles import Trouble

log = structlog.get_logger()

LATE = timedelta(minutes=15)
"""How long after its time an alert must have been decided on: fifteen scans by default (our judgement)."""
LASTING = timedelta(minutes=5)
"""A trouble is told when it has lasted so long: a restart or a short outage is none (our judgement)."""
SEEN_FOR = timedelta(minutes=3)
"""What a process has seen goes on for so long without its seeing it again: it looks each minute, or is gone."""
KEY = "notice:self:"
UNTELLABLE = frozenset({"database", "migrations", "slack"})
"""What a direct message cannot tell of: without a database there is none, and without Slack nobody reads it."""
FINDINGS = {
    "undecided": (
        "one alert should have been told more than 15 minutes ago, and nothing holds it back",
        "{count} alerts should have been told more than 15 minutes ago, and nothing holds them back",
    ),
    "without_a_place": (
        "one alert fires that is to be told nowhere", "{count} alerts fire that are to be told nowhere",
    ),
    "not_queued": (
        "one message should be in Slack, or look different there, and nothing is going to send it",
        "{count} messages should be in Slack, or look different there, and nothing is going to send them",
    ),
}
"""What is wrong, said of one and of many."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a look found: how many of each of `FINDINGS`, and all troubles by name, each with its reason."""

    counts: Mapping[str, int]
    troubles: Mapping[str, str]


class SelfCheck:
    """`problems` is what `/readyz` shows. `admins` are told, or else the channel `fallback`.

    `free` gives how many bytes the disk of the database has left; None where that is not known, or not their affair.
    """

    def __init__(
        self, database: Database, clock: Clock, problems: Callable[[], Sequence[Problem]], *,
        admins: Iterable[str], fallback: str | None, count: Callable[[str, int], None] = lambda _name, _number: None,
        free: Callable[[], int | None] = lambda: None, leaps: Leaps | None = None,
    ) -> None:
        self._database, self._clock, self._problems, self._count = database, clock, problems, count
        self._free, self._leaps = free, leaps or Leaps(clock)
        self._readers = tuple(admins) or ((fallback,) if fallback else ())
        self._process = uuid.uuid4().hex

    def run(self) -> int:
        """Look, log, count, and tell; gives how many messages are to be posted."""
        now = self._clock()
        if self._leaps.leapt():
            # What is late by a clock that was set just now may have had no time to be done; the next look tells.
            return 0
        problems = self._problems()
        with self._database.read() as session:
            found = look(session, now, problems, free=self._free())
        for name, number in found.counts.items():
            self._count(name, number)
            if number:
                log.error("self_check_found", finding=name, count=number)
        with self._database.write() as session:
            troubles.hold(session)
            return follow(session, now, found.troubles, self._readers, self._process)


def look(session: Session, now: datetime, problems: Iterable[Problem] = (), *, free: int | None = None) -> Look:
    """What is wrong now; `free` is how many bytes the disk of the database has left, None where that is not known."""
    counts = {
        "undecided": overlooked.undecided(session, now - LATE),
        "without_a_place": overlooked.without_a_place(session, now - LATE),
        "not_queued": overlooked.not_queued(session),
    }
    found = {name: FINDINGS[name][number > 1].format(count=f"{number:,}") for name, number in counts.items() if number}
    found |= {problem.name: problem.reason for problem in problems if problem.name not in UNTELLABLE}
    if free is not None and free < LEAST_FREE:
        found["disk"] = f"the disk of the database has only {free // 1_000_000:,} MB left"
    return Look(counts=counts, troubles=found)


def follow(
    session: Session, now: datetime, found: Mapping[str, str], readers: Sequence[str], process: str,
) -> int:
    """Keep the record of troubles, and wish for messages about what lasts and what is over; gives how many.

    `found` is what `process` sees. A trouble may be one process's alone, such as its socket: it is over when none sees
    it any more.
    """
    known, number = troubles.known(session), 0
    for name, reason in found.items():
        before = known.get(name)
        if before is None or before.since > now:
            # Or it began by a clock that was put back since.
            troubles.begin(session, name, now)
        elif before.told_at is None and now - before.since >= LASTING:
            troubles.told(session, name, now)
            number += _tell(session, before, "begin", _begun(before, reason), now, readers)
        others = _seen_by_others(before, process, now) if before is not None else {}
        troubles.see(session, name, others | {process: now})
    for name, trouble in known.items():
        if name in found:
            continue
        others = _seen_by_others(trouble, process, now)
        if others:
            troubles.see(session, name, others)
            continue
        troubles.end(session, name)
        if trouble.told_at is not None:
            number += _tell(session, trouble, "end", _over(trouble, now), now, readers)
    return number


def _seen_by_others(trouble: Trouble, process: str, now: datetime) -> dict[str, datetime]:
    return {other: at for other, at in trouble.seen.items() if other != process and abs(now - at) <= SEEN_FOR}


def _tell(
    session: Session, trouble: Trouble, what: str, text: str, now: datetime, readers: Sequence[str],
) -> int:
    log.warning("admins_told", trouble=trouble.name, what=what)
    for reader in readers:
        key = f"{KEY}{trouble.name}:{int(trouble.since.timestamp())}:{what}:{reader}"
        messages.want(session, key=key, kind="notice", channel=reader, now=now, body={"text": text})
    return len(readers)


def _begun(trouble: Trouble, reason: str) -> str:
    return (
        f"Sendwatch itself needs somebody since {_moment(trouble.since)}: {reason}.\n"
        f"What to do stands in docs/operating.md under “{trouble.name}”. You are told when it is over."
    )


def _over(trouble: Trouble, now: datetime) -> str:
    return f"Sendwatch works again: “{trouble.name}”, which began {_moment(trouble.since)}, was over {_moment(now)}."


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
