"""The sweep: looks now and then through the channels for what no protocol can rule out, and repairs it.

A process that freezes between its last check and its call, for longer than its lease, posts what somebody else has
posted meanwhile. If it dies of it, nobody takes that back but the sweep.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session

from bot.alerts.routing import MAIL
from bot.clock import Clock
from bot.delivery.comparison import Compared, Comparison
from bot.delivery.pacing import Terms
from bot.delivery.recover import NO_READING
from bot.delivery.sightings import channel_id, slack_ts
from bot.delivery.slack_answers import Page, RateLimited, Refused, Trouble, ending
from bot.delivery.slack_codes import Blame
from bot.delivery.slack_web import SlackWeb
from storage import leases, sweeps, sync
from storage.engine import Database
from storage.outgoing import LINKS

log = structlog.get_logger()

NAME = "sweep"
"""Of the lease, and of the row that says how far the sweep has come."""


@dataclass(kw_only=True)
class SweepReport:
    """What one run did. `next_at` says when the rest of it may go on, None when the sweep is through."""

    looked: int = 0
    """Channels and threads that were read to their end."""
    doubled: int = 0
    """Second posts of one message that were taken away."""
    adopted: int = 0
    """Posts that the database did not know to be there."""
    unknown: int = 0
    """Posts with our mark of which the database knows nothing; they are left alone."""
    trouble: str | None = None
    next_at: datetime | None = None
    is_elsewhere: bool = False
    """Another process was at it, and this run did nothing."""


@dataclass(frozen=True, kw_only=True)
class _Round:
    """One sweep through all places, in one run or in several."""

    token: int
    since: datetime
    begun_at: datetime
    place: tuple[str, str] = ("", "")
    page: str = ""
    """Where it goes on: the place, and Slack's cursor in it."""
    rests_until: datetime | None = None

    def as_json(self) -> dict[str, str]:
        rest = {"rests_until": self.rests_until.isoformat()} if self.rests_until else {}
        channel, thread = self.place
        return {"since": self.since.isoformat(), "channel": channel, "thread": thread, "page": self.page} | rest


class _Stopped(Exception):  # noqa: N818 - not an error
    """The run ends here, and the next one goes on here after a while."""

    def __init__(self, reason: str | None, after: timedelta) -> None:
        super().__init__(reason)
        self.reason, self.after = reason, after


class Sweep:
    """Compares the channels with the database. One process does it at a time; a run makes only so many calls."""

    def __init__(self, database: Database, slack: SlackWeb, clock: Clock, terms: Terms | None = None) -> None:
        self._database, self._slack, self._clock, self._terms = database, slack, clock, terms or Terms()
        self._holder = uuid.uuid4().hex

    def run(self) -> SweepReport:
        """Look through all places, or go on where the last run stopped. Does nothing while another process does it."""
        now = self._clock()
        with self._database.write() as session:
            round_ = self._begin(session, now)
        if round_ is None:
            return SweepReport(is_elsewhere=True)
        try:
            if round_.rests_until is not None:
                return SweepReport(next_at=round_.rests_until)
            walk = _Walk(self._database, self._slack, self._clock, self._terms, self._holder, round_)
            return walk.through()
        finally:
            with self._database.write() as session:
                leases.release(session, NAME, self._holder, round_.token)

    def _begin(self, session: Session, now: datetime) -> _Round | None:
        token = leases.take(session, NAME, self._holder, now, self._terms.sweep_lease)
        if token is None:
            return None
        stands = sync.cursor(session, NAME)
        last_ok_at = stands.last_ok_at if stands is not None else None
        stopped = dict(stands.cursor) if stands is not None else {}
        begun_at = stands.started_at if stands is not None and stopped else None
        sync.begin(session, NAME, token, now, afresh=begun_at is None)
        if begun_at is not None:
            return self._go_on(stopped, token, begun_at, now)
        first = now - self._terms.sweep_back
        # A row that never ended well would be taken for a first walk through the sends.
        sync.save(session, NAME, token, last_ok_at=last_ok_at or first)
        return _Round(token=token, since=self._since(last_ok_at) if last_ok_at else first, begun_at=now)

    def _since(self, last_ok_at: datetime) -> datetime:
        # What was under way at the last sweep may have come to its end only after it.
        return last_ok_at - self._terms.lease - self._terms.grace - self._terms.margin

    def _go_on(self, stopped: dict[str, Any], token: int, begun_at: datetime, now: datetime) -> _Round:
        rest = stopped.get("rests_until")
        rests_until = datetime.fromisoformat(rest) if rest else None
        return _Round(
            token=token, since=datetime.fromisoformat(stopped["since"]), begun_at=begun_at,
            place=(stopped["channel"], stopped["thread"]), page=stopped["page"],
            rests_until=rests_until if rests_until is not None and rests_until > now else None,
        )


class _Walk:
    """One run of the sweep."""

    def __init__(
        self, database: Database, slack: SlackWeb, clock: Clock, terms: Terms, holder: str, round_: _Round,
    ) -> None:
        self._database, self._slack, self._clock, self._terms, self._holder = database, slack, clock, terms, holder
        self._comparison = Comparison(database, slack, clock, terms.margin)
        self._round, self._report, self._calls = round_, SweepReport(), 0

    def through(self) -> SweepReport:
        try:
            for place in self._places():
                if place != self._round.place:
                    self._round = replace(self._round, place=place, page="")
                self._read()
        except _Stopped as stop:
            self._report.trouble = stop.reason or self._report.trouble
            self._report.next_at = self._clock() + stop.after
            self._round = replace(self._round, rests_until=self._report.next_at)
            self._save(cursor=self._round.as_json())
            return self._report
        self._save(cursor={}, last_ok_at=self._round.begun_at)
        return self._report

    def _places(self) -> list[tuple[str, str]]:
        # Also where only older messages stand: what wakes up and posts a double may have slept for long.
        since = min(self._round.since, self._round.begun_at - self._terms.sweep_back)
        with self._database.read() as session:
            channels = [one for one in sweeps.channels(session, since) if not one.startswith((MAIL, LINKS))]
            threads = sweeps.threads(session, since)
        return [place for place in sorted([*((one, "") for one in channels), *threads]) if place >= self._round.place]

    def _read(self) -> None:
        """Read the place to its end."""
        name, thread = self._round.place
        self._spend()
        channel = channel_id(self._slack, name)
        trouble = channel if not isinstance(channel, str) else self._pages(channel, thread or None)
        if trouble is None:
            self._report.looked += 1
            return
        log.warning("not_swept", channel=name, thread_ts=thread, reason=ending(trouble))
        self._stop_for(trouble)
        self._report.trouble = ending(trouble)

    def _pages(self, channel: str, thread_ts: str | None) -> Trouble | None:
        since = self._round.since
        while True:
            page = self._slack.history(
                channel=channel, oldest=slack_ts(since), thread_ts=thread_ts, cursor=self._round.page,
            )
            if not isinstance(page, Page):
                return page
            compared = self._comparison.compare(page, channel, since)
            self._add(compared)
            if not page.cursor:
                return None
            if not compared.doubled:
                self._round = replace(self._round, page=page.cursor)
            # Where something was taken away, the page is read again: the cursor may count from the newest.
            self._spend()

    def _add(self, compared: Compared) -> None:
        self._report.doubled += compared.doubled
        self._report.adopted += compared.adopted
        self._report.unknown += compared.unknown
        self._calls += compared.doubled
        if compared.trouble is not None:
            self._stop_for(compared.trouble)

    def _spend(self) -> None:
        """One more call in this run, if there are any left, and nobody else has taken over."""
        self._save(cursor=self._round.as_json())
        if self._calls >= self._terms.sweep_calls:
            raise _Stopped(None, self._terms.sweep_pause)
        self._calls += 1
        with self._database.write() as session:
            lease = self._terms.sweep_lease
            if not leases.keep(session, NAME, self._holder, self._round.token, self._clock(), lease):
                raise _Stopped("another process sweeps", self._terms.sweep_pause)

    def _stop_for(self, trouble: Trouble) -> None:
        """Nothing, where only this one place is to blame, so that the walk goes on. Raises `_Stopped`."""
        is_place = isinstance(trouble, Refused) and (
            trouble.code in NO_READING or trouble.blame is not Blame.WORKSPACE
        )
        if not is_place:
            after = trouble.after if isinstance(trouble, RateLimited) else self._terms.sweep_pause
            raise _Stopped(ending(trouble), after)

    def _save(self, **values: Any) -> None:  # noqa: ANN401 - columns of the cursor
        with self._database.write() as session:
            sync.save(session, NAME, self._round.token, **values)
