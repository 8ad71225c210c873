"""Claim, draw, send, record: brings Slack to what the messages table wants, one message at a time and channel.

Nothing here waits for Slack's pace: what may not go yet stays in the table, and the report says when it may.
"""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.delivery.addressing import Addressing
from bot.delivery.pacing import Terms, ready_at, turn_of, turns
from bot.delivery.payload import Render
from bot.delivery.recover import Recovery
from bot.delivery.sending import Sending
from bot.delivery.settling import Ending, Settling
from bot.delivery.slack_web import SlackWeb
from bot.tracing import carried
from storage import job_runs, moved_channels, outgoing
from storage.engine import Database
from storage.outgoing import ADDRESSES, UPDATES, WORKSPACE, Claim

log = structlog.get_logger()

PUT_BACK = timedelta(seconds=5)
"""A clock that goes back by no more than this makes messages late by no more, too."""
JOB = "deliver"
"""The job that runs it; its last note tells how late it was when nothing ran any more."""
GLANCE = 0.2
"""Seconds after which new work is looked for while calls are under way."""


@dataclass(kw_only=True)
class DeliveryReport:
    """What one run did. `next_at` says when the next message may go, None when Slack shows everything."""

    endings: Counter[Ending] = field(default_factory=Counter)
    next_at: datetime | None = None

    def __getitem__(self, ending: Ending) -> int:
        return self.endings[ending]

    @property
    def posted(self) -> int:
        return self.endings[Ending.POSTED]

    @property
    def updated(self) -> int:
        return self.endings[Ending.UPDATED]

    def as_json(self) -> dict[str, int]:
        """Counts by how each turn ended."""
        return {ending.value: self.endings[ending] for ending in Ending if ending is not Ending.IDLE}


class Deliver:
    """Posts and redraws what is due. Safe in any number of processes and threads at once.

    `admins` (user ids) are told when a channel cannot be written to, else the channel `fallback`, which also
    takes what is meant for people whom Slack does not know.
    `workers` channels are written to side by side; a run ends after `limit` turns at the latest.
    """

    def __init__(
        self, database: Database, slack: SlackWeb, render: Render, clock: Clock, *,
        admins: Iterable[str] = (), fallback: str | None = None, terms: Terms | None = None,
        workers: int = 8, limit: int = 500,
    ) -> None:
        terms = terms or Terms()
        settling = Settling(terms=terms, admins=tuple(admins), fallback=fallback)
        self._database, self._clock, self._terms = database, clock, terms
        self._sending = Sending(database, slack, render, clock, settling)
        self._recovery = Recovery(database, slack, clock, settling)
        self._addressing = Addressing(database, slack, clock, settling)
        # A flood of slow calls leaves room for what somebody waits for.
        self._workers, self._kept, self._limit = workers, workers // 4, limit
        self._stopping = threading.Event()
        self._under_way: set[str] = set()
        """Attempts of this process for which a call may be under way."""
        self._seen: datetime | None = None

    def run(self) -> DeliveryReport:
        """Everything that may go now. Gives counts and when to come back."""
        report, dry = DeliveryReport(), set[str]()
        self._follow_the_clock()
        self._release_abandoned()
        self._follow_moved_channels()
        report.endings += self._addressing.settle_known()
        if self._turns(dry):
            self._drain(report, dry)
        report.next_at = self._next_at(dry)
        return report

    def stop(self) -> None:
        """Begin nothing new; calls under way end by themselves within their time-out."""
        self._stopping.set()

    def hand_back(self) -> int:
        """Let go of what a call is still under way for, since this process ends now; gives how many messages.

        Whoever is next does not have to wait for the leases to run out.
        """
        attempts = [*self._under_way]
        if not attempts:
            return 0
        with self._database.write() as session:
            number = outgoing.hand_back(session, attempts, self._clock(), self._terms.grace)
        log.warning("claims_handed_back", count=number)
        return number

    def _drain(self, report: DeliveryReport, dry: set[str]) -> None:
        begun, busy, failing = 0, dict[Future[Counter[Ending]], str](), set[str]()
        with ThreadPoolExecutor(self._workers, thread_name_prefix="deliver") as pool:
            while True:
                for channel, priority in self._turns(dry | failing | set(busy.values())).items():
                    room = self._workers if priority else self._workers - self._kept
                    if len(busy) < room and begun < self._limit and not self._stopping.is_set():
                        busy[pool.submit(carried(self._turn), channel)] = channel
                        begun += 1
                if not busy:
                    dry |= failing
                    return
                done = wait(busy, timeout=GLANCE, return_when=FIRST_COMPLETED).done
                if not done:
                    # A call that takes long must not keep away what has come up elsewhere meanwhile.
                    dry.clear()
                for future in done:
                    channel = busy.pop(future)
                    (failing if future.exception() else dry).update(self._ended(report, channel, future))

    def _ended(self, report: DeliveryReport, channel: str, future: Future[Counter[Ending]]) -> set[str]:
        """The channel, if it need not be looked at again for the moment."""
        error = future.exception()
        if error is not None:
            # Its claims lapse with their lease, and are then looked into.
            log.error("delivery_failed", channel=channel, exc_info=error)
            return {channel}
        endings = future.result()
        report.endings += endings
        return {channel} if endings[Ending.IDLE] else set()

    def _turns(self, without: set[str]) -> dict[str, int]:
        now = self._clock()
        with self._database.read() as session:
            groups = outgoing.waiting(session, now)
            due = turns(groups, outgoing.paces(session), self._terms, now) if groups else {}
        return {channel: priority for channel, priority in due.items() if channel not in without}

    def _next_at(self, dry: set[str]) -> datetime | None:
        with self._database.read() as session:
            # A channel whose turn came to nothing is looked at with the next tick, not at once again.
            groups = [one for one in outgoing.waiting(session, self._clock()) if turn_of(one.channel) not in dry]
            paces = outgoing.paces(session) if groups else {}
            return min((ready_at(group, paces, self._terms) for group in groups), default=None)

    def _follow_the_clock(self) -> None:
        """Where the clock was put back, what was to wait a second would wait for as long as that besides."""
        now = self._clock()
        by = self._put_back_by(now)
        if by:
            with self._database.write() as session:
                number = outgoing.clock_put_back(session, now, by)
            log.warning("clock_put_back", seconds=round(by.total_seconds()), messages=number)
        self._seen = now

    def _put_back_by(self, now: datetime) -> timedelta:
        if self._seen is not None:
            by, least = self._seen - now, PUT_BACK
        else:
            # Since the last run of another process, and while none ran.
            with self._database.read() as session:
                by, least = (job_runs.last_ok_at(session, JOB) or now) - now, job_runs.PUT_BACK
        return by if by > least else timedelta(0)

    def _release_abandoned(self) -> None:
        now = self._clock()
        with self._database.read() as session:
            found = outgoing.abandoned(session, now, self._terms.lease)
        if found:
            with self._database.write() as session:
                released = outgoing.release_abandoned(session, now, self._terms.lease, self._terms.grace)
            log.warning("claims_lapsed", count=released)

    def _follow_moved_channels(self) -> None:
        with self._database.read() as session:
            found = moved_channels.waiting(session)
        if found:
            with self._database.write() as session:
                moved = {old: moved_channels.move(session, old, new) for old, new in found.items()}
            log.info("channels_followed", messages=moved)

    def _turn(self, channel: str) -> Counter[Ending]:
        if channel == ADDRESSES:
            return self._addressing.ask()
        claims = self._claim(channel)
        if claims is None:
            return Counter([Ending.IDLE])
        if not claims:
            return Counter()
        attempt = claims[0].attempt
        self._under_way.add(attempt)
        try:
            if claims[0].is_search:
                return self._recovery.resolve(claims)
            return Counter([self._sending.send(claims[0])])
        finally:
            self._under_way.discard(attempt)

    def _claim(self, channel: str) -> list[Claim] | None:
        """The channel's work; empty when its time has not come after all, None when there is none to be had."""
        now, attempt = self._clock(), uuid.uuid4().hex
        until = now + self._terms.lease
        with self._database.write() as session:
            pace = outgoing.lock_pace(session, channel)
            workspace = outgoing.paces(session).get(WORKSPACE)
            if pace.not_before > now or (workspace is not None and workspace.not_before > now):
                return []
            claims = outgoing.claim_unclear(session, channel, now, attempt=attempt, lease_until=until)
            if not claims:
                redraws = outgoing.lock_pace(session, UPDATES)
                fits = self._terms.update_allowed(redraws.not_before, now)
                claim = outgoing.claim_next(
                    session, channel, now, updates=fits, attempt=attempt, lease_until=until,
                )
                if claim is not None and claim.ts is not None:
                    redraws.not_before = self._terms.update_counted(redraws.not_before, now)
                if claim is None:
                    return None if fits else []
                claims = [claim]
            # One call at a time and channel, over all processes: the channel is held until this one ends.
            pace.not_before = until
        return claims
