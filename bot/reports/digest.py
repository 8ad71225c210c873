"""The digests that are due: counted once, and written down with their numbers as messages to be posted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.alerts.rulebook import Rulebook
from bot.reports import schedule
from bot.reports.counting import Limits, count, of_match
from bot.reports.schedule import Digest, Due
from bot.reports.summary import Summary
from storage import digests as stored
from storage import messages
from storage.engine import Database
from storage.uploads import FILE

DIGEST = "digest"
"""The kind of its message."""
PICTURE = "report_picture"
"""What stands as `file` in the body of the message that carries a picture."""


def run(database: Database, now: datetime, rules: Callable[[Session], Rulebook]) -> int:
    """Make every digest that is due at `now` and was not made; gives how many messages were wanted.

    However long nothing ran, of each digest only the latest is made. Several processes may do this at once.
    """
    with database.read() as session:
        due = list(_due(session, now, rules(session)))
    return sum(_make(database, one, now) for one in due)


def _due(session: Session, now: datetime, rules: Rulebook) -> Iterator[Due]:
    for digest in rules.digests:
        found = schedule.latest(digest, now) if digest.channel else None
        if found is not None and _is_wanted(session, found):
            yield found


def coming(session: Session, digest: Digest, now: datetime) -> Due | None:
    """When a digest comes next if it is set so at `now`: at once where one is owed already; None if never."""
    last, owed = stored.last(session, digest.name), schedule.latest(digest, now)
    if not digest.channel:
        return None
    return owed if last is not None and owed is not None and last < owed.day else schedule.coming(digest, now, last)


def _is_wanted(session: Session, due: Due) -> bool:
    last = stored.last(session, due.digest.name)
    if last is not None:
        return last < due.day
    # One that has just been set does not come for what was due before.
    set_at = stored.set_at(session)
    return set_at is None or set_at <= due.at


def _make(database: Database, due: Due, now: datetime) -> int:
    # Counted before anything is held: it may take a second or two, and people press meanwhile.
    with database.read() as session:
        counted = count(session, due.period, now, limits_of(due.digest))
    with database.write() as session:
        if not stored.begin(session, due.digest.name, due.day, now) or (counted.is_empty and due.digest.skip_empty):
            return 0
        return _want(session, due, counted, now)


def limits_of(digest: Digest) -> Limits:
    """What a digest counts."""
    return of_match(digest.match, f"the route “{digest.route}”" if digest.route else "")


def _want(session: Session, due: Due, counted: Summary, now: datetime) -> int:
    digest = due.digest
    body: dict[str, Any] = {
        "summary": counted.as_json(), "every": digest.every, "due_at": due.at.isoformat(), "picture": digest.picture,
    }
    message = messages.want(session, key=due.key, kind=DIGEST, channel=digest.channel, now=now, body=body)
    if not digest.picture:
        return 1
    messages.want(
        session, key=f"{due.key}:picture", kind=FILE, channel=digest.channel, now=now, thread_of=due.key,
        body={"file": PICTURE, "message": message.id},
    )
    return 2
