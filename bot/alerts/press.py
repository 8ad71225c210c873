"""A button was pressed: check, change, record, have the messages drawn anew. The caller commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot.alerts import assignment, first_look, late_press, lifecycle, partly, pressed, rights, undoing
from bot.alerts.grouping import BASELINE
from bot.alerts.lifecycle import Action, AlertState, Change, Code, Refused, State, Step
from bot.alerts.pressed import Outcome, Press
from bot.alerts.rulebook import Rulebook
from storage import alerts as stored
from storage import due, events, messages, notifications
from storage.alerts import Write
from storage.models import Alert, Message


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
    allowed = rights.allowed_of(session, action, press.user_id, found, rules)
    if found:
        whole = first_look.together(action, _message(session, press), found)
        refused = rights.refusal(session, action, allowed, whole, rules)
        if refused is not None:
            return rights.forbid(session, action, press, found, now, refused)
    if action in {Action.BASELINE_POST, Action.BASELINE_SETTLE}:
        return _decide(session, action, press, allowed, now, rules)
    if takes_back:
        return _take_back(session, press, now, {alert.id for alert in allowed})
    barred = partly.barred(action, press, found, allowed, now)
    left = late_press.not_own(session, press, partly.left(action, press, allowed))
    outcome = _do(session, action, press, allowed, now, barred=barred, left=left)
    return partly.told_of_left(partly.told(outcome, barred, rules.permissions.who(action)), left)


def forbid(session: Session, press: Press, now: datetime, rules: Rulebook) -> Outcome | None:
    """Refuse, before it is asked how, what this person may not do; on record as any such press. None: they may."""
    refused = would_forbid(session, press, rules)
    found = _wanted(session, press)
    return None if refused is None else rights.forbid(session, Action(press.action), press, found, now, refused)


def would_forbid(session: Session, press: Press, rules: Rulebook) -> Refused | None:
    """Why this very press would not be allowed; only looks."""
    return rights.forbidden(session, Action(press.action), press.user_id, _wanted(session, press), rules)


def _do(
    session: Session, action: Action, press: Press, found: Sequence[Alert], now: datetime, *, barred: int = 0,
    left: Mapping[int, Refused] | None = None,
) -> Outcome:
    steps = _steps(session, action, press, found, now, left or {})
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
    session: Session, action: Action, press: Press, found: Sequence[Alert], now: datetime, left: Mapping[int, Refused],
) -> list[tuple[Alert, Step]]:
    if action is Action.UNDO:
        return undoing.steps(session, press, found, now)
    return [
        (
            alert,
            late_press.overtaken(session, action, press, alert) or left.get(alert.id)
            or lifecycle.step(AlertState.of(alert), action, press.user_id, now, press.args),
        )
        for alert in found
    ]


_PRESSED = frozenset({Code.NOT_YOURS, Code.UNDONE})
"""Refusals of an undo that name who has pressed last."""


def _refuse(session: Session, press: Press, refusals: Sequence[tuple[Alert, Refused]], now: datetime) -> Outcome:
    if not refusals:
        return pressed.refuse(press, Refused(code=Code.GONE if press.message_id is None else Code.NOTHING_OPEN), now)
    alert, refused = refusals[0]
    if press.message_id is not None:
        # Of many, what a person did last tells the most; else the one settled last.
        alert, refused = max(
            refusals, key=lambda one: (one[1].code in _PRESSED, one[1].at is not None, one[1].at or now),
        )
    return pressed.refuse(press, late_press.by_the_record(session, press, alert, refused), now)


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
        return pressed.refuse(press, Refused(code=Code.GONE), now)
    before = first_look.decided(summary)
    if before is not None:
        return pressed.refuse(press, before, now)
    still_open = [alert for alert in found if alert.state != State.RESOLVED]
    if not still_open:
        return pressed.refuse(press, Refused(code=Code.NOTHING_OPEN), now)
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
        return pressed.refuse(press, late_press.undone(session, press) or Refused(code=Code.NOTHING_TO_UNDO), now)
    refused = first_look.not_yours(summary, press.user_id)
    if refused is not None:
        return pressed.refuse(press, refused, now)
    # Looked at anew, now that nobody else can change them.
    alerts = [alert for alert in first_look.untouched(session) if alert.id in allowed]
    if not alerts:
        return pressed.refuse(press, Refused(code=Code.WORKED_ON), now)
    if not first_look.take_back(session, press, summary, alerts, now):
        return Outcome(replayed=True)
    return Outcome(changed=len(alerts), alert_ids=tuple(alert.id for alert in alerts))
