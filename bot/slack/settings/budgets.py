"""The form of one budget: how many messages a channel may get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.slack.blocks.setting_fields import Field
from bot.slack.settings.form import Form, Item, Words, filled, first

CHANNEL = Field(
    name="channel", label="Channel", kind="channel", optional=False, placeholder="Choose a channel",
)
FIELDS = (
    Field(name="a_day", label="Messages a day", kind="number", least=1, largest=10_000, placeholder="50",
          hint="From midnight to midnight. Empty: as for every other channel."),
    Field(name="at_once", label="Messages within ten minutes", kind="number", least=1, largest=100, placeholder="9",
          hint="Empty: as for every other channel."),
)


def _fields(data: Mapping[str, Any]) -> Sequence[Field]:
    return (CHANNEL, *FIELDS) if data.get("op") == "add" else FIELDS


def _values(item: Item) -> dict[str, object]:
    return {name: str(item.get(name) or "") for name in ("a_day", "at_once")}


def _item(words: Words, _before: Item | None) -> Item:
    return filled({name: words[name] for name in ("a_day", "at_once")})


FORM = Form(
    name="budget", section="budgets", title="Edit budget", new="New budget", fields=_fields, values=_values, item=_item,
    key=lambda words: first(words, "channel"), taken="This channel has a line already. Change that one.",
    beside={(): "channel"},
)
