"""The form of the record of look-ups: whether there is one, and for how long it is kept."""

from __future__ import annotations

from bot.slack.blocks.setting_fields import Field
from bot.slack.settings.form import Form, Item, Words, filled

ON, OFF = "on", "off"
FIELDS = (
    Field(name="record", label="Who looks up which gifts", kind="choice", options=(
        ("Is not put on record", OFF, ""),
        ("Is put on record", ON, "Who, when, by what, and which gifts; never the words that were typed"),
    )),
    Field(name="keep", label="Kept for", kind="text", optional=False, placeholder="90d", longest=20,
          hint="A day or longer, such as 30d or 12w; 366d at most."),
)


def _values(item: Item) -> dict[str, object]:
    return {"record": ON if item["record"] else OFF, "keep": item["keep"]}


def _item(words: Words, _before: Item | None) -> Item:
    return filled({"record": words["record"] == ON, "keep": words["keep"]})


FORM = Form(
    name="look_ups", section="look_ups", title="Record of look-ups", fields=lambda _: FIELDS, values=_values,
    item=_item, beside={(): "keep"},
)
