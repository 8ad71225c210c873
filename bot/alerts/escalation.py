"""The one decision about an alert in one place: tell it, tell it again, escalate, hold, or leave it. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.alerts.grouping import BASELINE
from bot.alerts.lifecycle import State
from bot.alerts.policy import Escalation, Policy

QUIET, MUTED, INHIBITED, SNOOZED = "quiet", "muted", "inhibited", "snoozed"
"""Why nothing is told for a while. A snooze holds by the alert's state; its word only says that it has ended."""
OWED = "muted_owed"
"""Muted while something was still to be said, as that a snooze had ended: said even if the mute is taken back."""


class Kind(StrEnum):
    """What is to be done now."""

    TELL = "tell"
    """For the first time in this place."""
    AGAIN = "again"
    """As if new, because what held it has ended: below its message, and the clock of repeats starts anew."""
    REPEAT = "repeat"
    ESCALATE = "escalate"
    HOLD = "hold"
    NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How an alert stands in one place. Times are aware."""

    state: State
    told_at: datetime | None = None
    """When it was told here, or told again as if new; None when never."""
    last_told_at: datetime | None = None
    """When anything was last said about it here."""
    repeats: int = 0
    escalations: int = 0
    held: str = ""
    """Why it was held when it was last looked at."""


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Something that holds an alert now: its word, and until when at least (aware)."""

    why: str
    until: datetime


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What to do, why it is shown now, and when to decide again (None: not before something happens)."""

    kind: Kind
    reason: str = ""
    """Empty for a first telling without delay; else repeated, escalated, snooze_ended, mute_ended, held_quiet, …"""
    steps: tuple[Escalation, ...] = ()
    next_at: datetime | None = None
    held: str = ""


ENDED = {
    MUTED: "mute_ended", OWED: "mute_ended", SNOOZED: "snooze_ended", QUIET: "held_quiet", INHIBITED: "held_inhibited",
}
"""What is said of an alert that was held, once it no longer is."""
EARLY = 0.25
"""Our judgement: by this part of its interval an alert is told again before its time, to go along with others."""
UNSAID = frozenset({MUTED, OWED, SNOOZED})
"""Marks of what is told as if new once nothing holds it."""


def decide(standing: Standing, policy: Policy, now: datetime, hold: Hold | None = None) -> Decision:
    """What is due at `now`. What fired and was settled before it was told is never told.

    What stands only in the summary of a first look waits for the choice that this asks for: nobody has been told of
    it by itself, so nothing of it is repeated or escalated.
    """
    if standing.held == BASELINE:
        return Decision(kind=Kind.NOTHING, held=BASELINE)
    if standing.state is not State.FIRING:
        return Decision(kind=Kind.NOTHING)
    if hold is not None:
        return Decision(kind=Kind.HOLD, held=mark(standing.held, hold.why), next_at=hold.until)
    if standing.told_at is None:
        return Decision(kind=Kind.TELL, reason=ENDED.get(standing.held, ""), next_at=_next(policy, now, now))
    if standing.held in UNSAID:
        return Decision(kind=Kind.AGAIN, reason=ENDED[standing.held], next_at=_next(policy, now, now))
    return _again(standing, standing.told_at, policy, now)


def along(
    standing: Standing, policy: Policy, now: datetime, hold: Hold | None, kinds: Collection[Kind],
) -> Decision | None:
    """What is said already now of an alert whose message is told again anyway, by `kinds`; None where it waits.

    It goes along when no more than a quarter of its own interval is missing: alerts of one message whose times
    differ by minutes are one reply, and keep one clock from then on.
    """
    if hold is not None or standing.state is not State.FIRING or standing.told_at is None or standing.held:
        return None
    if Kind.ESCALATE in kinds:
        decision = _again(standing, standing.told_at, policy, now, early=EARLY)
        if decision.kind is Kind.ESCALATE:
            return decision
    if Kind.REPEAT in kinds:
        # A reminder never brings an escalation forward.
        decision = _again(standing, standing.told_at, policy, now, early=EARLY, only_repeats=True)
        if decision.kind is Kind.REPEAT:
            return decision
    return None


def mark(before: str, why: str) -> str:
    """The mark of what is held for that reason, having been marked `before`."""
    if why == MUTED:
        return OWED if before in {SNOOZED, OWED} else MUTED
    # What an ended snooze or mute has to say is not forgotten over a quiet night.
    return before if before in UNSAID else why


def _again(
    standing: Standing, told_at: datetime, policy: Policy, now: datetime, *, early: float = 0,
    only_repeats: bool = False,
) -> Decision:
    """`early` is the part of an interval that may still be missing."""
    last = standing.last_told_at or told_at
    # A bot that was down for days escalates once, by all steps that are due, not once for each.
    open_steps = () if only_repeats else policy.escalate[standing.escalations:]
    steps = tuple(step for step in open_steps if told_at + step.after * (1 - early) <= now)
    escalations = standing.escalations + len(steps)
    if steps:
        return Decision(
            kind=Kind.ESCALATE, reason="escalated", steps=steps,
            next_at=_next(policy, told_at, now, standing.repeats, escalations),
        )
    repeat_at = _repeat_at(policy, last, standing.repeats)
    if repeat_at is not None and repeat_at - (repeat_at - last) * early <= now:
        return Decision(
            kind=Kind.REPEAT, reason="repeated", next_at=_next(policy, told_at, now, standing.repeats + 1, escalations),
        )
    return Decision(kind=Kind.NOTHING, next_at=_next(policy, told_at, last, standing.repeats, escalations))


def _next(
    policy: Policy, told_at: datetime, last: datetime, repeats: int = 0, escalations: int = 0,
) -> datetime | None:
    """When the next repeat or escalation is due."""
    times = [told_at + step.after for step in policy.escalate[escalations:]]
    repeat_at = _repeat_at(policy, last, repeats)
    if repeat_at is not None:
        times.append(repeat_at)
    return min(times, default=None)


def _repeat_at(policy: Policy, last: datetime, repeats: int) -> datetime | None:
    if not policy.repeat:
        return None
    return last + policy.repeat[min(repeats, len(policy.repeat) - 1)]
