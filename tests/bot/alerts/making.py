"""Sends for the tests of alerts: put into the database as intake would leave them."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from bot.alerts.judgement import watched
from bot.alerts.press import press
from bot.alerts.pressed import Outcome, Press
from bot.alerts.routing import Routing
from bot.alerts.rulebook import Rulebook
from bot.alerts.scan import ScanReport, everything
from bot.statuses import thresholds
from bot.statuses.watch import us_watch
from storage.engine import Database
from storage.models import Alert, AlertEvent, Message, Notification, Send

CALENDAR = us_watch()
RULES = Rulebook(watch=CALENDAR, routing=Routing(alert_channel="C01GIFTING", admins=("U01ANN", "U02BEN")))
NO_ADMINS = Rulebook(watch=CALENDAR, routing=Routing(alert_channel="C01GIFTING"))
DAY = timedelta(days=1)
Row = TypeVar("Row")
_numbers = count(1)


def add(session: Session, now: datetime, gid: str, **values: Any) -> Send:  # noqa: ANN401 - columns of every type
    """A send in Order Received for 8 days unless `values` say otherwise; due as the thresholds have it."""
    since = values.pop("since", now - 8 * DAY)
    status = values.pop("status", "order_received")
    fields: dict[str, Any] = {
        "kind": "physical", "type": "Inventoried Sends", "status_raw": status, "status_since": since,
        "created_at": since, "recipient_name": f"Recipient {gid}", "campaign": f"Campaign of {gid}",
        "first_seen_at": since, "updated_at": since,
    }
    if status == "order_received":
        fields["warehouse_since"] = since
    send = Send(send_gid=gid, status=status, **fields | values)
    found = thresholds.next_due(watched(send), CALENDAR)
    send.due_at, send.due_rule = found or (None, None)
    session.add(send)
    session.flush()
    return send


def move(session: Session, now: datetime, gid: str, status: str, **values: Any) -> None:  # noqa: ANN401 - columns of every type
    """The send enters another status now, as intake would write it."""
    send = the_send(session, gid)
    send.status, send.status_raw, send.status_since = status, values.pop("status_raw", status), now
    send.status_seq += 1
    send.warehouse_since = now if status == "order_received" else None
    for name, value in values.items():
        setattr(send, name, value)
    send.due_at = now
    session.flush()


def the_send(session: Session, gid: str) -> Send:
    return session.query(Send).filter_by(send_gid=gid).one()


def scan(database: Database, now: datetime, rules: Rulebook = RULES) -> ScanReport:
    return everything(database, now, lambda _session: rules)


def no_backlog(database: Database, now: datetime) -> None:
    """A database whose first scan is over, without a finding."""
    with database.write() as session:
        add(session, now, "quiet", status="delivered")
    scan(database, now)


def alerts(session: Session, gid: str | None = None) -> list[Alert]:
    """Alerts as plain data that outlives the session, of one send or all."""
    found = session.query(Alert).order_by(Alert.id)
    if gid is not None:
        found = found.join(Send, Send.id == Alert.send_id).filter(Send.send_gid == gid)
    return _apart(session, found.all())


def alert(session: Session, gid: str) -> Alert:
    (found,) = alerts(session, gid)
    return found


def messages(session: Session) -> list[Message]:
    return _apart(session, session.query(Message).order_by(Message.id).all())


def places(session: Session, alert_id: int) -> list[Notification]:
    """Where an alert is told, as plain data."""
    found = session.query(Notification).filter_by(alert_id=alert_id).order_by(Notification.id).all()
    return _apart(session, found)


def message_of(session: Session, alert: Alert) -> int | None:
    """Row id of the message that shows an alert in its first place."""
    return next((one.message_id for one in places(session, alert.id)), None)


def events(session: Session, action: str | None = None) -> list[AlertEvent]:
    found = _apart(session, session.query(AlertEvent).order_by(AlertEvent.id).all())
    return [one for one in found if action is None or one.action == action]


def _apart(session: Session, rows: list[Row]) -> list[Row]:
    for row in rows:
        session.expunge(row)
    return rows


def pressing(action: str, user: str = "U01ANN", **values: Any) -> Press:  # noqa: ANN401 - columns of every type
    """A press that nobody has made before."""
    values.setdefault("dedupe_key", f"press-{next(_numbers)}")
    return Press(action=action, user_id=user, user_name=user.lower(), **values)


def press_on(
    database: Database, now: datetime, action: str, alert_id: int, user: str = "U01ANN", **values: Any,  # noqa: ANN401 - columns of every type
) -> Outcome:
    with database.write() as session:
        return press(session, pressing(action, user, alert_ids=(alert_id,), **values), now, RULES)


def press_on_message(
    database: Database, now: datetime, action: str, message_id: int, user: str = "U01ANN", **values: Any,  # noqa: ANN401 - columns of every type
) -> Outcome:
    with database.write() as session:
        return press(session, pressing(action, user, message_id=message_id, **values), now, RULES)
