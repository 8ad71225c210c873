"""Alerts: questions about them, and the few ways in which they are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Table, Update, bindparam, func, select, update
from sqlalchemy.orm import Session

from storage import messages, notifications
from storage.dialect import insert_of
from storage.models import Alert, Message, Notification, Send
from storage.notifications import BACKLOG
from storage.sends import SOME, by_ids, chunks

ALERTS: Table = Alert.__table__  # type: ignore[assignment]
OPEN_STATES = ("firing", "acknowledged", "snoozed")

# Put together once, since a press needs them: building a statement anew costs as much time as running it.
AS_THEY_ARE = select(Alert).where(Alert.id.in_(SOME)).order_by(Alert.id).execution_options(populate_existing=True)
LOCKED = AS_THEY_ARE.with_for_update(key_share=True)


class LostRaceError(RuntimeError):
    """Somebody else changed an alert between reading and writing; the transaction must not be kept."""

    def __init__(self, wanted: int, done: int) -> None:
        super().__init__(f"{wanted - done} of {wanted} alerts were changed by somebody else meanwhile")


@dataclass(frozen=True, kw_only=True)
class Write:
    """New values for the columns of one alert that was read at `version`."""

    alert_id: int
    version: int
    values: Mapping[str, Any]


def by_id(session: Session, alert_id: int) -> Alert | None:
    """The alert of that row id, or None."""
    return session.get(Alert, alert_id)


def last_id(session: Session) -> int:
    """The highest row id of an alert; 0 where there is none."""
    return session.scalar(select(func.max(Alert.id))) or 0


def open_alerts(session: Session, limit: int, offset: int = 0) -> tuple[list[Alert], int]:
    """One page of the alerts that are not resolved, the newest first, and how many there are in all."""
    is_open = Alert.state.in_(OPEN_STATES)
    total = session.scalar(select(func.count()).select_from(Alert).where(is_open)) or 0
    page = select(Alert).where(is_open).order_by(Alert.opened_at.desc(), Alert.id.desc()).limit(limit).offset(offset)
    return list(session.scalars(page)), total


def of_assignee(session: Session, user_id: str) -> list[Alert]:
    """The open alerts that this Slack user has taken on, the oldest first."""
    return list(session.scalars(
        select(Alert)
        .where(Alert.assignee == user_id, Alert.state.in_(OPEN_STATES))
        .order_by(Alert.opened_at, Alert.id),
    ))


def open_with_reason(session: Session, reason: str) -> list[Alert]:
    """The open alerts that are shown for that reason, in the order of their ids."""
    return list(session.scalars(
        select(Alert).where(Alert.state.in_(OPEN_STATES), Alert.reason == reason).order_by(Alert.id),
    ))


def for_message(session: Session, message_id: int) -> list[Alert]:
    """The alerts that a message shows, the oldest first."""
    return list(session.scalars(
        select(Alert)
        .where(Alert.id.in_(select(Notification.alert_id).where(Notification.message_id == message_id)))
        .order_by(Alert.opened_at, Alert.id),
    ))


def messages_of(session: Session, alerts: Iterable[Alert]) -> set[int]:
    """Row ids of all messages that show these alerts, or that count them in the summary of a first look."""
    some = list(alerts)
    shown = notifications.messages_of(session, (alert.id for alert in some))
    return shown | (messages.ids(session, [BACKLOG]) if any(alert.reason == BACKLOG for alert in some) else set())


def open_for_sends(session: Session, send_ids: Iterable[int]) -> dict[int, list[Alert]]:
    """The open alerts of those sends, the oldest first; a send without any has an empty list."""
    found: dict[int, list[Alert]] = {send_id: [] for send_id in send_ids}
    for some in chunks(sorted(found)):
        rows = session.scalars(
            select(Alert).where(Alert.send_id.in_(some), Alert.state.in_(OPEN_STATES)).order_by(Alert.id),
        )
        for alert in rows:
            found[alert.send_id or 0].append(alert)
    return found


def of_sends(session: Session, send_ids: Iterable[int], *, lock: bool = False) -> dict[int, list[Alert]]:
    """Every alert that those sends have ever had, the oldest first.

    With `lock` nobody else can change them until this transaction ends (PostgreSQL; SQLite has one writer).
    """
    found: dict[int, list[Alert]] = {send_id: [] for send_id in send_ids}
    for some in chunks(sorted(found)):
        statement = select(Alert).where(Alert.send_id.in_(some)).order_by(Alert.id)
        if lock:
            statement = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
        for alert in session.scalars(statement):
            found[alert.send_id or 0].append(alert)
    return found


def of_bot(session: Session, rule: str) -> list[Alert]:
    """Every alert of that rule about the bot itself, the oldest first."""
    return list(session.scalars(
        select(Alert).where(Alert.send_id.is_(None), Alert.rule == rule).order_by(Alert.id),
    ))


def locked(session: Session, alert_ids: Iterable[int]) -> list[Alert]:
    """Those alerts as they are now, held until this transaction ends; always in the same order."""
    found: list[Alert] = []
    for some in chunks(sorted(set(alert_ids))):
        found.extend(session.scalars(LOCKED, {"some": some}))
    return found


def add(session: Session, rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Open alerts; one that exists already (same key) is left as it is. Gives key -> id of those made."""
    if not rows:
        return {}
    insert = insert_of(session)
    statement = insert(Alert).on_conflict_do_nothing().returning(Alert.key, Alert.id)
    return dict(session.execute(statement, [BLANK | row for row in rows]).all())


BLANK: dict[str, Any] = {
    "send_id": None, "status": "", "status_raw": "", "status_since": None, "status_seq": 1, "threshold": {},
    "why": "", "reason": "first", "state": "firing", "version": 1, "assignee": None,
}


def save(session: Session, writes: Sequence[Write]) -> None:
    """Write alerts and raise their versions. Raises `LostRaceError` where one is no longer at the version read.

    All writes must name the same columns.
    """
    if not writes:
        return
    ordered = sorted(writes, key=lambda write: write.alert_id)
    statement = _saving(tuple(ordered[0].values))
    rows = [{"row_id": one.alert_id, "seen_version": one.version, **one.values} for one in ordered]
    done = session.connection().execute(statement, rows).rowcount
    if done != len(rows):
        raise LostRaceError(len(rows), done)


@cache
def _saving(names: tuple[str, ...]) -> Update:
    return (
        update(ALERTS)
        .where(ALERTS.c.id == bindparam("row_id"), ALERTS.c.version == bindparam("seen_version"))
        .values({name: bindparam(name) for name in names} | {"version": ALERTS.c.version + 1})
    )


def refresh(session: Session, alert_ids: Iterable[int]) -> list[Alert]:
    """Those alerts read anew from the database, in the order of their ids."""
    found: list[Alert] = []
    for some in chunks(sorted(set(alert_ids))):
        found.extend(session.scalars(AS_THEY_ARE, {"some": some}))
    return found


def that_hide(
    session: Session, send_ids: Iterable[int], campaigns: Iterable[str],
) -> list[tuple[Alert, Send | None]]:
    """Open alerts that may explain others away.

    That is, those campaigns' about missing funds, and those sends' own about offers that are over.
    """
    found: list[Alert] = []
    for names in chunks(sorted(set(campaigns))):
        found.extend(session.scalars(
            select(Alert).join(Send, Send.id == Alert.send_id).where(
                Alert.rule == "needs_action", Alert.status == "insufficient_funds", Alert.state.in_(OPEN_STATES),
                Send.campaign.in_(names),
            ).order_by(Alert.id),
        ))
    for some in chunks(sorted(set(send_ids))):
        found.extend(session.scalars(
            select(Alert).where(Alert.send_id.in_(some), Alert.rule == "expired", Alert.state.in_(OPEN_STATES)),
        ))
    return with_sends(session, found)


def with_sends(session: Session, alerts: Sequence[Alert]) -> list[tuple[Alert, Send | None]]:
    """Each alert with the send that it is about."""
    found = by_ids(session, (alert.send_id for alert in alerts if alert.send_id is not None))
    return [(alert, found.get(alert.send_id or 0)) for alert in alerts]


def set_reason(session: Session, alert_ids: Iterable[int], reason: str) -> None:
    """Say why those alerts are shown now."""
    for some in chunks(sorted(set(alert_ids))):
        session.execute(
            update(Alert).where(Alert.id.in_(some)).values(reason=reason),
            execution_options={"synchronize_session": "evaluate"},
        )


def summary(session: Session, message_id: int | None) -> Message | None:
    """The message of that row id as it is now, held until this transaction ends."""
    return session.scalar(
        select(Message)
        .where(Message.id == message_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True),
    )


def keys(session: Session, wanted: Iterable[str]) -> set[str]:
    """Which of these keys name an alert that exists."""
    found: set[str] = set()
    for some in chunks(sorted(set(wanted))):
        found.update(session.scalars(select(Alert.key).where(Alert.key.in_(some))))
    return found
