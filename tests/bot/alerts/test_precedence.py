from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.alerts.lifecycle import Action, AlertState, Code, Refused
from bot.alerts.precedence import overtaken, taken_care_of
from tests.bot.alerts.test_lifecycle import ACKNOWLEDGED, EARLIER, FIRING, LATER, RESOLVED, SNOOZED

OTHER = "U03CHI"
ASSIGNED = replace(ACKNOWLEDGED, assignee=OTHER)
LATE: list[tuple[Action, AlertState, AlertState, Refused | None]] = [
    # What is pressed, what the alert was on the look, what it became since, and the answer.
    (Action.ACKNOWLEDGE, FIRING, SNOOZED, Refused(code=Code.SNOOZED_MEANWHILE, by="U02BEN")),
    (Action.ASSIGN, FIRING, SNOOZED, Refused(code=Code.SNOOZED_MEANWHILE, by="U02BEN")),
    (Action.SNOOZE, FIRING, SNOOZED, Refused(code=Code.SNOOZED_MEANWHILE, by="U02BEN")),
    (Action.RESOLVE, FIRING, SNOOZED, None),
    (Action.ASSIGN, FIRING, ASSIGNED, Refused(code=Code.ASSIGNED, by="U02BEN", detail=OTHER)),
    (Action.ASSIGN, FIRING, ACKNOWLEDGED, None),
    (Action.SNOOZE, FIRING, ACKNOWLEDGED, Refused(code=Code.ACKNOWLEDGED, by="U02BEN")),
    (Action.ACKNOWLEDGE, FIRING, ACKNOWLEDGED, None),
    (Action.SUPPORT, FIRING, SNOOZED, None),
    # What was so before the change is nothing that somebody was quicker with.
    (Action.SNOOZE, ACKNOWLEDGED, ASSIGNED, None),
    (Action.ACKNOWLEDGE, SNOOZED, FIRING, None),
]


@pytest.mark.parametrize(("action", "before", "now", "answer"), LATE)
def test_who_presses_on_an_old_look_takes_nothing_from_who_was_quicker(
    action: Action, before: AlertState, now: AlertState, answer: Refused | None,
) -> None:
    assert overtaken(now, action, before, now, "U02BEN") == answer


def test_what_no_longer_stands_is_in_nobodys_way() -> None:
    assert overtaken(FIRING, Action.SNOOZE, FIRING, SNOOZED, "U02BEN") is None
    later = replace(SNOOZED, snoozed_until=LATER + timedelta(hours=1))
    assert overtaken(later, Action.SNOOZE, FIRING, SNOOZED, "U02BEN") is None


OF_OTHER = replace(ACKNOWLEDGED, acknowledged_by="U02BEN", assignee=OTHER)
SPARED: list[tuple[Action, AlertState, str, Refused | None]] = [
    # A press on all, the state of one of them, whom all shall be assigned to, and why it is left alone.
    *[
        (action, SNOOZED, "", Refused(code=Code.SNOOZED_MEANWHILE, by="U02BEN"))
        for action in (Action.ACKNOWLEDGE, Action.ASSIGN, Action.SNOOZE)
    ],
    *[(action, SNOOZED, "", None) for action in (Action.RESOLVE, Action.UNDO, Action.BASELINE_SETTLE)],
    (Action.SNOOZE, replace(SNOOZED, snoozed_by="U01ANN"), "", None),
    (Action.SNOOZE, replace(SNOOZED, snoozed_by=None), "", None),
    (Action.ASSIGN, OF_OTHER, "", Refused(code=Code.ASSIGNED, by=OTHER, detail=OTHER)),
    (Action.ASSIGN, OF_OTHER, "U04DEE", Refused(code=Code.ASSIGNED, by=OTHER, detail=OTHER)),
    (Action.ASSIGN, OF_OTHER, OTHER, None),
    (Action.ASSIGN, replace(OF_OTHER, assignee="U01ANN"), "U04DEE", None),
    (Action.ASSIGN, ACKNOWLEDGED, "", None),
    (Action.ASSIGN, replace(RESOLVED, assignee=OTHER), "", None),
    (Action.ACKNOWLEDGE, OF_OTHER, "", None),
    (Action.SNOOZE, ACKNOWLEDGED, "", Refused(code=Code.ACKNOWLEDGED, by="U02BEN", at=EARLIER)),
    (Action.SNOOZE, replace(ACKNOWLEDGED, acknowledged_by="U01ANN"), "", None),
    (Action.SNOOZE, replace(ACKNOWLEDGED, assignee="U01ANN"), "", None),
    (Action.SNOOZE, OF_OTHER, "", Refused(code=Code.ACKNOWLEDGED, by="U02BEN", at=EARLIER)),
    # What a colleague has put off stays put off, whoever is to work on it.
    (Action.SNOOZE, replace(SNOOZED, assignee="U01ANN"), "", Refused(code=Code.SNOOZED_MEANWHILE, by="U02BEN")),
    (Action.SNOOZE, replace(FIRING, acknowledged_by="U02BEN", acknowledged_at=EARLIER), "", None),
    (Action.ACKNOWLEDGE, ACKNOWLEDGED, "", None),
]


@pytest.mark.parametrize(("action", "state", "assignee", "answer"), SPARED)
def test_a_press_on_all_leaves_alone_what_a_colleague_took_care_of(
    action: Action, state: AlertState, assignee: str, answer: Refused | None,
) -> None:
    assert taken_care_of(state, action, "U01ANN", assignee or None) == answer


def test_without_a_word_about_an_assignee_it_is_the_one_who_presses() -> None:
    assert taken_care_of(replace(OF_OTHER, assignee="U01ANN"), Action.ASSIGN, "U01ANN", None) is None
    assert taken_care_of(replace(OF_OTHER, assignee=""), Action.ASSIGN, "U01ANN", None) is None
