"""A section as somebody has it before them, and as it is now: another may have changed it meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from bot.alerts.permissions import ANYONE
from bot.config.current import InForce
from bot.config.document import Document
from bot.config.drafts import again, keys
from bot.slack.blocks.setting_words import ACTIONS
from bot.slack.payloads import FOREIGN, BadPayloadError, count
from storage import config as stored
from storage.models import ConfigSection

OPS = ("edit", "add", "remove", "up", "down")
EDIT, ADD, REMOVE, UP, DOWN = OPS
WHOLE = frozenset({"calendar", "look_ups"})
"""Sections that are one thing; the form of each has its name."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a window is about: a thing of a section, in the version that the window has shown."""

    section: str
    op: str
    found: InForce
    seen: Any
    """The body of the section as it was shown, as plain data."""
    now: Any
    """The body as it is now."""
    key: str | int | None
    """Where the thing stands now; None for a new one, for what is gone, and where the section is one thing."""
    was: str | int | None
    """Where it stood."""
    row: ConfigSection | None
    is_changed: bool

    @property
    def document(self) -> Document:
        return self.found.document

    @property
    def version(self) -> int:
        return self.found.seen(self.section)

    @property
    def item(self) -> Any:  # noqa: ANN401 - plain data of any shape
        """The thing as it is now; None where there is none."""
        return _item(self.section, self.now, self.key)

    @property
    def item_seen(self) -> Any:  # noqa: ANN401 - plain data of any shape
        """The thing as it was shown; None for a new one."""
        return _item(self.section, self.seen, self.was)

    @property
    def is_gone(self) -> bool:
        """Whether somebody has taken away what the window is about."""
        return self.was is not None and self.key is None


def _item(section: str, body: Any, key: str | int | None) -> Any:  # noqa: ANN401 - as above
    if section in WHOLE:
        return body
    if section == "permissions":
        return body.get(key, [ANYONE])
    return body[key] if key is not None else None


def standing(session: Session, found: InForce, section: str, data: Mapping[str, Any]) -> Standing:
    """The section and the thing of which a window carries place (`n`), version (`v`) and what is done (`op`).

    `found` is what is in force.
    Raises BadPayloadError for what no window of ours carries.
    """
    now, version = found.plain(section), count(data, "v", most=2**31)
    seen, op = _as_seen(session, found, section, version), data.get("op")
    if op not in OPS:
        raise BadPayloadError(FOREIGN)
    was = None
    if op != ADD and section not in WHOLE:
        listed, place = places(section, seen), count(data, "n")
        if place >= len(listed):
            raise BadPayloadError(FOREIGN)
        was = listed[place]
    is_changed = version != found.seen(section)
    return Standing(
        section=section, op=op, found=found, seen=seen, now=now, was=was,
        key=_now_at(section, seen, now, was) if is_changed else was, row=stored.sections(session).get(section),
        is_changed=is_changed,
    )


def places(section: str, body: Any) -> list[str | int]:  # noqa: ANN401 - plain data of any shape
    """The places of the things of a section that are listed, in their order."""
    # A permission that is not named is for anyone; it can be limited all the same.
    return list(ACTIONS) if section == "permissions" else keys(body)


def _now_at(section: str, seen: Any, now: Any, was: str | int | None) -> str | int | None:  # noqa: ANN401 - as above
    return was if section == "permissions" else again(seen, now, was)


def _as_seen(session: Session, found: InForce, section: str, version: int) -> Any:  # noqa: ANN401 - plain data
    change = stored.next_change(session, section, version) if version != found.seen(section) else None
    if change is None:
        return found.plain(section)
    before = change.before.get("value")
    return before if before is not None else Document().plain_section(section)
