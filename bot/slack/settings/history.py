"""What was changed lately in the settings, in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.config.changes import Change
from bot.config.document import Document
from bot.config.drafts import again, keys
from bot.config.reading import validated
from bot.slack.blocks import setting_windows
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.setting_windows import CHANGES, Changed
from bot.slack.blocks.setting_words import TITLES, thing
from bot.slack.blocks.text import escape
from bot.slack.deps import Deps
from bot.slack.settings.standing import WHOLE
from storage import config as stored
from storage.models import ConfigChange

LONGEST = 200
ORDER = "Another order."


def history(session: Session, deps: Deps, offset: int, *, note: str = "", over: object = None) -> Block:
    """Some of what was changed, the latest first; `over` is the window below."""
    rows, total = stored.page_of_changes(session, offset, CHANGES)
    current = {name: version for name, version, _ in stored.versions(session)}
    found = [
        Changed(
            change_id=row.id, section=row.section, by=row.changed_by, at=row.changed_at, lines=in_words(deps, row),
            is_last=current.get(row.section) == row.version,
        )
        for row in rows
    ]
    return setting_windows.history(
        found, total=total, offset=offset, note=note, over=over if isinstance(over, str) else "",
    )


def in_words(deps: Deps, row: ConfigChange) -> list[str]:
    """What a change has changed, a line of mrkdwn for each thing; lines of the file where they say nothing any more."""
    standard = Document().plain().get(row.section)
    before, after = (one.get("value", standard) for one in (row.before, row.after))
    (old, wrong), (new, wrong_now) = (validated({row.section: body}) for body in (before, after))
    if wrong or wrong_now or row.section not in TITLES:
        lines = Change(section=row.section, before=before, after=after).lines()
        return [escape(line, LONGEST) for line in lines if line.startswith(("+", "-"))]
    return list(_differences(deps, row.section, old, new, deps.clock()))


def _differences(deps: Deps, section: str, old: Document, new: Document, now: datetime) -> Iterator[str]:
    before, after = (document.plain_section(section) for document in (old, new))
    old_rules, new_rules = deps.drafted(old), deps.drafted(new)
    if section in WHOLE:
        was, is_now = (
            thing(section, document, rules, None, now).splitlines()
            for document, rules in ((old, old_rules), (new, new_rules))
        )
        yield from (f"Was: {line}" for line in was if line not in is_now)
        yield from (f"Now: {line}" for line in is_now if line not in was)
        return
    met = set()
    for key in keys(before):
        place = again(before, after, key)
        met.add(place)
        if place is None:
            yield f"Gone: {thing(section, old, old_rules, key, now)}"
        elif before[key] != after[place]:
            yield f"Was: {thing(section, old, old_rules, key, now)}"
            yield f"Now: {thing(section, new, new_rules, place, now)}"
    added = [key for key in keys(after) if key not in met]
    yield from (f"New: {thing(section, new, new_rules, key, now)}" for key in added)
    if not added and len(before) == len(after) and _is_moved(before, after):
        yield ORDER


def _is_moved(before: Any, after: Any) -> bool:  # noqa: ANN401 - plain data of any shape
    return isinstance(before, list) and before != after and all(one in after for one in before)
