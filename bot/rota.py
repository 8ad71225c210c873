"""When the bot does what, and what it does next because of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.delivery.deliver import JOB as DELIVER
from bot.jobs import DoneElsewhereError, Job
from bot.sends import sync
from storage import sync as standing

if TYPE_CHECKING:
    from bot.runtime import Runtime

WEBHOOKS_EVERY = timedelta(seconds=5)
RECOMPUTE_EVERY = timedelta(seconds=5)
SWEEP_EVERY = timedelta(hours=1)
"""Looks for what no protocol can rule out, see docs/delivery.md; a few calls to Slack each time."""
GROUPS_EVERY = timedelta(minutes=10)
TIDY_EVERY = timedelta(hours=1)
DIGESTS_EVERY = timedelta(seconds=30)
SELFCHECK_EVERY = timedelta(minutes=1)
HOMES_EVERY = timedelta(seconds=10)
LOOK_UPS_EVERY = timedelta(seconds=5)
"""Look-ups that a process has not written down when it is killed are lost: those of so long at most."""
REFRESH_WITHIN = timedelta(minutes=1)
"""A webhook that says only "something changed" brings the next sync forward, but not more often than this."""


class Rota:
    """The jobs of a bot: each does one thing, and has those run at once that now have something to do."""

    def __init__(self, bot: Runtime) -> None:
        self._bot = bot

    def table(self) -> list[Job]:
        """All jobs of the bot; the sync only where there is access to Sendoso."""
        bot, every = self._bot, self._bot.settings
        jobs = [
            Job(name="scan", every=every.scan_every, run=self._scan_and_wake),
            Job(name=DELIVER, every=every.deliver_every, run=self._deliver_and_say_when),
            Job(name="webhooks", every=WEBHOOKS_EVERY, run=self._take_webhooks_and_wake),
            Job(name="recompute", every=RECOMPUTE_EVERY, run=self._recompute_and_wake),
            Job(name="sweep", every=SWEEP_EVERY, run=self._sweep_and_say_when),
            Job(name="groups", every=GROUPS_EVERY, run=bot.refresh_groups),
            Job(name="digests", every=DIGESTS_EVERY, run=self._make_digests_and_wake),
            Job(name="tidy", every=TIDY_EVERY, run=self._tidy),
            Job(name="selfcheck", every=SELFCHECK_EVERY, run=self._look_after_itself),
            Job(name="homes", every=HOMES_EVERY, run=self._draw_homes),
            Job(name="look_ups", every=LOOK_UPS_EVERY, run=self._record_look_ups),
        ]
        if bot.connect_sendoso is not None:
            jobs.insert(0, Job(name="sync", every=every.sync_every, run=self._sync_and_wake, is_long=True))
        return jobs

    def _sync_and_wake(self) -> datetime | None:
        try:
            self._bot.sync()
        except sync.SyncBusyError as busy:
            raise DoneElsewhereError from busy
        self._bot.jobs.run_now("scan")
        with self._bot.database.read() as session:
            # Asked for again while this walk was under way: once more, but not at once.
            return self._bot.clock() + REFRESH_WITHIN if sync.wanted(session) else None

    def _take_webhooks_and_wake(self) -> None:
        if not self._bot.take_webhooks():
            return
        self._bot.jobs.run_now("scan")
        if self._bot.connect_sendoso is None:
            return
        with self._bot.database.read() as session:
            cursor = standing.cursor(session, sync.SOURCE)
            fresh = cursor is not None and cursor.last_ok_at is not None and (
                self._bot.clock() - cursor.last_ok_at < REFRESH_WITHIN
            )
            wanted = sync.wanted(session)
        if wanted and not fresh:
            self._bot.jobs.run_now("sync")

    def _recompute_and_wake(self) -> None:
        if self._bot.recompute():
            self._bot.jobs.run_now("scan")

    def _sweep_and_say_when(self) -> datetime | None:
        report = self._bot.sweep.run()
        if report.is_elsewhere:
            raise DoneElsewhereError
        if report.adopted:
            self._bot.jobs.run_now("deliver")
        return report.next_at

    def _scan_and_wake(self) -> None:
        if self._bot.scan().messages:
            self._bot.jobs.run_now("deliver")

    def _make_digests_and_wake(self) -> None:
        if self._bot.make_digests():
            self._bot.jobs.run_now("deliver")

    def _deliver_and_say_when(self) -> datetime | None:
        return self._bot.deliver().next_at

    def _look_after_itself(self) -> None:
        if self._bot.selfcheck.run():
            self._bot.jobs.run_now("deliver")

    def _tidy(self) -> None:
        self._bot.tidy()

    def _draw_homes(self) -> None:
        self._bot.draw_homes()

    def _record_look_ups(self) -> None:
        self._bot.record_look_ups()
