from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from storage import leases, startup
from storage.engine import Database

LENGTH = timedelta(minutes=2)


def test_a_killed_process_does_not_keep_the_next_one_waiting(tmp_path: Path, now: datetime) -> None:
    url = f"sqlite:///{tmp_path}/sends.db"
    killed = Database(url, exclusive=True)
    startup.prepare(killed, now)
    with killed.write() as session:
        leases.take(session, "sync", "killed", now, LENGTH)
    killed.close()
    following = Database(url, exclusive=True)
    startup.prepare(following, now)
    with following.write() as session:
        assert leases.take(session, "sync", "following", now, LENGTH) == 2
    following.close()


def test_a_lease_is_left_to_a_process_that_may_be_alive(database: Database, now: datetime) -> None:
    with database.write() as session:
        leases.take(session, "sync", "alive", now, LENGTH)
    startup.prepare(database, now)
    with database.write() as session:
        assert leases.held_until(session, "sync", now) == now + LENGTH
