from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from storage import beside, people
from storage import watches as watching
from storage.engine import Database
from storage.models import Send, SendHistory
from storage.scope import Look, Scope, looking
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


COLUMNS = Send.__table__.c


def alone(database: Database, gid: str, campaign: str = "", reader: str = ANN) -> tuple[int, beside.Beside] | None:
    column, value = (COLUMNS["campaign"], campaign) if campaign else (COLUMNS["send_gid"], gid)
    with database.read() as session:
        found = beside.alone(session, column, value, reader)
    return None if found is None else (found[0].id, found[1])


def test_the_only_send_that_has_a_value_comes_with_what_is_beside_it(database: Database, now: datetime) -> None:
    send, other = a_send(database, now, campaign="Fall"), a_send(database, now, "other", campaign="Spring")
    step(database, send, "delivered", now)
    step(database, send, "shipped", now - HOUR)
    step(database, other, "opened", now)
    an_alert(database, now, "a", send_id=send)
    begin(database, send, now)
    for found in (alone(database, "gid"), alone(database, "", "Fall")):
        assert found == (send, of(database, send))
        assert [one.status for one in found[1].history] == ["shipped", "delivered"]
    assert alone(database, "other") == (other, of(database, other))
    assert alone(database, "gid", reader=BEN) == (send, of(database, send, BEN))
    with database.read() as session:
        read = beside.alone(session, COLUMNS["send_gid"], "gid", ANN)
        stored = session.get(Send, send)
    assert read is not None
    assert {name: getattr(read[0], name) for name in COLUMNS.keys()} == {  # noqa: SIM118 - names, not columns
        name: getattr(stored, name) for name in COLUMNS.keys()  # noqa: SIM118 - as above
    }


def test_of_several_sends_with_the_value_or_none_nothing_is_told(database: Database, now: datetime) -> None:
    for gid in ("a", "b", "c"):
        step(database, a_send(database, now, gid, campaign="Fall"), "shipped", now)
    bare = a_send(database, now, "bare", campaign="Spring")
    assert alone(database, "", "Fall") is None
    assert alone(database, "nobody's") is None
    assert alone(database, "bare") == (bare, beside.Beside())


def test_of_several_the_only_one_that_may_be_seen_is_alone(database: Database, now: datetime) -> None:
    ids = [a_send(database, now, gid, campaign="Fall") for gid in ("a", "b", "c")]
    with database.write() as session:
        for place, email in enumerate(("ann@example.com", "ben@example.com", "ben@example.com")):
            session.get_one(Send, ids[place]).sender_email = email
    for email, seen in (("ann@example.com", (ids[0], beside.Beside())), ("ben@example.com", None), ("no@no.no", None)):
        with looking(Look(scope=Scope(email=email))):
            assert alone(database, "", "Fall") == seen
            assert alone(database, "b") == ((ids[1], beside.Beside()) if email == "ben@example.com" else None)


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


@pytest.mark.parametrize("look_at", [
    lambda session, send: beside.of(session, send, ANN),
    lambda session, _: beside.alone(session, COLUMNS["send_gid"], "gid", ANN),
], ids=["of", "alone"])
def test_who_reads_it_is_known_by_the_way_and_asked_for_no_more(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch, look_at: Callable[[Session, int], object],
) -> None:
    send = a_send(database, now)
    step(database, send, "shipped", now)
    step(database, send, "delivered", now)
    with database.write() as session:
        people.keep(session, user_id=ANN, now=now, email="Ann@Example.com", tz="Europe/Berlin", locale="de-DE")
    told = ("ann@example.com", "Europe/Berlin", "de-DE", now)
    with database.read() as session:
        look_at(session, send)
        beside.of(session, send, BEN)
        with monkeypatch.context() as patched:
            patched.setattr(people, "_KNOWN", "nothing that could be asked")
            assert people.known(session, ANN) == told
            assert people.known(session, BEN) is None
    with database.write() as session:
        beside.of(session, send, ANN)
        people.keep(session, user_id=ANN, now=now, email="ann@example.org")
        assert people.known(session, ANN) == ("ann@example.org", "", "de-DE", now)
