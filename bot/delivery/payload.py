"""What delivery needs of a drawn message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from storage.models import Message


class Shown(Protocol):
    """Anything with a full text and blocks, such as `Payload` or what Slack's card builders give."""

    @property
    def text(self) -> str:
        """All that matters, in words: it is what screen readers and notifications say."""

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """Block Kit."""


@dataclass(frozen=True, kw_only=True)
class Payload:
    """A message ready to be sent."""

    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class File:
    """A file ready to be posted, with what is said above it.

    `alt_text` describes an image to who cannot see it; what any other file holds belongs into `comment` (mrkdwn).
    """

    name: str
    title: str
    content: bytes
    comment: str = ""
    alt_text: str = ""


@dataclass(frozen=True, kw_only=True)
class Links:
    """Links in somebody's message, and what each unfolds into; `place` is what tells Slack where they stand."""

    unfurls: dict[str, dict[str, Any]]
    place: dict[str, str]


Render = Callable[[Session, Message, datetime], Shown | File | Links | None]
"""Draws a message from its present state; None when there is nothing to show any more."""
