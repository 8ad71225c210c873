from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.lifecycle import (
    LONGEST_REASON,
    LONGEST_SNOOZE,
    SUPPORT_AGAIN_AFTER,
    TRANSITIONS,
    Action,
    AlertState,
    Change,
    Code,
    Refused,
    State,
    step,
)
from storage.models import Alert

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(minutes=3)
LATER = NOW + timedelta(hours=2)

FIRING = AlertState(state=State.FIRING)
ACKNOWLEDGED = AlertState(state=State.ACKNOWLEDGED, acknowledged_by="U02BEN", acknowledged_at=EARLIER)
SNOOZED = AlertState(state=State.SNOOZED, snoozed_until=LATER, snoozed_by="U02BEN")
RESOLVED = AlertState(state=State.RESOLVED, resolved_by="U02BEN", resolved_at=EARLIER, resolved_reason="done")
SNOOZE = {"until": NOW + timedelta(hours=1)}
STEPS = [action for action in Action if action not in {Action.UNDO, Action.BASELINE_POST}]


def after(state: AlertState, action: Action, actor: str = "U01ANN", **arguments: Any) -> AlertState:  # noqa: ANN401 - arguments of a step
    made = step(state, action, actor, NOW, arguments)
    assert isinstance(made, Change)
    return made.after


def refused(state: AlertState, action: Action, actor: str = "U01ANN", **arguments: Any) -> Refused:  # noqa: ANN401 - arguments of a step
    made = step(state, action, actor, NOW, arguments)
    assert isinstance(made, Refused)
    return made


@pytest.mark.parametrize("start", [FIRING, ACKNOWLEDGED, SNOOZED, RESOLVED], ids=lambda one: one.state)
@pytest.mark.parametrize("action", STEPS)
def test_every_step_leads_where_the_table_says(start: AlertState, action: Action) -> None:
    made = step(start, action, "U01ANN", NOW, SNOOZE)
    target = TRANSITIONS.get((start.state, action))
    if target is None:
        assert isinstance(made, Refused)
    else:
        assert isinstance(made, Change)
        assert made.after.state is target


def test_acknowledging_says_who_and_when() -> None:
    assert after(FIRING, Action.ACKNOWLEDGE) == replace(
        FIRING, state=State.ACKNOWLEDGED, acknowledged_by="U01ANN", acknowledged_at=NOW,
    )


def test_acknowledging_twice_is_answered_with_who_was_first() -> None:
    assert refused(ACKNOWLEDGED, Action.ACKNOWLEDGE) == Refused(code=Code.ACKNOWLEDGED, by="U02BEN", at=EARLIER)


def test_acknowledging_ends_a_snooze() -> None:
    assert after(SNOOZED, Action.ACKNOWLEDGE) == AlertState(
        state=State.ACKNOWLEDGED, acknowledged_by="U01ANN", acknowledged_at=NOW,
    )


def test_assigning_takes_the_alert_up() -> None:
    assert after(FIRING, Action.ASSIGN) == AlertState(
        state=State.ACKNOWLEDGED, assignee="U01ANN", acknowledged_by="U01ANN", acknowledged_at=NOW,
    )


def test_assigning_leaves_who_acknowledged() -> None:
    assert after(ACKNOWLEDGED, Action.ASSIGN) == replace(ACKNOWLEDGED, assignee="U01ANN")


def test_assigning_to_somebody_else() -> None:
    assert after(FIRING, Action.ASSIGN, assignee="U03CHI").assignee == "U03CHI"


def test_assigning_what_is_yours_already_is_refused() -> None:
    mine = replace(ACKNOWLEDGED, assignee="U01ANN")
    assert refused(mine, Action.ASSIGN) == Refused(code=Code.ASSIGNED, by="U01ANN", detail="U01ANN")


def test_an_assignee_whose_alert_fires_again_takes_it_up_again() -> None:
    assert after(replace(FIRING, assignee="U01ANN"), Action.ASSIGN).state is State.ACKNOWLEDGED


def test_snoozing_keeps_until_when_and_by_whom() -> None:
    assert after(FIRING, Action.SNOOZE, until=LATER) == replace(
        FIRING, state=State.SNOOZED, snoozed_until=LATER, snoozed_by="U01ANN",
    )


@pytest.mark.parametrize(("until", "code"), [
    (NOW, Code.SNOOZE_PAST),
    (NOW - timedelta(seconds=1), Code.SNOOZE_PAST),
    (NOW + LONGEST_SNOOZE + timedelta(seconds=1), Code.SNOOZE_TOO_LONG),
])
def test_a_snooze_ends_later_than_now_and_within_a_year(until: datetime, code: Code) -> None:
    assert refused(FIRING, Action.SNOOZE, until=until).code is code


def test_the_longest_snooze_is_a_year() -> None:
    assert after(FIRING, Action.SNOOZE, until=NOW + LONGEST_SNOOZE).state is State.SNOOZED


def test_a_snooze_can_be_given_another_end_but_not_the_same_again() -> None:
    assert after(SNOOZED, Action.SNOOZE, until=LATER + timedelta(hours=1)).snoozed_by == "U01ANN"
    assert refused(SNOOZED, Action.SNOOZE, until=LATER) == Refused(code=Code.SNOOZED, by="U02BEN")


def test_resolving_keeps_the_reason_within_bounds() -> None:
    done = after(SNOOZED, Action.RESOLVE, reason=f"  {'x' * 900}")
    assert done == AlertState(
        state=State.RESOLVED, resolved_by="U01ANN", resolved_at=NOW, resolved_reason="x" * LONGEST_REASON,
    )
    assert after(FIRING, Action.RESOLVE).resolved_reason is None


@pytest.mark.parametrize("action", [action for action in STEPS if action is not Action.MEANING])
def test_what_is_settled_stays_settled_and_names_who_settled_it(action: Action) -> None:
    assert refused(RESOLVED, action, until=LATER) == Refused(
        code=Code.RESOLVED, by="U02BEN", at=EARLIER, detail="done",
    )


def test_contacting_support_takes_the_alert_up_and_is_told_once() -> None:
    drafted = after(FIRING, Action.SUPPORT)
    assert (drafted.state, drafted.assignee, drafted.support_at) == (State.ACKNOWLEDGED, "U01ANN", None)
    assert after(drafted, Action.SUPPORT, "U02BEN") == drafted
    sent = after(drafted, Action.SUPPORT_SENT, "U02BEN")
    assert (sent.support_by, sent.support_at, sent.assignee) == ("U02BEN", NOW, "U01ANN")
    assert refused(sent, Action.SUPPORT_SENT) == Refused(code=Code.SUPPORT_SENT, by="U02BEN", at=NOW)


@pytest.mark.parametrize("start", [FIRING, ACKNOWLEDGED, SNOOZED, RESOLVED], ids=lambda one: one.state)
def test_asking_for_the_meaning_changes_nothing(start: AlertState) -> None:
    assert after(start, Action.MEANING) == start


def test_settling_a_first_look_says_so() -> None:
    assert after(FIRING, Action.BASELINE_SETTLE).resolved_reason == "baseline"


def test_only_what_is_resolved_is_not_open() -> None:
    assert [one.is_open for one in (FIRING, ACKNOWLEDGED, SNOOZED, RESOLVED)] == [True, True, True, False]


moments = st.integers(0, 10**9).map(lambda seconds: NOW + timedelta(seconds=seconds))
states = st.builds(
    AlertState, state=st.sampled_from(State),
    **{
        name: st.none() | (moments if name.endswith(("_at", "_until")) else st.sampled_from(["U01ANN", "scan", "ä|"]))
        for name in AlertState.__dataclass_fields__ if name != "state"
    },
)


@given(states)
def test_a_state_comes_back_from_the_record_as_it_was(state: AlertState) -> None:
    assert AlertState.from_json(state.as_json() | {"version": 3}) == state


@given(states, st.sampled_from(STEPS), st.sampled_from(["U01ANN", "U02BEN"]))
def test_no_step_leaves_half_a_snooze_or_opens_what_is_settled(state: AlertState, action: Action, actor: str) -> None:
    made = step(state, action, actor, NOW, SNOOZE)
    if isinstance(made, Change) and action is not Action.MEANING:
        assert (made.after.snoozed_until is None) == (made.after.state is not State.SNOOZED)
        assert state.is_open
    elif isinstance(made, Refused):
        assert made.code in Code


def test_settling_a_first_look_says_who_settled_it_and_when() -> None:
    assert after(ACKNOWLEDGED, Action.BASELINE_SETTLE) == replace(
        ACKNOWLEDGED, state=State.RESOLVED, resolved_by="U01ANN", resolved_at=NOW, resolved_reason="baseline",
    )


def test_support_may_be_told_again_a_day_later_and_not_before() -> None:
    told = replace(ACKNOWLEDGED, support_by="U02BEN", support_at=NOW - SUPPORT_AGAIN_AFTER)
    again = after(told, Action.SUPPORT_SENT, follow_up_at=LATER)
    assert (again.support_by, again.support_at, again.follow_up_at) == ("U01ANN", NOW, LATER)
    shortly = replace(told, support_at=told.support_at + timedelta(microseconds=1) if told.support_at else None)
    assert refused(shortly, Action.SUPPORT_SENT).code is Code.SUPPORT_SENT


def test_a_state_is_written_into_the_columns_of_its_alert() -> None:
    columns = SNOOZED.as_columns()
    assert columns.keys() == AlertState.__dataclass_fields__.keys()
    assert (columns["state"], type(columns["state"])) == ("snoozed", str)
    assert (columns["snoozed_until"], columns["assignee"]) == (LATER, None)


def test_the_state_of_a_stored_alert_is_all_that_a_press_can_change() -> None:
    alert = Alert(
        key="k", rule="overdue", level="late", status="shipped", state="snoozed", due_at=NOW, opened_at=NOW,
        snoozed_until=LATER, snoozed_by="U02BEN",
    )
    assert AlertState.of(alert) == SNOOZED


@pytest.mark.parametrize(("refused", "people"), [
    (Refused(code=Code.FORBIDDEN, detail="sender U03CHI S9"), ("sender", "U03CHI", "S9")),
    (Refused(code=Code.ASSIGNED, by="U02BEN", detail="U03CHI"), ("U02BEN", "U03CHI")),
    (Refused(code=Code.ASSIGNED, by="U02BEN", detail="U02BEN"), ("U02BEN",)),
    (Refused(code=Code.RESOLVED, by="U02BEN", detail="done by hand"), ("U02BEN",)),
    (Refused(code=Code.GONE), ()),
])
def test_a_refusal_knows_whom_it_names(refused: Refused, people: tuple[str, ...]) -> None:
    assert refused.people == people


@pytest.mark.parametrize("action", [Action.SUPPORT, Action.SUPPORT_SENT])
def test_whoever_contacts_support_has_acknowledged_it_unless_somebody_had(action: Action) -> None:
    taken = after(FIRING, action)
    assert (taken.acknowledged_by, taken.acknowledged_at, taken.assignee) == ("U01ANN", NOW, "U01ANN")
    had = after(ACKNOWLEDGED, action)
    assert (had.acknowledged_by, had.acknowledged_at, had.assignee) == ("U02BEN", EARLIER, "U01ANN")


def test_what_was_resolved_without_a_reason_has_none() -> None:
    assert refused(replace(RESOLVED, resolved_reason=None), Action.SNOOZE, until=LATER) == Refused(
        code=Code.RESOLVED, by="U02BEN", at=EARLIER, detail="",
    )
