"""Outgoing messages: which channel's turn it is, who works on a message, and what became of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, exists, func, literal, literal_column, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import ColumnElement

from storage import uploads
from storage.leases import SKEW
from storage.models import ChannelPace, Message, UtcTime
from storage.models.base import EPOCH

WORKSPACE = "*"
"""Stands for every channel in `channel_pace`: what is wrong with the token holds all of them."""
UPDATES = "*updates"
"""The row of `channel_pace` that counts redraws of the whole workspace."""
ADDRESSES = "*addresses"
"""The row of `channel_pace` for questions about e-mail addresses."""
FILES = "*files"
"""The row of `channel_pace` that says what stops files, and only files, in the whole workspace."""

LINKS = "*links"
"""Stands for the place of links that are still to be unfolded: Slack counts them for the whole workspace."""

PACE = timedelta(seconds=1)
"""Between two calls for one channel, as Slack's page on rate limits asks."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Messages of one channel that Slack does not show yet: all its posts, or all its redraws."""

    channel: str
    is_update: bool
    next_at: datetime
    priority: int
    """Of what is due already; -1 when nothing is."""
    count: int


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One worker's right to one message, until `lease_until` and only under `attempt`."""

    message_id: int
    key: str
    channel: str
    kind: str
    ts: str | None
    posted_channel: str | None
    thread_of: str | None
    attempt: str
    lease_until: datetime
    attempts: int
    """How many tries had failed before this one."""
    first_attempt_at: datetime | None
    """When a post was first tried, if an earlier try may have reached Slack."""
    is_search: bool
    """Whether an earlier post of it must be looked for first."""
    file_id: str | None = None
    """Slack's id of the file that was brought there for it."""
    file_taken_at: datetime | None = None
    """When Slack said yes to sharing that file, if it did."""
    files_before: int = 0
    """How many files were brought there before this one, and came to nothing."""


def waiting(session: Session, now: datetime, *, with_held_replies: bool = True) -> list[Waiting]:
    """What is not shown yet, by channel; costs what is waiting, not what is stored.

    Without the held replies: those that wait for the message under which they hang are left out.
    """
    is_update = Message.ts.is_not(None)
    due = func.max(case((Message.next_at <= now, Message.priority), else_=-1))
    rows = session.execute(
        select(_channel(), is_update, func.min(Message.next_at), due, func.count())
        .where(Message.next_at.is_not(None), *(() if with_held_replies else (~_parent_waits(),)))
        .group_by(_channel(), is_update),
    )
    return [
        Waiting(channel=channel, is_update=bool(update_), next_at=at, priority=priority, count=count)
        for channel, update_, at, priority, count in rows
    ]


def _channel() -> ColumnElement[str]:
    # In a form that keeps SQLite from walking every message that a channel ever had: what is waiting is few,
    # and the index on `next_at` holds nothing else.
    return func.coalesce(Message.channel, literal_column("''"))


def backlog(session: Session) -> tuple[int, datetime | None]:
    """How many messages Slack does not show yet, and since when the oldest of them is wanted."""
    row = session.execute(
        select(func.count(), func.min(Message.created_at)).where(Message.next_at.is_not(None)),
    ).one()
    return row[0], row[1]


def paces(session: Session) -> dict[str, ChannelPace]:
    """What is known of every channel that was written to, by channel id."""
    return {pace.channel: pace for pace in session.scalars(select(ChannelPace))}


def abandoned(session: Session, now: datetime, lease: timedelta) -> bool:
    """Whether a worker has died or stood still beyond its `lease`."""
    return bool(session.scalar(select(exists().where(_lapsed(now, lease)))))


def release_abandoned(session: Session, now: datetime, lease: timedelta, grace: timedelta) -> int:
    """Take lapsed claims back: a post may have reached Slack, so that one is looked for after `grace`."""
    lapsed = session.scalars(select(Message).where(_lapsed(now, lease)).with_for_update(skip_locked=True)).all()
    for message in lapsed:
        ended = min(message.lease_until or now, now)
        if message.phase == "posting":
            message.phase, message.next_at = "unclear", ended + grace
        elif message.phase == "updating":
            message.phase, message.next_at = "idle", now
        else:
            message.next_at = now
        message.attempt = message.lease_until = None
    return len(lapsed)


def end_all(session: Session, now: datetime) -> None:
    """End every claim, for a process that knows itself to be the only one and has made none yet.

    What the killed one was about to do is then taken back as lapsed, and its channels are held no longer.
    """
    held = select(Message).where(Message.next_at.is_not(None), Message.attempt.is_not(None), Message.lease_until > now)
    for message in session.scalars(held).all():
        pace = lock_pace(session, message.channel)
        _let_go_on(pace, message, now)
        message.lease_until = message.next_at = now


def hand_back(session: Session, attempts: Collection[str], now: datetime, grace: timedelta) -> int:
    """End those claims of a process that is about to stop, and let their channels go on; gives how many there were.

    Nobody knows whether a post under way arrives: it is looked for after `grace`.
    """
    held = session.scalars(select(Message).where(Message.attempt.in_(attempts)).with_for_update()).all()
    for message in held:
        pace = lock_pace(session, message.channel)
        _let_go_on(pace, message, now)
        message.next_at = now + grace if message.phase == "posting" else now
        message.phase = {"posting": "unclear", "updating": "idle"}.get(message.phase, message.phase)
        message.attempt = message.lease_until = None
    return len(held)


def _let_go_on(pace: ChannelPace, message: Message, now: datetime) -> None:
    # A channel that Slack has asked to rest goes on resting.
    if pace.not_before == message.lease_until:
        # What held it may have been on its way to Slack this very moment.
        pace.not_before = now + PACE


def _lapsed(now: datetime, lease: timedelta) -> ColumnElement[bool]:
    # next_at stands at the end of the lease while somebody works, so that the partial index serves here too.
    is_over = (Message.next_at <= now) & (Message.lease_until <= now)
    was_put_back = (Message.next_at > now) & (Message.lease_until > now + lease + SKEW)
    return (is_over | was_put_back) & Message.attempt.is_not(None)


def lock_pace(session: Session, channel: str) -> ChannelPace:
    """The pace row of a channel, made if there is none, and locked until the transaction ends (PostgreSQL)."""
    query = select(ChannelPace).where(ChannelPace.channel == channel).with_for_update()
    found = session.scalar(query)
    if found is None:
        _insert_pace(session, channel)
        found = session.scalars(query).one()
    return found


def _insert_pace(session: Session, channel: str) -> None:
    if session.get_bind().dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert  # noqa: PLC0415 - the two have no common parent with ON CONFLICT
    else:
        from sqlalchemy.dialects.postgresql import insert  # type: ignore[assignment] # noqa: PLC0415 - as above
    session.execute(insert(ChannelPace).values(channel=channel, not_before=EPOCH).on_conflict_do_nothing())


def hold(session: Session, channel: str, until: datetime) -> None:
    """Let nothing go to this channel before `until`."""
    lock_pace(session, channel).not_before = until


def clock_put_back(session: Session, now: datetime, by: timedelta) -> int:
    """Have what waits wait no longer than it was to, by a clock that was put back; gives how many messages that were.

    Claims are left alone: whoever works on one ends it, or it lapses.
    """
    for pace in session.scalars(select(ChannelPace).where(ChannelPace.not_before > now).with_for_update()):
        pace.not_before -= by
    waits = select(Message).where(Message.next_at > now, Message.attempt.is_(None)).with_for_update(skip_locked=True)
    late = session.scalars(waits).all()
    for message in late:
        message.next_at = (message.next_at or now) - by
    return len(late)


def held_until(session: Session, channel: str, now: datetime) -> datetime | None:
    """Until when nothing may go to this channel; None where something may."""
    pace = session.get(ChannelPace, channel, populate_existing=True)
    return pace.not_before if pace is not None and pace.not_before > now else None


def broke(session: Session, channel: str, code: str, now: datetime) -> ChannelPace:
    """Mark a channel (or `WORKSPACE`) as not writable; it keeps the time since when."""
    pace = lock_pace(session, channel)
    pace.broken_code = code
    pace.broken_since = pace.broken_since or now
    return pace


def mend(session: Session, channel: str) -> bool:
    """Take the mark away; True if there was one."""
    return _changed(session.execute(
        update(ChannelPace)
        .where(ChannelPace.channel == channel, ChannelPace.broken_code.is_not(None))
        .values(broken_code=None, broken_since=None),
    ))


def go_on(session: Session, channel: str, now: datetime) -> bool:
    """Take the mark away, and let what waits because of it go out at once; True if there was one."""
    is_mended = mend(session, channel)
    if is_mended:
        hold(session, channel, now)
    return is_mended


def claim_next(
    session: Session, channel: str, now: datetime, *, updates: bool, attempt: str, lease_until: datetime,
) -> Claim | None:
    """The channel's next message: presses first, then the oldest. The intent is stored with it.

    `updates=False` passes over redraws. A thread reply waits for the message that it hangs under.
    """
    query = _due(channel, now).where(Message.phase == "idle", ~_parent_waits())
    if not updates:
        query = query.where(Message.ts.is_(None))
    message = session.scalar(query.order_by(Message.priority.desc(), Message.id).limit(1))
    if message is None:
        return None
    claim = _claim(message, attempt, lease_until)
    message.phase = "posting" if message.ts is None else "updating"
    message.attempts += 1
    if message.ts is None:
        message.first_attempt_at = message.first_attempt_at or now
    return claim


def claim_unclear(
    session: Session, channel: str, now: datetime, *, attempt: str, lease_until: datetime, limit: int = 100,
) -> list[Claim]:
    """The channel's posts of which nobody knows whether Slack took them; one look answers for all."""
    # Not sorted by SQLite, which would walk the whole table by id.
    found = session.scalars(_due(channel, now).where(Message.phase == "unclear").limit(limit)).all()
    return [_claim(message, attempt, lease_until) for message in sorted(found, key=lambda message: message.id)]


def _due(channel: str, now: datetime) -> Any:  # noqa: ANN401 - SQLAlchemy's Select of one entity
    return (
        select(Message)
        .where(_channel() == channel, Message.next_at <= now, Message.attempt.is_(None))
        .with_for_update(skip_locked=True, of=Message)
    )


def _parent_waits() -> ColumnElement[bool]:
    parent = aliased(Message)
    return exists().where(
        parent.key == Message.thread_of, parent.ts.is_(None), parent.next_at.is_not(None),
    )


def _claim(message: Message, attempt: str, lease_until: datetime) -> Claim:
    message.attempt, message.lease_until, message.next_at = attempt, lease_until, lease_until
    return Claim(
        message_id=message.id, key=message.key, channel=message.channel, kind=message.kind, ts=message.ts,
        posted_channel=message.posted_channel, thread_of=message.thread_of, attempt=attempt,
        lease_until=lease_until, attempts=message.attempts, first_attempt_at=message.first_attempt_at,
        is_search=message.phase == "unclear", **uploads.of_body(message.body),
    )


def _settle(session: Session, claim: Claim, **values: Any) -> bool:  # noqa: ANN401 - columns of every type
    ended = {"phase": "idle", "attempt": None, "lease_until": None}
    return _changed(session.execute(
        update(Message)
        .where(Message.id == claim.message_id, Message.attempt == claim.attempt)
        .values(ended | values),
    ))


def shown(
    session: Session, claim: Claim, *, rev: int, now: datetime, ts: str | None = None, channel: str | None = None,
) -> bool:
    """Slack shows revision `rev` (or there was nothing to show). False if the claim was lost meanwhile.

    A change that came in between leaves the message due, with the priority of who asked for it.
    """
    behind = Message.wanted_rev > rev
    values: dict[str, Any] = {
        "posted_rev": rev, "attempts": 0, "last_error": None, "first_attempt_at": None,
        "next_at": case((behind, literal(now, UtcTime())), else_=None),
        "priority": case((behind, Message.priority), else_=0),
    }
    if ts is not None:
        values |= {"ts": ts, "posted_channel": channel, "posted_at": now}
    return _settle(session, claim, **values)


def unsent(session: Session, claim: Claim, *, now: datetime, error: str | None) -> bool:
    """Slack has certainly not taken it, through no fault of the message: as if never tried."""
    return _settle(
        session, claim, next_at=now, attempts=claim.attempts, first_attempt_at=claim.first_attempt_at,
        last_error=error,
    )


def failed(session: Session, claim: Claim, *, again_at: datetime, error: str) -> bool:
    """Slack has certainly not taken it, and the message itself is why: kept, and tried again later."""
    return _settle(session, claim, next_at=again_at, first_attempt_at=claim.first_attempt_at, last_error=error)


def unclear(session: Session, claim: Claim, *, again_at: datetime, error: str) -> bool:
    """Nobody knows whether Slack took it. A post is looked for at `again_at`; a redraw is simply done again."""
    phase = "unclear" if claim.ts is None else "idle"
    return _settle(session, claim, phase=phase, next_at=again_at, last_error=error)


def absent(session: Session, claim: Claim, *, now: datetime) -> bool:
    """An unclear post is not in the channel: it is posted again."""
    return _settle(session, claim, next_at=now)


def gone(session: Session, claim: Claim, *, now: datetime, error: str) -> bool:
    """The message can no longer be redrawn in Slack: it is posted anew; `posted_at` tells that people have seen it."""
    return _settle(
        session, claim, ts=None, posted_channel=None, posted_rev=0, next_at=now, first_attempt_at=None,
        last_error=error,
    )


def adopt_late(session: Session, message_id: int, *, ts: str, channel: str, rev: int, now: datetime) -> str | None:
    """Somebody's post was found after its claim was lost. Gives the ts that counts, or None while that is open."""
    adopted = _changed(session.execute(
        update(Message)
        .where(Message.id == message_id, Message.ts.is_(None), Message.attempt.is_(None))
        .values(
            phase="idle", ts=ts, posted_channel=channel, posted_at=now, posted_rev=rev, attempts=0, last_error=None,
            first_attempt_at=None, next_at=case((Message.wanted_rev > rev, literal(now, UtcTime())), else_=None),
        ),
    ))
    if adopted:
        return ts
    return session.scalar(select(Message.ts).where(Message.id == message_id))


def wanted_rev(session: Session, message_id: int) -> int:
    """The revision that the message should show."""
    return session.scalars(select(Message.wanted_rev).where(Message.id == message_id)).one()


def _changed(result: Any) -> bool:  # noqa: ANN401 - Session.execute is typed for queries
    rows: CursorResult[Any] = result
    return rows.rowcount > 0
