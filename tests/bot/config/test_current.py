from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from bot.alerts.routing import Subject
from bot.config.current import Rules, in_force
from bot.config.document import Document
from storage import config as stored
from storage.engine import Database
from storage.prepared import Prepared

ZONE = ZoneInfo("America/Los_Angeles")
OVERDUE = Subject(rule="overdue", level="late")
HOUR = timedelta(hours=1)


@pytest.fixture
def rules() -> Rules:
    return Rules(ZONE, "C01GIFTING", ("U01ANN",))


def save(database: Database, now: datetime, section: str, body: Any) -> None:  # noqa: ANN401 - plain data
    with database.write() as session:
        stored.save(session, section, body, now, "U01ANN")


def channels(database: Database, rules: Rules) -> list[str]:
    with database.read() as session:
        return [place.channel for place in rules.current(session).routing.destinations(OVERDUE)]


def test_the_defaults_are_in_force_until_somebody_sets_something(database: Database, rules: Rules) -> None:
    assert channels(database, rules) == ["C01GIFTING"]
    with database.read() as session:
        found = in_force(session)
        assert (found.document, found.versions, dict(found.broken)) == (Document(), (), {})
        assert rules.current(session).routing.admins == ("U01ANN",)


def test_a_change_counts_from_the_next_look_on(database: Database, rules: Rules, now: datetime) -> None:
    channels(database, rules)
    save(database, now, "routes", [{"name": "all", "channel": "C0123"}])
    assert channels(database, rules) == ["C0123"]
    save(database, now + HOUR, "routes", None)
    assert channels(database, rules) == ["C01GIFTING"]
    with database.read() as session:
        assert in_force(session).seen("routes") == 2
        assert in_force(session).seen("calendar") == 0


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, executed: list[str]) -> list[str]:
    """Every statement that a database is asked, by SQLAlchemy or past it."""
    rows = Prepared.rows

    def past(self: Prepared, session: Session, **values: object) -> list[tuple[Any, ...]]:
        executed.append(str(self.statement))
        return rows(self, session, **values)

    monkeypatch.setattr(Prepared, "rows", past)
    return executed


def test_while_nothing_changes_the_same_rules_are_given_for_one_query(
    database: Database, rules: Rules, now: datetime, asked: list[str],
) -> None:
    save(database, now, "routes", [{"name": "all", "channel": "C0123"}])
    with database.read() as session:
        first = rules.current(session)
        asked.clear()
        assert all(rules.current(session) is first for _ in range(3))
    assert len(asked) == 3


def test_a_look_is_one_small_query(sqlite: Database, rules: Rules, now: datetime, asked: list[str]) -> None:
    for section, body in Document().plain().items():
        save(sqlite, now, section, body)
    with sqlite.read() as session:
        rules.current(session)
        asked.clear()
        rules.current(session)
    assert len(asked) == 1
    assert "body" not in asked[0]


def test_what_was_not_kept_in_the_end_is_forgotten(database: Database, rules: Rules, now: datetime) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as session:
        stored.save(session, "routes", [{"name": "all", "channel": "C0666"}], now, "U01ANN")
        assert rules.current(session).routing.rules[0].channel == "C0666"
        raise ZeroDivisionError
    save(database, now + HOUR, "routes", [{"name": "all", "channel": "C0123"}])
    assert channels(database, rules) == ["C0123"]


@pytest.mark.parametrize("body", [
    [{"nam": "x"}], {"a": "b"}, "text", 3, [{"name": "x", "when": {"rule": ["of a later version"]}}], [None],
])
def test_what_is_stored_and_no_longer_valid_falls_back_and_is_told_once(
    database: Database, rules: Rules, now: datetime, body: object,
) -> None:
    save(database, now, "routes", body)
    save(database, now, "budgets", {"default": {"a_day": 3}})
    with capture_logs() as logs:
        assert channels(database, rules) == ["C01GIFTING"]
        assert channels(database, rules) == ["C01GIFTING"]
        save(database, now, "budgets", {"default": {"a_day": 4}})
        assert channels(database, rules) == ["C01GIFTING"]
    [told] = logs
    assert (told["event"], told["section"], told["log_level"]) == ("configuration_not_valid", "routes", "error")
    assert told["problems"]
    with database.read() as session:
        assert rules.current(session).routing.budget.a_day == 4
        assert list(in_force(session).broken) == ["routes"]
    save(database, now, "routes", [{"name": "all", "channel": "C0123"}])
    assert channels(database, rules) == ["C0123"]


def test_a_route_whose_policy_fell_back_is_still_a_route(database: Database, rules: Rules, now: datetime) -> None:
    save(database, now, "policies", {"urgent": {"repeat": ["when the moon is full"]}})
    save(database, now, "routes", [{"name": "all", "channel": "C0123", "policy": "urgent"}])
    with capture_logs() as logs:
        assert channels(database, rules) == ["C0123"]
    assert [told["section"] for told in logs] == ["policies"]


def test_a_section_that_this_version_does_not_know_is_told_and_passed_over(
    database: Database, rules: Rules, now: datetime,
) -> None:
    save(database, now, "horoscopes", {"aries": "good"})
    with capture_logs() as logs:
        assert channels(database, rules) == ["C01GIFTING"]
    assert [told["section"] for told in logs] == ["horoscopes"]


def test_many_threads_see_whole_rules_while_somebody_changes_them(
    database: Database, rules: Rules, now: datetime,
) -> None:
    places = [f"C{number:04}" for number in range(30)]
    over = threading.Event()

    def look() -> set[str]:
        seen = set()
        while not over.is_set():
            with database.read() as session:
                found = rules.current(session)
                [place] = found.routing.destinations(OVERDUE)
                budget = found.routing.budget_of(place.channel).a_day
                assert place.channel == "C01GIFTING" or int(place.channel[1:]) + 1 == budget
            seen.add(place.channel)
        return seen

    with ThreadPoolExecutor(4) as pool:
        looking = [pool.submit(look) for _ in range(4)]
        for number, channel in enumerate(places):
            with database.write() as session:
                stored.save(session, "routes", [{"name": "all", "channel": channel}], now, "cli")
                stored.save(session, "budgets", {channel: {"a_day": number + 1}}, now, "cli")
        over.set()
        assert all(seen.result(timeout=20) for seen in looking)
    assert channels(database, rules) == [places[-1]]
