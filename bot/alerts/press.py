"""A button was pressed: check, change, record, have the messages drawn anew. The caller commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.alerts import lifecycle, notices, telling
from bot.alerts.grouping import BASELINE
from bot.alerts.lifecycle import Action, AlertState, Change, Code, Refused, State, Step
from bot.alerts.permissions import ANYONE, Permissions, Presser
from bot.alerts.rulebook import Rulebook
from bot.alerts.undo import LastChange, undo
from storage import alerts as stored
from storage import due, events, messages, notifications, people
from storage.alerts import Write
from storage.models import Alert, AlertEvent, Message

REFUSED = "refused"
"""The action on record of a press that was not allowed; what was wanted stands in its detail."""


@dataclass(frozen=True, kw_only=True)
class Press:
    """What somebody did, to some alerts or to all alerts of a message.

    `dedupe_key` is the same for one press however often it is delivered. `version` is the alert's as the
    button was drawn; kept in the record. `args` are those of `lifecycle.step`.
    """

    action: Action | str
    user_id: str
    dedupe_key: str
    alert_ids: Sequence[int] = ()
    message_id: int | None = None
    user_name: str = ""
    team_id: str = ""
    channel: str = ""
    message_ts: str = ""
    version: int | None = None
    args: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a press.

    `changed` alerts are other than before; `alert_ids` names them, or for a press that changed nothing those
    that it meant. `refused` is the sentence for the person, in mrkdwn, and `refusal` the same as data.
    A `replayed` press had its effect before and has none now.
    """

    changed: int = 0
    alert_ids: tuple[int, ...] = ()
    refused: str | None = None
    refusal: Refused | None = None
    replayed: bool = False


def press(session: Session, press: Press, now: datetime, rules: Rulebook) -> Outcome:
    """Do what was pressed, once. Gives the outcome; a refusal is a value.

    A press that came too late leaves no trace; one that is not allowed is on record. Locks sends before alerts
    before messages, as the scan does, so that neither waits for the other in a circle.
    """
    if events.is_recorded(session, press.dedupe_key):
        return Outcome(replayed=True, alert_ids=tuple(press.alert_ids))
    action = Action(press.action)
    wanted = _wanted(session, press)
    _have_looked_at(session, action, wanted, now)
    found = stored.locked(session, [alert.id for alert in wanted])
    if events.is_recorded(session, press.dedupe_key):
        # The same press was under way in another process and has just been done.
        return Outcome(replayed=True, alert_ids=tuple(alert.id for alert in found))
    allowed = _allowed(session, action, press, found, rules)
    if found and not allowed:
        return _forbid(session, action, press, found, rules.permissions, now)
    if action in {Action.BASELINE_POST, Action.BASELINE_SETTLE}:
        return _decide(session, action, press, allowed, now, rules)
    return _do(session, action, press, allowed, now)


def _allowed(
    session: Session, action: Action, press: Press, found: Sequence[Alert], rules: Rulebook,
) -> Sequence[Alert]:
    """Those of the alerts with which this person may do it."""
    who = rules.permissions.who(action)
    if action is Action.MEANING or ANYONE in who:
        return found
    presser = presser_of(session, press.user_id, rules)
    return [
        alert for alert, send in stored.with_sends(session, found)
        if rules.permissions.may(action, presser, send.sender_email if send is not None else "")
    ]


def presser_of(session: Session, user_id: str, rules: Rulebook) -> Presser:
    """What is known of a person, as far as permissions ask for it."""
    person = people.by_id(session, user_id)
    return Presser(
        user_id=user_id, email=person.email if person is not None else "",
        is_admin=user_id in rules.routing.admins, groups=people.groups_of(session, user_id),
    )


def _forbid(
    session: Session, action: Action, press: Press, found: Sequence[Alert], permissions: Permissions, now: datetime,
) -> Outcome:
    """Refuse what this person may not do, and put it on record."""
    row = _about(action, press, now)
    alert_id = found[0].id if press.message_id is None else None
    events.record(session, [row | {
        "action": REFUSED, "alert_id": alert_id,
        "detail": row["detail"] | {"wanted": str(action), "message": press.message_id},
    }])
    refused = Refused(code=Code.FORBIDDEN, detail=" ".join(permissions.who(action)))
    return Outcome(
        refused=notices.refusal(refused, now, press.user_id), refusal=refused, alert_ids=tuple(press.alert_ids),
    )


def _do(session: Session, action: Action, press: Press, found: Sequence[Alert], now: datetime) -> Outcome:
    steps = _steps(session, action, press, found, now)
    changes = [(alert, made) for alert, made in steps if isinstance(made, Change)]
    if not changes:
        return _refuse(press, [made for _, made in steps if isinstance(made, Refused)], now)
    if not _record(session, action, press, changes, now):
        return Outcome(replayed=True, alert_ids=tuple(alert.id for alert in found))
    return _carry_out(session, action, press, changes, now)


def _wanted(session: Session, press: Press) -> list[Alert]:
    if press.message_id is not None:
        return stored.for_message(session, press.message_id)
    return stored.refresh(session, press.alert_ids)


def _have_looked_at(session: Session, action: Action, wanted: Sequence[Alert], now: datetime) -> None:
    """Make the scan look at sends whose alert comes back or wakes: a raise may have been held back."""
    alerts = wanted if action is Action.UNDO else [alert for alert in wanted if alert.state == State.SNOOZED]
    if action is not Action.MEANING:
        due.make_due(session, [alert.send_id for alert in alerts], now)


def _steps(
    session: Session, action: Action, press: Press, found: Sequence[Alert], now: datetime,
) -> list[tuple[Alert, Step]]:
    if action is Action.UNDO:
        return _undo_steps(session, press, found, now)
    return [
        (alert, lifecycle.step(AlertState.of(alert), action, press.user_id, now, press.args)) for alert in found
    ]


def _undo_steps(session: Session, press: Press, found: Sequence[Alert], now: datetime) -> list[tuple[Alert, Step]]:
    """Take back what this person did last; on a message of many alerts, all that the same press did."""
    history = events.of_alerts(session, [alert.id for alert in found])
    last = {alert.id: _last_change(history[alert.id]) for alert in found}
    moved = {
        alert.id for alert, send in stored.with_sends(session, found)
        if send is not None and send.status_seq != alert.status_seq
    }
    if press.message_id is not None:
        own = [event for event in last.values() if event is not None and event.actor == press.user_id]
        latest = max(own, key=lambda event: event.id, default=None)
        together = latest.detail.get("press") if latest is not None else None
        found = [alert for alert in found if _press_of(last[alert.id]) == together] or found
    return [
        (
            alert,
            undo(
                AlertState.of(alert), _as_change(last[alert.id], alert), press.user_id, now,
                moved_on=alert.id in moved,
            ),
        )
        for alert in found
    ]


def _last_change(history: Sequence[AlertEvent]) -> AlertEvent | None:
    return next((event for event in history if event.before.get("version") != event.after.get("version")), None)


def _press_of(event: AlertEvent | None) -> str | None:
    return event.detail.get("press") if event is not None else None


def _as_change(event: AlertEvent | None, alert: Alert) -> LastChange | None:
    if event is None or "state" not in event.before:
        return None
    return LastChange(
        action=event.action, actor=event.actor, at=event.occurred_at, before=AlertState.from_json(event.before),
        is_latest=event.after.get("version") == alert.version,
    )


def _refuse(press: Press, refusals: Sequence[Refused], now: datetime) -> Outcome:
    if not refusals:
        code = Code.GONE if press.message_id is None else Code.NOTHING_OPEN
        refused = Refused(code=code)
    elif len(refusals) == 1 or press.message_id is None:
        refused = refusals[0]
    else:
        # Of many, the one settled last tells the most.
        refused = max(refusals, key=lambda one: (one.at is not None, one.at or now))
    return Outcome(
        refused=notices.refusal(refused, now, press.user_id), refusal=refused, alert_ids=tuple(press.alert_ids),
    )


Changes = Sequence[tuple[Alert, Change]]


def _record(session: Session, action: Action, press: Press, changes: Changes, now: datetime) -> bool:
    """Write the audit rows; False where the press is on record already."""
    single = press.message_id is None and len(press.alert_ids) == 1
    if not single and not events.record(session, [_whole(action, press, len(changes), now)]):
        return False
    rows = [_row(action, press, now, alert, made, single=single) for alert, made in changes]
    return events.record(session, rows) == len(rows)


def _whole(action: Action, press: Press, changed: int, now: datetime) -> dict[str, Any]:
    """The row for a press on many alerts as a whole; each alert has one of its own besides."""
    row = _about(action, press, now)
    return row | {"detail": row["detail"] | {"message": press.message_id, "changed": changed}}


def _about(action: Action, press: Press, now: datetime) -> dict[str, Any]:
    row: dict[str, Any] = {
        "action": str(action), "actor": press.user_id, "actor_name": press.user_name, "team_id": press.team_id,
        "channel": press.channel, "occurred_at": now, "dedupe_key": press.dedupe_key,
        "detail": {"press": press.dedupe_key, "message_ts": press.message_ts},
    }
    if press.version is not None:
        row["detail"]["seen_version"] = press.version
    return row


def _row(
    action: Action, press: Press, now: datetime, alert: Alert, made: Change, *, single: bool,
) -> dict[str, Any]:
    before = AlertState.of(alert)
    raised = made.after != before
    return _about(action, press, now) | {
        "alert_id": alert.id,
        "before": before.as_json() | {"version": alert.version},
        "after": made.after.as_json() | {"version": alert.version + raised},
        "dedupe_key": press.dedupe_key if single else f"{press.dedupe_key}|{alert.id}",
    }


def _carry_out(session: Session, action: Action, press: Press, changes: Changes, now: datetime) -> Outcome:
    changed = [(alert, made) for alert, made in changes if made.after != AlertState.of(alert)]
    shown = stored.messages_of(session, (alert for alert, _ in changed))
    stored.save(session, [
        Write(alert_id=alert.id, version=alert.version, values=made.after.as_columns()) for alert, made in changed
    ])
    stored.refresh(session, [alert.id for alert, _ in changed])
    # What fires again is repeated again; where that stands is decided at the next look.
    notifications.wake(session, [alert.id for alert, made in changed if made.after.state is State.FIRING], now)
    if press.message_id is not None:
        _choose(session, action, press, now)
        shown.add(press.message_id)
    messages.touch(session, shown, now, priority=messages.PRESS_PRIORITY)
    return Outcome(changed=len(changed), alert_ids=tuple(alert.id for alert, _ in changes))


def _choose(session: Session, action: Action, press: Press, now: datetime) -> None:
    """Note in the summary of a first look what was chosen, or that the choice is open again."""
    summary = stored.summary(session, press.message_id)
    if summary is None or summary.kind != BASELINE:
        return
    if action is Action.UNDO:
        summary.body = {name: value for name, value in summary.body.items() if not name.startswith("chosen")}
    elif action in {Action.BASELINE_POST, Action.BASELINE_SETTLE}:
        chosen = "post" if action is Action.BASELINE_POST else "settle"
        summary.body = summary.body | {
            "chosen": chosen, "chosen_by": press.user_id, "chosen_at": now.isoformat(),
        }
    session.flush()


def _decide(
    session: Session, action: Action, press: Press, found: Sequence[Alert], now: datetime, rules: Rulebook,
) -> Outcome:
    """Carry out the choice about a first look, unless somebody has chosen before."""
    summary = stored.summary(session, press.message_id)
    if summary is None or summary.kind != BASELINE:
        return _refuse(press, [Refused(code=Code.GONE)], now)
    if "chosen" in summary.body:
        at = datetime.fromisoformat(summary.body["chosen_at"])
        return _refuse(press, [Refused(code=Code.CHOSEN, by=summary.body["chosen_by"], at=at)], now)
    still_open = [alert for alert in found if alert.state != State.RESOLVED]
    if not still_open:
        return _refuse(press, [Refused(code=Code.NOTHING_OPEN)], now)
    if action is Action.BASELINE_SETTLE:
        return _do(session, action, press, still_open, now)
    return _post(session, press, summary, still_open, now, rules)


def _post(
    session: Session, press: Press, summary: Message, still_open: Sequence[Alert], now: datetime, rules: Rulebook,
) -> Outcome:
    """Post what is still open of a first look as alerts, those of one rule and campaign together."""
    if not events.record(session, [_whole(Action.BASELINE_POST, press, len(still_open), now)]):
        return Outcome(replayed=True)
    notifications.start_over(session, [alert.id for alert in still_open], now)
    telling.tell(session, now, rules)
    _choose(session, Action.BASELINE_POST, press, now)
    messages.touch(session, [summary.id], now, priority=messages.PRESS_PRIORITY)
    return Outcome(changed=len(still_open), alert_ids=tuple(alert.id for alert in still_open))
