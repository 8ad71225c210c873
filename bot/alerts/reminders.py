"""What is said below a message that stands already: a redraw alone reaches nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.alerts import notices
from bot.alerts.escalation import Decision, Kind
from bot.alerts.grouping import ALERT, BASELINE, NOTICE
from bot.alerts.policy import ONCE, Escalation, Policy
from bot.alerts.routing import MAIL, is_direct
from bot.alerts.subjects import item_of
from storage import messages, people
from storage import notifications as notified
from storage.escalated import CameFrom
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
        """Slack ids of everybody whom an escalation calls; nobody in a direct message, which nobody else reads."""
        if is_direct(self.row.channel):
            return ()
        return tuple(dict.fromkeys(who for step in self.decision.steps for who in step.mention))


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One reply to be: the message below which it stands, and the alerts with the same thing to say."""

    parent: Message
    some: Sequence[Told]
    mentions: tuple[str, ...]
    others: int
    """So many more alerts of the message are open, too."""

    def text(self, session: Session, now: datetime) -> str:
        """What it says."""
        elsewhere = further(session, self.some)
        return _text(self.some, now, alone=self.parent.kind == ALERT, elsewhere=elsewhere, others=self.others)


def replies(
    session: Session, told: Sequence[Told], *, closed: Collection[int] = (), woken: Collection[int] = (),
) -> list[Reply]:
    """One reply below each message about all of its alerts with the same thing to say, the most pressing first.

    `closed` and `woken` as in `storage`, for whoever asks what a scan would do.
    """
    together = defaultdict[tuple[int, str, tuple[str, ...]], list[Told]](list)
    for one in told:
        if one.decision.kind in SPEAKS and one.row.message_id is not None:
            together[one.row.message_id, one.decision.reason, one.mentions].append(one)
    firing = notified.firing_in(
        session, {message_id for message_id, _, _ in together}, closed=closed, woken=woken,
    )
    found = [
        Reply(
            parent=session.get_one(Message, message_id), some=some, mentions=mentions,
            # What else is said now of this message's alerts, for another reason, is open all the same.
            others=max(0, firing.get(message_id, 0) - len(some)),
        )
        for (message_id, _, mentions), some in sorted(together.items(), key=lambda pair: _urgency(pair[1]))
    ]
    # What stands in the summary of a first look has a message of its own when it is told.
    return [one for one in found if one.parent.kind != BASELINE]


def remind(session: Session, told: Sequence[Told], now: datetime, room: Callable[[str], bool]) -> int:
    """Want the `replies`; gives how many.

    `room` takes the place of one message in a channel, where its budget still has one: the most pressing have it. A
    reminder for which there is none stands in the thread only: it is told, but the channel has had its messages.
    """
    made = replies(session, told)
    for one in made:
        _want(session, one, now, room)
    spoken = {one.row.message_id for one in told if one.decision.kind in SPEAKS}
    messages.touch(session, {message_id for message_id in spoken if message_id is not None}, now)
    return len(made)


def _urgency(some: Sequence[Told]) -> tuple[int, int, datetime, int]:
    return min(item_of(one.alert, one.send).urgency for one in some)


def _want(session: Session, reply: Reply, now: datetime, room: Callable[[str], bool]) -> None:
    some, parent = reply.some, reply.parent
    first, reason = min(some, key=lambda one: one.row.id), some[0].decision.reason
    body: dict[str, Any] = {"notice": reason, "alert": first.alert.id, "text": reply.text(session, now)}
    if len(some) > 1:
        body["alerts"] = [one.alert.id for one in some]
    if reply.mentions:
        body["mention"] = list(reply.mentions)
    if first.policy.repeat_in_channel and reason == "repeated" and room(parent.channel):
        body["broadcast"] = True
    messages.want(
        session, key=f"{reason}:{first.row.id}:{int(now.timestamp() * 1000)}", kind=NOTICE, channel=parent.channel,
        now=now, thread_of=parent.key, body=body,
    )


def _text(some: Sequence[Told], now: datetime, *, alone: bool, elsewhere: Collection[str], others: int) -> str:
    items = [item_of(one.alert, one.send) for one in some]
    number = max(one.row.repeats for one in some) + 1
    since = min(one.row.told_at or now for one in some)
    said = notices.reminder_line(
        items, some[0].decision.reason, now, number=number, since=since, alone=alone, others=others,
    )
    senders = {place for place in elsewhere if place.startswith(MAIL)}
    people = {place for place in elsewhere if is_direct(place)} - senders
    told_to = notices.escalated_to(
        channel=bool(set(elsewhere) - senders - people), sender=bool(senders), people=len(people),
    )
    return f"{said} {told_to}".rstrip()


def further(session: Session, some: Sequence[Told]) -> set[str]:
    """The places in which escalations have alerts told that stand there not yet; a sender only whom Slack knows."""
    wanted = {(one.alert.id, place) for one in some for step in one.decision.steps for place in _places(step, one.send)}
    if not wanted:
        return set()
    users = people.ids_by_email(session, {place.removeprefix(MAIL) for _, place in wanted if place.startswith(MAIL)})
    told = {
        (alert_id, row.channel)
        for alert_id, rows in notified.of_alerts(session, {alert_id for alert_id, _ in wanted}).items() for row in rows
    }
    return {
        place for alert_id, place in wanted - told
        if not place.startswith(MAIL)
        or ((user := users.get(place.removeprefix(MAIL))) is not None and (alert_id, user) not in told)
    }


def escalate(session: Session, told: Sequence[Told], now: datetime) -> None:
    """Want the alerts told in the further places of their escalations."""
    rows = [
        _place(one, channel, _from(session, one, step, now), now)
        for one in told if one.decision.kind is Kind.ESCALATE
        for step in one.decision.steps for channel in _places(step, one.send)
    ]
    notified.want(session, rows)


def _places(step: Escalation, send: Send | None) -> list[str]:
    address = send.sender_email.strip().lower() if send is not None and step.dm_sender else ""
    return [*([step.channel] if step.channel else []), *step.people, *([f"{MAIL}{address}"] if address else [])]


def _from(session: Session, one: Told, step: Escalation, now: datetime) -> CameFrom:
    parent = session.get(Message, one.row.message_id) if one.row.message_id is not None else None
    # Quiet hours may have delayed the step.
    after = max(step.after, now - one.row.told_at) if one.row.told_at is not None else step.after
    return CameFrom(place=one.row.channel, after=after, unseen=parent is None or parent.ts is None)


def _place(one: Told, channel: str, came_from: CameFrom, now: datetime) -> dict[str, Any]:
    return {
        "alert_id": one.alert.id, "channel": channel, "route": one.row.route,
        "policy": ONCE.as_json() | came_from.as_json(), "reason": "escalated", "next_at": now,
    }
