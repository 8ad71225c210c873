from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from storage import beside, people
from storage import watches as watching
from storage.engine import Database
from storage.models import SendHistory
from tests.storage.test_alerts import a_send, an_alert
from tests.storage.test_watches import ANN, BEN, HOUR, begin


def step(database: Database, send_id: int, status: str, occurred_at: datetime) -> None:
    with database.write() as session:
        session.add(SendHistory(
            send_id=send_id, status=status, status_key=status, status_raw=status.title(), occurred_at=occurred_at,
            observed_at=occurred_at, source="api",
        ))


def of(database: Database, send_id: int, reader: str = ANN) -> beside.Beside:
    with database.read() as session:
        return beside.of(session, send_id, reader)


def test_the_steps_of_this_send_come_with_the_oldest_first(database: Database, now: datetime) -> None:
    send, other = a_send(database, now), a_send(database, now, "other")
    step(database, send, "delivered", now)
    step(database, send, "shipped", now - HOUR)
    step(database, other, "opened", now)
    found = of(database, send)
    assert [(one.status, one.status_raw, one.occurred_at) for one in found.history] == [
        ("shipped", "Shipped", now - HOUR), ("delivered", "Delivered", now),
    ]
    assert (found.has_alerts, found.is_watched) == (False, False)


def test_a_send_of_which_no_step_is_known_has_alerts_and_watchers_all_the_same(
    database: Database, now: datetime,
) -> None:
    send = a_send(database, now)
    an_alert(database, now, "a", send_id=send)
    begin(database, send, now)
    assert of(database, send) == beside.Beside(history=(), has_alerts=True, is_watched=True)
    assert of(database, send + 1) == beside.Beside()


def test_only_open_alerts_and_watches_of_the_reader_count(database: Database, now: datetime) -> None:
    send = a_send(database, now)
    an_alert(database, now, "a", send_id=send, state="resolved", resolved_at=now)
    begin(database, send, now, BEN)
    begin(database, send, now, ANN)
    with database.write() as session:
        watching.stop(session, ANN, send, now + timedelta(minutes=1))
    assert of(database, send, ANN) == beside.Beside()
    assert of(database, send, BEN).is_watched
    assert not of(database, send, "").is_watched


def test_who_reads_it_is_known_by_the_way_and_asked_for_no_more(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch,
) -> None:
    send = a_send(database, now)
    step(database, send, "shipped", now)
    step(database, send, "delivered", now)
    with database.write() as session:
        people.keep(session, user_id=ANN, now=now, email="Ann@Example.com", tz="Europe/Berlin", locale="de-DE")
    told = ("ann@example.com", "Europe/Berlin", "de-DE", now)
    with database.read() as session:
        assert len(beside.of(session, send, ANN).history) == 2
        beside.of(session, send, BEN)
        with monkeypatch.context() as patched:
            patched.setattr(people, "_KNOWN", "nothing that could be asked")
            assert people.known(session, ANN) == told
            assert people.known(session, BEN) is None
    with database.write() as session:
        beside.of(session, send, ANN)
        people.keep(session, user_id=ANN, now=now, email="ann@example.org")
        assert people.known(session, ANN) == ("ann@example.org", "", "de-DE", now)
