"""Intake, judge, recompute and preview agree about every send, whatever was told, settled and set before."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.alerts import recompute
from bot.alerts.judgement import Judgement, judge, key_of
from bot.sends import intake
from bot.sends.snapshots import Snapshot, StatusUpdate
from bot.statuses.watch import Threshold, Watch
from bot.statuses.working_time import make_calendar
from storage import alerts as stored
from storage import sends
from storage.engine import Database
from storage.models import Alert, AlertEvent, Send
from storage.models.base import Base
from tests.bot.alerts.making import CALENDAR, DAY, RULES, press_on, scan
from tests.conftest import NOW

STATUSES = ["Order Received", "Shipped", "Delivered", "Fulfillment Issue", "Opened", "Lost in Space", "Expired", ""]
IDS = ["order_received", "shipped", "delivered", "fulfillment_issue", "opened", "unknown"]
CAMPAIGNS = ["", "Autumn"]
TYPES = ["Inventoried Sends", "Amazon"]
WATCHES = st.builds(
    Watch,
    calendar=st.sampled_from([CALENDAR.calendar, make_calendar(country=None, working_weekdays=range(7))]),
    thresholds=st.lists(
        st.builds(
            Threshold,
            status=st.sampled_from(IDS), level=st.sampled_from(["late", "support"]),
            amount=st.sampled_from([None, 0, 2, 4, 8, 12, 40]), in_business_days=st.booleans(),
            campaign=st.sampled_from([None, None, "autumn"]), type=st.sampled_from([None, None, "AMAZON"]),
        ),
        min_size=2, max_size=8,
    ).map(tuple),
)
LIVES = st.tuples(
    st.lists(st.tuples(st.sampled_from(STATUSES), st.integers(0, 15)), min_size=1, max_size=2),
    st.sampled_from(CAMPAIGNS), st.sampled_from(TYPES), st.sampled_from([None, None, -5, 1, 6, 10]),
)
PRESSES = st.lists(st.tuples(st.sampled_from(["acknowledge", "snooze", "resolve"]), st.integers(1, 9)), max_size=4)


def told(gid: str, life: Any) -> Snapshot:  # noqa: ANN401 - what LIVES draws
    steps, campaign, send_type, ends = life
    return Snapshot(
        source="csv", observed_at=NOW, send_gid=gid, type=send_type, campaign=campaign, created_at=NOW - 20 * DAY,
        expires_at=None if ends is None else NOW + ends * DAY,
        updates=tuple(
            StatusUpdate(status_raw=raw, occurred_at=NOW - ago * DAY)
            for raw, ago in sorted(steps, key=lambda step: -step[1]) if raw
        ),
    )


def take(database: Database, watch: Watch, lives: list[Any], prefix: str = "s") -> None:
    with database.write() as session:
        intake.take(session, [told(f"{prefix}{place}", life) for place, life in enumerate(lives)], NOW, watch)


def empty(database: Database) -> None:
    with database.write() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())


def press(database: Database, presses: list[tuple[str, int]], now: datetime) -> None:
    with database.read() as session:
        ids = list(session.scalars(select(Alert.id).where(Alert.state != "resolved").order_by(Alert.id)))
    for action, place in presses:
        if ids:
            args = {"until": now + timedelta(days=place)} if action == "snooze" else {}
            press_on(database, now, action, ids[place % len(ids)], args=args)


def change(database: Database, now: datetime, watch: Watch, batch: int) -> None:
    with database.write() as session:
        recompute.start(session, now)
    while recompute.step(database, now, lambda _: watch, batch):
        pass


def judged(database: Database, now: datetime, watch: Watch) -> list[tuple[Send, Judgement]]:
    """What a fresh look says of each send that has a status, without what another send has told of."""
    with database.read() as session:
        found = [send for send in session.query(Send).order_by(Send.id) if send.status_raw]
        known = stored.of_sends(session, [send.id for send in found])
        keys = set(session.scalars(select(Alert.key)))
        looks = [(send, judge(send, known[send.id], watch, now)) for send in found]
        return [
            (send, replace(look, openings=tuple(
                one for one in look.openings if one.reopens is not None or key_of(send, one.finding) not in keys
            )))
            for send, look in looks
        ]


def state(database: Database) -> dict[int, tuple[datetime | None, str | None]]:
    with database.read() as session:
        return {send.id: (send.due_at, send.due_rule) for send in session.query(Send)}


def opened_and_open(database: Database) -> tuple[Counter[int], dict[int, set[str]]]:
    """By send: how often an alert was opened or opened again, and the rules of those that are open."""
    with database.read() as session:
        told = select(Alert.send_id).join(AlertEvent, AlertEvent.alert_id == Alert.id)
        opened = Counter(session.scalars(told.where(AlertEvent.action.in_(["opened", "reopened"]))))
        still_open: dict[int, set[str]] = {}
        for one in session.query(Alert).filter(Alert.state != "resolved"):
            still_open.setdefault(one.send_id or 0, set()).add(one.rule)
    return Counter({send_id or 0: number for send_id, number in opened.items()}), still_open


ON_BOTH = settings(
    max_examples=80, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@ON_BOTH
@given(WATCHES, WATCHES, st.lists(LIVES, min_size=2, max_size=8), PRESSES, st.integers(0, 4), st.integers(1, 7))
def test_after_the_walk_every_due_time_is_that_of_a_fresh_look(
    database: Database, old: Watch, new: Watch, lives: list[Any], presses: list[tuple[str, int]], days: int, batch: int,
) -> None:
    empty(database)
    take(database, old, lives)
    scan(database, NOW, replace(RULES, watch=old))
    press(database, presses, NOW)
    now = NOW + days * DAY
    change(database, now, new, batch)
    dues = state(database)
    for send, found in judged(database, now, new):
        at, rule = dues.pop(send.id)
        if found.openings or found.closings or found.awakened:
            assert at is not None
            assert at <= now
        else:
            assert (at, rule) == (found.due_at, found.due_rule)
    assert set(dues.values()) <= {(None, None)}, "no status, no due time"
    # So the scan looks at all that has changed: afterwards nothing is left to do or to put right.
    scan(database, now, replace(RULES, watch=new))
    settled = state(database)
    assert all(not (look.openings or look.closings) for _, look in judged(database, now, new))
    change(database, now, new, batch)
    assert state(database) == settled


@ON_BOTH
@given(WATCHES, st.lists(LIVES, min_size=2, max_size=8), st.integers(1, 7))
def test_what_intake_sets_the_walk_leaves(database: Database, watch: Watch, lives: list[Any], batch: int) -> None:
    empty(database)
    take(database, watch, lives)
    before = state(database)
    change(database, NOW, watch, batch)
    assert state(database) == before


@ON_BOTH
@given(WATCHES, st.lists(LIVES, min_size=1, max_size=4), st.lists(LIVES, min_size=4, max_size=4), PRESSES)
def test_intake_is_never_later_than_a_fresh_look(
    database: Database, watch: Watch, lives: list[Any], news: list[Any], presses: list[tuple[str, int]],
) -> None:
    empty(database)
    take(database, watch, lives)
    scan(database, NOW, replace(RULES, watch=watch))
    press(database, presses, NOW)
    take(database, watch, news[:len(lives)])
    dues = state(database)
    for send, found in judged(database, NOW, watch):
        at, _ = dues[send.id]
        if found.openings or found.closings:
            assert at is not None
            assert at <= NOW
        elif found.due_at is not None:
            assert at is not None
            assert at <= found.due_at


@ON_BOTH
@given(WATCHES, WATCHES, st.lists(LIVES, min_size=2, max_size=8), PRESSES, st.booleans())
def test_a_preview_tells_what_the_change_then_does(
    database: Database, old: Watch, new: Watch, lives: list[Any], presses: list[tuple[str, int]], scanned: bool,
) -> None:
    empty(database)
    take(database, old, lives)
    if scanned:
        scan(database, NOW, replace(RULES, watch=old))
        press(database, presses, NOW)
    with database.read() as session:
        foreseen = recompute.preview(session, NOW, old, new)
    if not scanned:
        # What is due by the former limits anyway is not the doing of the change.
        assert foreseen.becoming_due <= len(lives)
        return
    opened_before, open_before = opened_and_open(database)
    change(database, NOW, new, 3)
    scan(database, NOW, replace(RULES, watch=new))
    opened_after, open_after = opened_and_open(database)
    woken = set(opened_after - opened_before)
    calmed = {
        send_id for send_id, rules in open_before.items()
        if rules - open_after.get(send_id, set()) and send_id not in woken
    }
    assert foreseen.becoming_due == len(woken)
    assert foreseen.no_longer_due == len(calmed)
    assert sum(foreseen.by_status.values()) == foreseen.becoming_due
    with database.read() as session:
        names = {send.id: send.status for send in sends.by_ids(session, woken).values()}
    assert foreseen.by_status == {name: list(names.values()).count(name) for name in names.values()}
