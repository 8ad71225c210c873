"""What has become of an escalation to the sender: whether Slack knows them is found out after it was decided."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.slack.blocks.why_now import Sender
from storage import addresses, messages, notifications, people
from storage.models import Notification, Send
from storage.notifications import MAIL


def sender_of(session: Session, shown: Notification | None, send: Send | None, now: datetime) -> Sender:
    """Whether the sender has been told directly of an alert that was escalated where it is `shown`."""
    address = send.sender_email.strip().lower() if send is not None else ""
    if shown is None or not shown.escalations or not address:
        return Sender.MAYBE
    if addresses.unknown_until(session, f"{MAIL}{address}", now) is not None:
        return Sender.UNKNOWN
    person = people.by_email(session, address)
    places = notifications.of_alerts(session, [shown.alert_id])[shown.alert_id]
    told = [
        place.message_id for place in places
        if person is not None and place.channel == person.user_id and place.message_id is not None
    ]
    # What Slack has refused stands nowhere and is not tried again. Of what settled itself meanwhile nothing is told,
    # which changes no words where it was told already.
    stands = any(
        one.ts is not None or one.next_at is not None or one.posted_rev > 0 for one in messages.by_ids(session, told)
    )
    return Sender.TOLD if stands else Sender.MAYBE
