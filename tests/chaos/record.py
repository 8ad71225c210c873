"""The record of every alert, replayed: each version follows from the one before, and the last is what is stored."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.alerts.lifecycle import AlertState
from storage.models import Alert, AlertEvent
from tests.chaos.findings import Findings


@dataclass(frozen=True, kw_only=True)
class Step:
    """What an alert was from one event to the next."""

    state: AlertState
    event: AlertEvent
    until: datetime | None = None
    """When the next event was, None for the last."""


class Record:
    """All events; those of one alert in their order."""

    def __init__(self, session: Session) -> None:
        self.alerts = {alert.id: alert for alert in session.scalars(select(Alert))}
        self._events = defaultdict[int, list[AlertEvent]](list)
        self.by_key: dict[str, AlertEvent] = {}
        self.by_press = defaultdict[str, list[AlertEvent]](list)
        for event in session.scalars(select(AlertEvent).order_by(AlertEvent.id)):
            self.by_key[event.dedupe_key] = event
            if "press" in event.detail:
                self.by_press[event.detail["press"]].append(event)
            if event.alert_id is not None and event.after.get("version") is not None:
                self._events[event.alert_id].append(event)

    def steps(self, alert_id: int) -> list[Step]:
        """What the alert has been, one state after the other."""
        events = self._events[alert_id]
        ends = [*(event.occurred_at for event in events[1:]), None]
        return [
            Step(state=AlertState.from_json(event.after), event=event, until=until)
            for event, until in zip(events, ends, strict=True)
        ]

    def check(self, findings: Findings) -> None:
        """Replay every alert."""
        for alert in self.alerts.values():
            self._check(alert, findings)

    def _check(self, alert: Alert, findings: Findings) -> None:
        events = self._events[alert.id]
        if not events or events[0].action != "opened":
            findings.lost(f"alert {alert.key}: nothing says that it was opened")
            return
        for before, after in pairwise(events):
            if after.before["version"] != before.after["version"]:
                findings.wrong(f"alert {alert.key}: {_told(after)} does not follow {_told(before)}")
            elif AlertState.from_json(after.before) != AlertState.from_json(before.after):
                findings.wrong(f"alert {alert.key}: between {_told(before)} and {_told(after)} it changed unrecorded")
            if after.after["version"] - after.before["version"] not in {0, 1}:
                findings.wrong(f"alert {alert.key}: {_told(after)} skips a version")
        last = events[-1].after
        if last["version"] != alert.version or AlertState.from_json(last) != AlertState.of(alert):
            findings.wrong(f"alert {alert.key}: stored as {AlertState.of(alert)}, but on record {_told(events[-1])}")


def _told(event: AlertEvent) -> str:
    return f"{event.action} by {event.actor} ({event.before.get('version')} → {event.after.get('version')})"
