"""A button was pressed: check, change, record, have the messages drawn anew. The caller commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot.alerts import assignment, first_look, lifecycle, notices, partly, pressed
from bot.alerts.grouping import BASELINE
from bot.alerts.lifecycle import Action, AlertState, Change, Code, Refused, State, Step
from bot.alerts.permissions import ANYONE, Presser
from bot.alerts.pressed import REFUSED, Outcome, Press
from bot.alerts.rulebook import Rulebook
from bot.alerts.undo import LastChange, latest, press_of, standing, undo
from storage import alerts as stored
from storage import due, events, messages, notifications, people
from storage.alerts import Write
from storage.models import Alert, Message

__all__ = ["REFUSED", "Outcome", "Press", "allowed_of", "forbid", "forbidden", "press", "presser_of", "would_forbid"]


def press(session: Session, press: Press, now: datetime, rules: Rulebook) -> Outcome:
    """Do what was pressed, once. Gives the outcome; a refusal is a value.

    A press that came too late leaves no trace; one that is not allowed is on record. Locks sends before alerts
    before messages, as the scan does, so that neither waits for the other in a circle.
    """
    if events.is_recorded(session, press.dedupe_key):
        return Outcome(replayed=True, alert_ids=tuple(press.alert_ids))
    action = Action(press.action)
    takes_back = action is Action.UNDO and first_look.is_posted(_message(session, press))
    wanted = first_look.untouched(session) if takes_back else _wanted(session, press)
    if not takes_back:
        _have_looked_at(session, action, wanted, now)
    found = stored.locked(session, [alert.id for alert in wanted])
    if events.is_recorded(session, press.dedupe_key):
        # The same press was under way in another process and has just been done.
        return Outcome(replayed=True, alert_ids=tuple(alert.id for alert in found))
    allowed = allowed_of(session, action, press.user_id, found, rules)
    whole = first_look.together(action, _message(session, press), found)
    if found and (not allowed or _lacks(allowed, whole)):
        return _forbid(session, action, press, found, now, _refusal(session, action, allowed, whole, rules))
    if action in {Action.BASELINE_POST, Action.BASELINE_SETTLE}:
        return _decide(session, action, press, allowed, now, rules)
    if takes_back:
        return _take_back(session, press, now, {alert.id for alert in allowed})
    barred = partly.barred(action, press, found, allowed, now)
    left = [refused for alert in allowed if (refused := partly.spared(action, press, alert)) is not None]
    outcome = partly.told(_do(session, action, press, allowed, now, barred), barred, rules.permissions.who(action))
    return partly.told_of_spared(outcome, left)


def forbid(session: Session, press: Press, now: datetime, rules: Rulebook) -> Outcome | None:
    """Refuse, before it is asked how, what this person may not do; on record as any such press. None: they may."""
    refused = would_forbid(session, press, rules)
    found = _wanted(session, press)
    return None if refused is None else _forbid(session, Action(press.action), press, found, now, refused)


def would_forbid(session: Session, press: Press, rules: Rulebook) -> Refused | None:
    """Why this very press would not be allowed; only looks."""
    return forbidden(session, Action(press.action), press.user_id, _wanted(session, press), rules)


def forbidden(
    session: Session, action: Action, user_id: str, alerts: Sequence[Alert], rules: Rulebook,
) -> Refused | None:
    """Why a press of this person would not be allowed, before anything is pressed; None where it would be."""
    if not alerts or allowed_of(session, action, user_id, alerts, rules):
        return None
    return Refused(code=Code.FORBIDDEN, detail=" ".join(rules.permissions.who(action)))


def allowed_of(
    session: Session, action: Action, user_id: str, found: Sequence[Alert], rules: Rulebook,
) -> Sequence[Alert]:
    """Those of the alerts with which this person may do it."""
    who = rules.permissions.who(action)
    if action is Action.MEANING or ANYONE in who:
        return found
    presser = presser_of(session, user_id, rules)
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


def _lacks(allowed: Sequence[Alert], whole: Sequence[Alert]) -> bool:
    """Whether something of what is done as a whole is missing among what this person may do it with."""
    return not {alert.id for alert in whole} <= {alert.id for alert in allowed}


def _refusal(
    session: Session, action: Action, allowed: Sequence[Alert], whole: Sequence[Alert], rules: Rulebook,
) -> Refused:
    """That this person may not do it, with who may."""
    who = rules.permissions.who(action)
    if whole:
        sends = [send for _, send in stored.with_sends(session, whole)]
        who = partly.who_for_all(who, [send.sender_email if send is not None else "" for send in sends])
    return Refused(code=Code.NOT_ALL if allowed else Code.FORBIDDEN, detail=" ".join(who))


def _forbid(
    session: Session, action: Action, press: Press, found: Sequence[Alert], now: datetime, refused: Refused,
) -> Outcome:
    """Refuse what this person may not do, and put it on record."""
    row = pressed.about(action, press, now)
    alert_id = found[0].id if press.message_id is None else None
    events.record(session, [row | {
        "action": REFUSED, "alert_id": alert_id,
        "detail": row["detail"] | {
            "wanted": str(action), "message": press.message_id, "who": refused.detail.split(),
        },
    }])
    return _refused(press, refused, now)


def _do(
    session: Session, action: Action, press: Press, found: Sequence[Alert], now: datetime, barred: int = 0,
) -> Outcome:
    steps = _steps(session, action, press, found, now)
    changes = [(alert, AlertState.of(alert), made.after) for alert, made in steps if isinstance(made, Change)]
    if not changes:
        return _refuse(session, press, [(alert, made) for alert, made in steps if isinstance(made, Refused)], now)
    if not _record(session, action, press, changes, now, barred):
        return Outcome(replayed=True, alert_ids=tuple(alert.id for alert in found))
    return _carry_out(session, action, press, changes, now)


def _wanted(session: Session, press: Press) -> list[Alert]:
    if press.message_id is None:
        return stored.refresh(session, press.alert_ids)
    return stored.for_message(session, press.message_id)


def _message(session: Session, press: Press) -> Message | None:
    return session.get(Message, press.message_id) if press.message_id is not None else None


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
        (
            alert,
            _overtaken(session, action, press, alert) or partly.spared(action, press, alert)
            or lifecycle.step(AlertState.of(alert), action, press.user_id, now, press.args),
        )
        for alert in found
    ]


def _overtaken(session: Session, action: Action, press: Press, alert: Alert) -> Refused | None:
    """Why this press came too late, made on a look at the alert since which somebody else was quicker."""
    if press.message_id is not None or press.version is None or press.version >= alert.version:
        return None
    wanted = press.args.get("assignee") or press.user_id
    if action is Action.ASSIGN and alert.assignee == wanted:
        return None
    for event in events.of_alerts(session, [alert.id])[alert.id]:
        if event.after.get("version", 0) <= press.version:
            continue
        if event.actor in {lifecycle.SCAN, press.user_id} or not event.before:
            continue
        states = AlertState.from_json(event.before), AlertState.from_json(event.after)
        refused = lifecycle.overtaken(AlertState.of(alert), action, *states, event.actor)
        if refused is not None:
            return replace(refused, at=event.occurred_at)
    return None


def _undo_steps(session: Session, press: Press, found: Sequence[Alert], now: datetime) -> list[tuple[Alert, Step]]:
    """Take back what this person did last; on a message of many alerts, all that the same press did."""
    history = events.of_alerts(session, [alert.id for alert in found])
    newest_of = {alert.id: latest(history[alert.id]) for alert in found}
    # A message of many carries no version that tells a double press from one that goes further back.
    last = newest_of if press.message_id is not None else {
        alert.id: standing(history[alert.id], press.user_id, press.version) for alert in found
    }
    moved = {
        alert.id for alert, send in stored.with_sends(session, found)
        if send is not None and send.status_seq != alert.status_seq
    }
    if press.message_id is not None:
        own = [event for event in last.values() if event is not None and event.actor == press.user_id]
        newest = max(own, key=lambda event: event.id, default=None)
        # Who did nothing here is told who did, so that all are looked at.
        together = press_of(newest)
        found = [alert for alert in found if together is None or press_of(last[alert.id]) == together]
    return [
        (
            alert,
            undo(
                AlertState.of(alert), LastChange.of(last[alert.id], alert, newest_of[alert.id]), press.user_id, now,
                moved_on=alert.id in moved,
            ),
        )
        for alert in found
    ]


def _refuse(session: Session, press: Press, refusals: Sequence[tuple[Alert, Refused]], now: datetime) -> Outcome:
    if not refusals:
        return _refused(press, Refused(code=Code.GONE if press.message_id is None else Code.NOTHING_OPEN), now)
    alert, refused = refusals[0]
    if press.message_id is not None:
        # Of many, what a person did last tells the most; else the one settled last.
        alert, refused = max(
            refusals, key=lambda one: (one[1].code in _PRESSED, one[1].at is not None, one[1].at or now),
        )
    return _refused(press, _by_the_record(session, press, alert, refused), now)


def _refused(press: Press, refused: Refused, now: datetime) -> Outcome:
    return Outcome(
        refused=notices.refusal(refused, now, press.user_id), refusal=refused, alert_ids=tuple(press.alert_ids),
    )


_PRESSED = frozenset({Code.NOT_YOURS, Code.UNDONE})
"""Refusals of an undo that name who has pressed last."""
_RECORDED = {Code.ASSIGNED: "assignee", Code.SNOOZED: "snoozed_until"}


def _by_the_record(session: Session, press: Press, alert: Alert, refused: Refused) -> Refused:
    """With who was first and when, where the alert itself does not keep that."""
    if refused.code is Code.NOTHING_TO_UNDO:
        return _undone(session, press) or refused
    name = _RECORDED.get(refused.code)
    if name is None:
        return refused
    now = AlertState.of(alert).as_json().get(name)
    for event in events.of_alerts(session, [alert.id])[alert.id]:
        if event.after.get(name) == now and event.before.get(name) != now:
            return replace(refused, by=event.actor, at=event.occurred_at)
    return refused


def _undone(session: Session, press: Press) -> Refused | None:
    """Who has taken back the last press on this message; None where nobody has."""
    if press.message_id is None:
        return None
    last = events.last_on_message(session, press.message_id)
    if last is None or last.action != Action.UNDO:
        return None
    return Refused(code=Code.UNDONE, by=last.actor, at=last.occurred_at)


Changes = Sequence[tuple[Alert, AlertState, AlertState]]
"""Alerts, what they are, and what they will be."""


def _record(
    session: Session, action: Action, press: Press, changes: Changes, now: datetime, barred: int = 0,
) -> bool:
    """Write the audit rows; False where the press is on record already."""
    single = press.message_id is None and len(press.alert_ids) == 1
    left_out = {"not_allowed": barred} if barred else {}
    if not single and not events.record(session, [pressed.whole(action, press, len(changes), now, **left_out)]):
        return False
    rows = [pressed.row(action, press, now, alert, before, after, single=single) for alert, before, after in changes]
    return events.record(session, rows) == len(rows)


def _carry_out(session: Session, action: Action, press: Press, changes: Changes, now: datetime) -> Outcome:
    changed = [(alert, before, after) for alert, before, after in changes if after != before]
    shown = stored.messages_of(session, (alert for alert, _, _ in changed))
    stored.save(session, [
        Write(alert_id=alert.id, version=alert.version, values=after.as_columns()) for alert, _, after in changed
    ])
    before = {alert.id: state for alert, state, _ in changed}
    made = [(alert, before[alert.id]) for alert in stored.refresh(session, before)]
    shown |= assignment.told_before(session, made)
    assignment.tell(session, press, made, now)
    if press.message_id is not None:
        _choose(session, action, press, now)
        shown.add(press.message_id)
    # What fires again is repeated again; where that stands is decided at the next look.
    firing = [alert.id for alert, _, after in changed if after.state is State.FIRING]
    first_look.fire_again(session, firing, now)
    if action is Action.UNDO:
        # Until now somebody had taken care: nobody is to be told at once that nobody has, for weeks.
        notifications.begin_anew(session, firing, now)
    messages.touch(session, shown, now, priority=messages.PRESS_PRIORITY)
    return Outcome(changed=len(changed), alert_ids=tuple(alert.id for alert, _, _ in changes))


def _choose(session: Session, action: Action, press: Press, now: datetime) -> None:
    """Note in the summary of a first look what was chosen, or that the choice is open again."""
    summary = stored.summary(session, press.message_id)
    if summary is not None and summary.kind == BASELINE:
        first_look.choose(summary, action, press.user_id, now)
        session.flush()


def _decide(
    session: Session, action: Action, press: Press, found: Sequence[Alert], now: datetime, rules: Rulebook,
) -> Outcome:
    """Carry out the choice about a first look, unless somebody has chosen before."""
    summary = stored.summary(session, press.message_id)
    if summary is None or summary.kind != BASELINE:
        return _refused(press, Refused(code=Code.GONE), now)
    before = first_look.decided(summary)
    if before is not None:
        return _refused(press, before, now)
    still_open = [alert for alert in found if alert.state != State.RESOLVED]
    if not still_open:
        return _refused(press, Refused(code=Code.NOTHING_OPEN), now)
    first_look.note(session, summary, still_open)
    if action is Action.BASELINE_SETTLE:
        return _do(session, action, press, still_open, now)
    if not first_look.post(session, press, summary, still_open, now, rules):
        return Outcome(replayed=True)
    return Outcome(changed=len(still_open), alert_ids=tuple(alert.id for alert in still_open))


def _take_back(session: Session, press: Press, now: datetime, allowed: set[int]) -> Outcome:
    """Undo the posting of a first look, as far as nobody has worked on its alerts since."""
    summary = stored.summary(session, press.message_id)
    if summary is None or not first_look.is_posted(summary):
        return _refused(press, _undone(session, press) or Refused(code=Code.NOTHING_TO_UNDO), now)
    refused = first_look.not_yours(summary, press.user_id)
    if refused is not None:
        return _refused(press, refused, now)
    # Looked at anew, now that nobody else can change them.
    alerts = [alert for alert in first_look.untouched(session) if alert.id in allowed]
    if not alerts:
        return _refused(press, Refused(code=Code.WORKED_ON), now)
    if not first_look.take_back(session, press, summary, alerts, now):
        return Outcome(replayed=True)
    return Outcome(changed=len(alerts), alert_ids=tuple(alert.id for alert in alerts))
