"""What may be done with an alert, and what becomes of it: one table, and pure steps through it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from storage.models import Alert

LONGEST_SNOOZE = timedelta(days=366)
LONGEST_REASON = 500
"""Characters of a person's own words that are kept as the reason of a resolve."""
LONGEST_NOTE = 300
"""Characters of what somebody says to an assignee."""
SUPPORT_AGAIN_AFTER = timedelta(days=1)
"""Within so long after Support was told, a second telling is taken for the same one. Our judgement."""

SCAN = "scan"
"""The actor of everything that no person did."""


class State(StrEnum):
    """Where an alert stands."""

    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


class Action(StrEnum):
    """What a person can do with an alert or with the alerts of one message."""

    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    SNOOZE = "snooze"
    RESOLVE = "resolve"
    SUPPORT = "support"
    """Opened the draft of a message to Sendoso Support, and so took the alert up."""
    SUPPORT_SENT = "support_sent"
    MEANING = "meaning"
    """Asked what the status means; changes nothing, but is on record."""
    UNDO = "undo"
    BASELINE_POST = "baseline_post"
    BASELINE_SETTLE = "baseline_settle"


TRANSITIONS: Mapping[tuple[State, Action], State] = {
    (State.FIRING, Action.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (State.FIRING, Action.ASSIGN): State.ACKNOWLEDGED,
    (State.FIRING, Action.SNOOZE): State.SNOOZED,
    (State.FIRING, Action.RESOLVE): State.RESOLVED,
    (State.FIRING, Action.SUPPORT): State.ACKNOWLEDGED,
    (State.FIRING, Action.SUPPORT_SENT): State.ACKNOWLEDGED,
    (State.FIRING, Action.MEANING): State.FIRING,
    (State.FIRING, Action.BASELINE_SETTLE): State.RESOLVED,
    (State.ACKNOWLEDGED, Action.ASSIGN): State.ACKNOWLEDGED,
    (State.ACKNOWLEDGED, Action.SNOOZE): State.SNOOZED,
    (State.ACKNOWLEDGED, Action.RESOLVE): State.RESOLVED,
    (State.ACKNOWLEDGED, Action.SUPPORT): State.ACKNOWLEDGED,
    (State.ACKNOWLEDGED, Action.SUPPORT_SENT): State.ACKNOWLEDGED,
    (State.ACKNOWLEDGED, Action.MEANING): State.ACKNOWLEDGED,
    (State.ACKNOWLEDGED, Action.BASELINE_SETTLE): State.RESOLVED,
    (State.SNOOZED, Action.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (State.SNOOZED, Action.ASSIGN): State.ACKNOWLEDGED,
    (State.SNOOZED, Action.SNOOZE): State.SNOOZED,
    (State.SNOOZED, Action.RESOLVE): State.RESOLVED,
    (State.SNOOZED, Action.SUPPORT): State.ACKNOWLEDGED,
    (State.SNOOZED, Action.SUPPORT_SENT): State.ACKNOWLEDGED,
    (State.SNOOZED, Action.MEANING): State.SNOOZED,
    (State.SNOOZED, Action.BASELINE_SETTLE): State.RESOLVED,
    (State.RESOLVED, Action.MEANING): State.RESOLVED,
}
"""Every move there is. What is not in it is refused; undo has its own rule, see `bot.alerts.undo`."""

class Code(StrEnum):
    """Why something was not done."""

    RESOLVED = "resolved"
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    SNOOZED = "snoozed"
    """Until the very time that is wanted."""
    SNOOZED_MEANWHILE = "snoozed_meanwhile"
    SUPPORT_SENT = "support_sent"
    SNOOZE_PAST = "snooze_past"
    SNOOZE_TOO_LONG = "snooze_too_long"
    NOTHING_TO_UNDO = "nothing_to_undo"
    UNDONE = "undone"
    NOT_YOURS = "not_yours"
    MOVED_ON = "moved_on"
    GONE = "gone"
    NOTHING_OPEN = "nothing_open"
    CHOSEN = "chosen"
    WORKED_ON = "worked_on"
    """Everything that is to be taken back has been worked on since."""
    FORBIDDEN = "forbidden"
    NOT_ALL = "not_all"
    """Done with all alerts of a message or with none, and some of them are not for this person."""


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A press that had no effect: why, and who was first and when, where somebody was."""

    code: Code
    by: str | None = None
    at: datetime | None = None
    detail: str = ""
    """What was done already, the reason of a resolve, the assignee, or who may (ids and words, a space between)."""

    @property
    def people(self) -> tuple[str, ...]:
        """Slack ids of everybody whom the refusal names."""
        named = self.detail.split() if self.code in {Code.FORBIDDEN, Code.NOT_ALL, Code.ASSIGNED} else ()
        return tuple(dict.fromkeys(who for who in (self.by, *named) if who))


@dataclass(frozen=True, kw_only=True)
class AlertState:
    """All of an alert that a press can change. Times are aware."""

    state: State
    assignee: str | None = None
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    snoozed_until: datetime | None = None
    snoozed_by: str | None = None
    support_by: str | None = None
    support_at: datetime | None = None
    follow_up_at: datetime | None = None
    resolved_by: str | None = None
    resolved_at: datetime | None = None
    resolved_reason: str | None = None

    @classmethod
    def of(cls, alert: Alert) -> Self:
        """The state of a stored alert."""
        values = {name: getattr(alert, name) for name in _NAMES}
        return cls(**values | {"state": State(alert.state)})

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The state as `as_json` wrote it; what else stands there is passed over."""
        values: dict[str, Any] = {name: stored.get(name) for name in _NAMES}
        for name in _TIMES:
            values[name] = datetime.fromisoformat(values[name]) if values[name] else None
        values["state"] = State(stored["state"])
        return cls(**values)

    def as_json(self) -> dict[str, Any]:
        """For the audit record: times in ISO 8601, what is not set left out."""
        # Not by `asdict`, which copies every value: a press may concern thousands of alerts.
        told = {name: value for name, value in vars(self).items() if value is not None}
        return told | {name: told[name].isoformat() for name in _TIMES if name in told}

    def as_columns(self) -> dict[str, Any]:
        """Values for the columns of the alert."""
        return vars(self) | {"state": str(self.state)}

    @property
    def is_open(self) -> bool:
        return self.state is not State.RESOLVED


_NAMES = tuple(field.name for field in fields(AlertState))
_TIMES = ("acknowledged_at", "snoozed_until", "support_at", "follow_up_at", "resolved_at")


@dataclass(frozen=True, kw_only=True)
class Change:
    """What an alert is after a press."""

    after: AlertState


Step = Change | Refused
Arguments = Mapping[str, Any]


def step(alert: AlertState, action: Action, actor: str, now: datetime, arguments: Arguments | None = None) -> Step:
    """What becomes of an alert when `actor` (a Slack user id) does `action`; pure.

    `arguments`: `until` (an aware datetime) for a snooze, `reason` (text) for a resolve, `assignee`
    (a user id, else the actor) for an assignment, `follow_up_at` (an aware datetime, or None) where Support was
    told. A change that leaves everything as it was is no refusal:
    it is on record and nothing else. Undo is not a step but the taking back of one: see `bot.alerts.undo`.
    """
    target = TRANSITIONS.get((alert.state, action))
    if target is None:
        return _settled(alert)
    made = _STEPS[action](alert, actor, now, arguments or {})
    if isinstance(made, Refused):
        return made
    awake = {} if target is State.SNOOZED else {"snoozed_until": None, "snoozed_by": None}
    if action is Action.MEANING:
        return Change(after=alert)
    return Change(after=replace(made, state=target, **awake))


def _settled(alert: AlertState) -> Refused:
    if alert.state is State.RESOLVED:
        return Refused(
            code=Code.RESOLVED, by=alert.resolved_by, at=alert.resolved_at, detail=alert.resolved_reason or "",
        )
    return Refused(code=Code.ACKNOWLEDGED, by=alert.acknowledged_by, at=alert.acknowledged_at)


def _same(alert: AlertState, _actor: str, _now: datetime, _arguments: Arguments) -> AlertState:
    return alert


def _acknowledge(alert: AlertState, actor: str, now: datetime, _arguments: Arguments) -> AlertState:
    return replace(alert, acknowledged_by=actor, acknowledged_at=now)


def _taken_up(alert: AlertState, actor: str, now: datetime) -> AlertState:
    if alert.acknowledged_by is not None:
        return alert
    return replace(alert, acknowledged_by=actor, acknowledged_at=now)


def _assign(alert: AlertState, actor: str, now: datetime, arguments: Arguments) -> AlertState | Refused:
    assignee = arguments.get("assignee") or actor
    if alert.assignee == assignee and alert.state is State.ACKNOWLEDGED:
        return Refused(code=Code.ASSIGNED, by=assignee, detail=assignee)
    return replace(_taken_up(alert, actor, now), assignee=assignee)


def _snooze(alert: AlertState, actor: str, now: datetime, arguments: Arguments) -> AlertState | Refused:
    until: datetime = arguments["until"]
    if until <= now:
        return Refused(code=Code.SNOOZE_PAST)
    if until - now > LONGEST_SNOOZE:
        return Refused(code=Code.SNOOZE_TOO_LONG)
    if alert.snoozed_until == until:
        return Refused(code=Code.SNOOZED, by=alert.snoozed_by)
    return replace(alert, snoozed_until=until, snoozed_by=actor)


def _resolve(alert: AlertState, actor: str, now: datetime, arguments: Arguments) -> AlertState:
    reason = str(arguments.get("reason") or "").strip()[:LONGEST_REASON] or None
    return replace(alert, resolved_by=actor, resolved_at=now, resolved_reason=reason)


def _settle(alert: AlertState, actor: str, now: datetime, _arguments: Arguments) -> AlertState:
    return replace(alert, resolved_by=actor, resolved_at=now, resolved_reason="baseline")


def _for_support(alert: AlertState, actor: str, now: datetime) -> AlertState:
    return replace(_taken_up(alert, actor, now), assignee=alert.assignee or actor)


def _support(alert: AlertState, actor: str, now: datetime, _arguments: Arguments) -> AlertState:
    return _for_support(alert, actor, now)


def _support_sent(alert: AlertState, actor: str, now: datetime, arguments: Arguments) -> AlertState | Refused:
    if alert.support_at is not None and now - alert.support_at < SUPPORT_AGAIN_AFTER:
        return Refused(code=Code.SUPPORT_SENT, by=alert.support_by, at=alert.support_at)
    return replace(
        _for_support(alert, actor, now), support_by=actor, support_at=now, follow_up_at=arguments.get("follow_up_at"),
    )


_STEPS: Mapping[Action, Callable[[AlertState, str, datetime, Arguments], AlertState | Refused]] = {
    Action.ACKNOWLEDGE: _acknowledge,
    Action.ASSIGN: _assign,
    Action.SNOOZE: _snooze,
    Action.RESOLVE: _resolve,
    Action.SUPPORT: _support,
    Action.SUPPORT_SENT: _support_sent,
    Action.MEANING: _same,
    Action.BASELINE_SETTLE: _settle,
}
