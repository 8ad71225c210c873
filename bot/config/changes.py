"""What would change from one document to another, and putting it into force."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.alerts import recompute
from bot.config.current import InForce
from bot.config.document import SECTIONS, Document
from bot.config.writing import section_text
from storage import config as stored

WATCHED = frozenset({"calendar", "thresholds"})
"""Sections by which it is decided when sends are due."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One section, before and after, as plain data."""

    section: str
    before: Any
    after: Any

    def lines(self) -> list[str]:
        """The difference as people read it: each line of YAML with "+", "-" or a blank before it."""
        old, new = (section_text(self.section, body).splitlines() for body in (self.before, self.after))
        found = difflib.unified_diff(old, new, n=1, lineterm="")
        return [line for line in found if not line.startswith(("---", "+++", "@@"))]


def between(before: Document, after: Document) -> tuple[Change, ...]:
    """The sections that differ, in the order of the file."""
    found = []
    for section in SECTIONS:
        if getattr(before, section) is not getattr(after, section):
            old, new = before.plain_section(section), after.plain_section(section)
            found += [Change(section=section, before=old, after=new)] if old != new else []
    return tuple(found)


def apply(
    session: Session, found: InForce, document: Document, now: datetime, by: str, given: Collection[str] = SECTIONS,
) -> tuple[str, ...]:
    """Put a document into force in place of what was found; gives the sections that are changed.

    Only where somebody has looked at it as it is: raises `storage.config.ConfigChangedError` where a section was
    changed since `found` was read. A section that equals its default is stored as no section at all. What was
    stored and cannot be used is replaced where it is among `given`. Where the change concerns when sends are due,
    all of them are looked at again. The caller commits.
    """
    changed = {change.section for change in between(found.document, document)}
    written = [
        section for section in SECTIONS
        if (section in changed or (section in found.broken and section in given)) and stored.save(
            session, section, _body(document, section), now, by, seen=found.seen(section),
        )
    ]
    _look_again(session, written, now)
    return tuple(written)


def _body(document: Document, section: str) -> Any:  # noqa: ANN401 - plain data of any shape
    plain = document.plain_section(section)
    return None if plain == Document().plain_section(section) else plain


def undo(session: Session, change_id: int, now: datetime, by: str) -> bool:
    """Take back a change of the record, as `storage.config.undo` does; the caller commits."""
    undone = stored.undo(session, change_id, now, by)
    if undone:
        _look_again(session, [stored.change(session, change_id).section], now)
    return undone


def _look_again(session: Session, sections: Collection[str], now: datetime) -> None:
    if WATCHED & set(sections):
        recompute.start(session, now)
