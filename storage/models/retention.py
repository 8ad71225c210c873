"""How far back finished sends are kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class Retention(Base, kw_only=True):
    """One row: from when on finished sends are kept here. Without it they are kept for ever."""

    __tablename__ = "retention"

    name: Mapped[str] = mapped_column(primary_key=True)
    kept_since: Mapped[datetime | None] = mapped_column(default=None)
    """What was finished before is deleted, and not taken in again; NULL while everything is kept."""
    held_since: Mapped[datetime | None] = mapped_column(default=None)
    """Sends that were finished before may have been deleted; NULL where none ever was."""
