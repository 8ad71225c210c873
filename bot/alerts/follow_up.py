"""Following up on what Support was told: when that is due, and the one reminder for whoever told them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.alerts import notices
from bot.alerts.grouping import ALERT, BASELINE, NOTICE
from bot.alerts.lifecycle import SCAN, AlertState, State
from bot.alerts.routing import is_direct
from bot.alerts.rulebook import Rulebook
from bot.alerts.subjects import item_of
from bot.statuses.wall_time import instant
from bot.statuses.working_time import WorkCalendar
from storage import alerts as stored
from storage import events, messages, notifications, people
from storage.models import Alert, Message, Send

CHOICES = (1, 2, 3, 5)
"""Business days after which somebody may want to be reminded."""
DEFAULT = 2
MORNING = time(9)
BATCH = 200
FOLLOW_UP = "follow_up"
"""The action on record, and what stands in the body of the reminder."""

Pair = tuple[Alert, Send | None]


def due_at(now: datetime, days: int, calendar: WorkCalendar, zone: ZoneInfo) -> datetime:
    """Nine o'clock (UTC instant) of the `days`-th business day after today, as the clock in `zone` has it."""
    return instant(calendar.business_day_after(now.astimezone(zone).date(), days), MORNING, zone)


def remind(session: Session, now: datetime, rules: Rulebook, limit: int = BATCH) -> int:
    """Remind those who told Support of alerts that are still open; gives how many alerts were looked at.

    A reminder is a reply below the message that calls only the one who told Support, one for all alerts of that
    message. What has been resolved or has moved on is let go without a word. Needs a transaction of its own: it
    takes alerts in the order of their ids.
    """
    ids = session.scalars(
        select(Alert.id).where(Alert.follow_up_at.is_not(None), Alert.follow_up_at <= now)
        .order_by(Alert.follow_up_at).limit(limit),
    ).all()
    # Whoever was here first has cleared the time of those for which another process waited.
    due = [alert for alert in stored.locked(session, ids) if alert.follow_up_at and alert.follow_up_at <= now]
    together = defaultdict[tuple[int | None, str], list[Pair]](list)
    for alert, send in stored.with_sends(session, due):
        if _is_wanted(session, alert, send, now):
            user_id = alert.support_by or ""
            together[_parent_of(session, alert, user_id), user_id].append((alert, send))
        alert.follow_up_at = None
    session.flush()
    for (parent_id, user_id), some in together.items():
        _reply(session, session.get(Message, parent_id) if parent_id else None, user_id, some, now, rules)
    messages.touch(session, stored.messages_of(session, due), now)
    return len(due)


def _is_wanted(session: Session, alert: Alert, send: Send | None, now: datetime) -> bool:
    """Whether there is something to say, which is then on record: it is said once of each telling of Support."""
    if alert.state == State.RESOLVED or send is None or send.status_seq != alert.status_seq:
        return False
    before = AlertState.of(alert).as_json() | {"version": alert.version}
    return bool(events.record(session, [{
        "alert_id": alert.id, "action": FOLLOW_UP, "actor": SCAN, "occurred_at": now, "before": before,
        "after": {key: value for key, value in before.items() if key != "follow_up_at"},
        "detail": {"support_by": alert.support_by}, "dedupe_key": f"{SCAN}:{_name(alert)}",
    }]))


def _name(alert: Alert) -> str:
    told = alert.support_at
    return f"{FOLLOW_UP}:{alert.id}:{int(told.timestamp() * 1000) if told else 0}"


def _parent_of(session: Session, alert: Alert, user_id: str) -> int | None:
    """The message below which the reminder stands: the first that shows the alert by itself or in its group.

    Not one that only somebody else reads: then there is none, and the reminder goes to `user_id` directly.
    """
    shown = [one.message_id for one in notifications.of_alerts(session, [alert.id])[alert.id]]
    found = [session.get_one(Message, message_id) for message_id in shown if message_id is not None]
    return next(
        (
            message.id for message in found
            if message.kind != BASELINE and (message.channel == user_id or not is_direct(message.channel))
        ),
        None,
    )


def _reply(
    session: Session, parent: Message | None, user_id: str, some: Sequence[Pair], now: datetime, rules: Rulebook,
) -> None:
    calendar, first = rules.watch.calendar, some[0][0]
    zone = _zone(session, user_id, calendar.zone)
    told = min(alert.support_at or now for alert, _ in some)
    days = calendar.business_days_after(told.astimezone(zone).date(), now.astimezone(zone).date())
    alone, channel = parent is not None and parent.kind == ALERT, parent.channel if parent else user_id
    items = [item_of(alert, send) for alert, send in some]
    text = notices.follow_up_line(items, told, now, days=days, alone=alone, below=parent is not None)
    messages.want(
        session, key=_name(first), kind=NOTICE, channel=channel, now=now,
        thread_of=parent.key if parent else None, body={
            "notice": FOLLOW_UP, "alert": first.id, "text": text, **({"mention": [user_id]} if parent else {}),
        },
    )


def _zone(session: Session, user_id: str, fallback: ZoneInfo) -> ZoneInfo:
    person = people.by_id(session, user_id)
    try:
        return ZoneInfo(person.tz) if person is not None and person.tz else fallback
    except (KeyError, ValueError, OSError):
        return fallback

