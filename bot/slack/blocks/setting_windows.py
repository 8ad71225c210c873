"""The windows of the settings: all sections, the things of one, recent changes, and what became of a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.slack.blocks.drawn import Block
from bot.slack.blocks.limits import actions, button, confirm, context, divider, header, modal, overflow, section
from bot.slack.blocks.setting_words import ABOUT, TITLES
from bot.slack.blocks.text import count, escape, own, person, stamp, whole
from storage.config import COMMAND_LINE

OVERVIEW, LIST, HISTORY, DONE = "settings_modal", "setting_list_modal", "setting_history_modal", "setting_done_modal"
PAGE, CHANGES = 10, 6
ROOM = 2900
LINES = 8
FILE = "`sendwatch config export` and `sendwatch config import` do the same with one file for all of it."
NOTHING = "Nothing has been changed yet: all of it is as Sendwatch comes."


@dataclass(frozen=True, kw_only=True)
class Part:
    """A section as the overview shows it: in a sentence or two, and who changed it last."""

    section: str
    summary: str
    """Finished mrkdwn."""
    changed_by: str = ""
    changed_at: datetime | None = None
    broken: bool = False


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing of a section: what it says (finished mrkdwn), and what can be done with it."""

    text: str
    choices: Sequence[tuple[str, dict[str, Any]]] = ()


@dataclass(frozen=True, kw_only=True)
class Changed:
    """One change on record; `lines` say in finished mrkdwn what it changed."""

    change_id: int
    section: str
    by: str
    at: datetime
    lines: Sequence[str] = ()
    is_last: bool = False
    """Whether nothing came after it in its section, so that it can be taken back."""


def who(by: str) -> str:
    """Who changed something, for mrkdwn."""
    return "the command line" if by == COMMAND_LINE else person(by)


# --- all sections -------------------------------------------------------------------------------------


def overview(parts: Sequence[Part], note: str = "", first: Sequence[Block] = ()) -> Block:
    """Every section as it is in force, with its button; `note` (finished mrkdwn) and the blocks `first` go first."""
    blocks: list[Block | None] = [section(note) if note else None, *first]
    for part in parts:
        blocks += [
            section(f"*{own(TITLES[part.section])}*\n{part.summary}", _change(part.section)),
            context(_last(part), _broken(part)),
        ]
    return modal("Settings", [
        *blocks, divider(),
        actions(button("Recent changes", "setting_history", {"p": 0}, label="Recent changes, to look at or undo")),
        context(FILE),
    ], callback_id=OVERVIEW)


def _change(name: str) -> Block:
    return button("Change", f"setting_section.{name}", {"s": name}, label=f"Change: {TITLES[name]}")


def _last(part: Part) -> str:
    if part.changed_at is None:
        return "Never changed"
    return f"Changed by {who(part.changed_by)}, {stamp(part.changed_at)}"


def _broken(part: Part) -> str:
    return "⚠️ What is stored here cannot be used by this version; the default counts instead." if part.broken else ""


# --- the things of one section ------------------------------------------------------------------------


def things(
    name: str, lines: Sequence[Line], *, total: int, offset: int, add: Sequence[Block] = (), note: str = "",
    rest: Sequence[str] = (), data: dict[str, Any] | None = None,
) -> Block:
    """A page of a section's things, those from `offset` on; `rest` (finished mrkdwn) stands below the last page."""
    is_last = offset + len(lines) >= total
    return modal(TITLES[name], [
        section(note) if note else None,
        section(own(ABOUT[name])),
        actions(*add),
        divider(),
        *(section(line.text, _menu(line, place)) for place, line in enumerate(lines)),
        *([section(text) for text in rest] if is_last else []),
        *_turns(name, offset, len(lines), total),
    ], callback_id=LIST, data={"s": name, "p": offset, **(data or {})}, close="Back")


def _menu(line: Line, place: int) -> Block | None:
    if len(line.choices) != 1:
        return overflow(f"setting_do.{place}", line.choices)
    [(text, content)] = line.choices
    about = line.text.partition("*")[2].partition("*")[0]
    return button(text, f"setting_do.{place}", content, label=f"{text}: {about}")


def _turns(name: str, offset: int, shown: int, total: int) -> list[Block | None]:
    if shown >= total:
        return []
    last = offset + shown
    return [
        context(f"{whole(offset + 1)} to {whole(last)} of {whole(total)}"),
        actions(
            _turn("Show the ones before", name, max(0, offset - PAGE)) if offset else None,
            _turn("Show more", name, last) if last < total else None,
        ),
    ]


def _turn(text: str, name: str, offset: int) -> Block:
    label = f"{text}: from {whole(offset + 1)} on"
    return button(text, f"setting_page.{offset}", {"s": name, "p": offset}, label=label)


def limits(texts: Sequence[str]) -> Block:
    """The limits that Sendwatch has by itself, as finished mrkdwn."""
    return modal("Limits of Sendwatch", [section(text) for text in texts], callback_id="limits_modal", close="Back")


# --- what was changed lately --------------------------------------------------------------------------


def history(found: Sequence[Changed], *, total: int, offset: int, note: str = "", over: str = "") -> Block:
    """Some of the changes, the latest first, each with a button that takes it back while nothing came after it."""
    blocks: list[Block | None] = [section(note) if note else None]
    for one in found:
        title = own(TITLES.get(one.section, one.section))
        blocks += [
            section(
                f"*{title}* · {who(one.by)} · {stamp(one.at)}\n{_shown(one.lines)}",
                undo(one.change_id, title) if one.is_last else None,
            ),
            None if one.is_last else context("Changed again since, so that it cannot be taken back by itself."),
        ]
    last = offset + len(found)
    turns = actions(
        _older("Later changes", max(0, offset - CHANGES)) if offset else None,
        _older("Earlier changes", last) if last < total else None,
    )
    told = f"{whole(offset + 1)} to {whole(last)} of {count(total, 'change')}" if found else NOTHING
    return modal("Recent changes", [*blocks, context(told), turns], callback_id=HISTORY,
                 data={"p": offset, **({"over": over} if over else {})}, close="Back")


def _shown(lines: Sequence[str]) -> str:
    more = len(lines) - LINES
    return "\n".join([*lines[:LINES], *([f"…and {count(more, 'more line')}"] if more > 0 else [])])


def undo(change_id: int, title: str) -> Block:
    """The button that takes a change back, which asks first."""
    return button(
        "Undo", f"setting_undo.{change_id}", {"change": change_id}, label=f"Undo this change: {title}",
        confirm=confirm("Take this back?", "All that it changed goes back to what it was before.", "Take it back"),
    )


def _older(text: str, offset: int) -> Block:
    return button(text, f"setting_history.{offset}", {"p": offset}, label=f"{text}: from number {whole(offset + 1)}")


# --- what became of a change --------------------------------------------------------------------------


def done(said: Sequence[str], change_id: int | None, name: str, data: dict[str, Any]) -> Block:
    """What is in force now (finished mrkdwn), with the way back where there is something to take back."""
    return modal("Done", [
        *(section(text) for text in said if text),
        actions(undo(change_id, TITLES[name])) if change_id is not None else None,
        context("“Recent changes” in the settings lists it, and it is in the audit log."),
    ], callback_id=DONE, data=data, close="Back")


def nothing_to_do(said: str) -> Block:
    """One sentence (finished mrkdwn) in place of a form."""
    return modal("Nothing was changed", [section(said)], callback_id=DONE, close="Back")


def plainly(sentence: str) -> str:
    """A sentence about what admins wrote, for mrkdwn."""
    return escape(sentence, 1000)


def connection_elsewhere(opener: Block) -> list[Block | None]:
    """The same for the window of the access to Sendoso, with the button that opens it once more."""
    return [
        header("Access to Sendoso"), section("It opens in a window of its own, for you alone."), actions(opener),
    ]


def opened_elsewhere() -> list[Block | None]:
    """What a command answers while the window opens."""
    return [
        header("Settings"),
        section("They open in a window of their own, for you alone."),
        actions(button("Open the settings", "settings_open", {}, label="Open the settings once more")),
    ]
