"""What is said below a message that stands already: a redraw alone reaches nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.alerts import notices
from bot.alerts.escalation import Decision, Kind
from bot.alerts.grouping import ALERT, BASELINE, NOTICE
from bot.alerts.policy import ONCE, Escalation, Policy
from bot.alerts.routing import MAIL
from bot.alerts.subjects import item_of
from storage import messages
from storage import notifications as notified
from storage.models import Alert, Message, Notification, Send

SPEAKS = frozenset({Kind.AGAIN, Kind.REPEAT, Kind.ESCALATE})


@dataclass(frozen=True, kw_only=True)
class Told:
    """One alert in one place, with what was decided about it."""

    row: Notification
    alert: Alert
    send: Send | None
    policy: Policy
    decision: Decision

    @property
    def mentions(self) -> tuple[str, ...]:
        """Slack ids of everybody whom an escalation calls."""
        return tuple(dict.fromkeys(who for step in self.decision.steps for who in step.mention))


def remind(session: Session, told: Sequence[Told], now: datetime) -> int:
    """One reply below each message about all of its alerts with the same thing to say; gives how many."""
    together = defaultdict[tuple[int, str, tuple[str, ...]], list[Told]](list)
    for one in told:
        if one.decision.kind in SPEAKS and one.row.message_id is not None:
            together[one.row.message_id, one.decision.reason, one.mentions].append(one)
    for (message_id, reason, mentions), some in together.items():
        parent = session.get_one(Message, message_id)
        if parent.kind != BASELINE:
            _reply(session, parent, some, reason, mentions, now)
    messages.touch(session, {message_id for message_id, _, _ in together}, now)
    return len(together)


def _reply(
    session: Session, parent: Message, some: Sequence[Told], reason: str, mentions: tuple[str, ...], now: datetime,
) -> None:
    first = min(some, key=lambda one: one.row.id)
    text = text_of(some, now, alone=parent.kind == ALERT)
    body: dict[str, Any] = {"notice": reason, "alert": first.alert.id, "text": text}
    if len(some) > 1:
        body["alerts"] = [one.alert.id for one in some]
    if mentions:
        body["mention"] = list(mentions)
    if first.policy.repeat_in_channel and reason == "repeated":
        body["broadcast"] = True
    messages.want(
        session, key=f"{reason}:{first.row.id}:{int(now.timestamp() * 1000)}", kind=NOTICE, channel=parent.channel,
        now=now, thread_of=parent.key, body=body,
    )




def text_of(some: Sequence[Told], now: datetime, *, alone: bool) -> str:
    """Why these alerts are brought up again, all for the same reason; `alone` where their message shows no other."""
    items = [item_of(one.alert, one.send) for one in some]
    number = max(one.row.repeats for one in some) + 1
    since = min(one.row.told_at or now for one in some)
    said = notices.reminder_line(items, some[0].decision.reason, now, number=number, since=since, alone=alone)
    steps = [step for one in some for step in one.decision.steps]
    elsewhere = notices.escalated_to(
        channel=any(step.channel for step in steps), sender=any(step.dm_sender for step in steps),
    )
    return f"{said} {elsewhere}".rstrip()


def escalate(session: Session, told: Sequence[Told], now: datetime) -> None:
    """Want the alerts told in the further places of their escalations."""
    rows = [
        _place(one, channel, now)
        for one in told if one.decision.kind is Kind.ESCALATE
        for step in one.decision.steps for channel in _places(step, one.send)
    ]
    notified.want(session, rows)


def _places(step: Escalation, send: Send | None) -> list[str]:
    address = send.sender_email.strip().lower() if send is not None and step.dm_sender else ""
    return [*([step.channel] if step.channel else []), *([f"{MAIL}{address}"] if address else [])]


def _place(one: Told, channel: str, now: datetime) -> dict[str, Any]:
    return {
        "alert_id": one.alert.id, "channel": channel, "route": one.row.route, "policy": ONCE.as_json(),
        "reason": "escalated", "next_at": now,
    }
