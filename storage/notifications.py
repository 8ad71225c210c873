"""Notifications: where an alert is told, which message shows it there, and when there is more to say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, Table, Update, bindparam, case, func, select, update
from sqlalchemy.orm import Session

from storage import advisory, people
from storage.dialect import insert_of
from storage.models import Alert, Message, Notification, Send
from storage.sends import SOME, chunks

NOTIFICATIONS: Table = Notification.__table__  # type: ignore[assignment]
MAIL = "mail:"
"""Begins a place of which only the e-mail is known."""
BACKLOG = "baseline"
"""Holds what stands in the summary of a first look, until somebody chooses what becomes of that."""
FOR_SENDER = "for_sender"
"""Stands with the policy of an alert that was meant for its sender, whom Slack does not know."""
UNROUTED = ""
"""The place of an alert of which it is still to be said where it is told."""
TELLING = 0x5E4D_7E11
"""Names the advisory lock of whoever decides what is told."""

BLANK: dict[str, Any] = {
    "route": "", "policy": {}, "reason": "", "held": "", "message_id": None, "next_at": None, "told_at": None,
    "last_told_at": None, "repeats": 0, "escalations": 0,
}
Row = tuple[Notification, Alert, Send | None]

# Put together once, since a press needs it: building a statement anew costs as much time as running it.
MESSAGES_OF = (
    select(Notification.message_id)
    .where(Notification.alert_id.in_(SOME), Notification.message_id.is_not(None))
    .distinct()
)


def add(session: Session, rows: Sequence[dict[str, Any]]) -> int:
    """Want alerts told in places; one that is there already is left as it is. Gives how many are new."""
    if not rows:
        return 0
    insert = insert_of(session)
    statement = insert(Notification).on_conflict_do_nothing().returning(Notification.id)
    return len(session.execute(statement, [BLANK | row for row in rows]).all())


def want(session: Session, rows: Sequence[dict[str, Any]]) -> int:
    """Like `add`, but an address does not count as another place than the Slack user that it turned out to be."""
    addresses = {row["channel"].removeprefix(MAIL) for row in rows if row["channel"].startswith(MAIL)}
    if not addresses:
        return add(session, rows)
    users = people.ids_by_email(session, addresses)
    told = of_alerts(session, (row["alert_id"] for row in rows))
    return add(session, [row for row in rows if not _is_told(told[row["alert_id"]], row["channel"], users)])


def route_anew(session: Session, alert_ids: Iterable[int], now: datetime) -> None:
    """Have those alerts told wherever routes lead by now, too; where they are told already, they stay."""
    add(session, [{"alert_id": alert_id, "channel": UNROUTED, "next_at": now} for alert_id in sorted(set(alert_ids))])


def _is_told(places: Sequence[Notification], channel: str, users: dict[str, str]) -> bool:
    user = users.get(channel.removeprefix(MAIL)) if channel.startswith(MAIL) else None
    return user is not None and any(place.channel == user for place in places)


def alone(session: Session) -> bool:
    """Be the only one, over all processes, who decides what is told, until this transaction ends.

    False where somebody else is at it: what there is to tell is then in good hands.
    """
    if session.get_bind().dialect.name == "sqlite":
        return True
    return advisory.is_free(session, TELLING)


def any_due(session: Session, now: datetime) -> bool:
    """Whether there is anything to decide at `now`."""
    first = select(Notification.id).where(Notification.next_at.is_not(None), Notification.next_at <= now).limit(1)
    return session.scalar(first) is not None


def due(session: Session, now: datetime, *, lock: bool = False, about_sends: bool = True) -> list[Row]:
    """Everything about which something is to be decided, the oldest alert first; or only what is about the bot.

    With `lock` nobody else can change these alerts until this transaction ends (PostgreSQL).
    """
    ids = select(Notification.alert_id).where(Notification.next_at.is_not(None), Notification.next_at <= now)
    if not about_sends:
        ids = ids.join(Alert, Alert.id == Notification.alert_id).where(Alert.send_id.is_(None))
    alerts: dict[int, Alert] = {}
    for some in chunks(sorted(set(session.scalars(ids)))):
        found = select(Alert).where(Alert.id.in_(some)).order_by(Alert.id)
        if lock:
            found = found.with_for_update(key_share=True).execution_options(populate_existing=True)
        alerts.update((alert.id, alert) for alert in session.scalars(found))
    # Read only now: what a press or a mute has changed before the lock was had is seen.
    wanted = (
        select(Notification)
        .where(Notification.next_at.is_not(None), Notification.next_at <= now)
        .order_by(Notification.alert_id, Notification.id)
        .execution_options(populate_existing=True)
    )
    return _with_sends(session, [one for one in session.scalars(wanted) if one.alert_id in alerts], alerts)


def beside(session: Session, message_ids: Iterable[int], besides: Iterable[int], *, lock: bool = False) -> list[Row]:
    """What else those messages show of firing alerts, without the rows of the ids `besides`.

    With `lock` as for `due`, but for alerts that somebody is changing just now: these are left out.
    """
    known, wanted = set(besides), sorted(set(message_ids))
    found: list[Notification] = []
    for some in chunks(wanted):
        found.extend(session.scalars(
            select(Notification).join(Alert, Alert.id == Notification.alert_id)
            .where(Notification.message_id.in_(some), Alert.state == "firing")
            .order_by(Notification.alert_id, Notification.id),
        ))
    found = [one for one in found if one.id not in known]
    alerts: dict[int, Alert] = {}
    for some in chunks(sorted({one.alert_id for one in found})):
        of_these = select(Alert).where(Alert.id.in_(some), Alert.state == "firing").order_by(Alert.id)
        if lock:
            # Never waits, since other alerts are held already: two that wait for each other would both be lost.
            of_these = of_these.with_for_update(key_share=True, skip_locked=True)
            of_these = of_these.execution_options(populate_existing=True)
        alerts.update((alert.id, alert) for alert in session.scalars(of_these))
    ids = [one.id for one in found if one.alert_id in alerts]
    fresh: list[Notification] = []
    for some in chunks(ids):
        fresh.extend(session.scalars(
            select(Notification).where(Notification.id.in_(some))
            .order_by(Notification.alert_id, Notification.id).execution_options(populate_existing=True),
        ))
    return _with_sends(session, fresh, alerts)


def firing_in(
    session: Session, message_ids: Iterable[int], *, closed: Collection[int] = (), woken: Collection[int] = (),
) -> dict[int, int]:
    """How many alerts of which nobody has taken care each of those messages shows.

    Where it is only asked what a scan would do: `closed` are row ids of alerts that it would close, `woken` of those
    whose snooze it would end.
    """
    counts: dict[int, int] = Counter()
    for some in chunks(sorted(set(message_ids))):
        rows = session.execute(
            select(Notification.message_id, Alert.id, Alert.state)
            .join(Alert, Alert.id == Notification.alert_id)
            .where(Notification.message_id.in_(some), Alert.state.in_(["firing", "snoozed"])),
        )
        for message_id, alert_id, state in rows:
            if message_id is not None and alert_id not in closed and (state == "firing" or alert_id in woken):
                counts[message_id] += 1
    return counts


def open_of(session: Session, condition: Any) -> list[Row]:  # noqa: ANN401 - a condition of SQLAlchemy's
    """The notifications of open alerts that meet a condition on alerts and sends, with both; read only."""
    rows = session.execute(_open(condition)).all()
    return [(one, alert, send) for one, alert, send in rows]


def _open(condition: Any) -> Select[Notification, Alert, Send]:  # noqa: ANN401 - as above
    return (
        select(Notification, Alert, Send)
        .join(Alert, Alert.id == Notification.alert_id)
        .outerjoin(Send, Send.id == Alert.send_id)
        .where(Alert.state != "resolved", condition)
        .order_by(Alert.id, Notification.id)
    )


def _with_sends(session: Session, found: Sequence[Notification], alerts: dict[int, Alert]) -> list[Row]:
    sends: dict[int, Send] = {}
    for some in chunks(sorted({alert.send_id for alert in alerts.values() if alert.send_id is not None})):
        sends.update((send.id, send) for send in session.scalars(select(Send).where(Send.id.in_(some))))
    return [(one, alerts[one.alert_id], sends.get(alerts[one.alert_id].send_id or 0)) for one in found]


def of_alerts(session: Session, alert_ids: Iterable[int]) -> dict[int, list[Notification]]:
    """Every place of those alerts, in the order in which they were wanted."""
    found: dict[int, list[Notification]] = {alert_id: [] for alert_id in alert_ids}
    for some in chunks(sorted(found)):
        rows = session.scalars(
            select(Notification).where(Notification.alert_id.in_(some)).order_by(Notification.id),
        )
        for one in rows:
            found[one.alert_id].append(one)
    return found


def shown_in(session: Session, message_id: int) -> list[Notification]:
    """What a message shows."""
    return list(session.scalars(
        select(Notification).where(Notification.message_id == message_id).order_by(Notification.id),
    ))


def meant_for_senders(session: Session, message_id: int) -> int:
    """How many of the alerts that a message shows were meant for senders whom Slack does not know."""
    meant = Notification.policy[FOR_SENDER].as_boolean().is_(True)
    return session.scalar(select(func.count()).where(Notification.message_id == message_id, meant)) or 0


def without_alerts(session: Session, message_ids: Iterable[int]) -> set[int]:
    """Those of the messages that show no alert."""
    empty = set(message_ids)
    for some in chunks(sorted(empty)):
        empty.difference_update(session.scalars(
            select(Notification.message_id).where(Notification.message_id.in_(some)).distinct(),
        ))
    return empty


def messages_of(session: Session, alert_ids: Iterable[int]) -> set[int]:
    """Row ids of all messages that show those alerts."""
    found: set[int] = set()
    for some in chunks(sorted(set(alert_ids))):
        found.update(session.scalars(MESSAGES_OF, {"some": some}))
    return found


def change(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write columns of notifications; each row names `id` and the same columns as the others."""
    if not rows:
        return
    names = [name for name in rows[0] if name != "id"]
    session.connection().execute(
        update(NOTIFICATIONS)
        .where(NOTIFICATIONS.c.id == bindparam("row_id"))
        .values({name: bindparam(f"new_{name}", type_=NOTIFICATIONS.c[name].type) for name in names}),
        [{"row_id": row["id"]} | {f"new_{name}": row[name] for name in names} for row in rows],
    )


def wake(session: Session, alert_ids: Iterable[int], now: datetime, **values: Any) -> None:  # noqa: ANN401 - columns
    """Decide anew about those alerts; `values` are further columns to set, such as what held them.

    What waits for the choice about a first look goes on waiting.
    """
    _set(session, alert_ids, {"next_at": now, **values}, backlog=False)


def begin_anew(session: Session, alert_ids: Sequence[int], now: datetime) -> None:
    """Have the clocks of reminders and escalations of those alerts begin now, where they have been told."""
    for some in chunks(alert_ids):
        brought_up = (Notification.repeats > 0) | (Notification.escalations > 0)
        session.execute(
            update(Notification)
            .where(Notification.alert_id.in_(some), Notification.told_at.is_not(None))
            # That it was brought up again is over, too; why it stands where it was escalated to is not.
            .values(
                told_at=now, last_told_at=now, repeats=0, escalations=0,
                reason=case((brought_up, ""), else_=Notification.reason),
            )
            .execution_options(synchronize_session=False),
        )


def start_over(session: Session, alert_ids: Iterable[int], now: datetime) -> None:
    """Have those alerts told as if they never had been."""
    _set(session, alert_ids, BLANK_TELLING | {"next_at": now})


def leave_backlog(session: Session, alert_ids: Iterable[int], now: datetime, held: str = "") -> None:
    """Have those of the alerts that wait for the choice about a first look told as alerts of their own.

    `held` is what has kept them until now, of which their first telling then says that it has ended.
    """
    _set(session, alert_ids, BLANK_TELLING | {"next_at": now, "held": held}, backlog=True)


BLANK_TELLING: dict[str, Any] = {
    "reason": "", "held": "", "message_id": None, "told_at": None, "last_told_at": None, "repeats": 0,
    "escalations": 0,
}


def _set(
    session: Session, alert_ids: Iterable[int], values: Mapping[str, Any], *, backlog: bool | None = None,
) -> None:
    """Set columns for all of the alerts, or for those that are (not) held by the choice about a first look."""
    statement = _setting(tuple(values), backlog)
    given = {f"new_{name}": value for name, value in values.items()}
    for some in chunks(sorted(set(alert_ids))):
        session.execute(statement, {"some": some, **given})


@cache
def _setting(names: tuple[str, ...], backlog: bool | None) -> Update:  # noqa: FBT001 - as `_set` is told
    c = NOTIFICATIONS.c
    statement = update(NOTIFICATIONS).where(c.alert_id.in_(SOME))
    if backlog is not None:
        statement = statement.where(c.held == BACKLOG if backlog else c.held != BACKLOG)
    return statement.values({name: bindparam(f"new_{name}", type_=c[name].type) for name in names})


def of_message(session: Session, message_id: int, alert_id: int) -> Notification | None:
    """How one alert stands in one message."""
    return session.scalar(
        select(Notification)
        .where(Notification.message_id == message_id, Notification.alert_id == alert_id)
        .order_by(Notification.id).limit(1),
    )


def posted_since(session: Session, channels: Iterable[str], since: datetime) -> list[tuple[str, datetime]]:
    """Channel and moment of each message with alerts that was wanted in those channels since then.

    A reply that is shown in the channel, too, is one of them.
    What was meant for an address that turned out to be nobody's was never shown there, and does not count.
    """
    rows = session.execute(
        select(Message.channel, Message.created_at)
        .where(
            Message.channel.in_(sorted(set(channels))), Message.created_at >= since,
            (Message.thread_of.is_(None) & Message.kind.in_(("alert", "group")))
            | (Message.thread_of.is_not(None) & Message.body["broadcast"].as_boolean().is_(True)),
            Message.ts.is_not(None) | Message.next_at.is_not(None),
        ),
    )
    return [(channel, at) for channel, at in rows]
