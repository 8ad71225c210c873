"""Mutes: which are in force."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Mute


def in_force(session: Session, now: datetime) -> Sequence[Mute]:
    """Every mute that holds at `now`, the one that ends first at the beginning."""
    return session.scalars(
        select(Mute).where(Mute.ends_at > now, Mute.ended_at.is_(None)).order_by(Mute.ends_at, Mute.id),
    ).all()
