"""The form of one limit: how long sends of a kind may stay in a status."""

from __future__ import annotations

from bot.slack.blocks.setting_fields import Field
from bot.slack.settings import choices
from bot.slack.settings.form import Form, Item, Words, filled, first, picks

FIELDS = (
    Field(name="status", label="Status", kind="one", find="status", optional=False, placeholder="Type to find it"),
    Field(name="level", label="What happens then", kind="choice", options=(
        ("It is late", "late", "An alert says that the gift takes too long"),
        ("It is a case for Support", "support", "The alert asks to contact Sendoso's support"),
    )),
    Field(
        name="after", label="After how long in this status", kind="text", optional=False,
        placeholder="3 business days", hint="For example: 3 business days, 7 days, or never.",
    ),
    Field(name="campaign", label="Only this campaign", kind="search", find="campaign", most=1,
          placeholder="All campaigns", hint="The name as a whole; capitals make no difference."),
    Field(name="team", label="Only this team", kind="search", find="team", most=1, placeholder="All teams"),
    Field(name="type", label="Only this type of send", kind="search", find="type", most=1, placeholder="All types"),
)


def _values(item: Item) -> dict[str, object]:
    named = {name: picks(item.get(name)) for name in ("campaign", "team", "type")}
    return {"status": (choices.status(item["status"]),), "level": item["level"], "after": item["after"], **named}


def _item(words: Words, _before: Item | None) -> Item:
    names = ("status", "campaign", "team", "type")
    return filled({"level": words["level"], "after": words["after"], **{name: first(words, name) for name in names}})


FORM = Form(
    name="threshold", section="thresholds", title="Edit threshold", new="New threshold", fields=lambda _: FIELDS,
    values=_values, item=_item,
)
