"""What admins have set, section by section: the newest of each, and who changed it, when, from what to what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from storage.models import ConfigChange, ConfigSection
from storage.prepared import Prepared

Version = tuple[str, int, datetime]
"""A section, its number, and when it was written: what is not kept in the end may have had the same number."""

_SECTIONS: Table = ConfigSection.__table__  # type: ignore[assignment]
_VERSIONS = Prepared(
    select(_SECTIONS.c.section, _SECTIONS.c.version, _SECTIONS.c.changed_at).order_by(_SECTIONS.c.section),
)


COMMAND_LINE = "cli"
"""Who changes something on the command line, where others are Slack user ids."""


class ConfigChangedError(RuntimeError):
    """Somebody else has changed a section meanwhile; nothing may be kept of this transaction."""

    def __init__(self, section: str, by: str = "") -> None:
        self.section, self.by = section, by
        super().__init__(
            f"The section “{section}” was changed meanwhile{f' by {by}' if by else ''}; look at it again.",
        )


def read(session: Session) -> dict[str, Any]:
    """Every section that was ever set, as plain data; one that is not there has its default."""
    return {row.section: row.body["value"] for row in session.scalars(_rows()) if "value" in row.body}


def versions(session: Session) -> tuple[Version, ...]:
    """What tells whether anything has changed; cheap enough to be asked before each pass."""
    return tuple((section, version, at) for section, version, at in _VERSIONS.rows(session))


def save(
    session: Session, section: str, body: Any, now: datetime, by: str, *, seen: int | None = None,  # noqa: ANN401
) -> bool:
    """Set a section to `body` (plain data; None: back to its default), and record who did; False if it is so already.

    `by` is a Slack user id or "cli". `seen` is the version on which the change was made up, 0 before there was
    any; where none is given, it is the one that stands now. Raises `ConfigChangedError` where another writer
    was quicker.
    """
    row = _row(session, section)
    if seen is not None and seen != (row.version if row else 0):
        raise ConfigChangedError(section, row.changed_by if row else "")
    before = row.body if row else {}
    after = {} if body is None else {"value": body}
    if before == after:
        return False
    version = _write(session, section, row.version if row else 0, body=after, changed_at=now, changed_by=by)
    session.execute(insert(ConfigChange).values(
        section=section, before=before, after=after, version=version, changed_at=now, changed_by=by,
    ))
    return True


def history(session: Session, section: str | None = None, limit: int = 50) -> Sequence[ConfigChange]:
    """The changes of a section, or of all, the latest first."""
    found = select(ConfigChange).order_by(ConfigChange.id.desc()).limit(limit)
    return session.scalars(found.where(ConfigChange.section == section) if section else found).all()


def sections(session: Session) -> dict[str, ConfigSection]:
    """Every section that was ever set, by name: its version, who changed it last, and when."""
    return {row.section: row for row in session.scalars(_rows())}


def page_of_changes(session: Session, offset: int, limit: int) -> tuple[Sequence[ConfigChange], int]:
    """Some of all changes, the latest first, and how many there are."""
    found = select(ConfigChange).order_by(ConfigChange.id.desc()).offset(offset).limit(limit)
    return session.scalars(found).all(), session.scalar(select(func.count()).select_from(ConfigChange)) or 0


def next_change(session: Session, section: str, version: int) -> ConfigChange | None:
    """The change that came next after a version of a section; None where that one stands, or is forgotten."""
    found = select(ConfigChange).where(ConfigChange.section == section, ConfigChange.version == version + 1)
    return session.scalar(found.order_by(ConfigChange.id.desc()).limit(1))


def undo(session: Session, change_id: int, now: datetime, by: str) -> bool:
    """Put a section back to what it was before a change, which is a change of its own; False if it is so already.

    Raises `LookupError` where there is no such change, and `ConfigChangedError` where another came after it:
    that one would be lost.
    """
    taken_back = change(session, change_id)
    return save(session, taken_back.section, taken_back.before.get("value"), now, by, seen=taken_back.version)


def change(session: Session, change_id: int) -> ConfigChange:
    """One change of the record; `LookupError` where there is none of that id."""
    found = session.get(ConfigChange, change_id)
    if found is None:
        raise LookupError(f"there is no change {change_id} of the configuration")
    return found


def _rows() -> Any:  # noqa: ANN401 - a select of rows
    return select(ConfigSection).order_by(ConfigSection.section).execution_options(populate_existing=True)


def _row(session: Session, section: str) -> ConfigSection | None:
    return session.get(ConfigSection, section, populate_existing=True)


def _write(session: Session, section: str, seen: int, **values: Any) -> int:  # noqa: ANN401 - columns
    """Write a section that is still at the version `seen`; gives the new one."""
    version = seen + 1
    if seen:
        statement: Any = (
            update(ConfigSection)
            .where(ConfigSection.section == section, ConfigSection.version == seen)
            .values(version=version, **values)
            .execution_options(synchronize_session=False)
        )
    else:
        dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
        statement = dialect.insert(ConfigSection).values(section=section, version=version, **values)
        statement = statement.on_conflict_do_nothing()
    if session.scalar(statement.returning(ConfigSection.version)) is None:
        current = _row(session, section)
        raise ConfigChangedError(section, current.changed_by if current else "")
    return version
