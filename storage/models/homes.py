"""The Home tab of each person, as it was drawn last."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class Home(Base, kw_only=True):
    """What one person's Home tab shows, so that it is drawn anew when that is no longer true."""

    __tablename__ = "homes"

    user_id: Mapped[str] = mapped_column(primary_key=True)
    team_id: Mapped[str] = mapped_column(default="")
    opened_at: Mapped[datetime]
    """When the person looked at it last."""
    asked: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    """Which pages and lists they have turned to."""
    shown: Mapped[str] = mapped_column(default="")
    """Hash of what Slack was told last; empty while nothing was."""
    drawn_at: Mapped[datetime | None] = mapped_column(default=None)
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    """Until then one process is at drawing it."""
