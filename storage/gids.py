"""What hangs on a send, when it gets another gid or turns out to be one with other rows.

The first from Sendoso, or to forget somebody; the second where files and a webhook told of it, each in its way.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Executable, Row, delete, select, tuple_, update
from sqlalchemy.orm import Session

from storage import mutes
from storage.models import Alert, LookUpSend, Mute, Send, SendHistory, Watch
from storage.sends import chunks

NUMBERED = select(
    Alert.id, Alert.key, Alert.rule, Alert.level, Alert.status_seq, Alert.assignee, Alert.acknowledged_by,
    Alert.snoozed_by, Alert.support_by, Alert.resolved_by,
)


class Renamed(NamedTuple):
    """The gid that a send had, or those of what became one with it, and the gid that it has now."""

    olds: Collection[str]
    new: str


def rename(session: Session, sends: Mapping[int, Renamed]) -> None:
    """Have mutes and alerts of sends (by row id), and what is on record about those mutes, go by the new gids."""
    news = {old: one.new for one in sends.values() for old in one.olds}
    for some in chunks(sorted(news)):
        for mute in session.scalars(select(Mute).where(Mute.scope == "send", Mute.value.in_(some))).all():
            _rename_mute(session, mute, news[mute.value])
    for ids in chunks(sorted(sends)):
        asked = select(Alert.id, Alert.key, Alert.send_id).where(Alert.send_id.in_(ids)).order_by(Alert.id)
        for row in session.execute(asked).all():
            renamed, key = sends[row.send_id], row.key
            for old in renamed.olds:
                key = key.replace(f":{old}:", f":{renamed.new}:")
            if key != row.key:
                _run(session, update(Alert).where(Alert.id == row.id).values(key=key))
    session.flush()


def _rename_mute(session: Session, mute: Mute, gid: str) -> None:
    for event in mutes.events_of(session, mute):
        if event.detail.get("value") == mute.value:
            event.detail = {**event.detail, "value": gid}
    mute.value = gid


def join(
    session: Session, kept: int, shifts: Mapping[int, int], present: int, episodes: Collection[int],
) -> None:
    """Have all that hangs on the rows of a send hang on that of the id `kept`, and delete the others.

    `shifts` are the ids of all these rows, with what is added to the episodes of the alerts of each, so that none of
    one is one of those that another has had. `present` is the episode that the send is in, `episodes` are those of the
    rows, moved, that were this one: what somebody did with an alert of theirs holds on.
    """
    others = sorted(shifts.keys() - {kept})
    for row_id in (kept, *others):
        _move_alerts(session, row_id, kept, shifts[row_id])
    _go_on(session, kept, present, set(episodes) - {present})
    for gone in others:
        _move_rest(session, gone, kept)


def _move_rest(session: Session, gone: int, kept: int) -> None:
    there = select(SendHistory.status_key, SendHistory.occurred_at).where(SendHistory.send_id == kept)
    new = tuple_(SendHistory.status_key, SendHistory.occurred_at).not_in(there)
    _run(session, update(SendHistory).where(SendHistory.send_id == gone, new).values(send_id=kept))
    following = select(Watch.user_id).where(Watch.send_id == gone, Watch.ended_at.is_(None))
    over = (Watch.send_id == kept, Watch.ended_at.is_not(None), Watch.user_id.in_(following))
    _run(session, delete(Watch).where(*over))
    known = select(Watch.user_id).where(Watch.send_id == kept)
    _run(session, update(Watch).where(Watch.send_id == gone, Watch.user_id.not_in(known)).values(send_id=kept))
    named = select(LookUpSend.look_up_id).where(LookUpSend.send_id == kept)
    moved = (LookUpSend.send_id == gone, LookUpSend.look_up_id.not_in(named))
    _run(session, update(LookUpSend).where(*moved).values(send_id=kept))
    _run(session, delete(Send).where(Send.id == gone))


def _move_alerts(session: Session, row_id: int, kept: int, shift: int) -> None:
    # From the last on: the number that one gets may be that of a later one.
    asked = NUMBERED.where(Alert.send_id == row_id).order_by(Alert.status_seq.desc(), Alert.id)
    for row in session.execute(asked).all():
        _number(session, row, row.status_seq + shift, send_id=kept)


def _go_on(session: Session, send_id: int, present: int, episodes: Collection[int]) -> None:
    """Have alerts of these episodes be of the present one; in the place of that which it has, what was acted on."""
    if not episodes:
        return
    asked = NUMBERED.where(Alert.send_id == send_id, Alert.status_seq.in_({*episodes, present})).order_by(Alert.id)
    found = session.execute(asked).all()
    there = {(row.rule, row.level): row for row in found if row.status_seq == present}
    theirs = [row for row in found if row.status_seq != present and row.resolved_by != "scan"]
    for row in sorted(theirs, key=_is_untouched):
        holder = there.get((row.rule, row.level))
        if holder is not None and (_is_untouched(row) or not _is_untouched(holder)):
            continue
        if holder is not None:
            # A number is free only once the other has it no more.
            _number(session, holder, -present)
        _number(session, row, present)
        if holder is not None:
            _number(session, holder, row.status_seq)
        there[row.rule, row.level] = row


def _is_untouched(row: Row[*tuple[Any, ...]]) -> bool:
    """Whether nobody has acted on that alert."""
    by = (row.assignee, row.acknowledged_by, row.snoozed_by, row.support_by)
    return not any(by) and row.resolved_by in {None, "scan"}


def _number(session: Session, row: Row[*tuple[Any, ...]], seq: int, **more: int) -> None:
    end = f":{row.status_seq}:{row.level}"
    key = f"{row.key.removesuffix(end)}:{seq}:{row.level}" if row.key.endswith(end) else row.key
    _run(session, update(Alert).where(Alert.id == row.id).values(status_seq=seq, key=key, **more))


def _run(session: Session, statement: Executable) -> None:
    session.execute(statement, execution_options={"synchronize_session": False})
