"""Taking in a batch so that one poisoned snapshot costs itself and not the batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from bot.sends import intake
from bot.sends.intake import Taken
from bot.sends.snapshots import Rejected, Snapshot
from bot.statuses.working_time import WorkCalendar

log = structlog.get_logger()


def take(
    session: Session, told: Sequence[Snapshot | Rejected], now: datetime, calendar: WorkCalendar,
) -> Taken:
    """As `intake.take`; a snapshot on which intake itself fails is rejected, and the others go in.

    Raises only when the database does not work at all.
    """
    try:
        with session.begin_nested():
            return intake.take(session, told, now, calendar)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, a walk must not end at the same send for ever
        if len(told) == 1:
            return _refused(told[0], error)
    taken = Taken()
    for one in told:
        part = take(session, [one], now, calendar)
        taken.read += part.read
        taken.new += part.new
        taken.changed += part.changed
        taken.unchanged += part.unchanged
        taken.rejected += part.rejected
    return taken


def _refused(told: Snapshot | Rejected, error: Exception) -> Taken:
    # Only the error's kind: its text may quote a recipient.
    kind = type(error).__name__
    log.error("send_not_stored", send_gid=getattr(told, "send_gid", None), error=kind)
    return Taken(read=1, rejected=[Rejected(line=told.line or 0, reason=f"it could not be stored ({kind})")])
