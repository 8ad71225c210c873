"""What admins have set: thresholds, routes, policies, permissions, the calendar."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Id


class ConfigSection(Base, kw_only=True):
    """One part of the configuration as it is now. A part that is not there has its defaults."""

    __tablename__ = "config_sections"

    section: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    """`{"value": …}`, in the form of the configuration file."""
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(default="")
    """A Slack user id, or "cli"."""


class ConfigChange(Base, kw_only=True):
    """The audit record of the configuration: who changed which part, when, and what it was before and after."""

    __tablename__ = "config_changes"
    __table_args__ = (Index("ix_config_changes_section", "section", "id"),)

    id: Mapped[Id] = mapped_column(init=False)
    section: Mapped[str]
    before: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    after: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    version: Mapped[int]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]
