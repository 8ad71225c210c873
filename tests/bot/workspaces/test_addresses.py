from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.workspaces.addresses import Address, address


@pytest.mark.parametrize(("body", "expected"), [
    ({"command": "/sends", "team_id": "T0ACORN", "is_enterprise_install": "false"}, Address(team_id="T0ACORN")),
    (
        {"command": "/sends", "team_id": "T0ACORN", "enterprise_id": "E0OAK", "is_enterprise_install": "true"},
        Address(team_id="T0ACORN", enterprise_id="E0OAK", is_enterprise_install=True),
    ),
    (  # an organisation's interaction: no team but the person's
        {"type": "block_actions", "team": None, "enterprise": {"id": "E0OAK"}, "is_enterprise_install": True,
         "user": {"id": "W1", "team_id": "T0ACORN"}, "message": {"bot_id": "B0OAK"}},
        Address(team_id="T0ACORN", enterprise_id="E0OAK", is_enterprise_install=True, bot_id="B0OAK"),
    ),
    (  # a window that belongs to the organisation's app
        {"type": "view_submission", "team": None, "enterprise": {"id": "E0OAK"}, "is_enterprise_install": True,
         "view": {"app_installed_team_id": "E0OAK", "team_id": "T0ACORN", "bot_id": "B1"},
         "user": {"team_id": "E0OAK"}},
        Address(team_id="T0ACORN", enterprise_id="E0OAK", is_enterprise_install=True, bot_id="B1"),
    ),
    (  # a window opened from another workspace's channel
        {"type": "view_submission", "team": {"id": "T0STRANGER"}, "view": {"app_installed_team_id": "T0ACORN"}},
        Address(team_id="T0ACORN"),
    ),
    (  # an event in a channel that two organisations share: the authorization says whose app hears it
        {"type": "event_callback", "team_id": "T0STRANGER", "is_ext_shared_channel": True, "event": {"type": "message"},
         "authorizations": [{"team_id": "T0ACORN", "enterprise_id": None, "is_enterprise_install": False}]},
        Address(team_id="T0ACORN"),
    ),
    (
        {"type": "event_callback", "team_id": "T0ACORN", "event": {}, "authorizations": [
            {"team_id": None, "enterprise_id": "E0OAK", "is_enterprise_install": True},
        ]},
        Address(team_id="T0ACORN", enterprise_id="E0OAK", is_enterprise_install=True),
    ),
    ({"type": "block_suggestion", "team": {"id": "T0ACORN"}, "view": {"bot_id": "B1"}},
     Address(team_id="T0ACORN", bot_id="B1")),
    (  # what a workspace has drawn is that one's, whoever presses it; the organisation named is the presser's
        {"type": "block_actions", "team": None, "enterprise": {"id": "E0OAK"}, "is_enterprise_install": True,
         "user": {"id": "W1", "team_id": "T0BIRCH"}, "message": {"bot_id": "B0OAK"},
         "actions": [{"action_id": "acknowledge@T0ACORN"}]},
        Address(team_id="T0ACORN"),
    ),
    (
        {"type": "view_submission", "team": None, "enterprise": {"id": "E0OAK"}, "is_enterprise_install": True,
         "view": {"private_metadata": "T0ACORN@{}", "bot_id": "B1"}, "user": {"team_id": "T0ACORN"}},
        Address(team_id="T0ACORN", enterprise_id="E0OAK", is_enterprise_install=True),
    ),
    ({"team_id": "../T0ACORN"}, Address()), ({"team_id": 7, "team": [], "user": "U1", "view": 3}, Address()),
    ({}, Address()),
])
def test_whose_request_it_is(body: dict[str, Any], expected: Address) -> None:
    assert address(body) == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "T0ACORN", "E0OAK", "true", "x" * 40]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "team_id", "enterprise_id", "authorizations", "team", "app_installed_team_id"]), inner,
    ),
)
NAMES = st.sampled_from([
    "team", "team_id", "enterprise", "enterprise_id", "authorizations", "user", "view", "event", "message",
    "is_enterprise_install", "context_team_id",
])


@given(st.dictionaries(NAMES, JSON))
def test_bodies_of_any_shape_are_taken(body: dict[str, Any]) -> None:
    found = address(body)
    assert found.team_id in {"", "T0ACORN"}
    assert found.enterprise_id in {"", "E0OAK"}
