"""When each job last ran, and how that ended."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.dialect import insert_of
from storage.models import JobRun

PUT_BACK = timedelta(minutes=1)
"""A last good run that is further ahead is none of another process that was quicker: the clock was put back."""


def every(session: Session) -> dict[str, JobRun]:
    """The last run of every job that has ever run, by name."""
    return {run.name: run for run in session.scalars(select(JobRun))}


def last_ok_at(session: Session, name: str) -> datetime | None:
    """When a job last ended well; None where it never has."""
    return session.scalar(select(JobRun.last_ok_at).where(JobRun.name == name))


def ended(
    session: Session, name: str, *, started_at: datetime, ended_at: datetime, error: str | None = None, runs: int = 1,
) -> None:
    """Note that a job ran from `started_at` to `ended_at`; `error` is the kind of error by which it failed.

    `runs` is how many runs this note stands for: a job that runs every second is noted less often.
    """
    run = session.get(JobRun, name, with_for_update=True)
    if run is None:
        # Another process may note its own first run at this moment.
        first = insert_of(session)(JobRun).values(name=name, last_started_at=started_at, runs=0)
        session.execute(first.on_conflict_do_nothing())
        run = session.get_one(JobRun, name, with_for_update=True)
    run.last_started_at = started_at
    run.runs += runs
    run.last_error = error
    if error is None:
        before = run.last_ok_at or ended_at
        run.last_ok_at = ended_at if before - ended_at > PUT_BACK else max(before, ended_at)
