"""The names by which things can be muted, as they are written in the tables."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, null, select
from sqlalchemy.orm import Session

from storage.alerts import OPEN_STATES
from storage.models import Alert, Send
from storage.mutes import COLUMNS, OF_SENDS


@dataclass(frozen=True, kw_only=True)
class Written:
    """A name as it is written, how many open alerts have it, and a send that has it (None: it is none of a send's)."""

    text: str
    alerts: int = 0
    send_id: int | None = None


def in_open_alerts(session: Session, scope: str) -> list[Written]:
    """All that open alerts have of that kind, such as every name of a campaign."""
    column, of_sends = COLUMNS[scope], scope in OF_SENDS
    asked = select(column, func.count(), func.max(Send.id) if of_sends else null()).select_from(Alert)
    if of_sends:
        asked = asked.join(Send, Send.id == Alert.send_id)
    rows = session.execute(asked.where(Alert.state.in_(OPEN_STATES)).group_by(column))
    return [Written(text=text, alerts=number, send_id=send_id) for text, number, send_id in rows]


def recent(session: Session, scope: str, limit: int) -> list[Written]:
    """What the sends that came in last have of a kind that sends have, the newest first, each name once."""
    newest = select(COLUMNS[scope].label("text"), Send.id).order_by(Send.id.desc()).limit(limit).subquery()
    last = func.max(newest.c.id)
    rows = session.execute(select(newest.c.text, last).group_by(newest.c.text).order_by(last.desc()))
    return [Written(text=text, send_id=send_id) for text, send_id in rows]
