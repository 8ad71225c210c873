"""Messages that are older than the alert or message which their buttons name by its row id: these mean another one.

After a back-up was restored, ids that were given since are given anew, and what was posted since stands in Slack still.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.delivery.pacing import Terms
from bot.slack import payloads
from bot.slack.blocks.help_card import note
from bot.slack.payloads import Where
from storage import messages
from storage.models import Alert, Message

UNKNOWN = note("Sendwatch does not know this message any more, so nothing was done. `/sends alerts` lists open alerts.")
TS = re.compile(r"[0-9]{1,11}\.[0-9]{1,6}")
_MARGIN = Terms().margin


def is_former(session: Session, place: Where, content: Mapping[str, Any]) -> bool:
    """Whether a button stands in such a message.

    One that the database knows is drawn by it, and may show what is younger than itself; so may what only one person
    sees, and windows, which are not asked about.
    """
    if place.ephemeral or place.view_id or not TS.fullmatch(place.message_ts):
        return False
    begun = _begun(session, content)
    posted_at = datetime.fromtimestamp(float(place.message_ts), UTC)
    if begun is None or posted_at >= begun - _MARGIN:
        return False
    return messages.posted(session, (place.channel, place.user_id), place.message_ts) is None


def _begun(session: Session, content: Mapping[str, Any]) -> datetime | None:
    """Since when there has been what the button names; None where it names neither an alert nor a message."""
    if "alert" in content:
        alert = session.get(Alert, payloads.number(content, "alert"))
        return alert.opened_at if alert is not None else None
    if "message" in content:
        message = session.get(Message, payloads.number(content, "message"))
        return message.created_at if message is not None else None
    return None
