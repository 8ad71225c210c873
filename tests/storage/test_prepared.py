from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import DBAPIError

from storage import people, scope
from storage.engine import Database
from storage.models import Person, Send
from storage.prepared import Prepared
from storage.scope import Look, Scope
from tests.storage.test_alerts import a_send

PEOPLE: Any = select(Person.user_id, Person.fetched_at, Person.tz == "Europe/Berlin").where(
    Person.tz != "nowhere", Person.user_id == bindparam("who"),
)
SENDS = select(text("send_gid")).select_from(text("sends"))


def test_rows_are_as_sqlalchemy_gives_them(database: Database, now: datetime) -> None:
    with database.write() as session:
        people.keep(session, user_id="U1", tz="Europe/Berlin", now=now)
    asked = Prepared(PEOPLE)
    with database.read() as session:
        for who in ("U1", "U2", "U1"):
            found = [tuple(row) for row in session.connection().execute(PEOPLE, {"who": who})]
            assert asked.rows(session, who=who) == found
        assert asked.rows(session, who="U1") == [("U1", now, True)]


def test_it_is_asked_past_sqlalchemy(database: Database, executed: list[str]) -> None:
    with database.read() as session:
        assert Prepared(PEOPLE).rows(session, who="U1") == []
    assert not executed


def test_whoever_may_not_see_all_does_not(database: Database, now: datetime) -> None:
    for gid, sender in (("g0", "ann@example.com"), ("g1", "ben@example.com")):
        send_id = a_send(database, now, gid)
        with database.write() as session:
            session.get_one(Send, send_id).sender_email = sender
    asked: Prepared = Prepared(SENDS)
    with database.read() as session:
        assert sorted(asked.rows(session)) == [("g0",), ("g1",)]
        with scope.looking(Look(scope=Scope(email="ben@example.com"))):
            assert asked.rows(session) == [("g1",)]


def test_what_fails_fails_as_all_else_does(database: Database) -> None:
    missing: Any = select(text("1")).select_from(text("nowhere"))
    with database.read() as session, pytest.raises(DBAPIError, match="nowhere"):
        Prepared(missing).rows(session)
