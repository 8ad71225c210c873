"""Where other tables name a send by its gid: a send may get another one, from Sendoso or to forget somebody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage import mutes
from storage.models import Alert, Mute
from storage.sends import chunks


class Renamed(NamedTuple):
    """The gid that a send had, and the one that it has now."""

    old: str
    new: str


def rename(session: Session, sends: Mapping[int, Renamed]) -> None:
    """Have mutes and alerts of sends (by row id), and what is on record about those mutes, go by the new gids."""
    news = {one.old: one.new for one in sends.values()}
    for some in chunks(sorted(news)):
        for mute in session.scalars(select(Mute).where(Mute.scope == "send", Mute.value.in_(some))).all():
            _rename_mute(session, mute, news[mute.value])
    for ids in chunks(sorted(sends)):
        asked = select(Alert.id, Alert.key, Alert.send_id).where(Alert.send_id.in_(ids)).order_by(Alert.id)
        for row in session.execute(asked).all():
            key = row.key.replace(f":{sends[row.send_id].old}:", f":{sends[row.send_id].new}:")
            if key != row.key:
                session.execute(
                    update(Alert).where(Alert.id == row.id).values(key=key),
                    execution_options={"synchronize_session": False},
                )
    session.flush()


def _rename_mute(session: Session, mute: Mute, gid: str) -> None:
    for event in mutes.events_of(session, mute):
        if event.detail.get("value") == mute.value:
            event.detail = {**event.detail, "value": gid}
    mute.value = gid
