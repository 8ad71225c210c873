"""Telling what a scan has opened: alerts that no message shows yet are put into messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.alerts import grouping, notices
from bot.alerts.grouping import BASELINE, NOTICE, Item, Planned
from bot.alerts.routing import Route
from storage import alerts as stored
from storage import due, messages, sends
from storage.models import Alert, Message, Send

PATIENCE = timedelta(hours=1)
"""For so long a first walk through Sendoso may go on before its findings are told without its end."""


def item_of(alert: Alert, send: Send | None, ref: int | None = None) -> Item:
    """What grouping and the texts need to know of an alert; `ref` for one that is not stored."""
    return Item(
        ref=alert.id if ref is None else ref, version=alert.version, rule=alert.rule, level=alert.level,
        status=alert.status, status_raw=alert.status_raw, since=alert.status_since, due_at=alert.due_at,
        why=alert.why,
        send_gid=send.send_gid if send else "",
        gift=(send.type or send.subtype) if send else "",
        recipient=(send.recipient_name or send.recipient_email or send.recipient_company) if send else "",
        campaign=send.campaign if send else "",
        campaign_id=send.campaign_id if send else None,
    )


def announce(session: Session, now: datetime, route: Route) -> int:
    """Put every open alert that no message shows into one; gives how many messages are new.

    Waits while sends are still due, since groups are formed over a whole scan, and while the first walk
    through Sendoso goes on, since what it brings belongs to the backlog. A crash before this loses nothing:
    the next call finds the same alerts.
    """
    if _more_to_find(session, now):
        return 0
    first_scan = not due.first_scan_is_over(session)
    if first_scan and (not due.any_send(session) or not due.end_first_scan(session, now)):
        return 0
    found = stored.unannounced(session, lock=True)
    return post(session, found, route, now, first_scan=first_scan)


def _more_to_find(session: Session, now: datetime) -> bool:
    oldest = sends.oldest_due(session)
    if oldest is not None and oldest <= now:
        return True
    since = due.first_walk_since(session)
    return since is not None and now - since < PATIENCE


def post(
    session: Session, found: Sequence[tuple[Alert, Send | None]], route: Route, now: datetime, *, first_scan: bool,
) -> int:
    """Want the messages for these alerts and say which message shows which; gives how many there are."""
    planned = grouping.plan([item_of(alert, send) for alert, send in found], route, first_scan=first_scan)
    wanted = [(one, _want(session, one, now)) for one in planned]
    shown: dict[int, list[Message]] = {}
    for one, message in wanted:
        if one.kind == NOTICE:
            shown.setdefault(one.items[0].ref, []).append(message)
        else:
            extra = {"reason": BASELINE} if one.kind == BASELINE else {}
            stored.show_in(session, [item.ref for item in one.items], message.id, **extra)
    for alert_id, copies in shown.items():
        first, *others = copies
        if others:
            first.body = first.body | {"copies": [message.id for message in others]}
        stored.show_in(session, [alert_id], first.id)
    session.flush()
    return len(wanted)


def _want(session: Session, planned: Planned, now: datetime) -> Message:
    return messages.want(
        session, key=planned.key, kind=planned.kind, channel=planned.channel, now=now, body=_body(planned, now),
    )


def _body(planned: Planned, now: datetime) -> dict[str, Any]:
    """What the message cannot read from its alerts' own rows."""
    if planned.kind == BASELINE:
        return {"count": len(planned.items), "by_rule": grouping.by_rule(planned.items)}
    if planned.kind == NOTICE:
        item = planned.items[0]
        return {
            "notice": item.rule, "alert": item.ref, "status_raw": item.status_raw, "send_gid": item.send_gid,
            "text": notices.admin_line(item, now),
        }
    return {}


def reply(session: Session, alert: Alert, send: Send | None, now: datetime) -> None:
    """Say below an alert's message that its snooze has ended: a redraw alone would reach nobody."""
    parent = session.get(Message, alert.message_id) if alert.message_id is not None else None
    if parent is None:
        return
    messages.want(
        session, key=f"snooze_ended:{alert.id}:{alert.version}", kind=NOTICE, channel=parent.channel, now=now,
        thread_of=parent.key,
        body={
            "notice": "snooze_ended", "alert": alert.id,
            "text": notices.snooze_ended_line(item_of(alert, send), now),
        },
    )
