"""Taking in a batch so that one poisoned snapshot costs itself and not the batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from traceback import extract_tb

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from bot.sends import intake
from bot.sends.intake import Taken
from bot.sends.snapshots import Rejected, Snapshot
from bot.statuses.watch import Watch

OF_THE_VALUES = ("22", "54")
"""Classes of SQLSTATE that speak of what is stored and not of the database: unfit data, and what is too large."""
OF_THE_DATABASE = ("25", "42501", "42P01", "42703")
"""Those that speak of the database in any case: a transaction that may not write or is over, rights that are missing, a
table or a column that is gone."""

log = structlog.get_logger()


def take(
    session: Session, told: Sequence[Snapshot | Rejected], now: datetime, watch: Watch,
) -> Taken:
    """As `intake.take`; a snapshot on which intake itself fails is rejected, and the others go in.

    Raises when the database does not work, and when none of several gets in: then it is not they that are bad.
    """
    try:
        return _nested(session, told, now, watch)
    except Exception as error:
        if is_of_database(error):
            raise
        parts = [_alone(session, one, now, watch) for one in told]
        if len(told) > 1 and all(part is None for part in parts):
            raise
        return _sum([part or _refused(one, error) for one, part in zip(told, parts, strict=True)])


def is_of_database(error: Exception) -> bool:
    """Whether the database does not work, so that the snapshot at hand is not to blame."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    if state.startswith(OF_THE_DATABASE):
        return True
    return isinstance(error, OperationalError | InterfaceError) and not state.startswith(OF_THE_VALUES)


def where(error: BaseException) -> str:
    """An error's kind and the line it comes from, for the log: its own text may quote a recipient."""
    frames = extract_tb(error.__traceback__)
    place = f" in {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return type(error).__name__ + place


def _nested(
    session: Session, told: Sequence[Snapshot | Rejected], now: datetime, watch: Watch,
) -> Taken:
    with session.begin_nested():
        return intake.take(session, told, now, watch)


def _alone(session: Session, told: Snapshot | Rejected, now: datetime, watch: Watch) -> Taken | None:
    """None where it cannot be taken in."""
    try:
        return _nested(session, [told], now, watch)
    except Exception as error:
        if is_of_database(error):
            raise
        # Whatever else it is, a walk must not end at the same send for ever.
        log.error("send_not_stored", send_gid=getattr(told, "send_gid", None), error=where(error))  # noqa: TRY400 - see `where`
        return None


def _refused(told: Snapshot | Rejected, error: Exception) -> Taken:
    reason = f"it could not be stored ({type(error).__name__})"
    return Taken(read=1, rejected=[Rejected(line=told.line or 0, reason=reason)])


def _sum(parts: Sequence[Taken]) -> Taken:
    return Taken(
        read=sum(part.read for part in parts),
        new=sum(part.new for part in parts),
        changed=sum(part.changed for part in parts),
        unchanged=sum(part.unchanged for part in parts),
        rejected=[refusal for part in parts for refusal in part.rejected],
    )
