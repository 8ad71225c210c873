"""One walk through all of Sendoso's sends, by one process at a time, going on where a stopped one ended."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Protocol

import structlog
from sqlalchemy.orm import Session

from bot.clock import Clock, system_clock
from bot.sends import salvage
from bot.sends.snapshots import Rejected
from bot.sends.sources.sendoso_http import SendosoError
from bot.sends.sources.sendoso_page import Item, Page
from bot.sends.walk import Walk
from bot.statuses.watch import Watch, us_watch
from bot.statuses.working_time import PACIFIC
from storage import due, leases, sends
from storage import sync as standing
from storage.engine import Database

log = structlog.get_logger()

SOURCE = "sendoso"
"""Name of the walk's row in `sync_cursors`."""

LEASE = "sync"
LEASE_LENGTH = timedelta(minutes=2)
"""Longer than one attempt with the wait before it; kept up before each. A killed sync blocks for so long."""

RESUME_WITHIN = timedelta(hours=6)
"""A walk that was stopped longer ago is begun anew: its first pages have grown old."""

AT_ONCE = 5
"""Sends a transaction: a press on SQLite waits for at most so many, some 10 ms (see the benchmarks).

Sendoso takes longer for its pages than this for what is on them.
"""

COUNT_ROWS_AT = 20
"""Pages after which PostgreSQL is told how large the tables have become: its plans were made for empty ones."""

MOST_STALLS = 2
"""Resumptions that came no further, after which the walk starts anew so that at least its first pages stay fresh."""

MOST_UNREAD = 5
"""Pages that may be passed over in a walk: with more of them it is not the pages."""

PAGE_STATUS = (HTTPStatus.OK, HTTPStatus.REQUEST_TIMEOUT)
"""Statuses below 500 that may come of one page; all others speak of the access, the address or the pace."""

Progress = Callable[[int, int | None], None]


class Pages(Protocol):
    """Where pages come from; `SendosoClient` is one."""

    def page(self, number: int, before_each: Callable[[], None]) -> Page: ...


class SyncBusyError(SendosoError):
    """Another process walks through Sendoso's sends at this moment."""


class EndlessListError(SendosoError):
    """Sendoso goes on and on showing other sends than before."""


@dataclass(kw_only=True)
class SyncReport:
    """What a sync read, counting each send once, and what became of it."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    missing: int = 0
    """Sends that Sendoso counts but did not show on any page, even when asked again."""
    passes: int = 1
    resumed_at: int | None = None
    """The page at which this sync went on with one that was stopped; its counts begin there."""


class UnreadPagesError(SendosoError):
    """Some pages could not be read; what became of all others is in `report`."""

    def __init__(self, message: str, report: SyncReport) -> None:
        super().__init__(message)
        self.report = report


def run(
    database: Database, client: Pages, *, clock: Clock = system_clock,
    watch: Callable[[Session], Watch] = lambda _session: us_watch(PACIFIC),
    progress: Progress | None = None, is_stopping: Callable[[], bool] = lambda: False,
) -> SyncReport:
    """Walk through all sends once and take them in, a part of a page a transaction.

    `progress` is told how many sends were met and how many there are. Once `is_stopping` says so the walk ends with
    the page under way, and the next one goes on from there. Raises `SyncBusyError` when a sync is
    already running, `SendosoError` when Sendoso cannot be read; what came before stays, and the next run goes
    on from there. A page that cannot be read by itself is passed over: `UnreadPagesError` once all others were read.
    """
    return _Run(database, client, clock, watch, progress or _silently).go(is_stopping)


def wanted(session: Session) -> bool:
    """Whether a webhook told of a change that only a sync can read, so that it should run before its time."""
    return standing.refresh_wanted(session)


def _silently(_met: int, _total: int | None) -> None: ...


class _Run:
    def __init__(
        self, database: Database, client: Pages, clock: Clock, watch: Callable[[Session], Watch],
        progress: Progress,
    ) -> None:
        self._database, self._client, self._clock = database, client, clock
        self._watch, self._progress = watch, progress
        self._holder = uuid.uuid4().hex
        self._report = SyncReport()
        self._pages, self._trouble = 0, ""
        self._passed_over: SendosoError | None = None
        """Why the page before the next one was passed over; None where it was read."""
        self._fencing, self._walk, self._began, self._stalls = self._enter()

    def go(self, is_stopping: Callable[[], bool]) -> SyncReport:
        try:
            while (number := self._walk.next_page) is not None:
                if is_stopping():
                    log.info("sync_stopped", next_page=number)
                    return self._report
                page = self._read(number)
                if page is not None:
                    self._take(page)
                self._progress(self._walk.met, self._walk.total)
            self._catch_up(is_stopping)
            self._finish()
        except Exception as error:
            self._note(error)
            raise
        finally:
            with self._database.write() as session:
                leases.release(session, LEASE, self._holder, self._fencing)
        return self._report

    def _enter(self) -> tuple[int, Walk, datetime, int]:
        now = self._clock()
        with self._database.write() as session:
            fencing = leases.take(session, LEASE, self._holder, now, LEASE_LENGTH)
            if fencing is None:
                until = leases.held_until(session, LEASE, now)
                raise SyncBusyError(
                    f"A sync is already running. If it was killed, the next can start at {until:%H:%M:%S} UTC.",
                )
            stopped = standing.cursor(session, SOURCE)
            began = stopped.started_at if stopped and stopped.cursor else None
            resumes = began is not None and now - RESUME_WITHIN < began <= now
            standing.begin(session, SOURCE, fencing, now, afresh=not resumes)
            if stopped is None or began is None or not resumes:
                return fencing, Walk(), now, 0
            at = stopped.cursor
            self._report.resumed_at = at["page"]
            return fencing, Walk(at["page"], at["before"], at["total"]), began, at.get("stalls", 0)

    def _keep_lease(self) -> None:
        with self._database.write() as session:
            self._hold(session)

    def _hold(self, session: Session) -> None:
        if not leases.keep(session, LEASE, self._holder, self._fencing, self._clock(), LEASE_LENGTH):
            raise SyncBusyError("Another sync has taken over; this one paused for too long and stops here.")

    def _read(self, number: int) -> Page | None:
        """The page; None where it is passed over, as only one is between two that can be read."""
        try:
            page = self._client.page(number, self._keep_lease)
        except SendosoError as error:
            if not _is_of_page(error) or not self._pages:
                raise
            if self._passed_over is not None or len(self._walk.passed_over) >= MOST_UNREAD:
                # Then it began with the page before.
                raise (self._passed_over or error) from None
            log.warning("sync_page_passed_over", page=number, reason=str(error))
            self._passed_over, self._trouble = error, self._trouble or str(error)
            self._walk.pass_over()
            return None
        self._passed_over = None
        return page

    def _catch_up(self, is_stopping: Callable[[], bool]) -> None:
        """Ask for what was passed over once more: by now the trouble may be over."""
        for number in self._walk.unread:
            if is_stopping():
                return
            try:
                page = self._client.page(number, self._keep_lease)
            except SendosoError as error:
                if not _is_of_page(error):
                    raise
            else:
                self._store(page, *self._walk.catch_up(page))

    def _take(self, page: Page) -> None:
        fresh, again = self._walk.take(page)
        if self._walk.is_endless:
            raise EndlessListError(
                f"Sendoso's list of sends does not end: it counts {self._walk.total or 'none'}, and its page "
                f"{page.number:,} still showed others. The next sync begins anew.",
            )
        self._store(page, fresh, again)

    def _store(self, page: Page, fresh: list[Item], again: list[Item]) -> None:
        self._pages += 1
        # Only with the last part is the page noted as taken: a walk that is killed before reads it again.
        *parts, last = list(sends.chunks(fresh, AT_ONCE)) or [[]]
        for part in parts:
            with self._database.write(patient=True) as session:
                due.hold_limits(session)
                self._hold(session)
                self._take_in(session, page, part, self._report)
        # A send met a second time may have changed since, but it is counted once.
        with self._database.write(patient=True) as session:
            due.hold_limits(session)
            self._hold(session)
            self._take_in(session, page, last, self._report)
            self._take_in(session, page, again, SyncReport())
            standing.save(session, SOURCE, self._fencing, cursor=self._walk.resume)
            if self._pages == COUNT_ROWS_AT:
                sends.refresh_statistics(session)
        log.debug("sync_page", page=page.number, sends=len(page.items), total=page.total)

    def _take_in(self, session: Session, page: Page, items: list[Item], report: SyncReport) -> None:
        if not items:
            return
        taken = salvage.take(session, [item.told for item in items], self._clock(), self._watch(session))
        report.read += taken.read
        report.new += taken.new
        report.changed += taken.changed
        report.unchanged += taken.unchanged
        report.rejected += [page.explained(refusal) for refusal in taken.rejected]

    def _finish(self) -> None:
        report, now = self._report, self._clock()
        report.missing, report.passes = self._walk.missing, self._walk.passes
        gap = f"Sendoso counts {self._walk.total} sends but showed only {self._walk.met}." if report.missing else None
        unread = self._walk.unread
        with self._database.write() as session:
            self._hold(session)
            # Also where a page is unread: what is on it would be asked for again at once, for as long as that lasts.
            standing.refreshed(session, self._began)
            if not unread:
                standing.save(session, SOURCE, self._fencing, cursor={}, last_ok_at=now, last_error=gap)
        if unread:
            raise UnreadPagesError(_unread(unread, self._trouble), report)
        log.info(
            "sync_finished", read=report.read, new=report.new, changed=report.changed, missing=report.missing,
            rejected=len(report.rejected), passes=report.passes, resumed_at=report.resumed_at,
        )

    def _note(self, error: Exception) -> None:
        words = str(error) if isinstance(error, SendosoError) else f"The sync failed ({type(error).__name__})."
        with self._database.write() as session:
            cursor = {} if isinstance(error, EndlessListError | UnreadPagesError) else self._cursor_after_failure()
            standing.save(session, SOURCE, self._fencing, last_error=words, cursor=cursor)
        log.warning("sync_stopped", reason=words, page=self._walk.next_page)

    def _cursor_after_failure(self) -> dict[str, object]:
        """Where the next run goes on: where this one stopped, unless several could not get past that page."""
        at = self._walk.resume
        if self._report.resumed_at is None or at["page"] > self._report.resumed_at:
            return at
        # Sendoso out of order altogether is no reason to give the place up; one page that never comes is.
        stalls = self._stalls + (self._pages > 0)
        return {**at, "stalls": stalls} if stalls < MOST_STALLS else {}


def _is_of_page(error: SendosoError) -> bool:
    """Whether it may be this page's trouble alone: then the one behind it can be read."""
    if isinstance(error, SyncBusyError):
        return False
    return error.status is None or error.status in PAGE_STATUS or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _unread(pages: list[int], first: str) -> str:
    what = "this one" if len(pages) == 1 else f"these {len(pages)}: {', '.join(map(str, pages))}"
    return f"{first} All pages could be read but {what}; the next sync asks for all of them."
