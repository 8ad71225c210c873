"""An alert's timeline: its audit record, and what was told of it where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.alerts.lifecycle import SCAN, Action
from bot.alerts.routing import MAIL
from bot.slack import facts, muted_timeline, payloads, undelivered, windows
from bot.slack.blocks import event_words, timeline_modal
from bot.slack.blocks.text import channel, escape, person
from bot.slack.blocks.timeline_modal import Entry
from bot.slack.deps import Deps
from bot.slack.facts import Pair
from bot.slack.muted_timeline import AFTER, BEFORE, TELLING
from bot.slack.payloads import Pressed, Where
from bot.slack.replies import later, redraw, show, tell
from storage import events, messages, notifications
from storage.escalated import is_escalated
from storage.models import Alert, Message, Notification

REPLIES = {
    "repeated": "Reminded", "escalated": "Escalated", "snooze_ended": "Brought up again",
    "mute_ended": "Brought up again", "held_quiet": "Brought up again", "held_inhibited": "Brought up again",
}
"""What a reply below the alert's message is for; one about Support is on record already."""
POSTED = frozenset({str(Action.BASELINE_POST)})
HELD = {
    "quiet": "held back over the quiet hours", "muted": "held back by a mute",
    "muted_owed": "held back by a mute",
    "inhibited": "held back, since another alert explains it", "snoozed": "held back while it is snoozed",
}


def show_first(deps: Deps, found: Pressed) -> None:
    """Open the window at its first page."""
    alert_id, place = payloads.number(found.content, "alert"), found.where
    later(deps, place, lambda: _show(deps, place, alert_id))


def _show(deps: Deps, place: Where, alert_id: int) -> None:
    with deps.database.read() as session:
        pair = facts.alert_with_send(session, alert_id)
        now = deps.clock()
        entries = entries_of(session, pair[0], now) if pair else []
    if pair is None:
        tell(deps, place, windows.GONE)
        return
    instead = timeline_modal.message(*pair, entries, now)
    show(deps, place, timeline_modal.view(*pair, entries, 0, now), instead=instead)


def turn(deps: Deps, found: Pressed) -> None:
    """Show another page in the window that is open."""
    alert_id, page = payloads.number(found.content, "alert"), payloads.count(found.content, "page")
    place = found.where

    def drawn() -> dict[str, Any]:
        with deps.database.read() as session:
            pair: Pair | None = facts.alert_with_send(session, alert_id)
            entries = entries_of(session, pair[0], deps.clock()) if pair else []
        return windows.gone() if pair is None else timeline_modal.view(*pair, entries, page, deps.clock())

    later(deps, place, lambda: redraw(deps, place.view_id, drawn, place.view_hash, reader=place.user_id))


def entries_of(session: Session, alert: Alert, now: datetime) -> list[Entry]:
    """All that happened to an alert until `now`, the oldest first."""
    history = events.of_alerts(session, [alert.id])[alert.id]
    found = [
        (event.occurred_at, BEFORE if event.actor == SCAN or event.action in POSTED else AFTER,
         event_words.words(event, alert))
        for event in reversed(history)
    ]
    for row in notifications.of_alerts(session, [alert.id])[alert.id]:
        found += [(entry.at, TELLING, entry.words) for entry in _told(session, alert, row)]
    found += muted_timeline.entries(session, alert, now)
    found.sort(key=lambda one: one[:2])
    return [Entry(at=at, words=said) for at, _, said in found]


def _told(session: Session, alert: Alert, row: Notification) -> list[Entry]:
    shown = session.get(Message, row.message_id) if row.message_id is not None else None
    if shown is None:
        held = HELD.get(row.held)
        return [Entry(at=row.next_at, words=f"Not told {_where(row.channel)} before then: {held}")] if (
            held is not None and row.next_at is not None and alert.state == "firing"
        ) else []
    # A summary of the day, or a message that was taken back, is older than what came into it.
    unseen = undelivered.of(session, [row]).get(row.id, "")
    first = Entry(at=max(shown.created_at, alert.opened_at), words=_first(shown, row, unseen))
    return [first, *_replies(session, alert, shown)]


def _first(shown: Message, row: Notification, unseen: str) -> str:
    """Where it was told first; `unseen` is why Slack does not show it there."""
    place = _where(shown.channel)
    if unseen:
        return f"To be told {place}, but {unseen}"
    if shown.kind == "baseline":
        return f"Counted in the summary of the first look {place}"
    if is_escalated(row):
        return f"Escalated: told {place}"
    among = {"group": ", together with others of its campaign", "summary": ", in the summary of the day"}
    return f"Told {place}{among.get(shown.kind, '')}"


def _replies(session: Session, alert: Alert, shown: Message) -> list[Entry]:
    return [
        Entry(at=reply.created_at, words=f"{REPLIES[reply.body['notice']]} {_below(shown.channel)}{_said(reply.body)}")
        for reply in messages.replies_to(session, shown)
        if reply.body.get("notice") in REPLIES
        and alert.id in {reply.body.get("alert"), *reply.body.get("alerts", ())}
    ]


def _said(body: Mapping[str, Any]) -> str:
    called: Sequence[str] = body.get("mention") or ()
    whom = f", calling {', '.join(map(event_words.called, called))}" if called else ""
    return f"{whom}: {escape(str(body.get('text', '')), 300)}"


def _below(place: str) -> str:
    return f"in the direct message to {person(place)}" if place[:1] in {"U", "W"} else _where(place)


def _where(place: str) -> str:
    if place.startswith(MAIL):
        return "the sender directly"
    return f"{person(place)} directly" if place[:1] in {"U", "W"} else f"in {channel(place)}"
