from __future__ import annotations

from datetime import datetime

import pytest

from bot.alerts.lifecycle import SCAN, Action, AlertState, Change, Code
from bot.alerts.undo import LastChange, undo
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


def test_undoing_puts_a_snooze_back_unless_it_is_over() -> None:
    assert taken_back(last(before=SNOOZED)) == SNOOZED
    assert taken_back(last(before=SNOOZED), now=LATER) == FIRING


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
