"""Home tabs: who draws one, when it is looked at again, and what is remembered of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from storage import homes
from storage.engine import Database
from storage.homes import LEASE, Drawing
from storage.models import Home

MINUTE = timedelta(minutes=1)


def opened(database: Database, now: datetime, user_id: str = "U01ANN") -> None:
    with database.write() as session:
        homes.opened(session, user_id, now, "T0DEMO")


def claim(database: Database, now: datetime) -> Drawing | None:
    with database.write() as session:
        return homes.claim(session, "U01ANN", now)


def finish(database: Database, drawing: Drawing | None, shown: str = "hash") -> bool:
    assert drawing is not None
    with database.write() as session:
        return homes.finish(session, drawing, shown)


def due(database: Database, now: datetime) -> list[tuple[str, str]]:
    with database.read() as session:
        return homes.due(session, now)


def row(database: Database) -> Home:
    with database.read() as session:
        return session.get_one(Home, "U01ANN")


def test_what_was_shown_and_where_is_remembered(database: Database, now: datetime) -> None:
    opened(database, now)
    drawing = claim(database, now)
    assert drawing is not None
    assert (drawing.team_id, drawing.asked, drawing.shown) == ("T0DEMO", {}, "")
    assert not finish(database, drawing)
    assert (row(database).shown, row(database).drawn_at, row(database).lease_until) == ("hash", now, None)


def test_nobody_draws_what_nobody_has_opened(database: Database, now: datetime) -> None:
    assert claim(database, now) is None
    with database.read() as session:
        assert not homes.is_open(session, "U01ANN", now)
        assert homes.pages(session, "U01ANN") == {}


def test_one_draws_and_hears_that_it_was_wanted_once_more(database: Database, now: datetime) -> None:
    opened(database, now)
    first = claim(database, now)
    assert claim(database, now + LEASE / 2) is None
    assert finish(database, first)
    second = claim(database, now)
    assert not finish(database, second)


def test_whoever_oversleeps_changes_nothing(database: Database, now: datetime) -> None:
    opened(database, now)
    slow, quick = claim(database, now), claim(database, now + LEASE)
    assert not finish(database, slow, "old")
    assert not finish(database, quick, "new")
    assert row(database).shown == "new"


def test_one_that_is_opened_is_told_in_any_case(database: Database, now: datetime) -> None:
    opened(database, now)
    finish(database, claim(database, now))
    opened(database, now + MINUTE)
    drawing = claim(database, now + MINUTE)
    assert drawing is not None
    assert drawing.shown == ""
    opened(database, now + MINUTE)
    assert finish(database, drawing)
    assert row(database).shown == ""


def test_pages_are_kept_for_an_hour_each_by_itself(database: Database, now: datetime) -> None:
    with database.write() as session:
        homes.turn(session, "U01ANN", "needs", 2, now)
        homes.turn(session, "U01ANN", "team", 1, now)
        homes.turn(session, "U01ANN", "needs", 3, now)
        assert homes.pages(session, "U01ANN") == {"needs": 3, "team": 1}
    opened(database, now + 59 * MINUTE)
    assert row(database).asked == {"needs": 3, "team": 1}
    opened(database, now + 120 * MINUTE)
    assert row(database).asked == {}


@pytest.mark.parametrize(("since_opened", "since_drawn", "is_due"), [
    (1, 9, False), (1, 10, True), (60, 179, False), (60, 180, True), (1439, 4316, False), (1439, 4317, True),
    (1441, 9000, False),
])
def test_the_longer_ago_it_was_opened_the_less_often_it_is_looked_at(
    database: Database, now: datetime, since_opened: int, since_drawn: int, is_due: bool,
) -> None:
    opened(database, now)
    then = now + since_opened * MINUTE
    finish(database, claim(database, then - timedelta(seconds=since_drawn)))
    assert due(database, then) == ([("U01ANN", "hash")] if is_due else [])


def test_what_is_wanted_is_due_at_once_unless_somebody_is_at_it(database: Database, now: datetime) -> None:
    opened(database, now - MINUTE)
    opened(database, now, "U02BEN")
    assert due(database, now) == [("U02BEN", ""), ("U01ANN", "")]
    claim(database, now)
    assert due(database, now) == [("U02BEN", "")]
    assert due(database, now + LEASE) == [("U02BEN", ""), ("U01ANN", "")]


def test_what_was_looked_at_waits_and_what_is_wanted_does_not(database: Database, now: datetime) -> None:
    opened(database, now)
    opened(database, now, "U02BEN")
    finish(database, claim(database, now))
    with database.write() as session:
        homes.looked(session, ["U01ANN", "U02BEN"], now + MINUTE)
    assert due(database, now + MINUTE) == [("U02BEN", "")]


def test_who_has_left_is_forgotten(database: Database, now: datetime) -> None:
    opened(database, now)
    with database.write() as session:
        homes.forget(session, "U01ANN")
    assert due(database, now) == []
    assert claim(database, now) is None


def test_what_must_not_stay_is_drawn_however_long_ago_it_was_opened(database: Database, now: datetime) -> None:
    with database.write() as session:
        homes.opened(session, "U01ANN", now - timedelta(days=90))
        drawing = homes.claim(session, "U01ANN", now - timedelta(days=90))
        assert drawing is not None
        homes.finish(session, drawing, "hash")
    assert due(database, now) == []
    with database.write() as session:
        homes.want_all(session)
    assert due(database, now) == [("U01ANN", "")]
    with database.write() as session:
        drawing = homes.claim(session, "U01ANN", now)
        assert drawing is not None
        homes.finish(session, drawing, "other")
    assert due(database, now + timedelta(hours=9)) == []
