"""How the commands are used, from the table of the grammar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.slack.blocks.drawn import Block, Drawn, draw
from bot.slack.blocks.limits import actions, button, context, header, modal, section
from bot.slack.blocks.text import clip, escape, own

DO = "command_do"
"""Action id of what runs a command for who presses."""
LOOK_UP = "lookup_open"
WINDOW = "note_modal"
"""Callback id of a window that only says something."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """One way to call a command: what is typed and what comes back."""

    typed: str
    gives: str
    examples: Sequence[str] = ()
    shows: str = ""
    """Name of the list that it gives, which a button can show as well."""
    finds: str = ""
    """Action id of what looks for the words that follow it."""


def build(title: str, usages: Sequence[Usage], *, problem: Drawn | None = None) -> Drawn:
    """What can be typed, a line each with examples; `problem` goes first when something was mistyped."""
    first = problem.parts if problem else []
    # What was mistyped has its own buttons above.
    shown = [] if problem else [_show(usage) for usage in usages if usage.shows]
    return draw([*first, header(title), *(section(_line(usage)) for usage in usages), actions(*shown)])


def _line(usage: Usage) -> str:
    examples = ", ".join(f"`{own(example)}`" for example in usage.examples)
    return f"`{own(usage.typed)}`\n{own(usage.gives)}{f' For example {examples}.' if examples else ''}"


def _show(usage: Usage) -> Block:
    return button(
        usage.typed, f"list_more.{usage.shows}", {"list": usage.shows, "offset": 0}, label=f"Show {usage.typed}",
    )


def mistaken(typed: str, nearest: Sequence[Usage], command: str, rest: str = "") -> Drawn:
    """A word that the command does not know, and the nearest ones that it does; `rest` is what followed it."""
    more = f" {escape(rest, 60)}" if rest else ""
    choices = " or ".join(f"`{own(usage.typed)}{more}`" for usage in nearest)
    guess = f" Did you mean {choices}?" if nearest else ""
    shown = [_guess(usage, rest) for usage in nearest]
    return draw([
        section(f"`{own(command)}` does not know “{escape(typed, 60)}”.{guess}"),
        # What is none of our words may be somebody's name.
        actions(*shown, *([look_up(typed)] if rest or not nearest else [])),
    ])


def _guess(usage: Usage, rest: str) -> Block:
    if rest and usage.finds:
        return _find(usage, rest)
    return _show(usage) if usage.shows and not rest else _do(usage, rest)


def _do(usage: Usage, rest: str) -> Block:
    command, _, word = usage.typed.partition(" ")
    return button(
        usage.typed, f"{DO}.{word}", {"command": command, "text": clip(f"{word} {rest}".strip(), 300)},
        label=f"Do {usage.typed}{' with what you typed' if rest else ''}",
    )


def _find(usage: Usage, rest: str) -> Block:
    return button(
        usage.typed, f"{usage.finds}.{usage.typed.rpartition(' ')[2]}", {"q": clip(rest, 300), "offset": 0},
        label=f"Do {usage.typed} with what you typed",
    )


def is_a_status(query: str, status: str, title: str, command: str) -> Drawn:
    """Somebody typed a status after a command that looks up something else; `status` is its id."""
    return draw([
        section(f"`{own(command)}` does not explain statuses. “{escape(query, 60)}” is one: {own(title)}."),
        actions(*about_status(status, title)),
    ])


def about_status(status: str, title: str) -> list[Block]:
    """What can be asked about a status: what it means, and which sends are in it."""
    return [
        button("What does it mean?", "meaning_open", {"status": status}, label=f"Explain the status {title}"),
        in_status(status, title),
    ]


def in_status(status: str, title: str) -> Block:
    """The way to the sends that are in a status."""
    return button(
        "Which sends are in it?", "list_more.status", {"list": "status", "status": status, "offset": 0},
        label=f"Show the sends in {title}",
    )


def needs_more(usage: Usage) -> Drawn:
    """What a word needs to be told, with its examples."""
    examples = " or ".join(f"`{own(example)}`" for example in usage.examples)
    return draw([
        section(f"`{own(usage.typed)}` needs to know which send you mean. Type {examples}.\n{own(usage.gives)}"),
        actions(find_it()),
        context(f"`{own(usage.typed)}` takes a name, e-mail, company, campaign, Sendoso id or tracking link."),
    ])


def too_much(usage: Usage, rest: str) -> Drawn:
    """A word of ours with more behind it than it takes."""
    return draw([
        section(f"`{own(usage.typed)}` takes no more words. {own(usage.gives)}"),
        section(f"Or shall I look for “{escape(rest, 100)}”?"),
        actions(look_up(rest)),
        context(f"Type `{own(usage.typed)}` on its own, or `/sends help` for every command."),
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


def find_it() -> Block:
    """The button that opens the window in which a send is looked up."""
    return button("Look up a send", LOOK_UP, {}, label="Look up a send")


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
    return modal("Sendwatch", drawn.parts, callback_id=WINDOW)
