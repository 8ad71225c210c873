"""Questions that were answered, and links that were unfolded: forgotten when nothing needs them any more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.models import Message

LIMIT = 500

def forget(session: Session, kinds: Iterable[str], before: datetime, limit: int = LIMIT) -> int:
    """Delete at most `limit` messages of these kinds that are older and at rest; gives how many."""
    old = (
        select(Message.id)
        .where(
            Message.kind.in_(sorted(kinds)), Message.created_at < before, Message.next_at.is_(None),
            Message.attempt.is_(None),
        )
        .order_by(Message.id).limit(limit)
    )
    ids = list(session.scalars(old))
    session.execute(delete(Message).where(Message.id.in_(ids)).execution_options(synchronize_session=False))
    return len(ids)
