"""States of installations under way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.workspaces import states

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


def test_a_state_is_good_for_ten_minutes_and_under_its_secret_alone() -> None:
    state = states.begun("secret", NOW)
    assert states.begun("secret", NOW) != state
    assert states.ends_at("secret", state, NOW) == NOW + states.LIFE
    assert states.ends_at("secret", state, NOW + states.LIFE - timedelta(seconds=1)) is not None
    assert states.ends_at("secret", state, NOW + states.LIFE) is None
    assert states.ends_at("another", state, NOW) is None


@pytest.mark.parametrize("state", ["", "made-up", "..", "9" * 40 + f".{'a' * 32}.{'0' * 64}", "é.\ud800.x"])
def test_what_is_no_state_is_not_good(state: str) -> None:
    assert states.ends_at("secret", state, NOW) is None


def test_a_state_is_made_longer_by_nobody() -> None:
    until, nonce, signature = states.begun("secret", NOW).split(".")
    assert states.ends_at("secret", f"{int(until) + 60}.{nonce}.{signature}", NOW + timedelta(minutes=5)) is None
