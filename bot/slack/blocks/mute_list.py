"""Every mute: those in force with their buttons, and those that are over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.limits import actions, button, confirm, context, header, section
from bot.slack.blocks.mute_modal import LONGEST_REASON, counted, named
from bot.slack.blocks.send_list import that_fit, turns
from bot.slack.blocks.text import count, escape, one_line, person, stamp
from storage.models import Mute

PAGE = 8


@dataclass(frozen=True, kw_only=True)
class Line:
    """A mute, how many open alerts it hides now, and the one that stands in its place, if there is one."""

    mute: Mute
    alerts: int = 0
    after: Mute | None = None


def build(lines: Sequence[Line], *, total: int, offset: int, hidden: int, limited: bool = False) -> Drawn:
    """Those in force, the one that ends first at the beginning; `hidden` counts each alert once.

    `limited`: only alerts that the reader may see are counted.
    """
    blocks: list[Block | None] = [header(count(total, "mute") if total else "Nothing is muted")]
    for place, one in enumerate(lines):
        blocks += [section(_in_force(one, limited=limited)), _buttons(one, place, limited=limited)]
    told = f"{counted(hidden, limited=limited)} {'is' if hidden == 1 else 'are'} hidden in all." if total else ""
    return draw([
        *blocks, context(told),
        *turns({"list": "mute"}, offset, offset + len(lines), total),
        actions(
            button("New mute", "mute_new", {}, style=None if total else "primary", label="Mute something else"),
            _to("Show what is hidden", "muted", "Show the muted alerts") if hidden else None,
            _to("History", "mutes_over", "Show mutes that are over"),
        ),
    ])


def called(lines: Sequence[Line], query: str, *, limited: bool = False) -> Drawn:
    """Those in force that some words fit, each with its buttons, and the way to all of them; `limited` as above."""
    blocks: list[Block | None] = [header(f"{count(len(lines), 'mute')} {that_fit(len(lines), query)}")]
    for place, one in enumerate(lines):
        blocks += [section(_in_force(one, limited=limited)), _buttons(one, place, limited=limited)]
    return draw([*blocks, actions(_to("Every mute", "mute", "Show every mute in force"))])


def none_called(query: str, every: Drawn) -> Drawn:
    """No mute in force fits the words: all of them, below it."""
    return draw([section(f"No mute fits “{escape(query, 100)}”."), *every.parts])


def _to(text: str, name: str, label: str) -> Block:
    return button(text, f"list_more.{name}", {"list": name, "offset": 0}, label=label)


def _in_force(line: Line, *, limited: bool) -> str:
    mute = line.mute
    hides = f"hides {counted(line.alerts, limited=limited)}"
    parts = f"Until {stamp(mute.ends_at)} · by {person(mute.created_by)} · {hides}"
    return "\n".join([f"🔇 *{_named(mute)}*", parts, *_reason(mute)])


def _named(mute: Mute) -> str:
    told = named(mute.scope, mute.label or mute.value)
    # Two people may have the same name; whoever reads this list must know who is meant.
    address = mute.scope == "sender" and mute.label.strip().casefold() != mute.value
    return f"{told} ({escape(mute.value, 100)})" if address else told


def _reason(mute: Mute) -> list[str]:
    return [f"Reason: {escape(mute.reason, LONGEST_REASON)}"] if mute.reason else []


def _buttons(line: Line, place: int, *, limited: bool) -> Block | None:
    mute, what = line.mute, named(line.mute.scope, line.mute.label or line.mute.value, one_line)
    question = confirm(
        "End it now?", f"{counted(line.alerts, limited=limited)}: what is still open is told again.", "End it",
    )
    return actions(
        button("Edit", f"mute_edit.{place}", {"mute": mute.id}, label=f"Edit the mute of {what}"),
        button("End", f"mute_end.{place}", {"mute": mute.id}, label=f"End the mute of {what}", confirm=question),
    )


def history(lines: Sequence[Line], *, total: int, offset: int) -> Drawn:
    """Those that are over, the latest first, and who ended each."""
    return draw([
        header(f"{count(total, 'mute')} of the past" if total else "No mute is over yet"),
        *(section(_past(one)) for one in lines),
        *turns({"list": "mutes_over"}, offset, offset + len(lines), total),
        actions(_to("Mutes in force", "mute", "Show mutes in force")),
    ])


def _past(line: Line) -> str:
    mute = line.mute
    since = f"{stamp(mute.created_at)} to {stamp(mute.ended_at or mute.ends_at)} · by {person(mute.created_by)}"
    return "\n".join([f"*{_named(mute)}*", f"{since} · {_how_ended(line)}", *_reason(mute)])


def _how_ended(line: Line) -> str:
    mute, after = line.mute, line.after
    if mute.ended_at is None:
        return "ran out by itself"
    if after is None:
        return f"ended by {person(mute.ended_by)}"
    # What was ended first and made again later is no change of a mute in force.
    verb = "changed" if after.created_at == mute.ended_at else f"ended by {person(mute.ended_by)} and made again"
    return f"{verb} by {person(after.created_by)}"
