from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from storage import config
from storage.config import ConfigChangedError
from storage.engine import Database
from tests.postgres import until_somebody_waits

ROUTES = [{"name": "big", "channel": "C01"}]
HOUR = timedelta(hours=1)


def test_nothing_is_set_at_first(database: Database) -> None:
    with database.read() as session:
        assert config.read(session) == {}
        assert config.versions(session) == ()
        assert config.history(session) == []


def test_what_is_saved_is_read_and_on_record(database: Database, now: datetime) -> None:
    with database.write() as session:
        assert config.save(session, "routes", ROUTES, now, "U01ANN")
        assert config.save(session, "routes", [], now + HOUR, "cli")
    with database.read() as session:
        assert config.read(session) == {"routes": []}
        assert config.versions(session) == (("routes", 2, now + HOUR),)
        later, first = config.history(session, "routes")
        assert (first.before, first.after, first.version) == ({}, {"value": ROUTES}, 1)
        assert (first.changed_by, first.changed_at) == ("U01ANN", now)
        assert (later.before, later.after, later.version) == ({"value": ROUTES}, {"value": []}, 2)
        assert config.history(session, "calendar") == []
        assert [change.version for change in config.history(session, limit=1)] == [2]


@pytest.mark.parametrize("body", [[], {}, "", 0, False, ROUTES, {"äöü": "🎁 \u2028"}])
def test_saving_what_is_there_changes_nothing(database: Database, now: datetime, body: object) -> None:
    with database.write() as session:
        assert config.save(session, "routes", body, now, "U01ANN")
        assert not config.save(session, "routes", body, now + HOUR, "U02BEN")
    with database.write() as session:
        assert not config.save(session, "routes", body, now + HOUR, "U02BEN")
        assert config.read(session) == {"routes": body}
        assert [change.changed_by for change in config.history(session)] == ["U01ANN"]


def test_back_to_the_default_is_no_section_but_a_new_version(database: Database, now: datetime) -> None:
    with database.write() as session:
        assert not config.save(session, "routes", None, now, "cli")
        config.save(session, "routes", ROUTES, now, "cli")
        assert config.save(session, "routes", None, now + HOUR, "cli")
        assert not config.save(session, "routes", None, now + HOUR, "cli")
    with database.read() as session:
        assert config.read(session) == {}
        assert config.versions(session) == (("routes", 2, now + HOUR),)


def test_whoever_saw_an_older_version_is_told_and_changes_nothing(database: Database, now: datetime) -> None:
    with database.write() as session:
        config.save(session, "routes", ROUTES, now, "U01ANN", seen=0)
    for seen in (0, 2):
        with pytest.raises(ConfigChangedError, match="“routes” was changed meanwhile by U01ANN"), \
                database.write() as session:
            config.save(session, "calendar", {}, now, "U02BEN")
            config.save(session, "routes", [], now, "U02BEN", seen=seen)
    with database.write() as session:
        assert config.read(session) == {"routes": ROUTES}
        assert config.save(session, "routes", [], now, "U02BEN", seen=1)


@pytest.mark.parametrize("known", [False, True])
def test_of_two_writers_at_once_one_wins_and_the_other_is_told(
    database: Database, now: datetime, known: bool,
) -> None:
    if known:
        with database.write() as session:
            config.save(session, "routes", [], now, "cli")
    seen = int(known)
    barrier = threading.Barrier(2)

    def write(who: str) -> str:
        barrier.wait()
        try:
            with database.write() as session:
                config.save(session, "routes", [{"name": who}], now + HOUR, who, seen=seen)
        except ConfigChangedError as error:
            return f"told of {error.by}"
        return who

    with ThreadPoolExecutor(2) as pool:
        said = set(pool.map(write, ("U01ANN", "U02BEN")))
    [winner] = said & {"U01ANN", "U02BEN"}
    assert said == {winner, f"told of {winner}"}
    with database.read() as session:
        assert config.read(session) == {"routes": [{"name": winner}]}
        assert config.history(session)[0].changed_by == winner
        assert len(config.history(session)) == 1 + seen


@pytest.mark.parametrize("known", [False, True])
def test_a_writer_who_waited_for_another_is_told(postgresql: Database, now: datetime, known: bool) -> None:
    if known:
        with postgresql.write() as session:
            config.save(session, "routes", [], now, "cli")
    with ThreadPoolExecutor(1) as pool:
        with postgresql.write() as first:
            config.save(first, "routes", ROUTES, now, "U01ANN")
            told = pool.submit(_save_other, postgresql, now)
            until_somebody_waits(postgresql)
        with pytest.raises(ConfigChangedError, match="U01ANN"):
            told.result(timeout=20)
    with postgresql.read() as session:
        assert config.read(session) == {"routes": ROUTES}


def _save_other(database: Database, now: datetime) -> None:
    with database.write() as session:
        config.save(session, "routes", [{"name": "other"}], now, "U02BEN")


def test_a_change_is_taken_back_and_that_too(database: Database, now: datetime) -> None:
    with database.write() as session:
        config.save(session, "routes", ROUTES, now, "U01ANN")
        [first] = config.history(session)
        assert config.undo(session, first.id, now + HOUR, "U02BEN")
        assert config.read(session) == {}
        undoing = config.history(session)[0]
        assert (undoing.before, undoing.after, undoing.changed_by) == ({"value": ROUTES}, {}, "U02BEN")
        assert config.undo(session, undoing.id, now + HOUR, "U01ANN")
        assert config.read(session) == {"routes": ROUTES}
        assert len(config.history(session)) == 3


def test_a_change_that_another_followed_is_not_taken_back(database: Database, now: datetime) -> None:
    with database.write() as session:
        config.save(session, "routes", ROUTES, now, "U01ANN")
        config.save(session, "routes", [], now, "U02BEN")
        later, first = config.history(session)
        with pytest.raises(ConfigChangedError, match="U02BEN"):
            config.undo(session, first.id, now, "U01ANN")
        assert config.undo(session, later.id, now, "U01ANN")
        assert config.read(session) == {"routes": ROUTES}


def test_there_is_nothing_to_take_back_where_nothing_was_changed(database: Database, now: datetime) -> None:
    with database.write() as session, pytest.raises(LookupError, match="no change 7"):
        config.undo(session, 7, now, "cli")


def test_pages_of_changes_and_what_came_next(database: Database, now: datetime) -> None:
    with database.write() as session:
        for number in range(3):
            config.save(session, "routes", [number], now, "U01ANN")
        config.save(session, "calendar", {"country": "DE"}, now, "cli")
    with database.read() as session:
        page, total = config.page_of_changes(session, 1, 2)
        assert ([(one.section, one.version) for one in page], total) == ([("routes", 3), ("routes", 2)], 4)
        following = config.next_change(session, "routes", 1)
        assert following is not None
        assert (following.before, following.after) == ({"value": [0]}, {"value": [1]})
        assert config.next_change(session, "routes", 3) is None
        found = config.sections(session)
        assert {name: (row.version, row.changed_by) for name, row in found.items()} == {
            "routes": (3, "U01ANN"), "calendar": (1, "cli"),
        }
