from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest

from storage import leases
from storage.engine import Database

LENGTH = timedelta(minutes=2)


def test_one_holder_at_a_time_and_the_number_rises_when_it_changes_hands(database: Database, now: datetime) -> None:
    with database.write() as session:
        assert leases.take(session, "sync", "ann", now, LENGTH) == 1
    with database.write() as session:
        assert leases.take(session, "sync", "ben", now + LENGTH / 2, LENGTH) is None
        assert leases.held_until(session, "sync", now) == now + LENGTH
    with database.write() as session:
        assert leases.take(session, "sync", "ben", now + LENGTH, LENGTH) == 2
        assert leases.take(session, "other", "ann", now, LENGTH) == 1


def test_taking_again_what_one_holds_prolongs_it_and_keeps_the_number(database: Database, now: datetime) -> None:
    with database.write() as session:
        leases.take(session, "sync", "ann", now, LENGTH)
        assert leases.take(session, "sync", "ann", now + LENGTH / 2, LENGTH) == 1
        assert leases.held_until(session, "sync", now) == now + LENGTH * 1.5


def test_taking_again_after_it_ran_out_is_a_new_hand(database: Database, now: datetime) -> None:
    with database.write() as session:
        leases.take(session, "sync", "ann", now, LENGTH)
        assert leases.take(session, "sync", "ann", now + LENGTH, LENGTH) == 2


def test_keeping_works_until_somebody_else_took_it(database: Database, now: datetime) -> None:
    with database.write() as session:
        token = leases.take(session, "sync", "ann", now, LENGTH)
        assert token == 1
        assert leases.keep(session, "sync", "ann", token, now + LENGTH * 3, LENGTH)
        assert leases.held_until(session, "sync", now) == now + LENGTH * 4
        leases.take(session, "sync", "ben", now + LENGTH * 4, LENGTH)
        assert not leases.keep(session, "sync", "ann", token, now + LENGTH * 4, LENGTH)
        assert not leases.keep(session, "none", "ann", token, now, LENGTH)


def test_released_it_is_free_at_once(database: Database, now: datetime) -> None:
    with database.write() as session:
        token = leases.take(session, "sync", "ann", now, LENGTH)
        assert token == 1
        assert leases.release(session, "sync", "ann", token)
        assert leases.held_until(session, "sync", now) is None
        assert leases.take(session, "sync", "ben", now, LENGTH) == 2
        assert not leases.release(session, "sync", "ann", token)


def test_released_it_is_free_also_if_the_clock_is_put_back(database: Database, now: datetime) -> None:
    with database.write() as session:
        token = leases.take(session, "sync", "ann", now, LENGTH)
        assert token == 1
        assert leases.release(session, "sync", "ann", token)
        assert leases.take(session, "sync", "ben", now - 30 * LENGTH, LENGTH) == 2


def test_a_lease_of_before_the_clock_was_put_back_is_nobodys(database: Database, now: datetime) -> None:
    """On PostgreSQL a process that was killed then would keep all others waiting for as long."""
    with database.write() as session:
        assert leases.take(session, "sync", "killed", now, LENGTH) == 1
        assert leases.take(session, "sync", "ben", now - leases.SKEW, LENGTH) is None, "clocks may differ by so much"
        assert leases.take(session, "sync", "ben", now - timedelta(hours=1), LENGTH) == 2


def test_of_many_who_ask_at_once_exactly_one_is_told_yes(database: Database, now: datetime) -> None:
    start, numbers = threading.Barrier(6), []

    def ask(holder: str) -> None:
        start.wait()
        with database.write() as session:
            numbers.append(leases.take(session, "sync", holder, now, LENGTH))

    threads = [threading.Thread(target=ask, args=(f"p{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers, key=str) == [1, *[None] * 5]


@pytest.mark.parametrize("length", [timedelta(0), timedelta(seconds=-1)])
def test_a_lease_without_length_holds_nothing(database: Database, now: datetime, length: timedelta) -> None:
    with database.write() as session:
        leases.take(session, "sync", "ann", now, length)
        assert leases.take(session, "sync", "ben", now, LENGTH) == 2
