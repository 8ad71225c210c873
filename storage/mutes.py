"""Mutes: which are in force, what they would hide, and how far each is carried out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, exists, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage import advisory, cursors
from storage.alerts import OPEN_STATES
from storage.models import Alert, AlertEvent, Mute, Notification, Send, SyncCursor
from storage.sends import chunks

LOCK = 0x5E4D_4D55
"""Names the advisory lock under which PostgreSQL's processes make and end mutes, one after the other."""
WALK = "mute:"
"""Begins the names of the rows in `sync_cursors` that say how far a mute is carried out."""

OF_SENDS: dict[str, InstrumentedAttribute[str]] = {
    "campaign": Send.campaign, "team": Send.team, "sender": Send.sender_email, "send": Send.send_gid,
}
OF_ALERTS: dict[str, InstrumentedAttribute[str]] = {"rule": Alert.rule, "status": Alert.status}
COLUMNS = OF_SENDS | OF_ALERTS
"""Scope -> what a mute of that scope compares."""

_OVER = and_(
    Mute.told_end_at.is_(None), Mute.ended_at.is_(None), Mute.ends_at <= bindparam("now", type_=Mute.ends_at.type),
)
_ANY_LEFT = select(or_(exists().where(_OVER), exists().where(SyncCursor.source.startswith(WALK))))


@dataclass(frozen=True, kw_only=True)
class Spelt:
    """What a mute concerns, as it is written in the tables: one campaign may be spelt in several ways."""

    scope: str
    values: tuple[str, ...]


def in_force(session: Session, now: datetime, by: str | None = None) -> Sequence[Mute]:
    """Every mute that holds at `now`, or those that the Slack user `by` has made; what ends first comes first."""
    made = [Mute.created_by == by] if by is not None else []
    return session.scalars(
        select(Mute).where(Mute.ends_at > now, Mute.ended_at.is_(None), *made).order_by(Mute.ends_at, Mute.id),
    ).all()


def page_in_force(session: Session, now: datetime, offset: int, limit: int) -> tuple[list[Mute], int]:
    """Some of the mutes that hold, the one that ends first at the beginning, and how many there are."""
    found = in_force(session, now)
    return list(found[offset:offset + limit]), len(found)


def page_over(session: Session, now: datetime, offset: int, limit: int) -> tuple[list[Mute], int]:
    """Some of the mutes that hold no more, the one that ended last at the beginning, and how many there are."""
    over = or_(Mute.ended_at.is_not(None), Mute.ends_at <= now)
    ended = func.coalesce(Mute.ended_at, Mute.ends_at)
    page = select(Mute).where(over).order_by(ended.desc(), Mute.id.desc()).offset(offset).limit(limit)
    return list(session.scalars(page)), session.scalar(select(func.count()).select_from(Mute).where(over)) or 0


def overlapping(session: Session, since: datetime, until: datetime) -> Sequence[Mute]:
    """Every mute that held at some time between two instants, in the order in which they were made."""
    over = func.coalesce(Mute.ended_at, Mute.ends_at)
    return session.scalars(select(Mute).where(Mute.created_at < until, over > since).order_by(Mute.id)).all()


def by_id(session: Session, mute_id: int) -> Mute | None:
    """The mute of that row id as it is now, or None."""
    return session.get(Mute, mute_id, populate_existing=True)


def replacing(session: Session, mute_ids: Collection[int]) -> dict[int, Mute]:
    """By row id: the mute that took its place, for each that was changed or made again."""
    found = session.scalars(select(Mute).where(Mute.replaces.in_(mute_ids)).order_by(Mute.id))
    return {one.replaces: one for one in found if one.replaces is not None}


def recorded(session: Session, dedupe_key: str) -> Mute | None:
    """The mute about which something with this key has been recorded."""
    detail = session.scalar(select(AlertEvent.detail).where(AlertEvent.dedupe_key == dedupe_key))
    mute_id = detail.get("mute") if detail else None
    return by_id(session, mute_id) if isinstance(mute_id, int) else None


def alone(session: Session) -> None:
    """Be the only one who makes or ends a mute until this transaction ends. SQLite has one writer anyway."""
    if session.get_bind().dialect.name != "sqlite":
        advisory.wait_for(session, LOCK)


def make(session: Session, **values: Any) -> Mute:  # noqa: ANN401 - columns of every type
    """Add a mute."""
    mute = Mute(**values)
    session.add(mute)
    session.flush()
    return mute


def end(session: Session, mute: Mute, by: str, now: datetime) -> None:
    """Note that somebody has ended it before its time."""
    mute.ended_at, mute.ended_by, mute.told_end_at = now, by, now
    session.flush()


def run_out(session: Session, now: datetime) -> Sequence[Mute]:
    """Mutes whose end has come since somebody last asked, from now on marked as seen."""
    found = session.scalars(
        select(Mute)
        .where(_OVER).order_by(Mute.id).with_for_update().execution_options(populate_existing=True),
        {"now": now},
    ).all()
    for mute in found:
        mute.told_end_at = now
    session.flush()
    return found


def events_of(session: Session, mute: Mute) -> list[AlertEvent]:
    """What is on record about that mute, the latest first."""
    # They belong to no alert: those are few, and these are found among them by their time.
    found = session.scalars(
        select(AlertEvent)
        .where(AlertEvent.alert_id.is_(None), AlertEvent.occurred_at >= mute.created_at)
        .order_by(AlertEvent.id.desc()),
    )
    return [event for event in found if event.detail.get("mute") == mute.id]


# --- what a mute concerns -----------------------------------------------------------------------------


def concerns(found: Iterable[Spelt]) -> ColumnElement[bool]:
    """Whether an alert, with its send joined to it or correlated, is one of those; never NULL."""
    return or_(false(), *(
        and_(Send.id.is_not(None), COLUMNS[one.scope].in_(one.values)) if one.scope in OF_SENDS
        else COLUMNS[one.scope].in_(one.values)
        for one in found
    ))


def tally(session: Session, wanted: ColumnElement[bool], already: ColumnElement[bool]) -> tuple[int, int, int]:
    """Open alerts that are `wanted`: how many, how many of them have been told, and how many `already` are."""
    told = exists().where(Notification.alert_id == Alert.id, Notification.told_at.is_not(None))
    asked = (
        select(func.count(), func.count().filter(told), func.count().filter(already))
        .select_from(Alert).outerjoin(Send, Send.id == Alert.send_id)
        .where(Alert.state.in_(OPEN_STATES), wanted)
    )
    found = session.execute(asked).one()
    return found[0], found[1], found[2]


def open_page(
    session: Session, wanted: ColumnElement[bool], offset: int, limit: int,
) -> tuple[list[tuple[Alert, Send | None]], int]:
    """Some of the open alerts that are `wanted`, the newest first, with their sends, and how many there are."""
    with_sends = select(Alert, Send).outerjoin(Send, Send.id == Alert.send_id)
    asked = with_sends.where(Alert.state.in_(OPEN_STATES), wanted)
    newest = (Alert.opened_at.desc(), Alert.id.desc())
    # Only the ids are put in order: whole rows are much to carry about. Counted on the way: every send is read for it.
    counted = asked.with_only_columns(Alert.id, func.count().over()).order_by(*newest).offset(offset).limit(limit)
    found = session.execute(counted).all()
    if not found:
        # Behind the last page nothing tells the number.
        return [], (session.scalar(asked.with_only_columns(func.count())) or 0) if offset else 0
    page = with_sends.where(Alert.id.in_([alert_id for alert_id, _ in found])).order_by(*newest)
    return [(alert, send) for alert, send in session.execute(page)], found[0][1]


# --- carrying it out ----------------------------------------------------------------------------------



@dataclass(frozen=True, kw_only=True)
class Walk:
    """How far a mute is carried out: the row id of the last alert looked at. `undone`: it was taken back."""

    mute: Mute
    after: int
    undone: bool


def walk(session: Session, mute_id: int, *, undone: bool = False) -> None:
    """Have all that a mute concerns looked at, from the first on: it has begun, it is over, or it was taken back."""
    cursors.put(session, f"{WALK}{mute_id}", cursor={"after": 0, "undone": undone})


def any_left(session: Session, now: datetime) -> bool:
    """Whether a mute has run out or is not wholly carried out; nothing is held."""
    return bool(session.scalar(_ANY_LEFT, {"now": now}))


def next_walk(session: Session, mute_id: int | None = None) -> Walk | None:
    """A mute (or that one) that is not wholly carried out.

    Nobody else carries it on until this transaction ends. None where all is done.
    """
    which = SyncCursor.source.startswith(WALK) if mute_id is None else SyncCursor.source == f"{WALK}{mute_id}"
    asked = select(SyncCursor).where(which).order_by(SyncCursor.source).limit(1)
    found = session.scalar(asked.with_for_update().execution_options(populate_existing=True))
    if found is None:
        return None
    mute = session.get_one(Mute, int(found.source.removeprefix(WALK)))
    return Walk(mute=mute, after=int(found.cursor["after"]), undone=bool(found.cursor.get("undone")))


def walk_on(session: Session, mute_id: int, after: int | None) -> None:
    """Note how far a mute is carried out; None when nothing is left."""
    found = session.get_one(SyncCursor, f"{WALK}{mute_id}")
    if after is None:
        session.delete(found)
    else:
        found.cursor = {**found.cursor, "after": after}
    session.flush()


def open_ids(session: Session, after: int, limit: int) -> list[int]:
    """Row ids of the next open alerts behind `after`, in their order."""
    # Not by the primary key: that would lead through all that was ever settled.
    row_id = Alert.id + 0
    asked = select(Alert.id).where(Alert.state.in_(OPEN_STATES), row_id > after).order_by(row_id).limit(limit)
    return list(session.scalars(asked))


def open_in(session: Session, message_id: int) -> list[int]:
    """Row ids of the open alerts that a message shows."""
    asked = select(Alert.id).join(Notification, Notification.alert_id == Alert.id)
    return list(session.scalars(asked.where(Notification.message_id == message_id, Alert.state.in_(OPEN_STATES))))


def subjects(session: Session, alert_ids: Iterable[int]) -> list[Row[Any]]:
    """Of those alerts what mutes look at: id, rule, level, status, campaign, team, sender_email, send_gid."""
    found: list[Row[Any]] = []
    for some in chunks(sorted(set(alert_ids))):
        found.extend(session.execute(
            select(
                Alert.id, Alert.rule, Alert.level, Alert.status, Send.campaign, Send.team, Send.sender_email,
                Send.send_gid,
            )
            .outerjoin(Send, Send.id == Alert.send_id).where(Alert.id.in_(some)).order_by(Alert.id),
        ))
    return found


def hold_still(session: Session, alert_ids: Iterable[int]) -> None:
    """Let nobody else change those alerts, or decide what is told of them, until this transaction ends."""
    for some in chunks(sorted(set(alert_ids))):
        session.execute(select(Alert.id).where(Alert.id.in_(some)).order_by(Alert.id).with_for_update(key_share=True))


def places(session: Session, alert_ids: Iterable[int]) -> list[Row[Any]]:
    """Where those alerts are told: id, alert_id, state of the alert, held, next_at, policy, message_id."""
    found: list[Row[Any]] = []
    for some in chunks(sorted(set(alert_ids))):
        found.extend(session.execute(
            select(
                Notification.id, Notification.alert_id, Alert.state, Notification.held, Notification.next_at,
                Notification.policy, Notification.message_id,
            )
            .join(Alert, Alert.id == Notification.alert_id)
            .where(Notification.alert_id.in_(some)).order_by(Notification.alert_id, Notification.id),
        ))
    return found
