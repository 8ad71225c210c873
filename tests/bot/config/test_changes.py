from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.alerts import recompute
from bot.config.changes import apply, between, undo
from bot.config.current import in_force
from bot.config.document import Document
from bot.config.reading import read
from storage import config as stored
from storage import due
from storage.config import ConfigChangedError
from storage.engine import Database

ROUTES = read("routes: [{name: big gifts, when: {amount_from: 100 USD}, channel: C0123}]").document
LIMITS = read("thresholds: [{status: Shipped, after: 12 days}]").document
HOUR = timedelta(hours=1)


def test_a_difference_is_shown_line_by_line() -> None:
    [change] = between(Document(), ROUTES)
    assert change.section == "routes"
    assert change.lines() == [
        "-routes: []", "+routes:", "+  - name: big gifts", "+    when: {amount_from: 100 USD}", "+    channel: C0123",
    ]
    assert between(ROUTES, ROUTES) == ()
    assert [change.section for change in between(ROUTES, LIMITS)] == ["routes", "thresholds"]


def test_only_what_differs_is_written(database: Database, now: datetime) -> None:
    with database.write() as session:
        assert apply(session, in_force(session), ROUTES, now, "cli") == ("routes",)
        assert apply(session, in_force(session), ROUTES, now, "cli") == ()
        assert list(stored.read(session)) == ["routes"]
        assert in_force(session).document == ROUTES
        assert not recompute.under_way(session)


def test_back_to_the_default_is_no_section(database: Database, now: datetime) -> None:
    with database.write() as session:
        apply(session, in_force(session), ROUTES, now, "cli")
        assert apply(session, in_force(session), Document(), now + HOUR, "cli") == ("routes",)
        assert stored.read(session) == {}


def test_other_limits_have_all_sends_looked_at_again(database: Database, now: datetime) -> None:
    with database.write() as session:
        apply(session, in_force(session), LIMITS, now, "cli")
    with database.read() as session:
        assert recompute.under_way(session)


def test_what_somebody_else_has_changed_meanwhile_is_not_overwritten(database: Database, now: datetime) -> None:
    with database.read() as session:
        seen = in_force(session)
    with database.write() as session:
        apply(session, seen, ROUTES, now, "U01ANN")
    both = ROUTES.model_copy(update={"thresholds": LIMITS.thresholds, "routes": ROUTES.routes * 2})
    with pytest.raises(ConfigChangedError, match="U01ANN"), database.write() as session:
        apply(session, seen, both, now, "U02BEN")
    with database.read() as session:
        assert in_force(session).document == ROUTES
        assert not recompute.under_way(session)


def test_what_is_stored_and_cannot_be_used_is_replaced_only_if_it_was_given(
    database: Database, now: datetime,
) -> None:
    with database.write() as session:
        stored.save(session, "calendar", {"country": "Atlantis"}, now, "cli")
        stored.save(session, "horoscopes", {}, now, "cli")
        assert apply(session, in_force(session), Document(), now, "cli", given=["routes"]) == ()
        assert apply(session, in_force(session), Document(), now, "cli", given=["calendar"]) == ("calendar",)
        assert list(in_force(session).broken) == ["horoscopes"]


def test_undo_takes_back_a_change_and_looks_at_the_sends_again(database: Database, now: datetime) -> None:
    with database.write() as session:
        apply(session, in_force(session), LIMITS, now, "U01ANN")
        due.end_walk(session, now)
        [change] = stored.history(session)
        assert undo(session, change.id, now + HOUR, "U02BEN")
        assert in_force(session).document == Document()
        assert recompute.under_way(session)
    with database.write() as session:
        apply(session, in_force(session), ROUTES, now, "U01ANN")
        due.end_walk(session, now)
        assert undo(session, stored.history(session)[0].id, now + HOUR, "U02BEN")
        assert not recompute.under_way(session)
