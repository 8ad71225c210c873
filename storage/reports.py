"""What reports count: sends made, steps taken, what is stuck, how long stages take, how old the open ones are.

Everything is added up by the database, by the columns that the asker wants to tell apart, so that no more than the
sums come out of it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    and_,
    case,
    cast,
    exists,
    extract,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    type_coerce,
    union,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from storage.alerts import OPEN_STATES
from storage.counted import (
    ARRIVED,
    DELIVERED,
    EXPIRED,
    MOVING,
    REDEEMED,
    REFUNDED,
    SENT,
    STUCK,
    WHOLE_WAY,
    Aged,
    Lasted,
    Sum,
)
from storage.models import Alert, Send, SendHistory
from storage.models.sends import REPORTED

STEPS: dict[str, str] = {
    "opened": MOVING, "shipped": MOVING, "amazon_shipped": MOVING, "delivered": DELIVERED, "redeemed": REDEEMED,
    "expired": EXPIRED, "confirmation_canceled": EXPIRED, "refunded": REFUNDED,
}
"""Status -> as what it is counted."""
OBSERVED = "observed"
STUCK_RULES = ("overdue", "needs_action")
COLUMNS: dict[str, InstrumentedAttribute[str]] = {
    "campaign": Send.campaign, "team": Send.team, "type": Send.type, "subtype": Send.subtype,
    "sender_name": Send.sender_name, "sender_email": Send.sender_email,
}
"""What sums can be told apart by."""


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """Only sends that cost so much, in minor units of a currency (empty: of any): from `low` on, less than `high`."""

    low: int | None = None
    high: int | None = None
    currency: str = ""


ANY = Amounts()


@dataclass(frozen=True, kw_only=True)
class Among:
    """Only sends that have one of these combinations of texts in the columns `by`."""

    by: tuple[str, ...] = ()
    texts: Collection[tuple[str, ...]] = ()


ANYONE = Among()


def made(session: Session, since: datetime, until: datetime, by: Sequence[str], amounts: Amounts = ANY) -> list[Sum]:
    """Sends that were made from `since` up to but without `until`."""
    asked = _sums(by, literal(SENT), literal(0)).where(
        Send.created_at >= since, Send.created_at < until, *_costing(amounts),
    )
    return _read(session, asked, by)


def taken(session: Session, since: datetime, until: datetime, by: Sequence[str], amounts: Amounts = ANY) -> list[Sum]:
    """Sends that took a step from `since` up to but without `until`, each once for each kind of step."""
    what = case(*((SendHistory.status == status, name) for status, name in STEPS.items()))
    # Put in order of the sends, so that these are then read one beside the other.
    steps = (
        select(SendHistory.send_id, what.label("what")).where(*_within(since, until))
        .group_by(SendHistory.send_id, text("2")).subquery("steps")
    )
    later = aliased(SendHistory)
    refunded = exists().where(
        later.send_id == steps.c.send_id, later.status_key == "refunded", later.occurred_at < until,
    )
    lost = case((and_(steps.c.what == EXPIRED, ~refunded), func.coalesce(Send.cost_minor, 0)), else_=0)
    asked = _sums(by, steps.c.what, lost).join_from(steps, Send, Send.id == steps.c.send_id).where(*_costing(amounts))
    return _read(session, asked, by)


def stuck(session: Session, at: datetime, by: Sequence[str], amounts: Amounts = ANY) -> list[Sum]:
    """Sends that were held up at an instant: an alert that says so was due, and not resolved by then.

    When it was opened plays no part: the first scan finds what has been held up for weeks.
    """
    held = and_(Alert.rule.in_(STUCK_RULES), Alert.send_id.is_not(None), Alert.due_at < at)
    due = select(Send.id).where(Send.due_at.is_not(None), Send.due_at < at, Send.due_rule.in_(STUCK_RULES))
    ids: CompoundSelect[Any] = union(
        select(Alert.send_id).where(Alert.state.in_(OPEN_STATES), held),
        select(Alert.send_id).where(Alert.resolved_at.is_not(None), Alert.resolved_at >= at, held), due,
    )
    asked = _sums(by, literal(STUCK), literal(0)).where(Send.id.in_(ids), *_costing(amounts))
    return _read(session, asked, by)


def stages(
    session: Session, since: datetime, until: datetime, by: Sequence[str], amounts: Amounts = ANY,
    among: Among = ANYONE,
) -> list[Lasted]:
    """How long the sends that arrived in that time spent in each status before, and on the whole way."""
    arrived = _arrived(since, until, by, amounts, among)
    told_apart = [arrived.c[name] for name in by]
    begun, step = SendHistory.occurred_at, SendHistory.status_key
    ended = func.lead(begun).over(partition_by=SendHistory.send_id, order_by=(begun, SendHistory.id))
    steps = (
        select(step.label("stage"), begun.label("begun"), ended.label("ended"), arrived.c.at, *told_apart)
        .join_from(arrived, SendHistory, SendHistory.send_id == arrived.c.send_id).subquery("steps")
    )
    each = _lasted(steps.c.stage, _hours(session, steps.c.begun, steps.c.ended), [steps.c[name] for name in by])
    whole = _lasted(literal(WHOLE_WAY), _hours(session, arrived.c.made, arrived.c.at), told_apart)
    asked = union_all(each.where(steps.c.ended <= steps.c.at), whole.where(arrived.c.made <= arrived.c.at))
    return [
        Lasted(stage=row[0], hours=int(row[1]), of=tuple(row[2:-1]), number=row[-1])
        for row in session.execute(asked).all()
    ]


def _arrived(since: datetime, until: datetime, by: Sequence[str], amounts: Amounts, among: Among) -> CTE:
    """The sends that arrived in that time: when, when they were made, and what they are told apart by."""
    found = (
        select(SendHistory.send_id, func.min(SendHistory.occurred_at).label("at"))
        .where(*_within(since, until), SendHistory.status.in_(ARRIVED)).group_by(SendHistory.send_id)
        .subquery("found")
    )
    columns = [COLUMNS[name].label(name) for name in by]
    fits = [tuple_(*(COLUMNS[name] for name in among.by)).in_(sorted(among.texts))] if among.by else []
    return (
        select(found.c.send_id, found.c.at, Send.created_at.label("made"), *columns)
        .join_from(found, Send, Send.id == found.c.send_id).where(*_costing(amounts), *fits).cte("arrived")
    )


def ages(
    session: Session, statuses: Collection[str], bounds: Sequence[datetime], by: Sequence[str], amounts: Amounts = ANY,
) -> list[Aged]:
    """Sends that are in one of `statuses` now, by how long: since `bounds` (the latest first), or before the last."""
    place = case(*((Send.status_since >= bound, number) for number, bound in enumerate(bounds)), else_=len(bounds))
    columns = [COLUMNS[name] for name in by]
    asked = (
        select(place, *columns, func.count())
        .where(Send.status.in_(sorted(statuses)), *_costing(amounts)).group_by(place, *columns)
    )
    return [Aged(place=row[0], of=tuple(row[1:-1]), number=row[-1]) for row in session.execute(asked).all()]


def _sums(by: Sequence[str], what: ColumnElement[Any], lost: ColumnElement[Any]) -> Select[Any]:
    columns = [COLUMNS[name] for name in by]
    cost = func.coalesce(func.sum(Send.cost_minor), 0)
    return select(what, *columns, Send.currency, func.count(), cost, func.sum(lost)).group_by(
        text("1"), *columns, Send.currency,
    )


def _read(session: Session, asked: Select[Any], by: Sequence[str]) -> list[Sum]:
    end = 1 + len(by)
    return [
        Sum(
            what=row[0], of=tuple(row[1:end]), currency=row[end], number=row[end + 1], cost_minor=int(row[end + 2]),
            at_risk_minor=int(row[end + 3]),
        )
        for row in session.execute(asked).all()
    ]


def _lasted(stage: ColumnElement[Any], hours: ColumnElement[Any], columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
    return select(stage, hours, *columns, func.count()).group_by(text("1"), text("2"), *columns)


def _within(since: datetime, until: datetime) -> list[ColumnElement[bool]]:
    """Steps of that time, but for a status in which a send was first seen by who does not know since when."""
    first_seen = exists().where(Send.id == SendHistory.send_id, Send.first_seen_at < SendHistory.occurred_at)
    return [
        SendHistory.occurred_at >= since, SendHistory.occurred_at < until,
        literal_column(f"send_history.{REPORTED}"),
        or_(SendHistory.source != OBSERVED, first_seen),
    ]


def _costing(amounts: Amounts) -> list[ColumnElement[bool]]:
    return [
        *([Send.cost_minor >= amounts.low] if amounts.low is not None else []),
        *([Send.cost_minor < amounts.high] if amounts.high is not None else []),
        *([func.upper(Send.currency) == amounts.currency.upper()] if amounts.currency else []),
    ]


def _hours(session: Session, begun: Any, ended: Any) -> ColumnElement[int]:  # noqa: ANN401 - columns of times
    if session.get_bind().dialect.name == "sqlite":
        return (type_coerce(ended, Integer) - type_coerce(begun, Integer)) // 3_600_000
    return cast(func.floor(extract("epoch", ended - begun) / 3600), Integer)
