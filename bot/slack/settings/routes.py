"""The form of one route: what has to fit, and where such alerts go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.alerts.routing import DEFAULT
from bot.slack.blocks.setting_fields import Field
from bot.slack.settings import choices
from bot.slack.settings.form import Form, Item, Words, filled, first, picks

TOP, END = "top", "end"
SEVERAL = "Any one of several is enough. * stands for anything."
NAMED = ("team", "campaign", "sender", "type")
FIELDS = (
    Field(name="name", label="Name", kind="text", optional=False, placeholder="big gifts",
          hint="People see it when they ask why an alert is where it is."),
    Field(name="rule", label="Which alerts", kind="search", find="rule", placeholder="All alerts"),
    Field(name="team", label="Teams", kind="search", find="team", placeholder="All teams", hint=SEVERAL),
    Field(name="campaign", label="Campaigns", kind="search", find="campaign", placeholder="All campaigns",
          hint="For example Q4 *, for every campaign that begins so."),
    Field(name="sender", label="Senders", kind="search", find="sender", placeholder="All senders"),
    Field(name="type", label="Types of sends", kind="search", find="type", placeholder="All types"),
    Field(name="amount_from", label="Cost at least", kind="text", placeholder="100 USD", longest=40),
    Field(name="amount_to", label="Cost below", kind="text", placeholder="500 USD", longest=40),
    Field(name="channel", label="Channel", kind="channel", placeholder="Choose a channel",
          hint="Where the alert is told. Without one: the alert channel, or only the sender if that is ticked below."),
    Field(name="ways", label="And then", kind="ticks", options=(
        ("The sender gets it, too", "dm_sender", "As a direct message"),
        ("Go on with the routes below", "continue", "Otherwise the first route that fits decides"),
    )),
    Field(name="policy", label="Told again by policy", kind="one", find="policy", optional=False),
)
PLACE = Field(name="place", label="Where in the list", kind="choice", options=(
    ("At the end", END, "Asked after all others"), ("At the top", TOP, "Asked first"),
))


def _fields(data: Mapping[str, Any]) -> Sequence[Field]:
    return (*FIELDS, PLACE) if data.get("op") == "add" else FIELDS


def _values(item: Item) -> dict[str, object]:
    when = item.get("when", {})
    return {
        "name": item["name"], "rule": tuple(choices.rule(one) for one in when.get("rule", ())),
        **{name: picks(when.get(name)) for name in NAMED},
        "amount_from": when.get("amount_from", ""), "amount_to": when.get("amount_to", ""),
        "channel": (item["channel"],) if "channel" in item else (),
        "ways": tuple(name for name in ("dm_sender", "continue") if item.get(name)),
        "policy": (choices.word(item.get("policy", DEFAULT)),),
    }


def _item(words: Words, _before: Item | None) -> Item:
    when = {name: words[name] for name in ("rule", *NAMED, "amount_from", "amount_to")}
    return filled({
        "name": words["name"], "when": filled(when), "channel": first(words, "channel"),
        "policy": first(words, "policy"), **dict.fromkeys(words["ways"], True),
    })


FORM = Form(
    name="route", section="routes", title="Edit route", new="New route", fields=_fields, values=_values, item=_item,
    beside={("when",): "amount_to", ("continue",): "ways", ("dm_sender",): "ways"},
)
