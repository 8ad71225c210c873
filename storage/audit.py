"""The audit record as a whole, in time order: what happened to alerts and mutes, and changes of the configuration."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session

from storage.models import Alert, AlertEvent, ConfigChange, Person, Send

AT_A_TIME = 500
"""Rows that are held in memory while the record is read."""
CONFIG = "config"
"""The action of a change of the configuration."""
AnyRow = Row[*tuple[Any, ...]]


def events(
    session: Session, since: datetime | None = None, until: datetime | None = None, actions: Collection[str] = (),
    *, skip: int = 0,
) -> Iterator[AnyRow]:
    """Rows of the record from `since` up to but without `until`, the oldest first, with their alert and send.

    Only those `actions` if any are named. The first `skip` rows are left out.
    """
    asked = (
        select(
            AlertEvent.occurred_at, AlertEvent.action, AlertEvent.actor, AlertEvent.actor_name, AlertEvent.alert_id,
            Send.send_gid, Alert.rule, Alert.level, Alert.status, AlertEvent.channel, AlertEvent.before,
            AlertEvent.after, AlertEvent.detail, Person.name.label("person"),
        )
        .outerjoin(Alert, Alert.id == AlertEvent.alert_id)
        .outerjoin(Send, Send.id == Alert.send_id)
        .outerjoin(Person, Person.user_id == AlertEvent.actor)
        .where(*_events_within(since, until, actions))
        .order_by(AlertEvent.occurred_at, AlertEvent.id)
    )
    return _streamed(session, asked.offset(skip) if skip else asked)


def config_changes(session: Session, since: datetime | None = None, until: datetime | None = None) -> Iterator[AnyRow]:
    """Changes of the configuration in the same span, the oldest first."""
    asked = (
        select(
            ConfigChange.changed_at, ConfigChange.section, ConfigChange.version, ConfigChange.changed_by,
            ConfigChange.before, ConfigChange.after, Person.name.label("person"),
        )
        .outerjoin(Person, Person.user_id == ConfigChange.changed_by)
        .where(*_within(ConfigChange.changed_at, since, until))
        .order_by(ConfigChange.changed_at, ConfigChange.id)
    )
    return _streamed(session, asked)


def count_events(
    session: Session, since: datetime | None = None, until: datetime | None = None, actions: Collection[str] = (),
) -> int:
    """How many rows `events` gives."""
    asked = select(func.count()).select_from(AlertEvent).where(*_events_within(since, until, actions))
    return session.scalar(asked) or 0


def count_config_changes(session: Session, since: datetime | None = None, until: datetime | None = None) -> int:
    """How many rows `config_changes` gives."""
    asked = select(func.count()).select_from(ConfigChange).where(*_within(ConfigChange.changed_at, since, until))
    return session.scalar(asked) or 0


def actions(session: Session) -> set[str]:
    """Every action that is on record, those of other versions included."""
    return set(session.scalars(select(AlertEvent.action).distinct()))


def _streamed(session: Session, asked: Select[*tuple[Any, ...]]) -> Iterator[AnyRow]:
    return iter(session.execute(asked.execution_options(yield_per=AT_A_TIME)))


def _events_within(
    since: datetime | None, until: datetime | None, actions: Collection[str],
) -> list[ColumnElement[bool]]:
    named = [AlertEvent.action.in_(sorted(actions))] if actions else []
    return [*_within(AlertEvent.occurred_at, since, until), *named]


def _within(column: Any, since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:  # noqa: ANN401 - a column of times
    return [
        *([column >= since] if since is not None else []), *([column < until] if until is not None else []),
    ]
