"""User groups that are offered while somebody types, however many there are and whatever they are called."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.slack.settings import choices, permissions
from storage import group_names
from tests.bot.slack.harness import Slack
from tests.bot.slack.rows import HOSTILE, STORABLE
from tests.conftest import NOW

FIND = "setting_find.group"


def keep(slack: Slack, names: dict[str, tuple[str, str]]) -> None:
    with slack.database.write() as session:
        group_names.keep(session, names, NOW)


@pytest.mark.parametrize("number", [0, 1, 50, 500])
def test_any_number_of_groups(slack: Slack, number: int) -> None:
    keep(slack, {f"S{one:04}": (STORABLE[one % len(STORABLE)], f"team-{one}") for one in range(number)})
    assert len(slack.options(FIND, "")) == min(number, 100)
    found = slack.options(FIND, "S0499")
    assert [json.loads(one["value"]) for one in found] == [{"id": "S0499"}]
    assert len(slack.options(FIND, "team-49")) == {0: 0, 1: 0, 50: 1, 500: 11}[number]
    assert slack.client.calls == []


def test_every_hostile_name_can_be_searched_for_and_chosen(slack: Slack) -> None:
    keep(slack, {"S0ONE": ("Ops <!channel>", "ops")})
    for typed in HOSTILE:
        slack.options(FIND, typed)
    [one] = slack.options(FIND, "ops")
    assert one["value"] == '{"id":"S0ONE"}'
    assert "<!channel>" not in one["text"]["text"]


def test_a_group_of_which_nothing_is_known_is_called_by_its_id(slack: Slack) -> None:
    keep(slack, {"S0ONE": ("", "ops"), "S0TWO": ("Two", "")})
    values: dict[str, Any] = {"groups": tuple(choices.by_id(one, one) for one in ("S0ONE", "S0TWO", "S0GONE"))}
    with slack.database.read() as session:
        named = choices.with_names(session, permissions.FORM.fields({}), values)
    assert [one["text"]["text"] for one in named["groups"]] == ["ops", "Two", "S0GONE"]
