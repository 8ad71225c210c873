"""Taking in a whole CSV file, batch by batch, so that memory stays flat and people's presses get in between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.answers import Tally
from bot.sends import salvage
from bot.sends.snapshots import Rejected, Snapshot
from bot.sends.sources import tracker_csv
from bot.statuses.watch import Watch, us_watch
from storage import due, sends
from storage.engine import Database

BATCH = 1_000
"""Rows a transaction: above this a press waits noticeably behind the import (measured, see the benchmarks)."""

Step = Callable[[int, int | None], None]
"""Told how many rows are done, and of how many where that is known."""

CsvError = tracker_csv.HeaderError


def import_file(
    database: Database, path: Path, now: datetime, zone: ZoneInfo, step: Step,
    watch: Callable[[Session], Watch] | None = None,
) -> Tally:
    """Take in the Send Tracker's CSV at `path`; times without a zone are read in `zone`.

    `watch` reads, in each transaction, what due times are counted by. Gives the counts. Raises `CsvError` where the
    file is no such export. What was taken in before a failure stays.
    """
    counts = Tally()
    for rows in _batches(tracker_csv.read(path, now, zone)):
        rejected = [row for row in rows if isinstance(row, Rejected)]
        snapshots = [row for row in rows if isinstance(row, Snapshot)]
        with database.write(patient=True) as session:
            due.hold_limits(session)
            taken = salvage.take(session, snapshots, now, watch(session) if watch else us_watch(zone))
            if counts.read == BATCH:
                sends.refresh_statistics(session)
        counts.add(
            read=len(rows), new=taken.new, changed=taken.changed, unchanged=taken.unchanged,
            rejected=[*rejected, *taken.rejected],
        )
        step(counts.read, None)
    counts.rejected.sort(key=lambda one: one.line)
    return counts


def _batches(rows: Iterable[Snapshot | Rejected]) -> Iterator[list[Snapshot | Rejected]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH)):
        yield batch
