"""What hangs on a send, when it gets another gid or turns out to be one with other rows.

The first from Sendoso, or to forget somebody; the second where files and a webhook told of it, each in its way.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import Executable, delete, select, tuple_, update
from sqlalchemy.orm import Session

from storage import mutes
from storage.models import Alert, LookUpSend, Mute, Send, SendHistory, Watch
from storage.sends import chunks


class Renamed(NamedTuple):
    """The gid that a send had, and the one that it has now; `also` are further ones of what became one with it."""

    old: str
    new: str
    also: Collection[str] = ()


def rename(session: Session, sends: Mapping[int, Renamed]) -> None:
    """Have mutes and alerts of sends (by row id), and what is on record about those mutes, go by the new gids."""
    news = {old: one.new for one in sends.values() for old in (one.old, *one.also)}
    for some in chunks(sorted(news)):
        for mute in session.scalars(select(Mute).where(Mute.scope == "send", Mute.value.in_(some))).all():
            _rename_mute(session, mute, news[mute.value])
    for ids in chunks(sorted(sends)):
        asked = select(Alert.id, Alert.key, Alert.send_id).where(Alert.send_id.in_(ids)).order_by(Alert.id)
        for row in session.execute(asked).all():
            renamed, key = sends[row.send_id], row.key
            for old in (renamed.old, *renamed.also):
                key = key.replace(f":{old}:", f":{renamed.new}:")
            if key != row.key:
                _run(session, update(Alert).where(Alert.id == row.id).values(key=key))
    session.flush()


def _rename_mute(session: Session, mute: Mute, gid: str) -> None:
    for event in mutes.events_of(session, mute):
        if event.detail.get("value") == mute.value:
            event.detail = {**event.detail, "value": gid}
    mute.value = gid


def join(session: Session, kept: int, shifts: Mapping[int, int]) -> None:
    """Have all that hangs on the rows of a send hang on that of the id `kept`, and delete the others.

    `shifts` are the ids of all these rows, with what is added to the episodes of the alerts of each, so that none of
    one is one of those that another has had.
    """
    others = sorted(shifts.keys() - {kept})
    for row_id in (kept, *others):
        _move_alerts(session, row_id, kept, shifts[row_id])
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
    asked = select(Alert.id, Alert.key, Alert.status_seq, Alert.level).where(Alert.send_id == row_id)
    for row in session.execute(asked.order_by(Alert.status_seq.desc(), Alert.id)).all():
        seq, end = row.status_seq + shift, f":{row.status_seq}:{row.level}"
        key = f"{row.key.removesuffix(end)}:{seq}:{row.level}" if row.key.endswith(end) else row.key
        _run(session, update(Alert).where(Alert.id == row.id).values(send_id=kept, status_seq=seq, key=key))


def _run(session: Session, statement: Executable) -> None:
    session.execute(statement, execution_options={"synchronize_session": False})
