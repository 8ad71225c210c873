"""How the commands are used, from the table of the grammar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.limits import actions, button, header, modal, section
from bot.slack.blocks.text import clip, escape, own

WINDOW = "note_modal"
"""Callback id of a window that only says something."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """One way to call a command: what is typed and what comes back."""

    typed: str
    gives: str
    examples: Sequence[str] = ()


def build(title: str, usages: Sequence[Usage], *, problem: Drawn | None = None) -> Drawn:
    """What can be typed, a line each with examples; `problem` goes first when something was mistyped."""
    first = problem.blocks if problem else []
    return draw([*first, header(title), *(section(_line(usage)) for usage in usages)])


def _line(usage: Usage) -> str:
    examples = ", ".join(f"`{own(example)}`" for example in usage.examples)
    return f"`{own(usage.typed)}`\n{own(usage.gives)}{f' For example {examples}.' if examples else ''}"


def mistaken(typed: str, nearest: Sequence[str], command: str) -> Drawn:
    """A word that the command does not know, and the nearest ones that it does."""
    choices = " or ".join(f"`{own(command)} {own(name)}`" for name in nearest)
    guess = f" Did you mean {choices}?" if nearest else ""
    # What needs no more than one press to be shown can be pressed; the rest is typed.
    shown = [
        button(f"{command} {name}", f"list_more.{name}", {"list": name, "offset": 0}, label=f"Show {command} {name}")
        for name in nearest if name in {"stuck", "alerts"}
    ]
    return draw([
        section(f"`{own(command)}` does not know “{escape(typed, 60)}”.{guess}"),
        actions(*shown),
    ])


def is_a_send(query: str, command: str) -> Drawn:
    """Somebody typed whom or what they look for after the wrong command."""
    return draw([
        section(
            f"`{own(command)}` does not look up single sends. `/send-status` does: shall I look for "
            f"“{escape(query, 100)}”?",
        ),
        actions(look_up(query)),
    ])


def look_up(query: str) -> Block:
    return button(
        "Look it up", "list_more.find", {"list": "find", "q": clip(query, 300), "offset": 0},
        label="Look it up as a send",
    )


def note(text: str) -> Drawn:
    """One sentence of ours, as mrkdwn."""
    return draw([section(text)])


def window(drawn: Drawn) -> Block:
    """A message as a window, where there is no message to answer in."""
    return modal("Sendwatch", drawn.blocks, callback_id=WINDOW)
