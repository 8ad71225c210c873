"""What a process does to its database before it works with it."""

from __future__ import annotations

from datetime import datetime

from storage import leases, outgoing, schema
from storage.engine import Database


def prepare(database: Database, now: datetime) -> None:
    """Bring the schema up to date and end the leases and claims of a process that was killed.

    The second only where this process is alone with its file, and so every lease is a dead one's; with
    PostgreSQL the holder may be alive, and its lease has to run out. To be called before anything else.
    """
    schema.upgrade(database)
    if database.is_alone:
        with database.write() as session:
            leases.end_all(session, now)
            outgoing.end_all(session, now)
