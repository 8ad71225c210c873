"""What the welcome of a channel shows, read from the tables each time it is drawn."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from bot.config import new_route
from bot.config.current import in_force
from bot.sends import sync as walk
from bot.slack.blocks import connection_window, welcome_card
from bot.slack.blocks.drawn import Drawn
from bot.slack.blocks.welcome_card import Welcome
from storage import people, sync
from storage.models import Message


def drawn(session: Session, message: Message, now: datetime, offered: Collection[str]) -> Drawn:
    """The welcome as it is now; `offered` are the buttons that are listened to."""
    by, alert_channel = (str(message.body.get(name) or "") for name in ("by", "alert_channel"))
    inviter, document = people.by_id(session, by) if by else None, in_force(session).document
    return welcome_card.build(
        Welcome(
            channel=message.channel, inviter=inviter.name if inviter is not None else "",
            routes=new_route.leading(document, message.channel, alert_channel),
            policies=new_route.escalating(document, message.channel),
            takes_rest=alert_channel == message.channel, elsewhere=alert_channel,
            offered={welcome_card.ROUTE, welcome_card.LOOK_UP, welcome_card.SETTINGS} & set(offered),
            needs_sendoso=bool(message.body.get("connect")) and connection_window.OPEN in offered
            and not _has_read(session),
        ),
        now,
    )


def _has_read(session: Session) -> bool:
    """Whether sends have come from Sendoso ever since."""
    cursor = sync.cursor(session, walk.SOURCE)
    return (cursor is not None and cursor.last_ok_at is not None) or sync.last_delivery_at(session) is not None
