"""What cards of alerts show, read from the tables."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, case, false, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.alerts import muted
from bot.alerts.grouping import SUMMARY
from bot.alerts.muting import Muted
from bot.slack.blocks.group_card import TOP, Group
from bot.statuses.watched import LEVELS, RULES, UNKNOWN_RULE
from storage import alerts as stored
from storage import mutes
from storage.models import Alert, Message, Notification, Send

Pair = tuple[Alert, Send | None]


_AT_WORK = Alert.state.in_(["firing", "acknowledged"])
_TAKEN_CARE_OF = case((Alert.state == "firing", 0), (Alert.state == "resolved", 2), else_=1)
_RULE = case({rule: place for place, rule in enumerate(RULES)}, value=Alert.rule, else_=len(RULES))
_LEVEL = case({level: -urgency for level, urgency in LEVELS.items()}, value=Alert.level, else_=0)
_URGENCY = (_RULE, _LEVEL, Alert.due_at, Alert.status_since, Alert.id)
"""As `grouping.Item.urgency` has it."""


def alert_with_send(session: Session, alert_id: int) -> Pair | None:
    """An alert and the send it is about; None for an alert that is not there."""
    alert = stored.by_id(session, alert_id)
    if alert is None:
        return None
    return alert, session.get(Send, alert.send_id) if alert.send_id is not None else None


def page_of_message(session: Session, message_id: int, *, offset: int, limit: int) -> list[Pair]:
    """Some of the alerts of a message, open ones first, of each the most pressing first."""
    # What somebody takes care of in a window stays where it is.
    return _some_of(session, message_id, Alert.state == "resolved", offset=offset, limit=limit)


def _top(session: Session, message_id: int) -> list[Pair]:
    """The few that a message names: first of what nobody has taken care, then the other open ones."""
    return _some_of(session, message_id, _TAKEN_CARE_OF, offset=0, limit=TOP)


def _some_of(
    session: Session, message_id: int, first: ColumnElement[Any], *, offset: int, limit: int,
) -> list[Pair]:
    rows = session.scalars(
        select(Alert)
        .where(_shown_in(message_id))
        .order_by(first, *_URGENCY)
        .offset(offset).limit(limit),
    )
    return stored.with_sends(session, rows.all())


def group(session: Session, message_id: int) -> Group | None:
    """What the message of a group shows; None when no alert stands in it."""
    top = _top(session, message_id)
    if not top:
        return None
    alert, send = top[0]
    statuses, levels, whys = _kinds(session, message_id, only_open=alert.state != "resolved")
    reasons, repeats = _reasons(session, message_id)
    return Group(
        # Where levels differ, the milder word is the one that is true of all.
        message_id=message_id, version=_version(session, message_id), rule=alert.rule,
        level=alert.level if levels == 1 else "", top=top,
        campaign=send.campaign if send and alert.rule != UNKNOWN_RULE else "",
        day=_day(session.get_one(Message, message_id)),
        statuses=statuses, whys=whys, reasons=reasons, repeats=repeats,
        by_state=_counts(session, message_id, Alert.state),
        acknowledged_by=_counts(session, message_id, Alert.acknowledged_by, Alert.state == "acknowledged"),
        assigned_to=_counts(session, message_id, Alert.assignee, Alert.assignee.is_not(None), _AT_WORK),
        snoozed_by=_counts(session, message_id, Alert.snoozed_by, Alert.state == "snoozed"),
        snoozed_until=_snoozed_until(session, message_id),
        resolved_by=_counts(session, message_id, Alert.resolved_by, Alert.state == "resolved"),
    )


def _reasons(session: Session, message_id: int) -> tuple[dict[str, int], int]:
    """Why the alerts of a message of which nobody has taken care are shown in it now, and their most repeats."""
    value, number = func.coalesce(func.nullif(Notification.reason, ""), Alert.reason).label("value"), func.count()
    rows = session.execute(
        select(value, number.label("number"), func.max(Notification.repeats).label("repeats"))
        .join(Alert, Alert.id == Notification.alert_id)
        .where(Notification.message_id == message_id, Alert.state == "firing")
        .group_by(value).order_by(number.desc(), value),
    ).all()
    return {row.value: row.number for row in rows}, max((row.repeats for row in rows), default=0)


def _day(message: Message) -> date | None:
    """The day of a rolling summary, by the calendar in force when it was begun."""
    if message.kind != SUMMARY:
        return None
    told = message.body.get("day")
    return date.fromisoformat(told) if isinstance(told, str) else message.created_at.date()


def _snoozed_until(session: Session, message_id: int) -> tuple[datetime, ...]:
    """When the first and the last snooze of its alerts end; nothing where none is snoozed."""
    ends = session.execute(
        select(func.min(Alert.snoozed_until), func.max(Alert.snoozed_until))
        .where(_shown_in(message_id), Alert.state == "snoozed"),
    ).one()
    return tuple(sorted({end for end in ends if end is not None}))


def _version(session: Session, message_id: int) -> int:
    return session.scalar(select(func.sum(Alert.version)).where(_shown_in(message_id))) or 0


def open_by_rule(session: Session, message_id: int) -> dict[str, int]:
    """How many open alerts of each rule a message shows; those for Support are counted as "support"."""
    is_support = (Alert.rule == "overdue") & (Alert.level == "support")
    rule = case((is_support, "support"), else_=Alert.rule).label("rule")
    number = func.count().label("number")
    asked = select(rule, number).where(_shown_in(message_id), Alert.state != "resolved").group_by(rule)
    return {row.rule: row.number for row in session.execute(asked)}


def _shown_in(message_id: int) -> ColumnElement[bool]:
    return Alert.id.in_(select(Notification.alert_id).where(Notification.message_id == message_id))


def _kinds(session: Session, message_id: int, *, only_open: bool) -> tuple[int, int, int]:
    """How many different statuses, levels and sentences of why the alerts of a message have, or its open ones."""
    number = (func.count(column.distinct()) for column in (Alert.status, Alert.level, Alert.why))
    which = [Alert.state != "resolved"] if only_open else []
    found = session.execute(select(*number).where(_shown_in(message_id), *which)).one()
    return found[0], found[1], found[2]


def in_common(session: Session, message_id: int) -> set[str]:
    """The scopes of mutes in which all open alerts of a message are alike: campaign, rule and so on."""
    alike = {scope: func.count(column.distinct()) for scope, column in mutes.COLUMNS.items() if scope != "send"}
    sends = func.count(Alert.send_id)
    found = session.execute(
        select(func.count().label("alerts"), sends.label("sends"), *(one.label(scope) for scope, one in alike.items()))
        .select_from(Alert).outerjoin(Send, Send.id == Alert.send_id)
        .where(_shown_in(message_id), Alert.state != "resolved"),
    ).one()
    # What is about no send has no campaign, which no other can have in common with it.
    of_all = {scope for scope in alike if scope in mutes.OF_ALERTS or found.sends == found.alerts}
    return {scope for scope in of_all if getattr(found, scope) == 1}


def _counts(
    session: Session, message_id: int, column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
    *conditions: ColumnElement[bool],
) -> dict[str, int]:
    value = func.coalesce(column, "").label("value")
    number = func.count().label("number")
    asked = select(value, number).where(_shown_in(message_id), *conditions).group_by(value)
    return {row.value: row.number for row in session.execute(asked)}


def open_alert_page(session: Session, offset: int, limit: int, now: datetime) -> tuple[int, list[Pair], int]:
    """How many alerts are open, some of them, the newest first, and how many more there are that a mute hides."""
    hidden = muted.hidden(session, now)
    found, total = mutes.open_page(session, ~hidden, offset, limit)
    return total, found, mutes.tally(session, hidden, false())[0]


def muted_alert_page(
    session: Session, offset: int, limit: int, now: datetime,
) -> tuple[int, list[Pair], dict[int, Muted]]:
    """The same for those that a mute hides, each, by its row id, with the mute that hides it for longest."""
    found, total = mutes.open_page(session, muted.hidden(session, now), offset, limit)
    return total, found, muted.holding(session, found, now)


def assigned(session: Session, user_id: str, now: datetime) -> tuple[list[Pair], int]:
    """The open alerts that somebody has taken on, the oldest first, and how many more a mute hides."""
    found = stored.with_sends(session, stored.of_assignee(session, user_id))
    held = muted.holding(session, found, now)
    return [pair for pair in found if pair[0].id not in held], len(held)
