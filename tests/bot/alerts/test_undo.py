from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from bot.alerts.lifecycle import SCAN, Action, AlertState, Change, Code, Refused, State
from bot.alerts.undo import LastChange, latest, press_of, standing, undo
from storage.models import Alert, AlertEvent
from tests.bot.alerts.test_lifecycle import ACKNOWLEDGED, EARLIER, FIRING, LATER, NOW, RESOLVED, SNOOZED


def last(
    action: Action = Action.RESOLVE, actor: str = "U01ANN", before: AlertState = FIRING, *, is_latest: bool = True,
) -> LastChange:
    return LastChange(action=action, actor=actor, at=EARLIER, before=before, is_latest=is_latest)


def taken_back(
    of: LastChange | None, *, moved_on: bool = False, now: datetime = NOW, state: AlertState = RESOLVED,
) -> object:
    made = undo(state, of, "U01ANN", now, moved_on=moved_on)
    return made.after if isinstance(made, Change) else made.code


def test_undo_puts_back_what_was() -> None:
    assert taken_back(last(before=ACKNOWLEDGED)) == ACKNOWLEDGED


def test_undoing_puts_a_snooze_back_also_when_it_is_over_for_the_scan_to_end() -> None:
    assert taken_back(last(before=SNOOZED)) == SNOOZED
    assert taken_back(last(before=SNOOZED), now=LATER) == SNOOZED


def test_undoing_a_snooze_ends_it() -> None:
    assert taken_back(last(Action.SNOOZE), state=SNOOZED) == FIRING


@pytest.mark.parametrize(("change", "code"), [
    (None, Code.NOTHING_TO_UNDO),
    (last(actor="U02BEN"), Code.NOT_YOURS),
    (last(Action.UNDO), Code.UNDONE),
    (last(is_latest=False), Code.NOTHING_TO_UNDO),
    (last(Action.MEANING), Code.NOTHING_TO_UNDO),
    (last(actor=SCAN), Code.MOVED_ON),
])
def test_what_cannot_be_undone_is_refused(change: LastChange | None, code: Code) -> None:
    assert taken_back(change) is code


def test_nothing_is_undone_once_the_send_has_moved_on() -> None:
    assert taken_back(last(), moved_on=True) is Code.MOVED_ON


def test_what_the_scan_did_to_an_open_alert_is_not_undone() -> None:
    assert taken_back(last(actor=SCAN), state=FIRING) is Code.NOTHING_TO_UNDO


def refusal(
    of: LastChange | None, *, moved_on: bool = False, state: AlertState = RESOLVED,
) -> Refused:
    made = undo(state, of, "U01ANN", NOW, moved_on=moved_on)
    assert isinstance(made, Refused)
    return made


def test_a_refusal_names_who_did_what_and_when() -> None:
    assert refusal(last(actor="U02BEN")) == Refused(code=Code.NOT_YOURS, by="U02BEN", at=EARLIER, detail="resolve")
    assert refusal(last(Action.UNDO, "U02BEN")) == Refused(code=Code.UNDONE, by="U02BEN", at=EARLIER)
    assert refusal(last(), moved_on=True) == Refused(code=Code.MOVED_ON, by=SCAN)
    by_scan = replace(RESOLVED, resolved_by=SCAN, resolved_reason="Now Shipped.")
    assert refusal(last(actor=SCAN), state=by_scan) == Refused(
        code=Code.MOVED_ON, by=SCAN, at=EARLIER, detail="Now Shipped.",
    )
    assert refusal(last(actor=SCAN), state=replace(by_scan, resolved_reason=None)).detail == ""
    # An alert that the scan woke is open: its reason of long ago has nothing to do with it.
    woken = replace(by_scan, state=State.FIRING)
    assert refusal(last(actor=SCAN), state=woken) == Refused(code=Code.NOTHING_TO_UNDO, by=SCAN, at=EARLIER)


@pytest.mark.parametrize(("state", "of_before", "of_now", "left"), [
    # Of an open alert what fell due has been told: it is not asked for once more.
    (FIRING, NOW, None, None),
    (FIRING, EARLIER, LATER, LATER),
    (FIRING, LATER, None, LATER),
    # While it was resolved nobody was told.
    (RESOLVED, EARLIER, None, EARLIER),
    (RESOLVED, None, None, None),
    (FIRING, None, LATER, None),
])
def test_a_follow_up_that_fell_due_meanwhile_is_not_told_twice(
    state: AlertState, of_before: datetime | None, of_now: datetime | None, left: datetime | None,
) -> None:
    before = replace(ACKNOWLEDGED, follow_up_at=of_before)
    made = taken_back(last(Action.SNOOZE, before=before), state=replace(state, follow_up_at=of_now))
    assert made == replace(ACKNOWLEDGED, follow_up_at=left)


def an_event(before: dict[str, Any], after: dict[str, Any], **detail: str) -> AlertEvent:
    return AlertEvent(
        action="resolve", actor="U01ANN", occurred_at=EARLIER, before=before, after=after, detail=detail,
        dedupe_key="d",
    )


def test_the_last_change_is_read_from_the_record() -> None:
    alert = Alert(
        key="k", rule="overdue", level="late", status="shipped", due_at=NOW, opened_at=NOW, version=5,
    )
    event = an_event(SNOOZED.as_json() | {"version": 4}, {"version": 5})
    assert LastChange.of(event, alert) == LastChange(
        action="resolve", actor="U01ANN", at=EARLIER, before=SNOOZED, is_latest=True,
    )
    alert.version = 6
    found = LastChange.of(event, alert)
    assert found is not None
    assert not found.is_latest
    assert LastChange.of(None, alert) is None
    assert LastChange.of(an_event({}, {"version": 5}), alert) is None


def test_of_a_record_the_latest_change_counts_and_not_what_only_asked() -> None:
    asked = an_event({"version": 5}, {"version": 5})
    late, early = an_event({"version": 4}, {"version": 5}), an_event({"version": 3}, {"version": 4})
    assert latest([asked, late, early]) is late
    assert latest([asked]) is None
    assert latest([]) is None
    # Only the version tells: other names of the record may differ or not.
    assert latest([an_event({"version": 5, "VERSION": 1}, {"version": 5, "VERSION": 2}), early]) is early


def test_a_change_knows_its_press() -> None:
    assert press_of(an_event({}, {}, press="p1")) == "p1"
    assert press_of(an_event({}, {})) is None
    assert press_of(None) is None


def history(*done: tuple[str, str]) -> list[AlertEvent]:
    """Changes of an alert, of action and actor each, given the earliest first; the latest stands first."""
    rows = [
        AlertEvent(
            action=action, actor=actor, occurred_at=EARLIER, before={"version": number},
            after={"version": number + 1}, dedupe_key=f"d{number}",
        )
        for number, (action, actor) in enumerate(done, start=1)
    ]
    return rows[::-1]


ANN, BEN = "U01ANN", "U02BEN"
STACK: list[tuple[list[tuple[str, str]], int | None]] = [
    # What was done by whom, and which of it the next Undo is about.
    ([], None),
    ([("acknowledge", ANN)], 0),
    ([("acknowledge", ANN), ("resolve", BEN)], 1),
    ([("resolve", SCAN)], 0),
    ([("acknowledge", ANN), ("resolve", ANN), ("undo", ANN)], 0),
    ([("acknowledge", BEN), ("resolve", ANN), ("undo", ANN)], 0),
    ([("acknowledge", ANN), ("resolve", ANN), ("undo", ANN), ("undo", ANN)], 3),
    ([("assign", ANN), ("acknowledge", ANN), ("resolve", ANN), ("undo", ANN), ("undo", ANN)], 0),
    ([("acknowledge", ANN), ("undo", ANN), ("snooze", ANN)], 2),
    ([("acknowledge", ANN), ("undo", ANN), ("snooze", ANN), ("undo", ANN)], 3),
    ([("assign", ANN), ("acknowledge", ANN), ("undo", ANN), ("snooze", ANN), ("undo", ANN)], 0),
    ([("acknowledge", ANN), ("undo", ANN)], 1),
    # What the scan did is nobody's to undo: neither it nor what lies below.
    ([("acknowledge", ANN), ("firing", SCAN), ("snooze", ANN), ("undo", ANN)], 3),
]


@pytest.mark.parametrize(("done", "place"), STACK)
def test_undo_goes_back_change_by_change(done: list[tuple[str, str]], place: int | None) -> None:
    rows = history(*done)
    found = standing(rows, ANN)
    assert found is (None if place is None else rows[::-1][place])


def test_what_only_asked_is_no_change_to_undo() -> None:
    asked = an_event({"version": 2}, {"version": 2})
    late, early = history(("acknowledge", ANN), ("resolve", ANN))
    assert standing([asked, late, early], ANN) is late
    assert standing([asked], ANN) is None


def test_an_undo_on_a_look_from_before_the_last_one_is_the_same_undo() -> None:
    rows = history(("acknowledge", ANN), ("resolve", ANN), ("undo", ANN))
    undone, _, acknowledged = rows
    assert [standing(rows, ANN, seen) for seen in (None, 4, 3, 0)] == [acknowledged, acknowledged, undone, undone]
    # Another's undo is not one's own pressed twice.
    assert standing(rows, BEN, 3) is acknowledged
