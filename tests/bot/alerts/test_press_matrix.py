"""Every press on every state, after somebody else, after the same person, and after the scan: one table."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.alerts.lifecycle import TRANSITIONS, Action, State
from bot.alerts.pressed import Outcome
from bot.alerts.undo import UNDOABLE
from storage.engine import Database
from storage.models import Alert
from tests.bot.alerts.making import DAY, add, alert, events, move, no_backlog, press_on, scan

ANN, BEN = "U01ANN", "U02BEN"
MINUTE = timedelta(minutes=1)

GROUNDS = {
    "firing": (),
    "acknowledged": ("acknowledge",),
    "assigned": ("assign",),
    "snoozed": ("snooze",),
    "told": ("support_sent",),
    "resolved": ("resolve",),
}
"""How a state is reached by presses of one person."""

OWN, OTHER, SCAN = "own", "other", "scan"
SETTLED = {OWN: "You already resolved it 1 minute ago.", OTHER: f"Already resolved by <@{BEN}> 1 minute ago.",
           SCAN: "Already resolved by Sendwatch 1 minute ago. Now Shipped: the send moved on."}
ACKNOWLEDGED = {OWN: "You already acknowledged it 1 minute ago.",
                OTHER: f"Already acknowledged by <@{BEN}> 1 minute ago."}
TOLD = {OWN: "You already told Support about it 1 minute ago.",
        OTHER: f"Already reported to Support by <@{BEN}> 1 minute ago."}
SNOOZED = {OWN: "You already snoozed it until then 1 minute ago.",
           OTHER: f"Already snoozed until then by <@{BEN}> 1 minute ago."}

Row = tuple[str, str, str, dict[str, str] | str]
TABLE: list[Row] = [
    # what was done before, by whom, what Ann presses now -> the state after it, or why not
    *(("firing", OWN, action, state) for action, state in (
        ("acknowledge", "acknowledged"), ("assign", "acknowledged"), ("snooze", "snoozed"), ("resolve", "resolved"),
        ("support", "acknowledged"), ("support_sent", "acknowledged"), ("meaning", "firing"),
        ("undo", "There is nothing of yours to undo here."),
    )),
    *(("acknowledged", by, action, result) for by in (OWN, OTHER) for action, result in (
        ("acknowledge", ACKNOWLEDGED), ("assign", "acknowledged"), ("snooze", "snoozed"), ("resolve", "resolved"),
        ("support", "acknowledged"), ("support_sent", "acknowledged"), ("meaning", "acknowledged"),
    )),
    ("acknowledged", OWN, "undo", "firing"),
    ("acknowledged", OTHER, "undo", f"Only <@{BEN}>, who acknowledged it 1 minute ago, can undo that."),
    ("assigned", OWN, "assign", "You already took it on 1 minute ago."),
    ("assigned", OTHER, "assign", "acknowledged"),
    ("assigned", OWN, "undo", "firing"),
    ("assigned", OTHER, "undo", f"Only <@{BEN}>, who assigned it 1 minute ago, can undo that."),
    ("assigned", OTHER, "acknowledge", ACKNOWLEDGED),
    *(("snoozed", by, action, result) for by in (OWN, OTHER) for action, result in (
        ("acknowledge", "acknowledged"), ("assign", "acknowledged"), ("snooze", SNOOZED), ("resolve", "resolved"),
        ("support", "acknowledged"), ("support_sent", "acknowledged"), ("meaning", "snoozed"),
    )),
    ("snoozed", OWN, "undo", "firing"),
    ("snoozed", OTHER, "undo", f"Only <@{BEN}>, who snoozed it 1 minute ago, can undo that."),
    *(("told", by, "support_sent", TOLD) for by in (OWN, OTHER)),
    ("told", OWN, "undo", "firing"),
    ("told", OTHER, "undo", f"Only <@{BEN}>, who told Support about it 1 minute ago, can undo that."),
    *(("resolved", by, action, SETTLED) for by in (OWN, OTHER, SCAN) for action in (
        "acknowledge", "assign", "snooze", "resolve", "support", "support_sent",
    )),
    *(("resolved", by, "meaning", "resolved") for by in (OWN, OTHER, SCAN)),
    ("resolved", OWN, "undo", "firing"),
    ("resolved", OTHER, "undo", f"Only <@{BEN}>, who resolved it 1 minute ago, can undo that."),
    ("resolved", SCAN, "undo", "Too late to undo. Now Shipped: the send moved on."),
]


def test_the_table_leaves_nothing_out() -> None:
    tried = {(ground, action) for ground, _, action, _ in TABLE}
    for state in State:
        for action in Action:
            if not action.startswith("baseline"):
                assert (state, action) in tried
    assert {state for state, _ in TRANSITIONS} == set(State)
    assert {
        action for _, action in TRANSITIONS if action is not Action.MEANING
    } == UNDOABLE


def snoozed_until(now: datetime) -> dict[str, datetime]:
    return {"until": now + DAY}


@pytest.fixture
def one(sqlite: Database, now: datetime) -> Alert:
    no_backlog(sqlite, now)
    with sqlite.write() as session:
        add(session, now, "a")
    scan(sqlite, now)
    return fresh(sqlite)


def fresh(database: Database) -> Alert:
    with database.read() as session:
        return alert(session, "a")


def reach(database: Database, now: datetime, one: Alert, ground: str, by: str) -> None:
    if by == SCAN:
        with database.write() as session:
            move(session, now, "a", "shipped")
        scan(database, now)
        return
    for action in GROUNDS[ground]:
        done = press_on(database, now, action, one.id, ANN if by == OWN else BEN, args=snoozed_until(now))
        assert done.changed == 1


@pytest.mark.parametrize(("ground", "by", "action", "expected"), TABLE)
def test_every_press(
    sqlite: Database, one: Alert, now: datetime, ground: str, by: str, action: str, expected: dict[str, str] | str,
) -> None:
    reach(sqlite, now, one, ground, by)
    before = fresh(sqlite)
    made = press_on(sqlite, now + MINUTE, action, one.id, ANN, args=snoozed_until(now))
    wanted = expected if isinstance(expected, str) else expected[by]
    if wanted in set(State):
        assert (made.refused, fresh(sqlite).state) == (None, wanted)
        assert made.changed == (action != "meaning")
    else:
        assert made == Outcome(refused=wanted, refusal=made.refusal, alert_ids=(one.id,))
        assert (fresh(sqlite).state, fresh(sqlite).version) == (before.state, before.version)
        with sqlite.read() as session:
            # A press that came too late leaves no trace.
            assert all(event.actor != ANN or by == OWN for event in events(session))


@pytest.mark.parametrize("action", sorted(UNDOABLE - {Action.BASELINE_SETTLE}))
@pytest.mark.parametrize("ground", GROUNDS)
def test_undo_puts_everything_back_as_it_was(
    sqlite: Database, one: Alert, now: datetime, ground: str, action: Action,
) -> None:
    reach(sqlite, now, one, ground, OTHER)
    before = fresh(sqlite)
    args = {"until": now + 2 * DAY, "follow_up_at": now + DAY, "reason": "done"}
    if not press_on(sqlite, now + MINUTE, action, one.id, ANN, args=args).changed:
        return
    assert press_on(sqlite, now + MINUTE, "undo", one.id, ANN).changed == 1
    after = fresh(sqlite)
    for column in Alert.__table__.columns.keys():  # noqa: SIM118 - not a dict
        if column != "version":
            assert getattr(after, column) == getattr(before, column), column
    # Pressed once more on the same look.
    again = press_on(sqlite, now + 2 * MINUTE, "undo", one.id, ANN, version=before.version + 1)
    assert again.refused == "You already undid it 1 minute ago."
