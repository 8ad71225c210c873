"""Changes of the settings are taken back: only the last of a section, and only where the rest still fits it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from bot.config import changes, drafts
from bot.slack import payloads
from bot.slack.blocks import setting_windows
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.setting_words import TITLES
from bot.slack.blocks.text import escape, own
from bot.slack.deps import Deps
from bot.slack.payloads import Pressed, Where
from bot.slack.replies import later, redraw, tell
from bot.slack.settings import access, history, overview
from bot.slack.settings.submitting import below, redraw_below
from storage import config as stored
from storage.config import ConfigChangedError

GONE = "This change is not on record any more, so that it cannot be taken back."
SAME = "It is as it was before already; nothing was changed."
UNDONE = "This change was taken back already."
NOT_TAKEN = "So this was not taken back: that would undo more than this change. Look at “Recent changes”."


@dataclass(frozen=True, kw_only=True)
class Undone:
    """What became of it, as finished mrkdwn; `change_id` is the change that takes the other back."""

    said: str
    section: str = ""
    change_id: int | None = None


def undo(deps: Deps, found: Pressed) -> None:
    """Take a change back, and show what became of it where the button stood."""
    change_id, place = payloads.number(found.content, "change"), found.where

    def task() -> None:
        refused = access.refused(deps, place, found.dedupe_key)
        if refused is not None:
            tell(deps, place, refused)
            return
        outcome = take_back(deps, change_id, place.user_id)
        _show(deps, place, outcome)
        if outcome.change_id is not None:
            redraw_below(deps, outcome.section, place)

    later(deps, place, task)


def take_back(deps: Deps, change_id: int, by: str) -> Undone:
    """Put a section back to what it was before a change; what keeps it from that is told."""
    now = deps.clock()
    try:
        with deps.database.write() as session:
            section = stored.change(session, change_id).section
            wrong = _wrong(session, deps, change_id)
            if wrong:
                return Undone(section=section, said=wrong)
            if not changes.undo(session, change_id, now, by):
                return Undone(section=section, said=SAME)
            [last] = stored.history(session, section, 1)
            title = own(TITLES.get(section, section))
            return Undone(section=section, said=f"↩️ *Taken back.* {title}: as it was before.", change_id=last.id)
    except LookupError:
        return Undone(said=GONE)
    except ConfigChangedError as error:
        if _is_undone(deps, change_id):
            return Undone(section=error.section, said=UNDONE)
        with deps.database.read() as session:
            return Undone(section=error.section, said=overview.changed_since(session, error.section, NOT_TAKEN))


def _is_undone(deps: Deps, change_id: int) -> bool:
    with deps.database.read() as session:
        change = stored.change(session, change_id)
        then = stored.next_change(session, change.section, change.version)
        return then is not None and then.after == change.before


def _wrong(session: Session, deps: Deps, change_id: int) -> str:
    """Why the section as it was before does not fit the rest any more; empty where it does."""
    change, found = stored.change(session, change_id), deps.configured(session)
    if found.seen(change.section) != change.version:
        return ""
    draft = drafts.drafted(found.document, change.section, change.before.get("value"))
    if not draft.problems:
        return ""
    why = " ".join(escape(str(one), 300) for one in draft.problems[:3])
    return f"It was not taken back, since other settings rest on it: {why}"


def _show(deps: Deps, place: Where, outcome: Undone) -> None:
    data = place.view_data

    def drawn() -> Block:
        if place.view_callback != setting_windows.HISTORY:
            section = outcome.section or str(data.get("s", ""))
            carried = below(data, section)
            return setting_windows.done([outcome.said], outcome.change_id, section, carried)
        with deps.database.read() as session:
            offset = payloads.count(data, "p")
            return history.history(session, deps, offset, note=outcome.said, over=data.get("over"))

    if place.view_id:
        redraw(deps, place.view_id, drawn, place.view_hash, reader=place.user_id)


HANDLERS: Mapping[str, Callable[[Deps, Pressed], Any]] = {"setting_undo": undo}
