from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from storage import leases, messages, outgoing, startup
from storage.engine import Database

LENGTH = timedelta(minutes=2)
GRACE = timedelta(minutes=1)


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


def test_a_post_cut_off_by_a_kill_holds_up_neither_its_channel_nor_itself(tmp_path: Path, now: datetime) -> None:
    url = f"sqlite:///{tmp_path}/sends.db"
    killed = Database(url, exclusive=True)
    startup.prepare(killed, now)
    with killed.write() as session:
        for channel in ("C1", "C2"):
            messages.want(session, key=channel, kind="notice", channel=channel, now=now)
            outgoing.claim_next(session, channel, now, updates=True, attempt="killed", lease_until=now + LENGTH)
        outgoing.hold(session, "C1", now + LENGTH)
        outgoing.hold(session, "C2", now + 2 * LENGTH)
    killed.close()
    following = Database(url, exclusive=True)
    startup.prepare(following, now)
    with following.write() as session:
        assert outgoing.release_abandoned(session, now, LENGTH, GRACE) == 2
        (searched, _) = outgoing.waiting(session, now)
        assert searched.next_at == now + GRACE
        held = outgoing.paces(session)
        assert held["C1"].not_before == now + outgoing.PACE, "Slack may have taken it this very moment"
        assert held["C2"].not_before == now + 2 * LENGTH, "what Slack asked for holds"
    following.close()


def test_a_lease_is_left_to_a_process_that_may_be_alive(database: Database, now: datetime) -> None:
    with database.write() as session:
        leases.take(session, "sync", "alive", now, LENGTH)
    startup.prepare(database, now)
    with database.write() as session:
        assert leases.held_until(session, "sync", now) == now + LENGTH
