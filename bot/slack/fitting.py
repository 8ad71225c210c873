"""The answer to words that name a send: the one that fits, a page of those that do, or none and the nearest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy.orm import Session

from bot.slack import look_ups, sought
from bot.slack.blocks.drawn import Drawn
from bot.slack.blocks.pick_list import Picked
from bot.slack.blocks.send_list import PAGE
from storage.models import Send

One = TypeVar("One")


def fitting(
    session: Session, query: str, offset: int, action: str, *, one: Callable[[Send], One],
    several: Callable[[Sequence[Send], Picked], Drawn], none: Callable[[Sequence[str]], Drawn],
) -> One | Drawn:
    """What `one` makes of the only send that fits, `several` of the page from `offset` on, `none` of the nearest names.

    `action` is the action id of what shows another page.
    """
    found = sought.find(session, query, limit=offset + PAGE)
    if found.total == 1 and found.sends:
        return one(found.sends[0])
    shown = found.sends[offset:offset + PAGE]
    if not shown:
        return look_ups.told(none(found.nearest))
    return several(shown, Picked(
        query=found.query, total=found.total, more=found.more, offset=offset, action=action,
    ))
