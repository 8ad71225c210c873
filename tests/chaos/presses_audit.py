"""Every press that Slack saw acknowledged has had its one effect, or was refused for a reason that the record shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.alerts.lifecycle import SCAN, Action, AlertState, Refused, step
from bot.alerts.precedence import overtaken, taken_care_of
from bot.alerts.undo import LastChange, latest, standing, undo
from storage.models import Alert, AlertEvent, Notification, Send
from tests.chaos.findings import Findings
from tests.chaos.pressing import Pressed
from tests.chaos.record import Record, Step
from tests.chaos.stage import Stage

LATE = 3.0
"""Real seconds from the moment that an event names to the end of its transaction, at most."""
HOUR = timedelta(hours=1)
FAILED = "Something went wrong here, and nothing was lost."


class PressesAudit:
    """`counts`: how many presses were recorded, refused, or not acknowledged."""

    def __init__(self, stage: Stage, session: Session, record: Record, findings: Findings) -> None:
        self._stage, self._record, self._findings = stage, record, findings
        self._late = timedelta(seconds=LATE * stage.plan.speed)
        self._shown: dict[int, dict[int, datetime | None]] = {}
        for one in session.scalars(select(Notification).where(Notification.message_id.is_not(None))):
            self._shown.setdefault(one.message_id or 0, {})[one.alert_id] = one.told_at
        moved = select(Alert.id).join(Send, Send.id == Alert.send_id).where(Send.status_seq != Alert.status_seq)
        self._moved = set(session.scalars(moved))
        self.counts: Counter[str] = Counter()

    def go(self, pressed: Sequence[Pressed]) -> None:
        self._failures(pressed)
        known = {press.key for press in pressed}
        for press in pressed:
            self.counts[self._ending(press)] += 1
        for key, events in self._record.by_press.items():
            if key not in known:
                self._findings.wrong(f"on record, but pressed by nobody: {key} ({events[0].action})")

    def _ending(self, press: Pressed) -> str:
        rows = self._record.by_press.get(press.key, [])
        self._rows(press, rows)
        if rows:
            return "recorded" if press.acked else "recorded, not acknowledged"
        if not press.acked:
            return "not acknowledged"
        if press.answer or self._was_refused(press):
            return "refused"
        self._findings.lost(f"{press.action} on {press.about} ({press.key}) was acknowledged, but had no effect")
        return "lost"

    def _failures(self, pressed: Sequence[Pressed]) -> None:
        """People are told that something went wrong only while the database is away, or has just come back."""
        state = self._stage.playground.slack.state
        told = [press.ended_at for press in pressed if FAILED in press.answer]
        told += [
            message.time for channel in self._stage.channels for message in state.messages(channel)
            if message.ephemeral_for is not None and FAILED in message.text
        ]
        self.counts["that failed, and were told so"] = len(told)
        for at in told:
            if not any(began_at <= at <= ended_at + self._late for began_at, ended_at in self._stage.outages):
                self._findings.wrong(f"somebody was told at {at} that something went wrong, the database being there")

    def _rows(self, press: Pressed, rows: Sequence[AlertEvent]) -> None:
        wholes = [event for event in rows if event.dedupe_key == press.key]
        if rows and len(wholes) != 1:
            self._findings.doubled(f"the press {press.key} is on record {len(wholes)} times")
        each = Counter(event.alert_id for event in rows if event.alert_id is not None)
        if any(count > 1 for count in each.values()):
            self._findings.doubled(f"the press {press.key} is on record more than once for an alert")
        for event in wholes:
            changed = event.detail.get("changed")
            if event.alert_id is None and changed is not None and changed != len(each):
                self._findings.wrong(f"the press {press.key} says that it changed {changed} alerts, not {len(each)}")

    # -- presses without a trace

    def _was_refused(self, press: Pressed) -> bool:
        action = Action(press.action)
        if "alert" in press.about:
            return any(self._refuses(one, action, press) for one in self._during(press.about["alert"], press))
        # A summary grows: what was not there yet, though it may have been open for a while, was not meant.
        alerts = [
            one for one, told_at in sorted(self._shown.get(press.about["message"], {}).items())
            if (told_at is None or told_at <= press.ended_at) and any(self._during(one, press))
        ]
        if action is Action.UNDO:
            alerts = self._last_together(alerts, press)
        return all(any(self._refuses(one, action, press) for one in self._during(alert, press)) for alert in alerts)

    def _during(self, alert_id: int, press: Pressed) -> Iterator[Step]:
        """What the alert may have been when the bot looked at the press."""
        for one in self._record.steps(alert_id):
            begun = one.event.occurred_at <= press.ended_at
            if begun and (one.until is None or one.until + self._late >= press.began_at):
                yield one

    def _refuses(self, one: Step, action: Action, press: Pressed) -> bool:
        if action is not Action.UNDO:
            arguments = {"until": press.ended_at + HOUR}
            made = step(one.state, action, press.user, press.began_at, arguments)
            return isinstance(made, Refused) or self._is_a_colleagues(one, action, press)
        last = self._last_change(one, press)
        return any(
            isinstance(undo(one.state, last, press.user, press.began_at, moved_on=moved), Refused)
            for moved in (self._may_have_moved(one), False)
        )

    def _is_a_colleagues(self, one: Step, action: Action, press: Pressed) -> bool:
        """Whether somebody was quicker than this look at the alert, or has decided about one of many."""
        if "alert" not in press.about:
            return taken_care_of(one.state, action, press.user, None) is not None
        seen = press.about.get("v", one.event.after.get("version"))
        return any(
            overtaken(one.state, action, AlertState.from_json(event.before), AlertState.from_json(event.after), "")
            for event in self._until(one) if "state" in event.before
            if event.after.get("version", 0) > seen and event.actor not in {SCAN, press.user}
        )

    def _until(self, one: Step) -> list[AlertEvent]:
        """All that had happened to the alert by then, the latest first."""
        events = [step.event for step in self._record.steps(one.event.alert_id or 0)]
        return [event for event in reversed(events) if event.id <= one.event.id]

    def _may_have_moved(self, one: Step) -> bool:
        return one.event.alert_id in self._moved

    def _last_change(self, one: Step, press: Pressed) -> LastChange | None:
        history = self._until(one)
        event = standing(history, press.user, press.about.get("v")) if "alert" in press.about else latest(history)
        if event is None or "state" not in event.before:
            return None
        return LastChange(
            action=event.action, actor=event.actor, at=event.occurred_at, before=AlertState.from_json(event.before),
        )

    def _last_together(self, alerts: Sequence[int], press: Pressed) -> list[int]:
        """Of a message: the alerts that this person's latest press changed; all where there is none."""
        own = [
            (one.event.id, one.event.detail.get("press"), alert)
            for alert in alerts for one in self._during(alert, press) if one.event.actor == press.user
        ]
        latest = max(own, default=None)
        return [alert for _, key, alert in own if latest is not None and key == latest[1]] or list(alerts)
