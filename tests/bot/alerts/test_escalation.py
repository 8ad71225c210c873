from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.escalation import INHIBITED, MUTED, OWED, QUIET, SNOOZED, Decision, Hold, Kind, Standing, along, decide
from bot.alerts.grouping import BASELINE
from bot.alerts.lifecycle import State
from bot.alerts.policy import DAY, ONCE, Escalation, Policy

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRST = Escalation(after=DAY, mention=("U1",))
SECOND = Escalation(after=3 * DAY, channel="C2")
POLICY = Policy(repeat=(2 * DAY, 4 * DAY), escalate=(FIRST, SECOND))
PLAIN = Policy(repeat=(DAY, 3 * DAY))


def told(ago: timedelta, **values: object) -> Standing:
    at = NOW - ago
    return replace(Standing(state=State.FIRING, told_at=at, last_told_at=at), **values)  # type: ignore[arg-type] # fields of Standing


def test_a_first_telling_says_when_to_look_again() -> None:
    new = Standing(state=State.FIRING)
    assert decide(new, PLAIN, NOW) == Decision(kind=Kind.TELL, next_at=NOW + DAY)
    assert decide(new, POLICY, NOW) == Decision(kind=Kind.TELL, next_at=NOW + DAY)
    assert decide(new, ONCE, NOW) == Decision(kind=Kind.TELL)


@pytest.mark.parametrize("state", [State.ACKNOWLEDGED, State.SNOOZED, State.RESOLVED])
def test_what_somebody_has_taken_up_is_left_alone(state: State) -> None:
    for standing in (Standing(state=state), told(30 * DAY, state=state)):
        assert decide(standing, POLICY, NOW) == Decision(kind=Kind.NOTHING)
        assert decide(standing, POLICY, NOW, Hold(why=QUIET, until=NOW + HOUR)) == Decision(kind=Kind.NOTHING)


@pytest.mark.parametrize("hold", [None, Hold(why=QUIET, until=NOW + HOUR)])
@pytest.mark.parametrize("state", State)
def test_what_stands_only_in_the_first_summary_waits_for_its_choice(state: State, hold: Hold | None) -> None:
    standing = told(30 * DAY, state=state, held=BASELINE)
    assert decide(standing, POLICY, NOW, hold) == Decision(kind=Kind.NOTHING, held=BASELINE)


@pytest.mark.parametrize("why", [QUIET, MUTED, INHIBITED])
@pytest.mark.parametrize("standing", [Standing(state=State.FIRING), told(30 * DAY)])
def test_a_hold_is_looked_at_again_when_it_ends(why: str, standing: Standing) -> None:
    held = decide(standing, POLICY, NOW, Hold(why=why, until=NOW + HOUR))
    assert held == Decision(kind=Kind.HOLD, held=why, next_at=NOW + HOUR)


@pytest.mark.parametrize(("held", "reason"), [
    (QUIET, "held_quiet"), (MUTED, "mute_ended"), (INHIBITED, "held_inhibited"), (SNOOZED, "snooze_ended"),
])
def test_what_was_held_before_it_was_told_says_so(held: str, reason: str) -> None:
    found = decide(Standing(state=State.FIRING, held=held), PLAIN, NOW)
    assert (found.kind, found.reason, found.next_at) == (Kind.TELL, reason, NOW + DAY)


@pytest.mark.parametrize(("held", "reason"), [(MUTED, "mute_ended"), (OWED, "mute_ended"), (SNOOZED, "snooze_ended")])
def test_an_ended_mute_or_snooze_tells_again_and_starts_the_clock_anew(held: str, reason: str) -> None:
    found = decide(told(2 * HOUR, held=held, repeats=5, escalations=2), POLICY, NOW)
    assert found == Decision(kind=Kind.AGAIN, reason=reason, next_at=NOW + DAY)


@pytest.mark.parametrize("held", [MUTED, OWED, SNOOZED])
@pytest.mark.parametrize("why", [QUIET, INHIBITED])
def test_what_has_ended_is_still_told_after_a_quiet_night(held: str, why: str) -> None:
    night = decide(told(DAY, held=held), PLAIN, NOW, Hold(why=why, until=NOW + HOUR))
    assert night == Decision(kind=Kind.HOLD, held=held, next_at=NOW + HOUR)


def test_a_mute_over_an_ended_snooze_has_the_last_word() -> None:
    held = decide(told(DAY, held=SNOOZED), PLAIN, NOW, Hold(why=MUTED, until=NOW + HOUR))
    assert held == Decision(kind=Kind.HOLD, held=OWED, next_at=NOW + HOUR)
    assert decide(told(DAY, held=OWED), PLAIN, NOW).reason == "mute_ended"


@pytest.mark.parametrize(("before", "why", "mark"), [
    ("", MUTED, MUTED), (MUTED, MUTED, MUTED), (QUIET, MUTED, MUTED), (SNOOZED, MUTED, OWED), (OWED, MUTED, OWED),
    ("", QUIET, QUIET), (INHIBITED, QUIET, QUIET), (MUTED, QUIET, MUTED), (OWED, QUIET, OWED),
    (SNOOZED, INHIBITED, SNOOZED),
])
def test_what_is_still_to_be_said_is_kept_in_mind(before: str, why: str, mark: str) -> None:
    assert decide(told(DAY, held=before), PLAIN, NOW, Hold(why=why, until=NOW + HOUR)).held == mark


@pytest.mark.parametrize(("standing", "kind", "next_in"), [
    (told(DAY - HOUR), Kind.NOTHING, HOUR),
    (told(DAY), Kind.REPEAT, 3 * DAY),
    (told(9 * DAY, last_told_at=NOW - 2 * DAY, repeats=1), Kind.NOTHING, DAY),
    (told(9 * DAY, last_told_at=NOW - 3 * DAY, repeats=1), Kind.REPEAT, 3 * DAY),
    (told(90 * DAY, last_told_at=NOW - 3 * DAY, repeats=44), Kind.REPEAT, 3 * DAY),
])
def test_repeats_come_at_growing_distances_the_last_of_which_stays(
    standing: Standing, kind: Kind, next_in: timedelta,
) -> None:
    found = decide(standing, PLAIN, NOW)
    assert (found.kind, found.next_at) == (kind, NOW + next_in)
    assert found.reason == ("repeated" if kind is Kind.REPEAT else "")


@pytest.mark.parametrize(("standing", "steps", "next_in"), [
    (told(DAY), (FIRST,), 2 * DAY),
    # The bot was down: both steps at once, and the repeat counts from now.
    (told(5 * DAY), (FIRST, SECOND), 2 * DAY),
    (told(3 * DAY, last_told_at=NOW - 2 * DAY, escalations=1), (SECOND,), 2 * DAY),
])
def test_escalation_comes_before_a_repeat(
    standing: Standing, steps: tuple[Escalation, ...], next_in: timedelta,
) -> None:
    found = decide(standing, POLICY, NOW)
    assert (found.kind, found.reason, found.steps) == (Kind.ESCALATE, "escalated", steps)
    assert found.next_at == NOW + next_in


def test_the_next_step_is_waited_for_meanwhile() -> None:
    quiet_for_now = decide(told(DAY + HOUR, last_told_at=NOW - HOUR, escalations=1), POLICY, NOW)
    assert quiet_for_now == Decision(kind=Kind.NOTHING, next_at=NOW + 2 * DAY - HOUR)
    repeated = decide(told(2 * DAY, escalations=1), POLICY, NOW)
    assert repeated == Decision(kind=Kind.REPEAT, reason="repeated", next_at=NOW + DAY)


def test_without_a_policy_nothing_more_is_said() -> None:
    assert decide(told(90 * DAY), Policy.from_json({}), NOW) == Decision(kind=Kind.NOTHING)


lengths = st.timedeltas(timedelta(minutes=1), timedelta(days=30))
policies = st.builds(
    Policy, name=st.text(max_size=3), repeat=st.lists(lengths, max_size=3).map(tuple), repeat_in_channel=st.booleans(),
    escalate=st.lists(
        st.builds(Escalation, after=lengths, mention=st.just(("U1", "S2")), channel=st.none() | st.just("C1")),
        max_size=3,
    ).map(lambda steps: tuple(sorted(steps, key=lambda step: step.after))),
    quiet=st.none(),
)


@given(policies)
def test_a_policy_is_stored_as_it_was(policy: Policy) -> None:
    assert Policy.from_json(policy.as_json()) == policy


@given(policies, st.lists(lengths, max_size=25))
def test_a_life_of_looks_says_everything_once_and_at_its_time(policy: Policy, waits: list[timedelta]) -> None:
    """Looking at any moments: steps come once each in order, no repeat before its distance, never two at a moment."""
    now, standing = NOW, Standing(state=State.FIRING)
    said: list[tuple[datetime, Kind]] = []
    escalated: list[Escalation] = []
    for wait in [timedelta(0), *waits]:
        now += wait
        found = decide(standing, policy, now)
        assert found.next_at is None or found.next_at > now
        if found.kind is Kind.NOTHING:
            assert standing.told_at is not None
            continue
        if found.kind is Kind.REPEAT:
            assert now - said[-1][0] >= policy.repeat[min(standing.repeats, len(policy.repeat) - 1)]
        said.append((now, found.kind))
        escalated += found.steps
        standing = replace(
            standing, told_at=standing.told_at or now, last_told_at=now,
            repeats=standing.repeats + (found.kind is Kind.REPEAT),
            escalations=standing.escalations + len(found.steps),
        )
        assert decide(standing, policy, now).kind is Kind.NOTHING, "once said, nothing more at the same moment"
    assert escalated == list(policy.escalate[:len(escalated)])
    assert [kind for _, kind in said].count(Kind.TELL) == 1
    due = [step for step in policy.escalate if NOW + step.after <= now]
    assert escalated == due


@given(policies, lengths)
def test_looking_when_told_to_is_enough(policy: Policy, ahead: timedelta) -> None:
    """Nothing is due before `next_at`, and something is due at it."""
    standing = Standing(state=State.FIRING, told_at=NOW, last_told_at=NOW)
    next_at = decide(standing, policy, NOW).next_at
    if next_at is None:
        assert decide(standing, policy, NOW + ahead * 1000).kind is Kind.NOTHING
    else:
        assert decide(standing, policy, next_at).kind in {Kind.REPEAT, Kind.ESCALATE}
        if NOW + ahead < next_at:
            assert decide(standing, policy, NOW + ahead).kind is Kind.NOTHING


def test_an_ended_mute_starts_with_the_first_distance_again() -> None:
    found = decide(told(9 * DAY, held=MUTED, repeats=4), PLAIN, NOW)
    assert found == Decision(kind=Kind.AGAIN, reason="mute_ended", next_at=NOW + DAY)


def test_each_repeat_is_followed_by_the_next_distance() -> None:
    policy = Policy(repeat=(DAY, 3 * DAY, 7 * DAY))
    found = [decide(told(30 * DAY, last_told_at=NOW - 7 * DAY, repeats=number), policy, NOW) for number in range(4)]
    assert [one.kind for one in found] == [Kind.REPEAT] * 4
    assert [one.next_at for one in found] == [NOW + 3 * DAY, NOW + 7 * DAY, NOW + 7 * DAY, NOW + 7 * DAY]

LOUD = Policy(name="loud", repeat=(DAY,), escalate=(
    Escalation(after=2 * DAY, mention=("S1",)),
))


@pytest.mark.parametrize(("hours", "kinds", "changes", "kind"), [
    (17, {Kind.REPEAT}, {}, None),
    (18, {Kind.REPEAT}, {}, Kind.REPEAT),
    (18, {Kind.ESCALATE}, {}, None),
    (36, {Kind.ESCALATE}, {}, Kind.ESCALATE),
    (36, {Kind.REPEAT}, {}, Kind.REPEAT),
    (36, {Kind.REPEAT, Kind.ESCALATE}, {"state": State.ACKNOWLEDGED}, None),
    (36, {Kind.REPEAT, Kind.ESCALATE}, {"held": "muted"}, None),
    (36, {Kind.REPEAT, Kind.ESCALATE}, {"told_at": None}, None),
    (36, {Kind.REPEAT, Kind.ESCALATE}, {"hold": True}, None),
])
def test_what_is_due_soon_goes_along_with_others_of_its_message(
    hours: int, kinds: set[Kind], changes: dict[str, Any], kind: Kind | None,
) -> None:
    at = NOW
    now = at + timedelta(hours=hours)
    hold = Hold(why="muted", until=now + DAY) if "hold" in changes else None
    given: dict[str, Any] = {"state": State.FIRING, "told_at": at}
    given |= {name: value for name, value in changes.items() if name != "hold"}
    decision = along(Standing(**given), LOUD, now, hold, kinds)
    assert (decision.kind if decision else None) == kind
