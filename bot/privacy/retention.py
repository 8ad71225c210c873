"""Deleting what is finished and old enough: little by little, so that nobody waits for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.statuses import catalogue
from bot.statuses.catalogue import Status
from storage import retention, sends
from storage.engine import Database
from storage.retention import Place

BATCH = 200
"""Sends that go in one transaction, with some 3,000 rows of other tables."""
FINAL = tuple(str(status) for status in Status if catalogue.is_final(status))
"""A send in one of these stays as it is."""


def keep(session: Session, length: timedelta | None, now: datetime) -> datetime | None:
    """Put into force how long what is finished is kept (None: for ever); gives since when."""
    since = None if length is None else now - length
    if since != retention.kept_since(session):
        retention.keep_from(session, since)
    return since


def run(
    database: Database, length: timedelta | None, now: datetime, is_stopping: Callable[[], bool] = lambda: False,
) -> Counter[str]:
    """Delete what has been finished for longer than `length`; gives how many rows went, by table.

    None deletes nothing. Alerts that are open, and sends on their way, stay however old they are.
    """
    gone: Counter[str] = Counter()
    with database.write() as session:
        since = keep(session, length, now)
    if since is not None:
        for step in (_sends, _alerts, _messages, _rest):
            step(database, since, gone, is_stopping)
    return +gone


def _sends(database: Database, since: datetime, gone: Counter[str], is_stopping: Callable[[], bool]) -> None:
    for status in FINAL:
        after: Place | None = None
        while not is_stopping():
            with database.read() as session:
                found = retention.finished(session, status, since, after, BATCH)
            if not found:
                break
            after = found[-1]
            with database.write(patient=True) as session:
                sends.wait_for_turn(session)
                old = retention.still_finished(session, status, since, found)
                retention.delete_sends(session, old)
                if old:
                    retention.deleted(session, since)
            gone["sends"] += len(old)


def _alerts(database: Database, since: datetime, gone: Counter[str], is_stopping: Callable[[], bool]) -> None:
    while not is_stopping():
        with database.write(patient=True) as session:
            some = retention.old_alerts(session, since, BATCH)
            retention.delete_alerts(session, some)
        gone["alerts"] += len(some)
        if len(some) < BATCH:
            return


def _messages(database: Database, since: datetime, gone: Counter[str], is_stopping: Callable[[], bool]) -> None:
    after = 0
    while not is_stopping():
        with database.write(patient=True) as session:
            if not (found := retention.old_messages(session, since, after, BATCH)):
                return
            shown = {row_id: _alerts_in(body) for row_id, body in found}
            unsettled = retention.open_among(session, {one for some in shown.values() for one in some})
            old = [row_id for row_id, alerts in shown.items() if not alerts & unsettled]
            number = retention.delete_messages(session, old)
        gone["messages"] += number
        after = found[-1][0]


def _alerts_in(body: Mapping[str, Any]) -> set[int]:
    """The alerts that a message without a row for them, such as a reply in a thread, is about."""
    several = body.get("alerts")
    named = [body.get("alert"), *(several if isinstance(several, list) else ())]
    return {one for one in named if isinstance(one, int)}


def _rest(database: Database, since: datetime, gone: Counter[str], is_stopping: Callable[[], bool]) -> None:
    while not is_stopping():
        with database.write(patient=True) as session:
            some = retention.delete_rest(session, since, BATCH)
        gone.update(some)
        if max(some.values()) < BATCH:
            return
