"""Contact Support: the window with the draft, and the record that it was used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.alerts import follow_up
from bot.alerts.judgement import milder
from bot.alerts.lifecycle import Action
from bot.slack import facts, payloads, people, windows
from bot.slack.blocks import notice_card, support_modal
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.support_modal import FOLLOW_UP_ACTION, FOLLOW_UP_BLOCK, NEVER, Draft
from bot.slack.deps import Deps
from bot.slack.payloads import Submitted, Where
from bot.slack.replies import redraw, show, tell
from bot.slack.submissions import Answer, beside, recorded
from bot.statuses.working_time import WorkCalendar
from storage import alerts as stored_alerts
from storage import events
from storage import people as stored
from storage.models import Alert, AlertEvent, Send

CHOOSE = "Choose one of these."


@dataclass(frozen=True, kw_only=True)
class Question:
    """The window as it is shown to one person: the draft, and when they can be reminded by their own clock."""

    draft: Draft
    zone: ZoneInfo
    calendar: WorkCalendar
    asks_zone: bool

    def window(self, beneath: Mapping[str, Any]) -> Block:
        now = self.draft.now
        choices = [(days, follow_up.due_at(now, days, self.calendar, self.zone)) for days in follow_up.CHOICES]
        return support_modal.build(self.draft, choices, follow_up.DEFAULT, self.zone, beneath)


def ask(deps: Deps, place: Where, alert_id: int, beneath: dict[str, Any]) -> None:
    """Show the draft; where no window opens, the draft itself is told."""
    asked = _question(deps, place, alert_id)
    if asked is None:
        tell(deps, place, windows.GONE)
        return
    instead = notice_card.build(
        f"Slack did not let me open the window. This is the message to Support:\n\n{asked.draft.text}",
    )
    opened = show(deps, place, asked.window(beneath), instead=instead)
    if opened is None or not asked.asks_zone:
        return
    # Only now: asking before the window is open would cost of the three seconds that Slack gives for it.
    people.ask(deps, place)
    again = _question(deps, place, alert_id)
    if again is not None and again.zone != asked.zone and opened.view_id:
        redraw(deps, opened.view_id, lambda: again.window(beneath), opened.view_hash, reader=place.user_id)


def _question(deps: Deps, place: Where, alert_id: int) -> Question | None:
    now = deps.clock()
    with deps.database.read() as session:
        alert, send = facts.alert_with_send(session, alert_id) or (None, None)
        if alert is None or send is None:
            return None
        history = _history(session, alert, send)
        known = people.known(session, place.user_id, now)
        calendar = deps.rules(session).watch.calendar
        draft = Draft(alert=alert, send=send, now=now, history=history, names=_names(session, history))
    zone = people.zone(known.tz, calendar.zone)
    return Question(draft=draft, zone=zone, calendar=calendar, asks_zone=known.stale)


def _history(session: Session, alert: Alert, send: Send) -> list[AlertEvent]:
    """The record, the oldest first, with that of the milder alerts from which this one took over."""
    before = milder(alert, stored_alerts.of_sends(session, [send.id])[send.id])
    told = events.of_alerts(session, [one.id for one in (*before, alert)])
    return [event for one in (*before, alert) for event in reversed(told[one.id])]


def _names(session: Session, history: Sequence[AlertEvent]) -> dict[str, str]:
    ids = {str(one) for event in history for one in (event.actor, event.after.get("assignee")) if one}
    found = {user_id: stored.by_id(session, user_id) for user_id in ids}
    return {user_id: person.name for user_id, person in found.items() if person is not None and person.name}


def submit(deps: Deps, found: Submitted, body: Mapping[str, Any]) -> Answer:
    """Record that Support has been contacted, and when to remind of it."""
    chosen = payloads.chosen(found.values, FOLLOW_UP_BLOCK, FOLLOW_UP_ACTION)
    # A window that was opened before there were reminders sends no choice.
    if chosen not in {"", str(NEVER), *map(str, follow_up.CHOICES)}:
        return beside(FOLLOW_UP_BLOCK, CHOOSE)
    at = _follow_up_at(deps, found, int(chosen or NEVER))
    return recorded(deps, found, body, Action.SUPPORT_SENT, {"follow_up_at": at})


def _follow_up_at(deps: Deps, found: Submitted, days: int) -> datetime | None:
    if days == NEVER:
        return None
    now = deps.clock()
    # The window may come back before Slack has told the zone.
    people.meet(deps, found.where)
    with deps.database.read() as session:
        calendar = deps.rules(session).watch.calendar
        zone = people.zone(people.known(session, found.where.user_id, now).tz, calendar.zone)
    return follow_up.due_at(now, days, calendar, zone)
