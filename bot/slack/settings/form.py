"""What a form of the settings is: the thing of a section that it changes, its fields, and the way there and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.config.problems import Path
from bot.slack.blocks.drawn import Block
from bot.slack.blocks.setting_fields import Field
from bot.slack.settings import choices

Item = dict[str, Any]
"""A thing of a section as plain data, as it stands in the file."""
Words = Mapping[str, Any]
"""What was filled in, by the name of the field: texts, and lists of what was ticked, chosen and found."""


@dataclass(frozen=True, kw_only=True)
class Form:
    """One form. `fields` is asked with what the window carries, so that the same fields are drawn and read."""

    name: str
    section: str
    title: str
    """Of the window in which a thing is changed; at most 24 letters, as the next."""
    fields: Callable[[Mapping[str, Any]], Sequence[Field]]
    values: Callable[[Any], dict[str, Any]]
    """What stands in the fields for a thing as it is."""
    item: Callable[[Words, Any], Any]
    """The thing as it was filled in, from what it was before (None for a new one)."""
    new: str = ""
    """Of the window in which a new one is made."""
    key: Callable[[Words], str] = lambda _: ""
    """The name of a new thing, in a section that is a mapping."""
    taken: str = ""
    """What is said where that name is taken."""
    asks_groups: bool = False
    """Whether user groups are chosen in it; the window carries as `g` whether Slack says what they are called."""
    beside: Mapping[Path, str] = field(default_factory=dict)
    """Where in the thing a mistake is -> beside which field it is told; the longest place that fits counts."""

    def titled(self, op: object) -> str:
        """The title of the window in which that is done."""
        return {"add": self.new, "remove": "Remove it?", "up": "Move it up?", "down": "Move it down?"}.get(
            str(op), self.title,
        )

    def field_of(self, path: Path, shown: Sequence[Field]) -> str:
        """The field beside which a mistake at that place of the thing is told."""
        names = [one.name for one in shown]
        for end in range(len(path), -1, -1):
            known = self.beside.get(path[:end], str(path[end - 1]) if end else "")
            if known in names:
                return known
        return names[0]


def picks(words: Sequence[str] | str | None) -> tuple[Block, ...]:
    """Texts of the configuration as choices of a field that finds things."""
    some = [words] if isinstance(words, str) else words or []
    return tuple(choices.word(one) for one in some)


def filled(item: Item) -> Item:
    """The thing without what was left empty."""
    return {name: one for name, one in item.items() if one not in ("", None, [], ())}


def first(words: Words, name: str) -> str:
    """The one that was chosen in a field; empty where none was."""
    some = words.get(name) or ()
    return str(next(iter(some), ""))
