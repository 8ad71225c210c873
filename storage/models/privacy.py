"""Who asked to be forgotten: no address and no name, only what they are known again by."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class Forgotten(Base, kw_only=True):
    """An address that must not come back with the next sync or import, or a name that it was known by."""

    __tablename__ = "forgotten"

    mark: Mapped[str] = mapped_column(primary_key=True)
    """HMAC-SHA256 of the address in lower case, or of it with a name beside it, under the key of this database."""
    forgotten_at: Mapped[datetime]


class PrivacyKey(Base, kw_only=True):
    """The key of the marks, made at random when somebody is forgotten first."""

    __tablename__ = "privacy_keys"

    name: Mapped[str] = mapped_column(primary_key=True)
    secret: Mapped[str]
    """32 bytes in hexadecimal."""
