"""When nothing is under way any more: nothing to look at, nothing to tell, nothing to deliver."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.delivery import sweep
from storage import sync
from storage.models import Message, Notification, Send
from tests.chaos.stage import Stage

LOOK_EVERY = 0.3


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What still has to be done."""

    sends: int = 0
    """Known to Sendoso but not to the bot, or due to be looked at."""
    notifications: int = 0
    messages: int = 0

    def __bool__(self) -> bool:
        return bool(self.sends or self.notifications or self.messages)

    def __str__(self) -> str:
        return f"{self.sends} sends, {self.notifications} notifications, {self.messages} messages wait"


def waiting(session: Session, stage: Stage, now: datetime) -> Waiting:
    """What is to be done at `now`."""
    known = session.scalar(select(func.count()).select_from(Send)) or 0
    due = session.scalar(select(func.count()).select_from(Send).where(Send.due_at <= now)) or 0
    return Waiting(
        sends=len(stage.sendoso.gids()) - known + due,
        notifications=session.scalar(
            select(func.count()).select_from(Notification).where(Notification.next_at <= now),
        ) or 0,
        messages=session.scalar(select(func.count()).select_from(Message).where(Message.next_at.is_not(None))) or 0,
    )


def come_to_rest(stage: Stage, within: float) -> Waiting:
    """Wait until nothing waits, then stop all processes in good order; gives what still waits after `within` seconds.

    What comes up while they stop is done by starting them once more. Where processes stood still, the sweep must
    have looked at everything.
    """
    deadline, calm_at = time.monotonic() + within, stage.clock()
    while True:
        stage.fleet.revive()
        left = look(stage)
        if not left and not _moving(stage) and (not stage.plan.freezes or _swept(stage, calm_at)):
            stage.fleet.stop()
            left = look(stage)
            if not left:
                return left
            stage.fleet.start_all()
        if time.monotonic() > deadline:
            stage.fleet.stop()
            return left
        time.sleep(LOOK_EVERY)


def look(stage: Stage) -> Waiting:
    """What waits now."""
    try:
        with stage.database() as database, database.read() as session:
            return waiting(session, stage, stage.clock())
    except OperationalError:
        return Waiting(messages=1)


def _swept(stage: Stage, since: datetime) -> bool:
    """Whether a sweep that was begun since then has come through."""
    with stage.database() as database, database.read() as session:
        stands = sync.cursor(session, sweep.NAME)
        return stands is not None and stands.last_ok_at is not None and stands.last_ok_at >= since


def _moving(stage: Stage) -> bool:
    """Whether Sendoso shows a status that the bot has not taken in: asked from the sends that were moved last."""
    with stage.database() as database, database.read() as session:
        known = dict(session.execute(select(Send.send_gid, Send.status)).all())
    return any(known.get(gid) != "delivered" for gid in stage.moved)
