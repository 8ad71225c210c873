"""The form of one permission: who may do one thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.alerts.permissions import ADMINS, ANYONE, LOOK_UP, SENDER, TEAM
from bot.config.document import SETTINGS
from bot.slack.blocks.setting_fields import Field
from bot.slack.blocks.setting_words import ACTIONS
from bot.slack.settings import choices
from bot.slack.settings.form import Form, Words
from bot.slack.settings.group_hint import group_hint

ALL_WORDS = (
    ("Everybody who sees it", ANYONE, ""), ("The sender of the gift", SENDER, "Known by the e-mail address"),
    ("The sender's team", TEAM, "Those who send for the same team in Sendoso"),
    ("The admins of Sendwatch", ADMINS, "They may do everything in any case"),
)
PEOPLE = Field(name="people", label="These people", kind="people", placeholder="Nobody else")
GROUPS = Field(name="groups", label="Everybody in these user groups", kind="search", find="group", placeholder="None")


def _fields(data: Mapping[str, Any]) -> Sequence[Field]:
    # Settings concern no single send, so that they have no sender.
    # Whose sends are found can be limited to a team's; who presses what cannot.
    actions = list(ACTIONS)
    missing = {TEAM, SENDER} if data.get("n") == actions.index(SETTINGS) else set()
    missing |= {TEAM} if data.get("n") != actions.index(LOOK_UP) else set()
    offered = [one for one in ALL_WORDS if one[1] not in missing]
    return (Field(name="words", label="Who may", kind="ticks", options=offered,
                  hint="Any one of what you choose here is enough."), PEOPLE, replace(GROUPS, hint=group_hint(data)))


def _values(item: Sequence[str]) -> dict[str, object]:
    return {
        "words": tuple(one for one in item if one in {ANYONE, SENDER, TEAM, ADMINS}),
        "people": tuple(one for one in item if one[:1] in {"U", "W"}),
        "groups": tuple(choices.by_id(one, one) for one in item if one.startswith("S")),
    }


def _item(words: Words, _before: object) -> list[str]:
    return [*words["words"], *words["people"], *words["groups"]]


FORM = Form(
    name="permission", section="permissions", title="Who may", fields=_fields, values=_values, item=_item,
    asks_groups=True, beside={(): "words"},
)
